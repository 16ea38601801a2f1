/** Causes that lie in what filled the memory. Pure. */
import { bytes, percent } from '../format.js';
import type { Moment } from '../gather/kernel-log/schema.js';
import { swapOf } from './oom-moment.js';
import { capital, type Reason, type Why } from './oom-reason.js';
import { heldBy, type OomSheet, type SheetKey, sheetOf } from './oom-sheet.js';
import { shortText } from './oom-why-zones.js';
import type { ZoneCheck } from './oom-zones.js';

/** Swap is used up when less of it than this is free, %. */
const SWAP_LEFT = 5;
/** Free huge pages that hold this much of RAM are a cause, %: nothing else may use them. */
const POOL_FREE = 15;
/** What fills the memory holds this much of it at least, %: less is not worth a name. */
const FILLS = 20;
/** Lines that may be missing while the rest of the sheet still tells what is lost. */
const SMALL: ReadonlySet<string> = new Set(['kernel stacks', 'huge page pools', 'page tables', 'shared memory and tmpfs']);
/** File cache beyond this share is more than a working set squeezed out, %. */
const FILE_PLENTY = 20;

type Contender = readonly [why: Why, bytes: number, name: string];

/** Nothing special about the allocation: what filled the memory is the cause. */
export function filled(moment: Moment, zones: readonly ZoneCheck[]): Reason {
  const sheet = sheetOf(moment);
  const short = shortText(zones);
  if (moment.kind.startsWith('allocation-')) return refused(moment, short);
  if (sheet === null) {
    if (isSwapGone(moment))
      return {
        why: 'swap-full',
        text: `All ${bytes(swapOf(moment)?.total ?? 0)} of swap were used up; the log does not show what filled the memory.`,
        detail: short,
      };
    if (short === null) return { why: 'unknown', text: `The log does not show the memory of that moment.${wanted(moment)}` };
    return { why: 'watermarks', text: 'The log does not show what filled the memory.', detail: short };
  }
  const share = (value: number): string => percent((100 * value) / sheet.totalBytes);
  const poolFree = moment.hugepages.reduce((total, pool) => total + pool.size * pool.free, 0);
  if ((100 * poolFree) / sheet.totalBytes >= POOL_FREE)
    return {
      why: 'hugepages',
      text: `${bytes(poolFree)} (${share(poolFree)} of RAM) are set aside as huge pages that nobody uses, and cannot serve anything else.`,
      detail: short,
    };
  const held = (...keys: SheetKey[]): number => heldBy(sheet, ...keys);
  const lost = sheet.missing.some((name) => !SMALL.has(name)) ? 0 : Math.max(0, sheet.unaccountedBytes);
  const contenders: Contender[] = [
    ['no-swap', held('anon'), 'private memory of processes'],
    ['shmem', held('shmem'), 'shared memory and tmpfs'],
    ['locked', held('unevictable'), 'locked memory'],
    ['hugepages', held('hugetlb'), 'huge page pools'],
    ['kernel', held('slab_unreclaimable', 'pagetables', 'kernel_stack') + lost, 'the kernel itself'],
  ];
  const [why, most, name] = contenders.toSorted((a, b) => b[1] - a[1])[0] ?? ['unknown', 0, ''];
  const file = held('file', 'slab_reclaimable');
  if (file > most && (100 * file) / sheet.totalBytes >= FILE_PLENTY)
    return {
      why: 'policy',
      text: `${bytes(file)} (${share(file)}) were file cache and reclaimable slab, more than anything else held: reclaim gave up early, or could not write it back in time.`,
      detail: short,
    };
  const together = undivided(sheet);
  // what lies in swap was private or shared memory: of the pages on the lists it is the rest of that
  if (together !== null && together > most && isSwapGone(moment))
    return { why: 'swap-full', text: `${vague(sheet)} All ${bytes(swapOf(moment)?.total ?? 0)} of swap are used up.`, detail: short };
  if ((100 * most) / sheet.totalBytes < FILLS) return { why: short === null ? 'unknown' : 'watermarks', text: vague(sheet), detail: short };
  const swap = swapOf(moment);
  const what = `${capital(name)} held ${bytes(most)}, ${share(most)} of RAM`;
  if (why === 'kernel')
    return { why, text: `${what}: ${kernelParts(sheet, lost)}. The kernel’s own memory cannot be swapped out.`, detail: short };
  if (why === 'locked') return { why, text: `${what}: it is pinned or mlocked and can be neither dropped nor swapped.`, detail: short };
  if (why === 'hugepages') return { why, text: `${what}: they serve huge pages only and are never swapped.`, detail: short };
  const left = swap === undefined || swap.total === 0 ? null : (100 * (swap.total - swap.used)) / swap.total;
  const gone =
    swap === undefined
      ? ''
      : left === null
        ? ' No swap is configured, so none of it could be moved out.'
        : left < SWAP_LEFT
          ? ` All ${bytes(swap.total)} of swap are used up as well.`
          : ` ${bytes(swap.used)} of ${bytes(swap.total)} of swap were used.`;
  if (why === 'shmem') return { why, text: `${what}; it stays until its files or segments are removed.${gone}`, detail: short };
  if (left !== null && left < SWAP_LEFT) return { why: 'swap-full', text: `${what}.${gone}`, detail: short };
  if (left === null && swap !== undefined) return { why: 'no-swap', text: `${what}.${gone}`, detail: short };
  return { why: short === null && left !== null ? 'policy' : 'watermarks', text: `${what}.${gone}`, detail: short };
}

