import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

/** What reclaim has left of the file cache, and what beside it. */
export default defineFacts({
  'reclaim.clean_cache_pct': {
    title: 'File cache that could be dropped at once, share of MemTotal',
    unit: '%',
    formula: '100 × (Cached + Buffers − Shmem − Dirty − Writeback) / MemTotal',
    validity:
      'kernels before 2.6.32 print no Shmem: there it counts as cache; free and top tell neither Shmem nor Dirty: there it is the most that it can be',
    value: (view) => (100 * Math.max(0, fileBytes(view) - (view.maybe(() => unwritten(view)) ?? 0))) / view.meminfo('MemTotal'),
  },
  'reclaim.file_unwritten_pct': {
    title: 'Share of the file cache that must be written to disk before it can be dropped',
    unit: '%',
    formula: '100 × (Dirty + Writeback) / (Active(file) + Inactive(file))',
    value: (view) => {
      const file = view.number('mem.cache_droppable_bytes');
      if (file === 0) throw new Unknown('there is no file cache');
      return Math.min(100, (100 * unwritten(view)) / file);
    },
  },
  'reclaim.slab_over_file': {
    title: 'Reclaimable slab against file cache',
    unit: '1',
    formula: 'SReclaimable / (Active(file) + Inactive(file))',
    validity: 'reclaim takes from both in proportion',
    value: (view) => view.meminfo('SReclaimable') / Math.max(1, view.number('mem.cache_droppable_bytes')),
  },
  'reclaim.slab_over_free': {
    title: 'Reclaimable slab against free memory',
    unit: '1',
    formula: 'SReclaimable / MemFree',
    value: (view) => view.meminfo('SReclaimable') / Math.max(1, view.meminfo('MemFree')),
  },
  'reclaim.slab_reclaimable_bytes': {
    title: 'Reclaimable slab',
    unit: 'bytes',
    formula: 'SReclaimable',
    value: (view) => view.meminfo('SReclaimable'),
  },
});

function fileBytes(view: View): number {
  const shared = view.maybe(() => view.meminfo('Shmem')) ?? 0;
  return view.meminfo('Cached') + (view.maybe(() => view.meminfo('Buffers')) ?? 0) - shared;
}

const unwritten = (view: View): number => view.meminfo('Dirty') + (view.maybe(() => view.meminfo('Writeback')) ?? 0);
