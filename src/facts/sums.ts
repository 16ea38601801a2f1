/** Sums over the rows of a source that several facts share. All throw Unknown when the source is not there. */
import { Unknown } from './fact.js';
import type { View } from './view.js';

/** Bytes that all huge page pools hold, used or not: Hugetlb counts every size; before it, /sys does, and meminfo knows the default size only. */
export function hugetlbBytes(view: View): number {
  const meminfo = view.last('meminfo');
  if (meminfo['Hugetlb'] !== undefined) return view.meminfo('Hugetlb');
  const pools = view.readings('hugepages').at(-1)?.data;
  if (pools && pools.length > 0) {
    view.used('/sys/kernel/mm/hugepages/*/nr_hugepages');
    return pools.reduce((sum, pool) => sum + pool.size * pool.total, 0);
  }
  if (!meminfo['HugePages_Total']) return 0;
  return view.meminfo('HugePages_Total') * view.meminfo('Hugepagesize');
}

/** Bytes of swap: SwapTotal; where it was not shown Σ size of /proc/swaps, which is the same (si_swapinfo() of mm/swapfile.c). */
export const swapTotal = (view: View): number => view.maybe(() => view.meminfo('SwapTotal')) ?? areas(view, 'size');

/** Swap in use, in bytes: SwapTotal − SwapFree; where they were not shown Σ used of /proc/swaps. */
export function swapUsed(view: View): number {
  const free = view.maybe(() => view.meminfo('SwapFree'));
  return free === undefined ? areas(view, 'used') : swapTotal(view) - free;
}

/** One column of /proc/swaps. @throws Unknown as for /proc/meminfo, which has their sum, when there is neither. */
function areas(view: View, column: 'size' | 'used'): number {
  const swaps = view.readings('swaps').at(-1)?.data;
  if (swaps === undefined) return view.meminfo(column === 'size' ? 'SwapTotal' : 'SwapFree');
  view.used(`/proc/swaps ${column}`);
  return swaps.reduce((sum, area) => sum + area[column], 0);
}

/** Σ over zones of one column of /proc/zoneinfo, in bytes. */
export function zoneSum(view: View, column: 'free' | 'low' | 'high' | 'pcp'): number {
  const zones = view.last('zoneinfo');
  view.used(`/proc/zoneinfo ${column}`);
  return zones.reduce((sum, zone) => sum + zone[column], 0);
}

/**
 * Bytes that the kernel keeps back from everybody: for each zone its largest lowmem_reserve plus its high watermark, at most
 * what it manages (calculate_totalreserve_pages() of mm/page_alloc.c); Σ low watermarks where protection is not printed.
 */
export function totalReserve(view: View): number {
  const zones = view.last('zoneinfo');
  view.used('/proc/zoneinfo high, protection, managed');
  return zones.reduce((sum, zone) => {
    if (zone.protection === undefined) return sum + zone.low;
    const reserve = Math.max(0, ...zone.protection) + zone.high;
    return sum + Math.min(reserve, zone.managed ?? reserve);
  }, 0);
}

/** Whether file systems that change /proc (lxcfs) stand in front of /proc/meminfo. */
export function lxcfsOverMeminfo(view: View): boolean {
  const mounts = view.last('mounts');
  view.used('/proc/self/mountinfo');
  return mounts.some((mount) => mount.type === 'fuse.lxcfs' && (mount.mountpoint === '/proc/meminfo' || mount.mountpoint === '/proc'));
}

/** Throws Unknown when /proc/meminfo and the other files speak of different machines. */
export function demandOneView(view: View): void {
  if (view.maybe(() => view.fact('view.mixed')) === true)
    throw new Unknown('the view is mixed: /proc/meminfo is that of a container, the other files are those of its host');
}
