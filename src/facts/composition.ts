import { defineFacts, type FactDefinition } from './fact.js';
import { fileCache, privateMemory, sharedBytes } from './lru.js';
import { hugetlbBytes } from './sums.js';
import type { View } from './view.js';

/** What memory consists of, as shares of MemTotal; parts may overlap. */
export default defineFacts({
  'mem.anon_pct': share('Private memory of processes', 'AnonPages', privateShare),
  'mem.shmem_pct': share(
    'Shared memory and tmpfs',
    'Shmem (else Cached + Buffers − file lists − Unevictable)',
    (view) => sharedBytes(view).bytes,
  ),
  'mem.file_pct': share('File cache', '(Active(file) + Inactive(file))', (view) => fileCache(view).bytes),
  'mem.slab_pct': share('Slab caches', 'Slab', (view) => view.meminfo('Slab')),
  'mem.hugetlb_pct': share('Huge page pools, used or not', 'Hugetlb (all sizes)', hugetlbBytes),
  'mem.unevictable_pct': share('Memory that reclaim may not touch', 'Unevictable', (view) => view.meminfo('Unevictable')),
  'mem.anon_at_least': {
    title: 'Private memory of processes is no less than was told',
    unit: 'boolean',
    formula: 'it was summed over the processes (mem.anon_pct), and only some of them were shown (proc.list_partial)',
    value: (view) => privateMemory(view).bound && view.fact('proc.list_partial') === true,
  },
  'mem.cache_droppable_bytes': {
    title: 'File cache that reclaim can drop',
    unit: 'bytes',
    formula: 'Active(file) + Inactive(file)',
    validity: 'without shared memory, which Cached holds as well; where the file lists are not known Cached + Buffers − Shmem',
    value: (view) => fileCache(view).bytes,
  },
});

/**
 * Private memory: AnonPages, or the anonymous lists. What is merely neither free nor cache may be the kernel's as well, so there the sum over
 * the processes counts, which is a lower bound.
 */
function privateShare(view: View): number {
  const { bytes, bound } = privateMemory(view);
  if (!bound) return bytes;
  const seen = view.last('processes').anon;
  view.used('/proc/PID/status RssAnon');
  return Math.min(seen, bytes);
}

function share(title: string, fields: string, bytes: (view: View) => number): FactDefinition {
  return {
    title: `${title}, share of MemTotal`,
    unit: '%',
    formula: `100 × ${fields} / MemTotal`,
    value: (view) => (100 * bytes(view)) / view.meminfo('MemTotal'),
  };
}
