import { defineFacts, type Entity, Unknown } from './fact.js';
import { ageOf, eventsOf, inHaste, logOf, type LogEvent, LOSSY, type Moment, timesOf, younger } from './log-lines.js';
import { heldBy, sheetOf } from './oom-sheet.js';
import type { View } from './view.js';

const DAY = 86_400;
const HOUR = 3600;
/** PAGE_ALLOC_COSTLY_ORDER of include/linux/mmzone.h: above it the kernel gives up early, and callers must have a way out. */
const COSTLY = 3;

const high = ({ order }: LogEvent): boolean => (order ?? 0) > 0;
const atomic = ({ gfpMask }: LogEvent): boolean => inHaste(gfpMask);
/** The task that frees memory, and may use all that is kept back. */
const reclaims = ({ trigger }: LogEvent): boolean => /^k(?:swap|compact)d\d/.test(trigger?.name ?? '');
const modest = (event: LogEvent): boolean => high(event) && (event.order ?? 0) <= COSTLY && !atomic(event);

/** Failed page allocations of the kernel log: how many need care, and what the memory looked like at the last one. */
export default defineFacts({
  'log.failures_harmless': {
    title: 'Failed page allocations that need no action',
    unit: 'count',
    formula: 'page allocation failures whose caller has a way out',
    validity: LOSSY,
    value: (view) => timesOf(failures(view).filter(({ harmless }) => harmless !== undefined)),
  },
  'log.failures_harmful': {
    title: 'Failed page allocations that may need action',
    unit: 'count',
    formula: 'page allocation failures without those that need no action',
    validity: LOSSY,
    value: (view) => timesOf(harmful(view)),
  },
  'log.failure_high_order_day': {
    title: 'Failed allocations of neighbouring pages, within 24 hours',
    unit: 'count',
    formula:
      'page allocation failures of order 1 and more that could wait, or of order 4 and more, that may need action, not older than 86400 s',
    validity: LOSSY,
    value: (view) => timesOf(younger(view, waiting(view), DAY)),
  },
  'log.failure_high_order': {
    title: 'Failed allocations of neighbouring pages',
    unit: 'count',
    formula: 'page allocation failures of order 1 and more that could wait, or of order 4 and more, that may need action',
    validity: LOSSY,
    value: (view) => timesOf(waiting(view)),
  },
  'log.failure_hasty_day': {
    title: 'Failed allocations of neighbouring pages that could not wait, within 24 hours',
    unit: 'count',
    formula: 'page allocation failures of order 1 to 3 with GFP_ATOMIC or GFP_NOWAIT, not older than 86400 s',
    validity: LOSSY,
    value: (view) => timesOf(younger(view, harmful(view).filter(hasty), DAY)),
  },
  'log.failure_hasty_single_day': {
    title: 'Failed allocations of a single page that could not wait, within 24 hours',
    unit: 'count',
    formula: 'page allocation failures of order 0 with GFP_ATOMIC or GFP_NOWAIT, not of kswapd, not older than 86400 s',
    validity: LOSSY,
    value: (view) =>
      timesOf(
        younger(
          view,
          failures(view).filter((event) => event.order === 0 && atomic(event) && !reclaims(event)),
          DAY,
        ),
      ),
  },
  'log.failure_may_use_reserves': {
    title: 'The last failed page allocation was not kept from the reserves',
    unit: 'boolean',
    formula: 'no __GFP_NOMEMALLOC in the mask',
    value: (view) => !/NOMEMALLOC/.test(last(view).gfpMask ?? ''),
  },
  'log.stalls_harmful_day': {
    title: 'Stalled page allocations that may need action, within 24 hours',
    unit: 'count',
    formula: 'page allocation stalls of order 0 to 3, or of an order that is not told, not older than 86400 s',
    validity: LOSSY,
    value: (view) =>
      timesOf(
        younger(
          view,
          stalls(view).filter((event) => !aTry(event)),
          DAY,
        ),
      ),
  },
  'log.stalls_harmless': {
    title: 'Stalled page allocations that need no action',
    unit: 'count',
    formula: 'page allocation stalls of order 4 and more: for a huge page, or a try',
    validity: LOSSY,
    value: (view) => timesOf(stalls(view).filter(aTry)),
  },
  'log.stall_of_many_pages': {
    title: 'The last stalled allocation was of several pages',
    unit: 'boolean',
    formula: 'order above 0, or more bytes than two pages',
    value: (view) => {
      const event = stalls(view).findLast((stall) => !aTry(stall));
      return (event?.order ?? 0) > 0 || (event?.bytes ?? 0) > 2 * view.pageSize;
    },
  },
  'log.stall_anon_pct': {
    title: 'Private memory of processes at the last stalled allocation, share',
    unit: '%',
    formula: '100 × (active_anon + inactive_anon + isolated_anon − shmem) / total; total: RAM, or Σ of the pages that Mem-Info counts',
    value: (view) => atStall(view, 'anon'),
  },
  'log.stall_file_pct': {
    title: 'File cache at the last stalled allocation, share',
    unit: '%',
    formula: '100 × (active_file + inactive_file + isolated_file) / total, as log.stall_anon_pct',
    value: (view) => atStall(view, 'file'),
  },
  'log.failure_low_zone': {
    title: 'The zones that the failed allocation could use were dry while another had room',
    unit: 'boolean',
    formula: 'no zone that its mask allows has free above min, and one that it does not allow has free above twice high',
    value: (view) => {
      const zones = shown(view);
      const rest = momentOf(view)?.zones.filter((zone) => !zones.includes(zone)) ?? [];
      return zones.every(({ free, low }) => free <= low) && rest.some(({ free, high: mark }) => free > 2 * mark && mark > 0);
    },
  },
  'log.failure_out_of_reach_pct': {
    title: 'Memory of processes and files that lay in zones above those the failed allocation could use',
    unit: '%',
    formula: '100 × (1 − Σ LRU pages of the zones that its mask allows / LRU pages of the host)',
    validity: 'where the zones that it could use were below low, and keep a reserve against requests that may use higher ones',
    reference: 'https://docs.kernel.org/admin-guide/sysctl/vm.html#lowmem-reserve-ratio',
    value: outOfReach,
  },
  'log.failure_order1to3': {
    title: 'Failed allocations of 2 to 8 neighbouring pages that could wait, within the hour',
    unit: 'count',
    formula: 'page allocation failures of order 1 to 3, not GFP_ATOMIC, not older than 3600 s',
    validity: LOSSY,
    value: (view) => timesOf(younger(view, harmful(view).filter(modest), HOUR)),
  },
  'log.failure_order0_day': {
    title: 'Failed allocations of a single page that could wait, within 24 hours',
    unit: 'count',
    formula: 'page allocation failures of order 0, not GFP_ATOMIC or of the task that frees memory, not older than 86400 s',
    validity: LOSSY,
    value: (view) =>
      timesOf(
        younger(
          view,
          harmful(view).filter((event) => event.order === 0 && (!atomic(event) || reclaims(event))),
          DAY,
        ),
      ),
  },
  'log.failure_age_s': {
    title: 'Time since the last failed page allocation that may need action',
    unit: 's',
    formula: 'uptime (or the end of the log) − its time stamp',
    validity: LOSSY,
    value: (view) => ageOf(view, harmful(view).at(-1)),
  },
  'log.failure_order': {
    title: 'Order of the last failed page allocation',
    unit: 'count',
    formula: 'order: 2^order pages in a row',
    value: (view) => last(view).order ?? orderless(),
  },
  'log.failure_atomic': {
    title: 'The last failed page allocation could not wait',
    unit: 'boolean',
    formula: 'GFP_ATOMIC or GFP_NOWAIT',
    value: (view) => atomic(last(view)),
  },
  'log.failure_subsystem': {
    title: 'Part of the kernel whose allocation failed last',
    unit: 'text',
    formula: 'by the call trace',
    value: (view) => last(view).subsystem ?? untold('no call trace tells which part of the kernel asked'),
  },
  'log.failure_harmless_why': {
    title: 'Why the last failed allocation needs no action',
    unit: 'text',
    formula: 'by order, mask and caller',
    value: (view) => failures(view).findLast(({ harmless }) => harmless !== undefined)?.harmless ?? untold('none needs no action'),
  },
  'log.failure_by_kswapd': {
    title: 'The last failed page allocation was that of a task that reclaims',
    unit: 'boolean',
    formula: 'Comm is kswapd or kcompactd',
    value: (view) => reclaims(last(view)),
  },
  'log.failure_memory_shown': {
    title: 'The log shows the memory at the last failed page allocation',
    unit: 'boolean',
    formula: 'zones that the request could use',
    value: (view) => momentOf(view) !== undefined,
  },
  'log.failure_free_pct': {
    title: 'Free memory where the failed allocation could have been served',
    unit: '%',
    formula: 'Σ free / Σ managed of the zones that its mask allows',
    value: (view) => {
      const zones = shown(view);
      const size = zones.reduce((sum, zone) => sum + (zone.managed ?? zone.present ?? 0), 0);
      if (size === 0) throw new Unknown('the log does not tell the size of the zones', 'kernel-log');
      return (100 * zones.reduce((sum, zone) => sum + zone.free, 0)) / size;
    },
  },
  'log.failure_free_above_min': {
    title: 'Enough single pages were free where the allocation failed',
    unit: 'boolean',
    formula: 'free − free_cma > min of a zone that its mask allows',
    value: (view) => shown(view).some((zone) => zone.free - (zone.values?.['free_cma'] ?? 0) > zone.min),
  },
  'log.failure_free_above_high': {
    title: 'Plenty of memory was free where the allocation failed',
    unit: 'boolean',
    formula: 'free − free_cma > high of a zone that its mask allows',
    value: (view) => shown(view).some((zone) => zone.free - (zone.values?.['free_cma'] ?? 0) > zone.high),
  },
  'log.failure_free_is_cma': {
    title: 'What was free where the allocation failed belonged to CMA',
    unit: 'boolean',
    formula:
      'zones that its mask allows, of a request that is not movable: free − free_cma ≤ high in each, Σ free > Σ high, Σ free_cma ≥ 3/4 Σ free',
    reference: 'https://docs.kernel.org/mm/physical_memory.html',
    value: freeIsCma,
  },
  'log.failure_blocks_missing': {
    title: 'No free block was large enough for the failed allocation',
    unit: 'boolean',
    formula: 'no block of 2^order pages that is not kept for CMA, isolated or atomic requests',
    value: blocksMissing,
  },
  'owner.failed_allocator': {
    title: 'The process whose page allocation failed last',
    unit: 'entity',
    formula: 'name before “page allocation failure”',
    value: (view): Entity => {
      const { trigger } = last(view);
      if (!trigger) throw new Unknown('the kernel log does not name it', 'kernel-log');
      return { kind: 'process', name: trigger.name, ...(trigger.pid === null ? {} : { pid: trigger.pid }), bytes: null };
    },
  },
});

