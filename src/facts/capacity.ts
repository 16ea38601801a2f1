import { defineFacts, Unknown } from './fact.js';
import { cacheUndivided, fileCache, privateAndSwapped, privateMemory, sharedBytes, swappable } from './lru.js';
import { hugetlbBytes, totalReserve, zoneSum } from './sums.js';
import { keptFree } from './watermarks.js';
import type { View } from './view.js';

/** Figures of a moment may disagree by this much; an estimate above all memory stands on one that is wrong. */
const BEYOND = 1.1;
const SHOW_MEM = 'https://github.com/torvalds/linux/blob/v6.12/mm/show_mem.c';

/** How much memory there is, and how much can still be handed out. */
export default defineFacts({
  'mem.total_bytes': { title: 'MemTotal', unit: 'bytes', formula: 'MemTotal', value: (view) => view.meminfo('MemTotal') },
  'mem.free_bytes': {
    title: 'MemFree',
    unit: 'bytes',
    formula: 'MemFree',
    validity: 'never a sign of pressure by itself: free memory is unused memory',
    value: (view) => view.meminfo('MemFree'),
  },
  'mem.free_pct': {
    title: 'MemFree, share of MemTotal',
    unit: '%',
    formula: '100 × MemFree / MemTotal',
    validity: 'never a sign of pressure by itself: free memory is unused memory',
    value: (view) => (100 * view.meminfo('MemFree')) / view.meminfo('MemTotal'),
  },
  'mem.available_bytes': {
    title: 'Memory available to new work without swapping',
    unit: 'bytes',
    formula:
      'MemAvailable; where absent max(0, MemFree − reserve + F − min(F/2, W) + S − min(S/2, W)), F = Active(file) + Inactive(file), S = KReclaimable or SReclaimable, W = Σ low, reserve = Σ zones min(managed, max(protection) + high)',
    validity:
      'high does not exclude thrashing: hot cache counts as available. Estimated without /proc/zoneinfo: W and reserve by the formula that the kernel sets them by; without the file lists: F = Cached + Buffers − Shmem, an upper bound',
    reference: SHOW_MEM,
    value: (view) => view.maybe(() => view.meminfo('MemAvailable')) ?? estimateAvailable(view),
  },
  'mem.available_estimated': {
    title: 'Available memory is an estimate of ours: this kernel does not print it',
    unit: 'boolean',
    formula: '/proc/meminfo has no MemAvailable',
    value: (view) => {
      const estimated = view.last('meminfo')['MemAvailable'] === undefined;
      view.used('/proc/meminfo MemAvailable');
      return estimated;
    },
  },
  'mem.available_at_most_bytes': {
    title: 'Memory that can be had without swapping, at most',
    unit: 'bytes',
    formula: 'MemAvailable; where absent MemFree + Buffers + Cached',
    validity: 'known also where the size of RAM is not, as from vmstat; shared memory and the hot part of the cache are in it',
    value: (view) =>
      view.maybe(() => view.meminfo('MemAvailable')) ?? view.meminfo('MemFree') + view.meminfo('Buffers') + view.meminfo('Cached'),
  },
  'mem.cache_undivided': {
    title: 'What counts as cache may be shared memory: no line tells how much of it is',
    unit: 'boolean',
    formula: 'no MemAvailable, no Shmem, and nothing it could be worked out from',
    validity: 'kernels before 2.6.32, and old versions of free',
    value: (view) => {
      view.last('meminfo');
      view.used('/proc/meminfo MemAvailable, Shmem');
      return cacheUndivided(view);
    },
  },
  'mem.total_known': {
    title: 'How much memory the host has is known',
    unit: 'boolean',
    formula: '/proc/meminfo has MemTotal',
    value: (view) => {
      const known = view.last('meminfo')['MemTotal'] !== undefined;
      view.used('/proc/meminfo MemTotal');
      return known;
    },
  },
  'mem.available_pct': {
    title: 'Available memory, share of MemTotal',
    unit: '%',
    formula: '100 × mem.available_bytes / MemTotal; where only the share in use was told 100 − that',
    validity: 'high does not exclude thrashing: hot cache counts as available',
    value: (view) => shareLeft(view) ?? (100 * view.number('mem.available_bytes')) / view.meminfo('MemTotal'),
  },
  'mem.told_by_share': {
    title: 'Of memory only the share in use was told',
    unit: 'boolean',
    formula: 'no /proc/meminfo, and a tool that prints shares without sizes',
    value: (view) => view.readings('meminfo').length === 0 && view.readings('told').at(-1)?.data.memoryUsed !== undefined,
  },
  'mem.available_user_pct': {
    title: 'Available memory, share of what user space can have',
    unit: '%',
    formula: '100 × mem.available_bytes / (mem.available_bytes + AnonPages), AnonPages estimated where it is not printed',
    validity: 'robust when huge pages or tmpfs hold much of the memory',
    reference: 'https://github.com/rfjakob/earlyoom',
    value: (view) => {
      const available = view.number('mem.available_bytes');
      return (100 * available) / (available + privateMemory(view).bytes);
    },
  },
  'mem.used_bytes': {
    title: 'Memory in use',
    unit: 'bytes',
    formula: 'MemTotal − mem.available_bytes',
    reference: 'https://man7.org/linux/man-pages/man1/free.1.html',
    value: (view) => view.meminfo('MemTotal') - view.number('mem.available_bytes'),
  },
  'mem.reserved_bytes': {
    title: 'Memory present that is not in MemTotal',
    unit: 'bytes',
    formula: 'Σ zone present − MemTotal',
    validity: 'page structures (1.6 %), crash kernel, boot allocations, and balloons that shrink MemTotal; not what the firmware keeps',
    value: (view) => {
      const zones = view.last('zoneinfo');
      view.used('/proc/zoneinfo present');
      if (zones.every((zone) => zone.present === undefined)) throw new Unknown('/proc/zoneinfo has no present pages');
      if (view.fact('view.mixed') === true) throw new Unknown('/proc/meminfo is that of a container, the zones are those of its host');
      return Math.max(0, zones.reduce((sum, zone) => sum + (zone.present ?? 0), 0) - view.meminfo('MemTotal'));
    },
  },
  'ram.usable_bytes': {
    title: 'Memory outside of huge page pools',
    unit: 'bytes',
    formula: 'MemTotal − Hugetlb (all sizes)',
    value: (view) => view.meminfo('MemTotal') - hugetlbBytes(view),
  },
  'oom.headroom_bytes': {
    title: 'What can still be handed out before the OOM killer of the host',
    unit: 'bytes',
    formula: 'mem.available_bytes + min(SwapFree, AnonPages + Shmem)',
    validity:
      'of the whole host: not for one NUMA node or cgroup; where AnonPages and Shmem are not known, all that is in use counts in their place',
    value: (view) => view.number('mem.available_bytes') + swappable(view),
  },
  'oom.headroom_pct': {
    title: 'What can still be handed out before the OOM killer of the host, share of MemTotal',
    unit: '%',
    formula: '100 × oom.headroom_bytes / MemTotal',
    value: (view) => (100 * view.number('oom.headroom_bytes')) / view.meminfo('MemTotal'),
  },
  'mem.anon_no_swap': {
    title: 'Memory that can never be reclaimed, as there is no swap',
    unit: '%',
    formula: '100 × (AnonPages + Shmem) / (MemTotal − Hugetlb), when SwapTotal = 0',
    value: (view) => {
      if (view.meminfo('SwapTotal') > 0) throw new Unknown('swap is configured: anonymous memory can be reclaimed');
      return (100 * (privateMemory(view).bytes + sharedBytes(view).bytes)) / view.number('ram.usable_bytes');
    },
  },
  'mem.anon_and_swap_bytes': {
    title: 'Anonymous memory of all processes, in memory and in swap',
    unit: 'bytes',
    formula: 'AnonPages + SwapTotal − SwapFree',
    validity:
      'where AnonPages is not printed: Active(anon) + Inactive(anon) − Shmem, else all that is neither free nor cache nor the kernel’s (an upper bound)',
    value: privateAndSwapped,
  },
});

/** si_mem_available() of the kernel, for those that do not print it. */
function estimateAvailable(view: View): number {
  const low = view.maybe(() => zoneSum(view, 'low')) ?? keptFree(view).low;
  const reserve = view.maybe(() => totalReserve(view)) ?? keptFree(view).high;
  const files = fileCache(view).bytes;
  // old versions of free say nothing of it: then less is taken for available
  const slab = view.maybe(() => view.meminfo('KReclaimable')) ?? view.maybe(() => view.meminfo('SReclaimable')) ?? 0;
  const kept = (bytes: number): number => bytes - Math.min(bytes / 2, low);
  const found = view.meminfo('MemFree') - reserve + kept(files) + kept(slab);
  const total = view.maybe(() => view.meminfo('MemTotal')) ?? Infinity;
  if (found > total * BEYOND) throw new Unknown('what counts as cache is more than all memory', 'meminfo');
  return Math.max(0, found);
}

/** What a tool told as a share, without sizes: cache counts as available there. */
function shareLeft(view: View): number | undefined {
  const used = view.readings('meminfo').length > 0 ? undefined : view.readings('told').at(-1)?.data.memoryUsed;
  if (used === undefined) return undefined;
  view.used('told.txt memoryUsed');
  return 100 - used;
}
