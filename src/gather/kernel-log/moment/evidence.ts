import type { Draft } from './draft.js';

/** Of all memory: below it the page cache has nothing left to give. */
const CACHE_SHARE = 0.02;

/** Less of the swap than this is none. */
const SWAP_LEFT = 0.01;

/** Free pages of a host whose cache is gone are few: so many times the high mark of its largest zone, … */
const FEW_MARKS = 2;
/** … or, where no zone is shown, this share of all pages that are counted. */
const FEW_FREE = 0.05;
/** Lines of Mem-Info that share no page, in pages. */
const COUNTED = [
  'active_anon',
  'inactive_anon',
  'isolated_anon',
  'active_file',
  'inactive_file',
  'isolated_file',
  'unevictable',
  'slab_reclaimable',
  'slab_unreclaimable',
  'pagetables',
  'free',
] as const;

/**
 * True when a Mem-Info that nothing introduces is that of an OOM kill: the zones that may be used are below their min (the
 * watermark that the kernel checks last), given up, or have little free, and the page cache is gone, or waits to be written.
 * A failed atomic allocation finds the free pages as low, but the cache is full; a dump that was asked for finds both. Of
 * the tail alone: all swap is used, and another OOM report comes right after it.
 */
export function looksLikeOom({ zones, pages, bytes, followed }: Draft, pageSize: number): boolean {
  const { swap_total: swap = 0, swap_free: left = Infinity } = bytes;
  if (followed && swap > 0 && left < SWAP_LEFT * swap) return true;
  if (zones.length === 0) return emptied(pages);
  const usable = zones.filter(({ values }) => sizeIn(values) > 0 && (values['high'] ?? 0) > 0);
  // a small low zone is kept free by its reserve: the largest decides
  const largest = usable.toSorted((a, b) => sizeOf(b) - sizeOf(a))[0];
  if (largest === undefined) return false;
  const { free = Infinity, high = 0, free_cma: cma = 0 } = largest.values;
  if (free - cma >= FEW_MARKS * high && largest.unreclaimable !== true) return false;
  const split = usable.some(({ values }) => values['active_file'] !== undefined);
  const cache = split
    ? usable.reduce((sum, { values }) => sum + droppable(values), 0)
    : ((pages['active_file'] ?? NaN) + (pages['inactive_file'] ?? NaN)) * pageSize;
  return cache < CACHE_SHARE * usable.reduce((sum, zone) => sum + sizeOf(zone), 0);
}

/** The same by the sums of Mem-Info alone, of kernels that count slab there. */
function emptied(pages: Draft['pages']): boolean {
  const all = COUNTED.reduce((sum, name) => sum + (pages[name] ?? 0), 0);
  const { free = Infinity, slab_unreclaimable: slab, active_file: active = Infinity, inactive_file: inactive = Infinity } = pages;
  return slab !== undefined && free < FEW_FREE * all && active + inactive < CACHE_SHARE * all;
}

/** File pages of a zone that reclaim can drop without waiting for a disk. */
const droppable = (values: Readonly<Record<string, number>>): number =>
  Math.max(0, (values['active_file'] ?? 0) + (values['inactive_file'] ?? 0) - (values['writepending'] ?? 0));

const sizeIn = (values: Readonly<Record<string, number>>): number => values['managed'] ?? values['present'] ?? 0;
const sizeOf = ({ values }: Draft['zones'][number]): number => sizeIn(values);