const failures = (view: View): LogEvent[] => eventsOf(view, 'allocation-failure');
const harmful = (view: View): LogEvent[] => failures(view).filter(({ harmless }) => harmless === undefined);
/**
 * Of several pages, and not allowed to wait: the caller must be able to go on without. A packet is of such a size; what asks for
 * more has no smaller one to fall back to.
 */
const hasty = (event: LogEvent): boolean => high(event) && (event.order ?? 0) <= COSTLY && atomic(event);
const waiting = (view: View): LogEvent[] => harmful(view).filter((event) => high(event) && !hasty(event));
/** A stall of an order above 3 is that of somebody who would like a huge page. */
const aTry = ({ harmless, order }: LogEvent): boolean => harmless !== undefined || (order ?? 0) > COSTLY;
const stalls = (view: View): LogEvent[] => eventsOf(view, 'allocation-stall');

function untold(reason: string): never {
  throw new Unknown(reason);
}
const orderless = (): never => untold('the kernel log does not tell its order');

/** What Mem-Info shows below the last stall that may need action. */
function atStall(view: View, key: 'anon' | 'file'): number {
  const event = stalls(view).findLast((stall) => !aTry(stall)) ?? untold('the kernel log holds no stalled allocation');
  const reports = logOf(view).reports ?? [];
  const moment = event.report === undefined ? reports.findLast(({ kind }) => kind === 'allocation-stall') : reports[event.report];
  const sheet = moment === undefined ? null : sheetOf(moment);
  if (sheet === null || sheet.missing.some((name) => name === 'anonymous' || name === 'file cache'))
    throw new Unknown('the kernel log does not show the memory at that moment', 'kernel-log');
  return (100 * heldBy(sheet, key)) / sheet.totalBytes;
}

