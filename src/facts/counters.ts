/**
 * Sums of /proc/vmstat counters under all the names that kernels have given them. By exact names: a prefix would take
 * pgscan_direct_throttle, which counts events and not pages, for a part of pgscan_direct.
 */
import { Unknown } from './fact.js';
import type { View } from './view.js';

type Counters = Readonly<Record<string, number>>;

/** TEXTS_FOR_ZONES of mm/vmstat.c. */
const ZONES = ['dma', 'dma32', 'normal', 'high', 'movable', 'device'] as const;
/** Reclaimers beside kswapd and direct reclaim, each with its own counters since some 6.x kernel. */
const LATE_RECLAIMERS = ['khugepaged', 'proactive'] as const;

/** The names that hold a counter: the plain one where the kernel has it, else those by zone; none when it has neither. */
export function namesOf(counters: Counters, name: string): string[] {
  if (counters[name] !== undefined) return [name];
  return ZONES.map((zone) => `${name}_${zone}`).filter((each) => counters[each] !== undefined);
}

/** Rise between the samples of a counter, plain or by zone. @throws Unknown */
export function rise(view: View, name: string): number {
  const names = namesOf(view.last('vmstat'), name);
  if (names.length === 0) throw new Unknown(`/proc/vmstat has no ${name}`);
  return names.reduce((sum, each) => sum + view.delta(each), 0);
}

/** Rise of those of some counters that the kernel has. @throws Unknown when it has none of them. */
export function riseOfAny(view: View, names: readonly string[]): number {
  const present = names.filter((name) => namesOf(view.last('vmstat'), name).length > 0);
  if (present.length === 0) throw new Unknown(`/proc/vmstat has none of ${names.join(', ')}`);
  return present.reduce((sum, name) => sum + rise(view, name), 0);
}

/** Pages scanned in the sample by one of the two old reclaimers. @throws Unknown */
export const scanned = (view: View, by: 'kswapd' | 'direct'): number => rise(view, `pgscan_${by}`);

/** Pages reclaimed in the sample by one of the two old reclaimers. 2.6.32 has pgsteal_<zone> for both and kswapd_steal. @throws Unknown */
export function stolen(view: View, by: 'kswapd' | 'direct'): number {
  const counters = view.last('vmstat');
  if (namesOf(counters, `pgsteal_${by}`).length > 0 || counters['kswapd_steal'] === undefined) return rise(view, `pgsteal_${by}`);
  const kswapd = rise(view, 'kswapd_steal');
  return by === 'kswapd' ? kswapd : Math.max(0, rise(view, 'pgsteal') - kswapd);
}

/** Pages scanned in the sample by all reclaimers of the host. @throws Unknown */
export const scannedByAll = (view: View): number => scanned(view, 'kswapd') + scanned(view, 'direct') + late(view, 'pgscan');

/** Pages reclaimed in the sample by all reclaimers of the host. @throws Unknown */
export const stolenByAll = (view: View): number => stolen(view, 'kswapd') + stolen(view, 'direct') + late(view, 'pgsteal');

/** Pages scanned or reclaimed by type; counts reclaim at cgroup limits as well. Kernel 5.8 and later. @throws Unknown */
export const typed = (view: View, what: 'pgscan' | 'pgsteal'): number => rise(view, `${what}_anon`) + rise(view, `${what}_file`);

/** Pages reclaimed by anybody, cgroup limits included where the kernel tells. @throws Unknown */
export const stolenAtAll = (view: View): number => view.maybe(() => typed(view, 'pgsteal')) ?? stolenByAll(view);

/** Entries into direct reclaim of the host: allocstall, or allocstall_<zone> since 4.8. Reclaim at a cgroup's limit is not among them. @throws Unknown */
export const allocstalls = (view: View): number => rise(view, 'allocstall');

/** Refaults of file pages: workingset_refault before 5.9 counts nothing else. @throws Unknown */
export function fileRefaults(view: View): number {
  const counters = view.last('vmstat');
  return rise(view, counters['workingset_refault_file'] === undefined ? 'workingset_refault' : 'workingset_refault_file');
}

/** Refaults of file and anonymous pages. @throws Unknown */
export const refaults = (view: View): number => fileRefaults(view) + (view.maybe(() => rise(view, 'workingset_refault_anon')) ?? 0);

function late(view: View, what: 'pgscan' | 'pgsteal'): number {
  const counters = view.last('vmstat');
  return LATE_RECLAIMERS.map((by) => `${what}_${by}`)
    .filter((name) => counters[name] !== undefined)
    .reduce((sum, name) => sum + view.delta(name), 0);
}
