import { allocstalls, rise, riseOfAny, scanned, scannedByAll, stolenByAll, typed } from './counters.js';
import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

const VMSCAN = 'https://github.com/torvalds/linux/blob/v6.12/mm/vmscan.c';
/** Below these, an efficiency is a ratio of noise. */
const FLOOR_PAGES = 2048;
const FLOOR_RATE = 100;

/** How hard reclaim works, and how well. */
export default defineFacts({
  'reclaim.global_scan': {
    title: 'Pages scanned by reclaim of the host',
    unit: 'pages',
    formula: 'Δ(pgscan_kswapd + pgscan_direct + pgscan_khugepaged + pgscan_proactive), by zone where the kernel counts so',
    reference: VMSCAN,
    value: scannedByAll,
  },
  'reclaim.global_steal': {
    title: 'Pages reclaimed by reclaim of the host',
    unit: 'pages',
    formula: 'Δ(pgsteal_kswapd + pgsteal_direct + pgsteal_khugepaged + pgsteal_proactive); 2.6.32: Δ Σ pgsteal_<zone>',
    validity: 'pages demoted to a slower memory tier count as reclaimed',
    reference: VMSCAN,
    value: stolenByAll,
  },
  'reclaim.rates_known': {
    title: 'Reclaim can be measured: the counters were read twice',
    unit: 'boolean',
    formula: 'two readings of /proc/vmstat that tell pgscan_*',
    validity: 'otherwise only CPU times, sizes and ratios since boot tell of it',
    value: (view) => view.maybe(() => scannedByAll(view)) !== undefined,
  },
  'reclaim.scan_rate': {
    title: 'Pages scanned by reclaim of the host, per second',
    unit: 'pages/s',
    formula: 'reclaim.global_scan / Δt',
    value: (view) => view.number('reclaim.global_scan') / view.seconds,
  },
  'reclaim.steal_rate': {
    title: 'Pages reclaimed by reclaim of the host, per second',
    unit: 'pages/s',
    formula: 'reclaim.global_steal / Δt',
    value: (view) => view.number('reclaim.global_steal') / view.seconds,
  },
  'reclaim.kswapd_scan_rate': {
    title: 'Pages scanned by kswapd, per second',
    unit: 'pages/s',
    formula: 'Δ pgscan_kswapd / Δt',
    value: (view) => scanned(view, 'kswapd') / view.seconds,
  },
  'reclaim.vmeff': {
    title: 'Reclaim efficiency: scanned pages that could be reclaimed',
    unit: '%',
    formula: '100 × reclaim.global_steal / reclaim.global_scan; with MGLRU / (reclaim.global_scan + Δ pgrefill)',
    validity:
      'at least 2048 pages scanned and 100 pages/s; above 105 % the counters do not belong together; low means that reclaim finds little, high proves nothing, least of all with MGLRU, which counts isolated pages only',
    reference: 'https://man7.org/linux/man-pages/man1/sar.1.html',
    value: efficiency,
  },
  'reclaim.direct_share': {
    title: 'Share of the scanning done by tasks themselves',
    unit: '1',
    formula: 'Δ pgscan_direct / reclaim.global_scan',
    validity: 'at least 2048 pages scanned and 100 pages/s',
    value: (view) => scanned(view, 'direct') / enoughScanned(view),
  },
  'reclaim.allocstall_rate': {
    title: 'Entries of tasks into direct reclaim, per second',
    unit: '1/s',
    formula: 'Δ Σ allocstall* / Δt',
    validity: 'reclaim at a cgroup’s limit is not among them',
    value: (view) => allocstalls(view) / view.seconds,
  },
  'reclaim.allocstall_count': {
    title: 'Entries of tasks into direct reclaim in the sample',
    unit: 'count',
    formula: 'Δ Σ allocstall*',
    value: allocstalls,
  },
  'reclaim.throttle_rate': {
    title: 'Tasks put to sleep until kswapd makes progress, per second',
    unit: '1/s',
    formula: 'Δ pgscan_direct_throttle / Δt',
    validity: 'counts events, not pages',
    reference: `${VMSCAN}#L6505`,
    value: (view) => view.rate('pgscan_direct_throttle'),
  },
  'reclaim.throttle_count': {
    title: 'Tasks put to sleep until kswapd makes progress, in the sample',
    unit: 'count',
    formula: 'Δ pgscan_direct_throttle',
    value: (view) => view.delta('pgscan_direct_throttle'),
  },
  'reclaim.kswapd_runs': {
    title: 'Runs of kswapd, per second',
    unit: '1/s',
    formula: 'Δ pageoutrun / Δt',
    value: (view) => view.rate('pageoutrun'),
  },
  'reclaim.premature_sleep_rate': {
    title: 'kswapd found the low watermark broken again right after it was done, per second',
    unit: '1/s',
    formula: 'Δ kswapd_low_wmark_hit_quickly / Δt',
    value: (view) => view.rate('kswapd_low_wmark_hit_quickly'),
  },
  'reclaim.anon_share': {
    title: 'Share of anonymous pages in what was reclaimed',
    unit: '1',
    formula: 'Δ pgsteal_anon / Δ(pgsteal_anon + pgsteal_file)',
    validity: 'kernel 5.8 and later; unknown when nothing was reclaimed',
    value: (view) => {
      const all = typed(view, 'pgsteal');
      if (all === 0) throw new Unknown('nothing was reclaimed in the sample');
      return rise(view, 'pgsteal_anon') / all;
    },
  },
  'reclaim.anon_steal_rate': {
    title: 'Anonymous pages given up, per second',
    unit: 'pages/s',
    formula: 'Δ pgsteal_anon / Δt',
    validity:
      'kernel 5.8 and later; reclaim at the limit of a cgroup counts too. Above swap.out_rate where copies in the swap cache are dropped that were written earlier',
    reference: VMSCAN,
    value: (view) => rise(view, 'pgsteal_anon') / view.seconds,
  },
  'reclaim.proactive_rate': {
    title: 'Pages scanned by proactive reclaim, per second',
    unit: 'pages/s',
    formula: 'Δ pgscan_proactive / Δt',
    validity: 'the counter is first seen in 6.18; before, it hides in reclaim.memcg_scan',
    value: (view) => view.rate('pgscan_proactive'),
  },
  'reclaim.khugepaged_rate': {
    title: 'Pages scanned on behalf of khugepaged, per second',
    unit: 'pages/s',
    formula: 'Δ pgscan_khugepaged / Δt',
    validity: 'the counter is first seen in 6.12',
    value: (view) => view.rate('pgscan_khugepaged'),
  },
  'slabshrink.rate': {
    title: 'Slab objects scanned by shrinkers, per second',
    unit: '1/s',
    formula: 'Δ slabs_scanned / Δt',
    value: (view) => view.rate('slabs_scanned'),
  },
  'numa.zone_reclaim_rate': {
    title: 'Node reclaim attempts, per second',
    unit: '1/s',
    formula: 'Δ(zone_reclaim_success + zone_reclaim_failed) / Δt',
    validity: 'successes are counted since 6.12 only; not on kernels without NUMA',
    value: (view) => riseOfAny(view, ['zone_reclaim_success', 'zone_reclaim_failed']) / view.seconds,
  },
});

function efficiency(view: View): number {
  const scan = enoughScanned(view);
  const sorted = view.maybe(() => view.fact('kernel.mglru')) === true ? rise(view, 'pgrefill') : 0;
  const percent = (100 * view.number('reclaim.global_steal')) / (scan + sorted);
  if (percent > 105) throw new Unknown(`more was reclaimed than scanned (${percent.toFixed(0)} %): the counters do not belong together`);
  return Math.min(100, percent);
}

function enoughScanned(view: View): number {
  const scan = view.number('reclaim.global_scan');
  if (scan < FLOOR_PAGES || scan / view.seconds < FLOOR_RATE)
    throw new Unknown(`only ${scan} pages were scanned in ${view.seconds.toFixed(1)} s: too few for a ratio`);
  return scan;
}
