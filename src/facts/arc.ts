import { arcPages } from './arc-pages.js';
import { defineFacts, Unknown } from './fact.js';
import { ofHostRam } from './host-share.js';
import type { View } from './view.js';

const ZFS = 'https://openzfs.github.io/openzfs-docs/Performance%20and%20Tuning/Module%20Parameters.html';

/** arc_c_min of module/zfs/arc.c: a 32nd of RAM. */
const DEFAULT_SHARE = 32;

/** The cache of ZFS. The kernel does not count it as cache, and MemAvailable does not hold what it could give back. */
export default defineFacts({
  'arc.size_bytes': {
    title: 'ZFS cache (ARC)',
    unit: 'bytes',
    formula: 'size of arcstats',
    reference: ZFS,
    value: (view) => stat(view, 'size'),
  },
  'arc.pct': {
    title: 'ZFS cache (ARC), share of MemTotal',
    unit: '%',
    formula: '100 × arc.size_bytes / MemTotal',
    value: (view) => ofHostRam(view, stat(view, 'size')),
  },
  'arc.max_bytes': {
    title: 'The most that the ZFS cache may hold',
    unit: 'bytes',
    formula: 'c_max of arcstats',
    validity: 'without zfs_arc_max half of the memory, or all but 1 GiB since OpenZFS 2.3',
    reference: ZFS,
    value: (view) => stat(view, 'c_max'),
  },
  'arc.min_bytes': {
    title: 'The least that the ZFS cache shrinks to',
    unit: 'bytes',
    formula: 'c_min of arcstats',
    reference: ZFS,
    value: (view) => stat(view, 'c_min'),
  },
  'arc.shrinkable_bytes': {
    title: 'What the ZFS cache can give back when memory is short',
    unit: 'bytes',
    formula: 'max(0, size − c_min) of arcstats; without c_min its default, a 32nd of MemTotal',
    validity: 'not at once: it may lag behind a sudden demand',
    reference: ZFS,
    value: (view) => {
      const least = view.maybe(() => stat(view, 'c_min')) ?? view.meminfo('MemTotal') / DEFAULT_SHARE;
      return Math.max(0, stat(view, 'size') - least);
    },
  },
  'arc.pages_bytes': {
    title: 'ZFS cache in pages that no counter of the kernel accounts for',
    unit: 'bytes',
    formula: 'scatter_data_size + scatter_chunk_waste of abdstats; else size of arcstats',
    validity: 'without abdstats too much: a part of the cache lies in slab and vmalloc',
    reference: ZFS,
    value: (view) => {
      view.used('/proc/spl/kstat/zfs/abdstats');
      return arcPages(view.last('arcstats')).bytes;
    },
  },
  'arc.acct_share_pct': {
    title: 'Share of the ZFS cache in the memory that no counter of the kernel accounts for',
    unit: '%',
    formula: '100 × (cache in pages of its own) / (acct.unaccounted_bytes + that)',
    validity: 'where abdstats was not read, as much as fits',
    value: (view) => {
      const pages = view.number('arc.pages_bytes');
      return (100 * pages) / (Math.max(0, view.number('acct.unaccounted_bytes')) + pages);
    },
  },
});

function stat(view: View, name: string): number {
  const found = view.last('arcstats').arc[name];
  view.used(`/proc/spl/kstat/zfs/arcstats ${name}`);
  if (found === undefined) throw new Unknown(`arcstats has no ${name}`);
  return found;
}
