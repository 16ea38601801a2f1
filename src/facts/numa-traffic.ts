import { riseOfAny } from './counters.js';
import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

const NUMASTAT = 'https://docs.kernel.org/admin-guide/numastat.html';
const MINUTE = 60;
/** Fewer events than these make no share. */
const PAGES = 10_000;
const FAULTS = 1000;

/** What moves between NUMA nodes in the sample. */
export default defineFacts({
  'numa.miss_pct': {
    title: 'Pages that came from another node than asked for',
    unit: '%',
    formula: '100 × Δ numa_miss / (Δ numa_hit + Δ numa_miss)',
    validity: 'at least 10000 pages, vm.numa_stat on; no node with CPUs may be without memory',
    reference: NUMASTAT,
    value: (view) => {
      if (view.maybe(() => view.number('numa.memoryless_nodes')) !== undefined && view.number('numa.memoryless_nodes') > 0)
        throw new Unknown('a node has CPUs and no memory: what they take elsewhere is counted as misses');
      const missed = view.delta('numa_miss');
      return (100 * missed) / many(missed + view.delta('numa_hit'), PAGES, 'pages');
    },
  },
  'numa.remote_pct': {
    title: 'Pages that came from another node than the one of the task’s CPU',
    unit: '%',
    formula: '100 × Δ numa_other / (Δ numa_local + Δ numa_other)',
    validity: 'at least 10000 pages',
    reference: NUMASTAT,
    value: (view) => {
      const other = view.delta('numa_other');
      return (100 * other) / many(other + view.delta('numa_local'), PAGES, 'pages');
    },
  },
  'numa.balancing': {
    title: 'Automatic NUMA balancing',
    unit: '1',
    formula: 'kernel.numa_balancing: 0 off, 1 on, 2 by memory tiers',
    reference: 'https://docs.kernel.org/admin-guide/sysctl/kernel.html#numa-balancing',
    value: (view) => view.sysctl('kernel.numa_balancing'),
  },
  'numa.balancing_local_pct': {
    title: 'Hinting faults of NUMA balancing that found the page on the task’s node',
    unit: '%',
    formula: '100 × Δ numa_hint_faults_local / Δ numa_hint_faults',
    validity: 'at least 1000 faults',
    value: (view) =>
      (100 * view.delta('numa_hint_faults_local')) / many(view.delta('numa_hint_faults'), FAULTS, 'hinting faults of NUMA balancing'),
  },
  'numa.balancing_scan_rate': {
    title: 'Page table entries that NUMA balancing marks, per second',
    unit: '1/s',
    formula: 'Δ numa_pte_updates / Δt',
    value: (view) => view.rate('numa_pte_updates'),
  },
  'numa.migrated_ram_pct_per_minute': {
    title: 'Moved between nodes by NUMA balancing, share of MemTotal per minute',
    unit: '%',
    formula: '100 × 60 × page size × Δ numa_pages_migrated / Δt / MemTotal',
    value: (view) => ofRam(view, view.rate('numa_pages_migrated')),
  },
  'numa.demoted_ram_pct_per_minute': {
    title: 'Moved to slower memory by reclaim, share of MemTotal per minute',
    unit: '%',
    formula: '100 × 60 × page size × Δ Σ pgdemote_* / Δt / MemTotal',
    validity: 'kernel 5.15 and later',
    value: (view) =>
      ofRam(view, riseOfAny(view, ['pgdemote_kswapd', 'pgdemote_direct', 'pgdemote_khugepaged', 'pgdemote_proactive']) / view.seconds),
  },
  'numa.promoted_ram_pct_per_minute': {
    title: 'Moved to faster memory, share of MemTotal per minute',
    unit: '%',
    formula: '100 × 60 × page size × Δ pgpromote_success / Δt / MemTotal',
    validity: 'kernel 5.18 and later',
    value: (view) => ofRam(view, view.rate('pgpromote_success')),
  },
});

const ofRam = (view: View, pagesPerSecond: number): number =>
  (100 * MINUTE * view.pageSize * pagesPerSecond) / view.number('mem.total_bytes');

function many(count: number, least: number, what: string): number {
  if (count < least) throw new Unknown(`only ${count} ${what} in the sample: too few for a share`);
  return count;
}
