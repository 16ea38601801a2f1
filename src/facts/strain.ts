import { defineFacts, Unknown } from './fact.js';
import { privateMemory } from './lru.js';
import { hugetlbBytes } from './sums.js';
import type { View } from './view.js';

/** What would be a sign of trouble: name of a fact, and from where on. Those that are not known are no sign, and are named as not seen. */
const SIGNS: readonly (readonly [fact: string, from: number])[] = [
  ['reclaim.allocstall_rate', 0.001],
  ['swap.in_rate', 1],
  ['swap.out_rate', 1],
  ['fault.major_rate', 100],
  ['psi.mem.some.now', 1],
  ['swap.used_pct', 80],
  ['oom.kills_boot', 1],
  ['oom.log_kills', 1],
  ['oom.log_memcg_kills', 1],
  ['oom.userspace_kills', 1],
  ['errors.refused', 1],
  ['errors.swapoff_refused', 1],
  ['errors.tasks_refused', 1],
  ['errors.cgroups_refused', 1],
  ['acct.unaccounted_pct', 15],
  ['slab.unreclaim_pct', 10],
  ['cg.worst_oom_kills', 1],
  ['reclaim.kswapd_cpu_boot_pct', 5],
  ['reclaim.kswapd_cpu_pct', 25],
];
/** In use by nobody that was shown, share of RAM: then it cannot be said what holds memory. */
const UNEXPLAINED = 0.4;
/** The same where private memory and slab are shown, and the end of /proc/meminfo is not: a pool of huge pages, or nobody. */
const UNLISTED = 0.2;
/** Free and available, % of RAM: where less is free and more is available, the rest is file cache, and what is in use was not in the way of it. */
const FULL = 15;
const ROOM = 30;
/** Direct reclaim: this share of all pages scanned since boot, and as many as RAM has. */
const DIRECT = 0.5;
/** Names of the counters, plain or by zone. */
const SCANS: Readonly<Record<'direct' | 'kswapd', RegExp>> = {
  direct: /^pgscan_direct(?:_(?:dma|dma32|normal|high|movable))?$/,
  kswapd: /^pgscan_kswapd(?:_(?:dma|dma32|normal|high|movable))?$/,
};
/** With swap, or where it is known how much of the cache is shared memory, cache can be believed to be cache. */
const FEW_LOW = 2;
/** Share of RAM, in %, that is room enough by being free. */
const FREE_ENOUGH = 20;
/** The same in bytes, where the size of RAM is not shown. */
const FREE_BYTES = 2 ** 30;

/** Signs of trouble in what was seen, and what was not seen: with a part of the evidence, "healthy" means no more than that. */
export default defineFacts({
  'strain.signs': {
    title: 'Signs of trouble with memory in what was read',
    unit: 'count',
    formula: `how many hold: ${SIGNS.map(([name, from]) => `${name} ≥ ${from}`).join(', ')}; lowmem.free_pct < ${FEW_LOW}; mem.cache_undivided without swap and with less than ${FREE_ENOUGH} % free, or 1 GiB where the size of RAM is not shown; a dump of memory in the kernel log; half of all pages scanned since boot, and as many as RAM has, by direct reclaim; ${100 * UNEXPLAINED} % of RAM in use by nobody that was shown (${100 * UNLISTED} where AnonPages and Slab are), unless ${ROOM} % is available, and less than ${FULL} % is free or no more than the cache has`,
    validity: 'what was not read is no sign: see strain.unseen. On kernels 2.4 unknown: their lines mean something else',
    value: (view) => {
      if (view.readings('meminfo').at(-1)?.data['Inact_dirty'] !== undefined)
        throw new Unknown('the kernel is too old: its figures mean something else');
      const others = [lowMemory, doubtfulCache, dumped, directSinceBoot, unexplained];
      return SIGNS.filter(([name, from]) => (known(view, name) ?? -1) >= from).length + others.filter((holds) => holds(view)).length;
    },
  },
  'strain.partial': {
    title: 'Only a part of what shows a shortage of memory was read',
    unit: 'boolean',
    formula: '/proc/meminfo, /proc/vmstat or /proc/zoneinfo were not read whole, or the counters only once',
    value: (view) => {
      view.used('coverage');
      return unseen(view).length > 0;
    },
  },
  'strain.unseen': {
    title: 'What was not read of what shows a shortage of memory',
    unit: 'text',
    formula: 'rates (counters were read once), pressure, zones, kernel log',
    value: (view) => {
      view.used('coverage');
      const missing = [
        ...unseen(view),
        ...(known(view, 'psi.mem.some.now') === undefined ? ['pressure'] : []),
        ...(hasLog(view) ? [] : ['kernel log']),
      ];
      if (missing.length === 0) throw new Unknown('everything was read');
      return missing.join(', ');
    },
  },
});

