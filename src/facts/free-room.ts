import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

const MIB = 1 << 20;
/** The most that the kernel chooses for vm.min_free_kbytes by itself (init_per_zone_wmark_min() of mm/page_alloc.c). */
const MOST_BY_DEFAULT = 256 * MIB;
/** vm.watermark_scale_factor where it was not read, in 1/10000. */
const SCALE = 10;

/** Free memory against the marks at which reclaim begins and ends: far above them nothing has reason to reclaim. */
export default defineFacts({
  'mem.free_over_high': {
    title: 'Free memory against the marks at which background reclaim sleeps, of the node with least',
    unit: '1',
    formula:
      'the least Σ free / Σ high of the zones of a node; without /proc/zoneinfo MemFree / (min + 2 × max(min / 4, MemTotal × watermark_scale_factor / 10000))',
    validity:
      'without vm.min_free_kbytes the most that the kernel chooses by itself, 256 MiB, counts as min: rather too low than too high, and it is of the whole host: a single node may be short',
    reference: 'https://github.com/torvalds/linux/blob/v6.12/mm/page_alloc.c',
    value: (view) => view.maybe(() => byZones(view)) ?? byMeminfo(view),
  },
  'reclaim.high_bytes': {
    title: 'Free memory below which background reclaim goes on',
    unit: 'bytes',
    formula: 'Σ high of the zones',
    reference: 'https://docs.kernel.org/admin-guide/sysctl/vm.html#watermark-scale-factor',
    value: high,
  },
  'reclaim.high_pct': {
    title: 'Free memory below which background reclaim goes on, share of MemTotal',
    unit: '%',
    formula: '100 × Σ high of the zones / MemTotal',
    validity: 'by default 1 to 2 %, on hosts of a gigabyte up to 10',
    reference: 'https://docs.kernel.org/admin-guide/sysctl/vm.html#watermark-scale-factor',
    value: (view) => {
      if (view.fact('view.mixed') === true) throw new Unknown('/proc/meminfo is that of a container, the zones are those of its host');
      return (100 * high(view)) / view.meminfo('MemTotal');
    },
  },
  'config.marks_apart': {
    title: 'The distance of the marks holds back more than the reserve itself',
    unit: 'boolean',
    formula: 'MemTotal × vm.watermark_scale_factor / 10000 ≥ 1024 × vm.min_free_kbytes',
    reference: 'https://docs.kernel.org/admin-guide/sysctl/vm.html#watermark-scale-factor',
    value: (view) =>
      (view.number('mem.total_bytes') * view.sysctl('watermark_scale_factor')) / 10_000 >= view.number('config.min_free_bytes'),
  },
  'reclaim.watermark_scale': {
    title: 'Distance between the marks of a zone, in 1/10000 of its size',
    unit: '1',
    formula: 'vm.watermark_scale_factor',
    reference: 'https://docs.kernel.org/admin-guide/sysctl/vm.html#watermark-scale-factor',
    value: (view) => view.sysctl('watermark_scale_factor'),
  },
});

function high(view: View): number {
  view.used('/proc/zoneinfo high');
  return view.last('zoneinfo').reduce((all, zone) => all + zone.high, 0);
}

function byZones(view: View): number {
  const zones = view.last('zoneinfo');
  view.used('/proc/zoneinfo free, high');
  const nodes = [...new Set(zones.map(({ node }) => node))].map((node) => zones.filter((zone) => zone.node === node));
  const sum = (of: typeof zones, what: 'free' | 'high'): number => of.reduce((all, zone) => all + zone[what], 0);
  // a task that may use one node only reclaims there, however much others have free
  const ratios = nodes.filter((of) => sum(of, 'high') > 0).map((of) => sum(of, 'free') / sum(of, 'high'));
  if (ratios.length === 0) throw new Unknown('the zones have no marks');
  return Math.min(...ratios);
}

function byMeminfo(view: View): number {
  const { free, total } = view.maybe(() => ({ free: view.number('mem.free_bytes'), total: view.meminfo('MemTotal') })) ?? byLists(view);
  const min = view.maybe(() => view.number('config.min_free_bytes')) ?? MOST_BY_DEFAULT;
  const scale = view.maybe(() => view.sysctl('watermark_scale_factor')) ?? SCALE;
  return free / (min + 2 * Math.max(min / 4, (total * scale) / 10_000));
}

/** Both by the lists of /proc/pagetypeinfo, which names every page block. */
function byLists(view: View): { free: number; total: number } {
  const { free, blocks, pagesPerBlock } = view.last('pagetypeinfo');
  view.used('/proc/pagetypeinfo');
  const pages = free.reduce((all, list) => all + list.free.reduce((sum, count, order) => sum + count * 2 ** order, 0), 0);
  const inBlocks = blocks.reduce((all, { types }) => all + Object.values(types).reduce((sum, count) => sum + count, 0), 0);
  if (inBlocks === 0) throw new Unknown('/proc/pagetypeinfo does not tell how much memory there is');
  return { free: pages * view.pageSize, total: inBlocks * pagesPerBlock * view.pageSize };
}