/** There is swap, and next to nothing of it is free. */
function isSwapGone(moment: Moment): boolean {
  const swap = swapOf(moment);
  return swap !== undefined && swap.total > 0 && 100 * (swap.total - swap.used) < SWAP_LEFT * swap.total;
}

/** Anonymous and file pages on one line, most of the memory: kernels before 2.6.28 have one pair of lists for both. */
const undivided = ({ lines, totalBytes }: OomSheet): number | null =>
  lines.find(({ key, bytes: size }) => key === 'other' && 2 * size > totalBytes)?.bytes ?? null;

/** The report does not tell what filled the memory: figures are missing, or not told apart. */
function vague({ lines, missing, unaccountedBytes, totalBytes }: OomSheet): string {
  const both = lines.find(({ key, bytes: size }) => key === 'other' && 2 * size > totalBytes);
  if (both) return `${capital(both.name)} held ${bytes(both.bytes)}; this kernel does not tell them apart.`;
  if (missing.length > 0 && 2 * unaccountedBytes > totalBytes) return 'The log lacks the figures of what filled the memory.';
  return 'No single use of memory that the report shows stands out.';
}

/** More than one page in one piece was wanted: it may have been that. */
const wanted = ({ order = 0, pageSize }: Moment): string =>
  order > 0
    ? ` It asked for ${bytes(2 ** order * (pageSize ?? 4096))} in one piece (order ${order}), which may lack while single pages are free.`
    : '';

/** An allocation failed; nothing was killed. One that may not wait fails while reclaim would have helped. */
function refused({ gfpFlags = [], kind }: Moment, short: string | null): Reason {
  if (short === null) return { why: 'unknown', text: 'The log does not show which memory was short.' };
  const waits =
    gfpFlags.length === 0 ||
    kind === 'allocation-stall' ||
    gfpFlags.some((flag) => /^GFP_(?:KERNEL|USER|HIGHUSER|NOFS|NOIO|TRANSHUGE)|DIRECT_RECLAIM|__GFP_WAIT|__GFP_RECLAIM$/.test(flag));
  return {
    why: 'watermarks',
    text: waits
      ? 'Free memory was below the mark that the allocation had to leave.'
      : 'Free memory was below the mark, and the allocation was not allowed to wait until some was reclaimed.',
    detail: short,
  };
}

function kernelParts(sheet: OomSheet, lost: number): string {
  const parts: [string, number][] = [
    ['unreclaimable slab', heldBy(sheet, 'slab_unreclaimable')],
    ['page tables', heldBy(sheet, 'pagetables')],
    ['stacks', heldBy(sheet, 'kernel_stack')],
    ['pages on no line of the report (drivers, vmalloc, a balloon)', lost],
  ];
  return parts
    .filter(([, size]) => size > 0)
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, 3)
    .map(([name, size]) => `${name} ${bytes(size)}`)
    .join(', ');
}