const known = (view: View, name: string): number | undefined => view.maybe(() => view.number(name));
const hasLog = (view: View): boolean => view.readings('kernel-log').length > 0;

function unseen(view: View): string[] {
  const missing = known(view, 'reclaim.allocstall_rate') === undefined ? ['rates of reclaim'] : [];
  if (known(view, 'swap.in_rate') === undefined) missing.push('rates of swap');
  if (view.readings('zoneinfo').length === 0) missing.push('zones');
  return missing;
}

const lowMemory = (view: View): boolean => (known(view, 'lowmem.free_pct') ?? FEW_LOW) < FEW_LOW;

function doubtfulCache(view: View): boolean {
  // what is free is available whatever the cache is
  if ((known(view, 'mem.free_pct') ?? 0) >= FREE_ENOUGH) return false;
  if (known(view, 'mem.free_pct') === undefined && (known(view, 'mem.free_bytes') ?? 0) >= FREE_BYTES) return false;
  if (view.maybe(() => view.meminfo('Cached')) === undefined) return false;
  const undivided = view.maybe(() => view.fact('mem.cache_undivided')) === true;
  return undivided && view.maybe(() => view.fact('swap.configured')) !== true;
}

/** The kernel prints its memory only when a request failed, a task was killed, or somebody asked (SysRq m). */
const dumped = (view: View): boolean => (view.readings('kernel-log').at(-1)?.data.reports?.length ?? 0) > 0;

function directSinceBoot(view: View): boolean {
  if (view.readings('vmstat').length !== 1) return false;
  const counters = view.last('vmstat');
  const sum = (by: keyof typeof SCANS): number =>
    Object.entries(counters).reduce((total, [name, value]) => (SCANS[by].test(name) ? total + value : total), 0);
  const [direct, kswapd, total] = [sum('direct'), sum('kswapd'), known(view, 'mem.total_bytes')];
  return total !== undefined && direct * view.pageSize >= total && direct >= DIRECT * (direct + kswapd);
}

/** Where neither AnonPages nor the LRU lists are known, what is neither free nor cache is in use by somebody: by the processes shown, or not. */
function unexplained(view: View): boolean {
  // of a share nobody knows who has it
  if (view.maybe(() => view.fact('mem.told_by_share')) === true) return (known(view, 'mem.available_pct') ?? 100) < ROOM;
  const used = view.maybe(() => privateMemory(view));
  if (used === undefined) return false;
  if (!used.bound) return unlisted(view, used.bytes);
  if (filled(view)) return false;
  const shown = view.readings('processes').at(-1)?.data.anon ?? 0;
  return used.bytes - shown >= UNEXPLAINED * (known(view, 'mem.total_bytes') ?? Infinity);
}

/** Little is free because file cache fills what nobody asks for: then use is ordinary use. */
function filled(view: View): boolean {
  if ((known(view, 'mem.available_pct') ?? 0) < ROOM) return false;
  const [free, cached] = ['MemFree', 'Cached'].map((field) => view.maybe(() => view.meminfo(field)));
  return (known(view, 'mem.free_pct') ?? 100) < FULL || (free !== undefined && free <= (cached ?? 0));
}

/** /proc/meminfo was cut before its end, and the lines that there are leave much over. */
function unlisted(view: View, used: number): boolean {
  if (known(view, 'acct.unaccounted_pct') !== undefined || view.readings('zoneinfo').length > 0) return false;
  const optional = (field: string): number => view.maybe(() => view.meminfo(field)) ?? 0;
  const slab = view.maybe(() => view.meminfo('Slab'));
  const lines = ['MemFree', 'Buffers', 'Cached', 'SwapCached', 'PageTables', 'KernelStack', 'Percpu'];
  const rest = optional('MemTotal') - lines.reduce((sum, field) => sum + optional(field), 0) - used - (slab ?? 0);
  const counted = view.maybe(() => view.meminfo('MemFree') + view.meminfo('Cached')) !== undefined;
  return (
    counted && rest - hugetlbBytes(view) >= (slab === undefined ? UNEXPLAINED : UNLISTED) * (known(view, 'mem.total_bytes') ?? Infinity)
  );
}
