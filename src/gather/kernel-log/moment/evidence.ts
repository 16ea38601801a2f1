import type { Draft } from './draft.js';

/** Of all memory: below it the page cache has nothing left to give. */
const CACHE_SHARE = 0.02;

/** Less of the swap than this is none. */
const SWAP_LEFT = 0.01;

/**
 * True when a Mem-Info that nothing introduces is that of an OOM kill: the zones that may be used are below their min (the
 * watermark that the kernel checks last) or given up, and the page cache is gone. A failed atomic allocation finds the
 * free pages as low, but the cache is full; a dump that was asked for finds both. Of the tail alone: all swap is used, and
 * another OOM report comes right after it.
 */
export function looksLikeOom({ zones, pages, bytes, followed }: Draft, pageSize: number): boolean {
  const { swap_total: swap = 0, swap_free: left = Infinity } = bytes;
  if (followed && swap > 0 && left < SWAP_LEFT * swap) return true;
  const usable = zones.filter(({ values }) => (values['managed'] ?? values['present'] ?? 0) > 0 && (values['high'] ?? 0) > 0);
  // a small low zone is kept free by its reserve: the largest decides
  const largest = usable.toSorted((a, b) => sizeOf(b) - sizeOf(a))[0];
  if (largest === undefined) return false;
  const { free = Infinity, min = 0 } = largest.values;
  if (free >= min && largest.unreclaimable !== true) return false;
  const cache = usable.reduce((sum, { values }) => sum + (values['active_file'] ?? 0) + (values['inactive_file'] ?? 0), 0);
  const split = usable.some(({ values }) => values['active_file'] !== undefined);
  const dropped = split ? cache : ((pages['active_file'] ?? NaN) + (pages['inactive_file'] ?? NaN)) * pageSize;
  return dropped < CACHE_SHARE * usable.reduce((sum, zone) => sum + sizeOf(zone), 0);
}

const sizeOf = ({ values }: Draft['zones'][number]): number => values['managed'] ?? values['present'] ?? 0;
