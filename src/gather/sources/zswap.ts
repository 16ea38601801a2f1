import { count, map, row, text } from '../../json-schema.js';
import { basename, countsByName } from '../files.js';
import { defineSource } from '../source.js';

const PARAMETERS = `accept_threshold_percent compressor enabled exclusive_loads max_pool_percent non_same_filled_pages_enabled
  same_filled_pages_enabled shrinker_enabled zpool`.split(/\s+/);
// by name, as unprivileged nobody may list debugfs: that is to be "denied", not "absent"
const COUNTERS = `decompress_fail duplicate_entry pool_limit_hit pool_pages pool_total_size reject_alloc_fail reject_compress_fail
  reject_compress_poor reject_kmemcache_fail reject_reclaim_fail same_filled_pages stored_incompressible_pages stored_pages
  written_back_pages`.split(/\s+/);
const [SETTINGS, DEBUG] = ['sys/module/zswap/parameters', 'sys/kernel/debug/zswap'] as const;

/** Compressed cache before the swap devices: how it is set, and, where debugfs can be read, its counters. */
export default defineSource({
  title: '/sys/module/zswap/parameters',
  docs: 'https://docs.kernel.org/admin-guide/mm/zswap.html',
  reads: [...PARAMETERS.map((name) => `${SETTINGS}/${name}`), ...COUNTERS.map((name) => `${DEBUG}/${name}`)],
  cadence: 'full',
  schema: row({
    parameters: map(text(), 'settings by name; enabled is Y or N'),
    counters: map(count(), 'of debugfs: pool_total_size in bytes, pages and events else; empty when it cannot be read'),
  }),
  parseFiles: (files) => {
    const below = (dir: string): Map<string, string> => new Map([...files].filter(([path]) => path.startsWith(`${dir}/`)));
    return {
      parameters: Object.fromEntries([...below(SETTINGS)].map(([path, value]) => [basename(path), value.trim()])),
      counters: countsByName(below(DEBUG)),
    };
  },
});