/** The last that may need action, or else the last. @throws Unknown when there is none */
const last = (view: View): LogEvent => harmful(view).at(-1) ?? failures(view).at(-1) ?? untold('the kernel log holds no failed allocation');

function momentOf(view: View): Moment | undefined {
  const event = last(view);
  const reports = logOf(view).reports ?? [];
  const own = event.report === undefined ? undefined : reports[event.report];
  const moment = own ?? reports.findLast(({ kind, order }) => kind === 'allocation-failure' && order === event.order);
  return moment && moment.zones.length > 0 ? moment : undefined;
}

function shown(view: View): Moment['zones'] {
  const moment = momentOf(view) ?? untold('the kernel log does not show the memory at that moment');
  const zones = usable(moment);
  return zones.length > 0 ? zones : moment.zones;
}

/** The zones that gfp_zone() of include/linux/gfp.h lets a mask use; those of Normal and below when the mask is not known. */
function usable({ zones, gfpFlags = [], gfpMask = '' }: Moment): Moment['zones'] {
  const says = (flag: RegExp): boolean => gfpFlags.some((name) => flag.test(name)) || flag.test(gfpMask);
  const allowed = ['DMA'];
  const dma = says(/\bGFP_DMA\b|__GFP_DMA\b/);
  if (!dma) allowed.push('DMA32');
  if (!dma && !says(/GFP_DMA32\b/)) allowed.push('Normal');
  if (says(/HIGHUSER|__GFP_HIGHMEM|TRANSHUGE/)) allowed.push('HighMem');
  if (says(/HIGHUSER_MOVABLE|__GFP_MOVABLE|TRANSHUGE/)) allowed.push('Movable');
  return zones.filter(({ zone }) => allowed.includes(zone));
}

