import { namesOf } from './counters.js';
import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

/** Counters since boot tell ratios, not rates; fewer events than these make none. */
const PAGES = 1_000_000;
const ATTEMPTS = 1000;
const READING = 'a share over all the time since boot: it says what happened, not when';

/** What the counters of one /proc/vmstat tell without another: how reclaim and compaction fared since boot. */
export default defineFacts({
  'boot.scanned': {
    title: 'Pages scanned by reclaim since boot',
    unit: 'pages',
    formula: 'pgscan_kswapd + pgscan_direct, by zone where the kernel counts so',
    validity: READING,
    value: (view) => sum(view, 'pgscan_kswapd') + sum(view, 'pgscan_direct'),
  },
  'boot.direct_share': {
    title: 'Share of the scanning since boot that tasks did themselves',
    unit: '1',
    formula: 'pgscan_direct / (pgscan_kswapd + pgscan_direct)',
    validity: `at least a million pages; ${READING}; kernels after 6.18 count reclaim at cgroup limits as direct`,
    value: (view) => sum(view, 'pgscan_direct') / enough(view.number('boot.scanned')),
  },
  'boot.allocstalls': {
    title: 'Entries of tasks into direct reclaim since boot',
    unit: 'count',
    formula: 'Σ allocstall*',
    validity: 'reclaim at a cgroup’s limit is not among them',
    value: (view) => sum(view, 'allocstall'),
  },
  'boot.slab_scan_ratio': {
    title: 'Kernel objects that shrinkers were asked to look at, per page scanned, since boot',
    unit: '1',
    formula: 'slabs_scanned / (pgscan_kswapd + pgscan_direct)',
    validity: 'at least a million pages; shrinkers are asked in proportion to the pages scanned, so that it is of the order of 1',
    reference: 'https://github.com/torvalds/linux/blob/v6.12/mm/shrinker.c',
    value: (view) => sum(view, 'slabs_scanned') / enough(view.number('boot.scanned')),
  },
  'boot.compact_stalls': {
    title: 'Compactions by tasks since boot',
    unit: 'count',
    formula: 'compact_stall',
    value: (view) => view.vmstat('compact_stall'),
  },
  'boot.compact_fail_pct': {
    title: 'Compactions by tasks that gave no block, since boot',
    unit: '%',
    formula: '100 × compact_fail / (compact_fail + compact_success)',
    validity: `at least 1000; ${READING}`,
    value: (view) => {
      const failed = view.vmstat('compact_fail');
      return (100 * failed) / attempts(failed + view.vmstat('compact_success'), 'compactions');
    },
  },
  'boot.thp_fallbacks': {
    title: 'Page faults that asked for a huge page and got small ones, since boot',
    unit: 'count',
    formula: 'thp_fault_fallback − thp_fault_fallback_charge',
    value: fallbacks,
  },
  'boot.thp_fallback_pct': {
    title: 'Share of the page faults that asked for a huge page and got small ones, since boot',
    unit: '%',
    formula: '100 × (thp_fault_fallback − thp_fault_fallback_charge) / (thp_fault_alloc + thp_fault_fallback − thp_fault_fallback_charge)',
    validity: `at least 1000 attempts; ${READING}`,
    value: (view) => (100 * fallbacks(view)) / attempts(view.vmstat('thp_fault_alloc') + fallbacks(view), 'page faults for huge pages'),
  },
  'boot.node_reclaims': {
    title: 'Reclaims of a local node in vain, since boot',
    unit: 'count',
    formula: 'zone_reclaim_failed',
    validity: 'kernels with NUMA only',
    value: (view) => view.vmstat('zone_reclaim_failed'),
  },
  'numa.miss_pct_boot': {
    title: 'Pages that came from another node than asked for, since boot',
    unit: '%',
    formula: '100 × numa_miss / (numa_hit + numa_miss)',
    validity: `at least a million pages; ${READING}`,
    reference: 'https://docs.kernel.org/admin-guide/numastat.html',
    value: (view) => (100 * view.vmstat('numa_miss')) / enough(view.vmstat('numa_hit') + view.vmstat('numa_miss')),
  },
});

function sum(view: View, name: string): number {
  const names = namesOf(view.last('vmstat'), name);
  if (names.length === 0) throw new Unknown(`/proc/vmstat has no ${name}`);
  return names.reduce((all, each) => all + view.vmstat(each), 0);
}

function fallbacks(view: View): number {
  return Math.max(0, view.vmstat('thp_fault_fallback') - (view.maybe(() => view.vmstat('thp_fault_fallback_charge')) ?? 0));
}

function enough(pages: number): number {
  if (pages < PAGES) throw new Unknown(`only ${pages} pages since boot: too few for a ratio`);
  return pages;
}

function attempts(many: number, what: string): number {
  if (many < ATTEMPTS) throw new Unknown(`only ${many} ${what} since boot: too few for a share`);
  return many;
}
