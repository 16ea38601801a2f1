import { bytes, count, list, map, row, text } from '../../json-schema.js';
import { choice, grouped } from '../files.js';
import { unsigned } from '../lines.js';
import { defineSource } from '../source.js';

const ROOT = 'sys/kernel/mm/transparent_hugepage/hugepages-*kB';

/** Transparent huge pages by size: how each is set, and what became of it since boot (kernel 6.8 and later). */
export default defineSource({
  title: '/sys/kernel/mm/transparent_hugepage/hugepages-SIZE',
  docs: 'https://docs.kernel.org/admin-guide/mm/transhuge.html#monitoring-usage',
  reads: [`${ROOT}/enabled`, `${ROOT}/shmem_enabled`, `${ROOT}/stats/*`],
  cadence: 'full',
  schema: list(
    row(
      { size: bytes('of one huge page'), stats: map(count(), 'counters by name; nr_* are gauges; empty before 6.10') },
      { enabled: text('always, inherit, madvise or never'), shmemEnabled: text('always, inherit, within_size, advise or never') },
    ),
    'by size',
  ),
  parseFiles: (files) =>
    [...grouped(files, /\/hugepages-(\d{1,12})kB\/(\S+)$/)]
      .map(([size, group]) => {
        const [enabled, shmem] = [group.get('enabled'), group.get('shmem_enabled')];
        const stats = [...group].filter(([name]) => name.startsWith('stats/'));
        return {
          size: Number(size) * 1024,
          stats: Object.fromEntries(stats.map(([name, value]) => [name.slice('stats/'.length), unsigned(value, `${size} kB ${name}`)])),
          ...(enabled === undefined ? {} : { enabled: choice(enabled) }),
          ...(shmem === undefined ? {} : { shmemEnabled: choice(shmem) }),
        };
      })
      .sort((a, b) => a.size - b.size),
});