const LRU = ['active_anon', 'inactive_anon', 'active_file', 'inactive_file'];

function outOfReach(view: View): number {
  const moment = momentOf(view) ?? untold('the kernel log does not show the memory at that moment');
  const zones = usable(moment);
  if (zones.length === 0 || zones.some(({ free, low }) => free > low)) throw new Unknown('the zones that it could use had pages');
  if (!zones.some(({ reserves = [] }) => reserves.some((reserve) => reserve > 0))) throw new Unknown('there is no higher zone');
  const all = LRU.reduce((sum, name) => sum + (moment.totals[name] ?? 0), 0);
  const own = zones.reduce((sum, { values = {} }) => sum + LRU.reduce((inner, name) => inner + (values[name] ?? 0), 0), 0);
  if (all === 0) throw new Unknown('the kernel log does not tell what processes and files held', 'kernel-log');
  return Math.max(0, 100 * (1 - own / all));
}

/** Of what is free: beyond it, CMA is what made the free memory look large. */
const MOSTLY = 0.75;

const cmaOf = ({ values }: Moment['zones'][number]): number => values?.['free_cma'] ?? 0;

function freeIsCma(view: View): boolean {
  const { gfpFlags = [], gfpMask = '' } = momentOf(view) ?? untold('the kernel log does not show the memory at that moment');
  const zones = shown(view);
  if (zones.every(({ values }) => values?.['free_cma'] === undefined))
    throw new Unknown('the kernel log does not tell what of it was CMA’s', 'kernel-log');
  const free = zones.reduce((sum, zone) => sum + zone.free, 0);
  const cma = zones.reduce((sum, zone) => sum + cmaOf(zone), 0);
  const movable = /MOVABLE|TRANSHUGE/.test(`${gfpFlags.join('|')} ${gfpMask}`);
  const own = zones.every((zone) => zone.free - cmaOf(zone) <= zone.high);
  return !movable && own && free > zones.reduce((sum, zone) => sum + zone.high, 0) && cma >= MOSTLY * free;
}

function blocksMissing(view: View): boolean {
  const order = view.number('log.failure_order');
  const moment = momentOf(view);
  const lists = shown(view).flatMap(({ freeLists = [] }) => freeLists);
  if (lists.length === 0) throw new Unknown('the kernel log does not show the free lists', 'kernel-log');
  const wanted = (moment?.pageSize ?? view.pageSize) * 2 ** Math.max(0, order);
  return !lists.some(({ size, blocks, types }) => size >= wanted && blocks > 0 && (types === undefined || /[MUE]/.test(types)));
}
