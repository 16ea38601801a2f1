/**
 * What /proc/meminfo says of private, shared and file memory, worked out from other lines where a kernel is too old to print a
 * line, or somebody pasted a part of the file. All throw Unknown when nothing tells.
 */
import { hugetlbBytes, swapUsed } from './sums.js';
import type { View } from './view.js';

/** A worked-out figure, and whether it is the kernel's own. */
export interface Figure {
  readonly bytes: number;
  readonly estimated: boolean;
  /** No more than an upper bound: what is left when all that is known is taken off. */
  readonly bound: boolean;
}

const own = (bytes: number): Figure => ({ bytes, estimated: false, bound: false });
const about = (bytes: number): Figure => ({ bytes: Math.max(0, bytes), estimated: true, bound: false });

/** Pages on the anonymous LRU lists: private and shared memory. @throws Unknown */
const anonLru = (view: View): number => view.meminfo('Active(anon)') + view.meminfo('Inactive(anon)');

/** Pages on the file LRU lists: file cache without shared memory. @throws Unknown */
export function fileLru(view: View): number {
  const told = view.maybe(() => view.meminfo('Active(file)') + view.meminfo('Inactive(file)'));
  return told ?? Math.max(0, view.meminfo('Active') + view.meminfo('Inactive') - anonLru(view));
}

/**
 * Shared memory. Cached + Buffers hold it and the file cache; the file cache alone is on the file lists. So what Cached has and
 * the lists have not is shared memory, less file pages that are locked.
 */
export function sharedBytes(view: View): Figure {
  const told = view.maybe(() => view.meminfo('Shmem'));
  if (told !== undefined) return own(told);
  const cached = view.meminfo('Cached') + (view.maybe(() => view.meminfo('Buffers')) ?? 0);
  const locked = view.maybe(() => view.meminfo('Unevictable')) ?? 0;
  return about(cached - fileLru(view) - locked);
}

/**
 * Private memory of processes: AnonPages; else what the anonymous lists hold without shared memory; else what is neither free
 * nor cache nor a pool nor known to be the kernel's, which is an upper bound.
 */
export function privateMemory(view: View): Figure {
  const told = view.maybe(() => view.meminfo('AnonPages'));
  if (told !== undefined) return own(told);
  const listed = view.maybe(() => anonLru(view) - sharedBytes(view).bytes);
  if (listed !== undefined) return about(listed);
  const optional = (name: string): number => view.maybe(() => view.meminfo(name)) ?? 0;
  const kernel = optional('Slab') + optional('PageTables') + optional('KernelStack');
  const cache = optional('Buffers') + view.meminfo('Cached');
  const rest = view.meminfo('MemTotal') - view.meminfo('MemFree') - cache - kernel - hugetlbBytes(view);
  // private pages of all processes are no more than what they have resident together
  const resident = view.readings('told').at(-1)?.data.rss ?? Infinity;
  if (resident < rest) {
    view.used('Σ RSS, as told');
    return about(resident);
  }
  return { ...about(rest), bound: true };
}

/**
 * File cache that can be dropped: the file lists; else Cached + Buffers without shared memory, which is too much by what no line
 * tells (shared memory before 2.6.32, and the reclaimable slab that newer versions of free count as cache).
 */
export function fileCache(view: View): Figure {
  const listed = view.maybe(() => fileLru(view));
  if (listed !== undefined) return own(listed);
  const shared = view.maybe(() => view.meminfo('Shmem')) ?? 0;
  return about(view.meminfo('Cached') + (view.maybe(() => view.meminfo('Buffers')) ?? 0) - shared);
}

/** Whether what counts as cache may be shared memory: no line tells how much of it is. */
export const cacheUndivided = (view: View): boolean =>
  view.maybe(() => sharedBytes(view)) === undefined && view.maybe(() => view.meminfo('MemAvailable')) === undefined;

/** What can be moved to the swap that is free: nothing where there is none, else at most private and shared memory. @throws Unknown */
export function swappable(view: View): number {
  const free = view.meminfo('SwapFree');
  if (free === 0) return 0;
  const movable = view.maybe(() => privateMemory(view).bytes + sharedBytes(view).bytes);
  // whatever is in use and cannot be dropped is the most that could be moved
  return Math.min(free, movable ?? Math.max(0, view.meminfo('MemTotal') - view.number('mem.available_bytes')));
}

/** Private memory with what of it is in swap. @throws Unknown */
export const privateAndSwapped = (view: View): number => privateMemory(view).bytes + (view.maybe(() => swapUsed(view)) ?? 0);
