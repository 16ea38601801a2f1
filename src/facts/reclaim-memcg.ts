import { allocstalls, scanned, typed } from './counters.js';
import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

const REFERENCE = 'https://github.com/torvalds/linux/blob/v6.12/mm/vmscan.c';
const FLOOR_PAGES = 1024;
const TENTH = 10;

/** Reclaim at the limits of cgroups, told from reclaim of the host. */
export default defineFacts({
  'reclaim.memcg_scan': {
    title: 'Pages scanned by reclaim at cgroup limits',
    unit: 'pages',
    formula: 'Δ(pgscan_anon + pgscan_file) − reclaim.global_scan',
    validity:
      'kernels 5.8 to 6.18, where pgscan_kswapd, _direct, … leave cgroup reclaim out and pgscan_anon and _file count it; later ones count all in both',
    reference: REFERENCE,
    value: memcgScan,
  },
  'reclaim.memcg_share': {
    title: 'Share of the scanning that cgroup limits caused',
    unit: '1',
    formula:
      'reclaim.memcg_scan / Δ(pgscan_anon + pgscan_file); where the kernel does not tell them apart: 1 when Δ pgscan_direct ≥ 1024 and Δ allocstall = 0, else Σ Δ pgscan of the topmost limited cgroups / reclaim.global_scan',
    validity: 'at least 1024 pages scanned in all',
    reference: REFERENCE,
    value: memcgShare,
  },
  'reclaim.on_request': {
    title: 'Cgroups are reclaimed because somebody asks for it, not because of a limit',
    unit: 'boolean',
    formula:
      'reclaim.memcg_scan ≥ 1024, reclaim.global_scan < a tenth of it, and no cgroup met its memory.max or memory.high in the sample; else false',
    validity:
      'version 2, kernels 5.19 and later: memory.reclaim is the only other reason; a limit that was lowered in the sample looks like it',
    reference: 'https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files',
    value: onRequest,
  },
});

function memcgScan(view: View): number {
  const all = typed(view, 'pgscan');
  if (countsAllInBoth(view)) throw new Unknown('this kernel counts cgroup reclaim in pgscan_kswapd and pgscan_direct too');
  const rest = all - view.number('reclaim.global_scan');
  if (rest < -FLOOR_PAGES)
    throw new Unknown('pgscan_anon and pgscan_file rose by less than their parts: the counters do not belong together');
  return Math.max(0, rest);
}

function memcgShare(view: View): number {
  const atLimits = view.maybe(() => memcgScan(view));
  const ofHost = view.number('reclaim.global_scan');
  const all = (atLimits ?? 0) + ofHost;
  if (all < FLOOR_PAGES) throw new Unknown(`only ${all} pages were scanned in the sample: too few for a ratio`);
  if (atLimits !== undefined) return atLimits / all;
  // Reclaim at a limit never enters the path that counts allocstall, whatever the kernel does with pgscan_direct
  if (scanned(view, 'direct') >= FLOOR_PAGES && allocstalls(view) === 0) return 1;
  return Math.min(1, limitedGroupsScan(view) / ofHost);
}

function onRequest(view: View): boolean {
  const scan = memcgScan(view);
  if (view.last('cgroup').version !== 'v2' || scan < FLOOR_PAGES || view.number('reclaim.global_scan') > scan / TENTH) return false;
  const limited = view.items('cgroups').filter((group) => group['limited'] === true);
  if (limited.some((group) => group['d_max'] === null && group['d_high'] === null))
    throw new Unknown('how often the limits of cgroups were met in the sample is not known');
  return limited.every((group) => Number(group['d_max'] ?? 0) === 0 && Number(group['d_high'] ?? 0) === 0);
}

/**
 * 7.2 made the counters by reclaimer statistics of the node and dropped the guard that kept cgroup reclaim out; then the
 * node's own vmstat prints them.
 */
function countsAllInBoth(view: View): boolean {
  const nodes = view.readings('node').at(-1)?.data ?? [];
  return nodes.some((node) => node.vmstat['pgscan_kswapd'] !== undefined) || view.last('vmstat')['nr_gpu_active'] !== undefined;
}

function limitedGroupsScan(view: View): number {
  const { first, last } = view.pair('cgroup');
  view.used('memory.stat pgscan');
  const before = new Map(first.groups.map((group) => [group.path, group.stat?.['pgscan']]));
  const limited = last.groups.filter((group) => group.max !== undefined || group.high !== undefined);
  const topmost = limited.filter((group) => !limited.some((other) => other !== group && group.path.startsWith(`${other.path}/`)));
  const rises = topmost.flatMap((group) => {
    const [from, to] = [before.get(group.path), group.stat?.['pgscan']];
    return from === undefined || to === undefined || to < from ? [] : [to - from];
  });
  if (rises.length === 0)
    throw new Unknown('this kernel does not tell cgroup reclaim apart, and no limited cgroup has pgscan in its memory.stat');
  return rises.reduce((sum, each) => sum + each, 0);
}
