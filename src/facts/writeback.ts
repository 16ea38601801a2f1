import { defineFacts } from './fact.js';
import type { View } from './view.js';

const KIB = 1024;

/** Writing out: dirty pages against their limits, writes by reclaim, block I/O, caches dropped by hand. */
export default defineFacts({
  'reclaim.vmscan_write_rate': {
    title: 'Pages written by reclaim, mostly to swap, per second',
    unit: 'pages/s',
    formula: 'Δ nr_vmscan_write / Δt',
    value: (view) => view.rate('nr_vmscan_write'),
  },
  'reclaim.immediate_rate': {
    title: 'Dirty file pages that reclaim met at the tail of the LRU, per second',
    unit: 'pages/s',
    formula: 'Δ nr_vmscan_immediate_reclaim / Δt',
    value: (view) => view.rate('nr_vmscan_immediate_reclaim'),
  },
  'reclaim.writes': {
    title: 'Pages that reclaim wrote or had to have written, per second',
    unit: 'pages/s',
    formula: 'Δ(nr_vmscan_write + nr_vmscan_immediate_reclaim) / Δt',
    value: (view) => view.number('reclaim.vmscan_write_rate') + view.number('reclaim.immediate_rate'),
  },
  'reclaim.drop_caches_count': {
    title: 'Caches dropped by hand in the sample, at least',
    unit: 'count',
    formula: 'max(Δ drop_pagecache, Δ drop_slab)',
    validity: 'one write of 3 raises both counters',
    value: (view) => Math.max(view.delta('drop_pagecache'), view.delta('drop_slab')),
  },
  'reclaim.drop_caches_boot': {
    title: 'Caches dropped by hand since boot, at least',
    unit: 'count',
    formula: 'max(drop_pagecache, drop_slab)',
    value: (view) => Math.max(view.vmstat('drop_pagecache'), view.vmstat('drop_slab')),
  },
  'io.pgin_bytes_per_second': {
    title: 'Read from block devices, per second',
    unit: 'bytes/s',
    formula: '1024 × Δ pgpgin / Δt',
    validity: 'all block I/O, not paging only',
    value: (view) => KIB * view.rate('pgpgin'),
  },
  'io.pgout_bytes_per_second': {
    title: 'Written to block devices, per second',
    unit: 'bytes/s',
    formula: '1024 × Δ pgpgout / Δt',
    validity: 'all block I/O, not paging only',
    value: (view) => KIB * view.rate('pgpgout'),
  },
  'dirty.pct_of_limit': {
    title: 'Dirty memory, share of the limit at which writers are stopped',
    unit: '%',
    formula: '100 × (nr_dirty + nr_writeback + nr_unstable) / nr_dirty_threshold',
    value: (view) => (100 * dirty(view)) / view.vmstat('nr_dirty_threshold'),
  },
  'dirty.throttling': {
    title: 'Writers are being slowed down',
    unit: 'boolean',
    formula: 'nr_dirty + nr_writeback + nr_unstable > (nr_dirty_background_threshold + nr_dirty_threshold) / 2',
    reference: 'https://github.com/torvalds/linux/blob/v6.12/mm/page-writeback.c',
    value: (view) => dirty(view) > (view.vmstat('nr_dirty_background_threshold') + view.vmstat('nr_dirty_threshold')) / 2,
  },
});

function dirty(view: View): number {
  return view.vmstat('nr_dirty') + view.vmstat('nr_writeback') + (view.maybe(() => view.vmstat('nr_unstable')) ?? 0);
}
