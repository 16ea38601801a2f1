import { defineFacts, type FactDefinition } from './fact.js';
import { hugetlbBytes } from './sums.js';
import type { View } from './view.js';

/** What memory consists of, as shares of MemTotal; parts may overlap. */
export default defineFacts({
  'mem.anon_pct': share('Private memory of processes', 'AnonPages', (view) => view.meminfo('AnonPages')),
  'mem.shmem_pct': share('Shared memory and tmpfs', 'Shmem', (view) => view.meminfo('Shmem')),
  'mem.file_pct': share('File cache', '(Active(file) + Inactive(file))', fileCache),
  'mem.slab_pct': share('Slab caches', 'Slab', (view) => view.meminfo('Slab')),
  'mem.hugetlb_pct': share('Huge page pools, used or not', 'Hugetlb (all sizes)', hugetlbBytes),
  'mem.unevictable_pct': share('Memory that reclaim may not touch', 'Unevictable', (view) => view.meminfo('Unevictable')),
  'mem.cache_droppable_bytes': {
    title: 'File cache that reclaim can drop',
    unit: 'bytes',
    formula: 'Active(file) + Inactive(file)',
    validity: 'without shared memory, which Cached holds as well',
    value: fileCache,
  },
});

function fileCache(view: View): number {
  return view.meminfo('Active(file)') + view.meminfo('Inactive(file)');
}

function share(title: string, fields: string, bytes: (view: View) => number): FactDefinition {
  return {
    title: `${title}, share of MemTotal`,
    unit: '%',
    formula: `100 × ${fields} / MemTotal`,
    value: (view) => (100 * bytes(view)) / view.meminfo('MemTotal'),
  };
}
