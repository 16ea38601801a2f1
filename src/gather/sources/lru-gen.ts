import { ParseError, quote } from '../../errors.js';
import { count, row } from '../../json-schema.js';
import { unsigned } from '../lines.js';
import { defineSource } from '../source.js';

const ROOT = 'sys/kernel/mm/lru_gen';

/** The multi-generational LRU, where the kernel has it. */
export default defineSource({
  title: '/sys/kernel/mm/lru_gen',
  docs: 'https://docs.kernel.org/admin-guide/mm/multigen_lru.html',
  reads: [`${ROOT}/enabled`, `${ROOT}/min_ttl_ms`],
  cadence: 'first',
  schema: row(
    { enabled: count('bit mask; 0: the classic LRU is in use') },
    { minTtlMs: count('working set kept at least this long, in ms; 0: no such promise') },
  ),
  parseFiles: (files) => {
    const enabled = files.get(`${ROOT}/enabled`)?.trim() ?? '';
    const minTtl = files.get(`${ROOT}/min_ttl_ms`)?.trim();
    if (!/^0x[\da-f]{1,8}$/i.test(enabled)) throw new ParseError(`enabled: found ${quote(enabled)}, expected a mask such as 0x0007`);
    return { enabled: Number(enabled), ...(minTtl === undefined ? {} : { minTtlMs: unsigned(minTtl, 'min_ttl_ms') }) };
  },
});
