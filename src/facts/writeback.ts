import { defineFacts } from './fact.js';
import type { View } from './view.js';

const KIB = 1024;
const LIMITS =
  'where the kernel does not print its limits they are shares of MemFree + Active(file) + Inactive(file); settings that were not read count as the defaults, 10 and 20 %; cgroups have limits of their own';

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
    formula: '100 × (nr_dirty + nr_writeback + nr_unstable) / nr_dirty_threshold; without /proc/vmstat by Dirty, Writeback and vm.dirty_*',
    validity: LIMITS,
    value: (view) => (100 * unwritten(view)) / limits(view).stop,
  },
  'dirty.throttling': {
    title: 'Writers are being slowed down',
    unit: 'boolean',
    formula:
      'nr_dirty + nr_writeback + nr_unstable > (nr_dirty_background_threshold + nr_dirty_threshold) / 2; without /proc/vmstat by Dirty, Writeback and vm.dirty_*',
    validity: LIMITS,
    reference: 'https://github.com/torvalds/linux/blob/v6.12/mm/page-writeback.c',
    value: (view) => {
      const { begin, stop } = limits(view);
      return unwritten(view) > (begin + stop) / 2;
    },
  },
});

interface Limits {
  /** Writing out begins, bytes. */
  readonly begin: number;
  /** Writers wait, bytes. */
  readonly stop: number;
}

/** The limits as the kernel prints them, since 2.6.37, else worked out as it does. @throws Unknown */
function limits(view: View): Limits {
  const printed = view.maybe(() => ({
    begin: view.vmstat('nr_dirty_background_threshold') * view.pageSize,
    stop: view.vmstat('nr_dirty_threshold') * view.pageSize,
  }));
  if (printed) return printed;
  const dirtyable = view.meminfo('MemFree') + view.number('mem.cache_droppable_bytes');
  const setting = (name: string, otherwise: number): number => view.maybe(() => view.sysctl(name)) ?? otherwise;
  const of = (bytes: string, ratio: string, otherwise: number): number => {
    const fixed = setting(bytes, 0);
    return fixed > 0 ? fixed : (dirtyable * setting(ratio, otherwise)) / 100;
  };
  return { begin: of('dirty_background_bytes', 'dirty_background_ratio', 10), stop: of('dirty_bytes', 'dirty_ratio', 20) };
}

/** What is not on disk yet, bytes. @throws Unknown */
function unwritten(view: View): number {
  const counted = view.maybe(() => view.vmstat('nr_dirty') + view.vmstat('nr_writeback'));
  if (counted !== undefined) return (counted + (view.maybe(() => view.vmstat('nr_unstable')) ?? 0)) * view.pageSize;
  return view.meminfo('Dirty') + view.meminfo('Writeback') + (view.maybe(() => view.meminfo('NFS_Unstable')) ?? 0);
}
