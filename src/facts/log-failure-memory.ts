import { defineFacts, Unknown } from './fact.js';
import { last, untold } from './log-failure-events.js';
import { logOf, type Moment } from './log-lines.js';
import type { View } from './view.js';

/** What the memory looked like at the last failed page allocation of the kernel log. */
export default defineFacts({
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
});

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
