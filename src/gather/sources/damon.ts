import { count, list, map, row, text } from '../../json-schema.js';
import { grouped } from '../files.js';
import { numeral } from '../lines.js';
import { defineSource } from '../source.js';

const KDAMONDS = 'sys/kernel/mm/damon/admin/kdamonds';

/** Monitors of data access, and what the modules built on them do. */
export default defineSource({
  title: '/sys/kernel/mm/damon',
  docs: 'https://docs.kernel.org/admin-guide/mm/damon/usage.html',
  reads: [`${KDAMONDS}/nr_kdamonds`, `${KDAMONDS}/*/state`, 'sys/module/damon_*/parameters/*'],
  cadence: 'full',
  schema: row({
    kdamonds: list(row({ id: count(), state: text('on or off') })),
    modules: map(map(text(), 'parameters and statistics'), 'damon_reclaim, damon_lru_sort, damon_stat'),
  }),
  parseFiles: (files) => ({
    kdamonds: [...grouped(files, /\/kdamonds\/(\d{1,9})\/(state)$/)].map(([id, group]) => ({
      id: numeral(id, 'kdamond'),
      state: group.get('state') ?? '',
    })),
    modules: Object.fromEntries(
      [...grouped(files, /\/(damon_\w+)\/parameters\/(\w+)$/)].map(([name, group]) => [name, Object.fromEntries(group)]),
    ),
  }),
});
