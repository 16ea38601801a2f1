import type { SourceData } from '../gather/snapshot.js';
import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

type Zone = SourceData<'zoneinfo'>[number];

const MIB = 1 << 20;
/** From this order on the kernel calls an allocation costly (PAGE_ALLOC_COSTLY_ORDER + 1). */
const COSTLY = 4;
const HUGE = 2 * MIB;
const INDEX = 'https://github.com/torvalds/linux/blob/v6.12/mm/vmstat.c';
const WORST = 'of the node and the sample where it is worst; the zones from which ordinary allocations are served';

/** What is free on one node, in the zones of ordinary allocations. */
interface Free {
  /** Free blocks by order. */
  readonly blocks: readonly number[];
  readonly pages: number;
  /** Σ watermark high, in pages; null when it was not read. */
  readonly high: number | null;
}

/** In how small pieces the free memory is. */
export default defineFacts({
  'frag.costly_free_pct': {
    title: 'Free memory in blocks of order 4 and larger',
    unit: '%',
    formula: '100 × Σ n_k·2^k (k ≥ 4) / Σ n_k·2^k',
    validity: `${WORST}; with little free memory a low share is normal`,
    reference: 'https://docs.kernel.org/filesystems/proc.html#kernel-data',
    value: (view) => (100 * from(worst(view), COSTLY)) / worst(view).pages,
  },
  'frag.huge_blocks': {
    title: 'Free blocks of 2 MiB',
    unit: 'count',
    formula: 'Σ n_k·2^(k−o) (k ≥ o), o the order of 2 MiB',
    validity: WORST,
    value: (view) => from(worst(view), orderOf(view)) / 2 ** orderOf(view),
  },
  'frag.index_costly': {
    title: 'Why a block of order 4 is not to be had: 0 for want of memory, 1 because it is in small pieces',
    unit: '1',
    formula: '1 − (1 + F/2^4)/B, F free pages, B free blocks; −1 when there is one',
    validity: WORST,
    reference: INDEX,
    value: (view) => index(worst(view), COSTLY),
  },
  'frag.index_huge': {
    title: 'Why a block of 2 MiB is not to be had: 0 for want of memory, 1 because it is in small pieces',
    unit: '1',
    formula: '1 − (1 + F/2^o)/B, F free pages, B free blocks, o the order of 2 MiB; −1 when there is one',
    validity: WORST,
    reference: INDEX,
    value: (view) => index(worst(view), orderOf(view)),
  },
  'frag.free_bytes': {
    title: 'Free memory that is looked at for its pieces',
    unit: 'bytes',
    formula: 'Σ n_k·2^k × page size',
    validity: WORST,
    value: (view) => worst(view).pages * view.pageSize,
  },
  'frag.largest_bytes': {
    title: 'The largest free block',
    unit: 'bytes',
    formula: '2^k × page size, k the largest order with a free block',
    validity: WORST,
    value: (view) => view.pageSize * 2 ** worst(view).blocks.findLastIndex((count) => count > 0),
  },
  'frag.watermarks_read': {
    title: 'The watermarks of the zones were read',
    unit: 'boolean',
    formula: '/proc/zoneinfo tells high of those zones',
    validity: 'without them, free memory is judged by its size alone',
    value: (view) => worst(view).high !== null,
  },
  'frag.free_over_high': {
    title: 'Free memory, against the mark at which background reclaim sleeps',
    unit: '1',
    formula: 'Σ free / Σ high of those zones',
    validity: `${WORST}; below 2 little is free, and small pieces are no wonder`,
    value: (view) => {
      const { pages, high } = worst(view);
      if (high === null || high === 0) throw new Unknown('the watermarks of the zones were not read');
      return pages / high;
    },
  },
});

/** The worst node of all samples: the one with the least of its free memory in blocks of order 4 and larger. @throws Unknown */
function worst(view: View): Free {
  view.used('/proc/buddyinfo');
  view.used('/proc/zoneinfo high, managed');
  const readings = view.readings('buddyinfo');
  const found = (readings.length > 0 ? readings : byType(view)).flatMap(({ data, sample }) => {
    const zones = sample.sources.zoneinfo ?? view.readings('zoneinfo').at(-1)?.data ?? [];
    return [...new Set(data.map(({ node }) => node))].flatMap((node) => ofNode(view, node, data, zones));
  });
  const [first] = found.toSorted((a, b) => from(a, COSTLY) / a.pages - from(b, COSTLY) / b.pages);
  if (!first) throw new Unknown('no zone of ordinary memory has free pages');
  return first;
}

/** The lists of /proc/pagetypeinfo, those of all types together; it is read where buddyinfo was not. @throws Unknown with the reason of buddyinfo */
function byType(view: View): { data: SourceData<'buddyinfo'>; sample: View['snapshot']['samples'][number] }[] {
  const readings = view.readings('pagetypeinfo');
  if (readings.length === 0) view.last('buddyinfo');
  view.used('/proc/pagetypeinfo');
  return readings.map(({ data, sample }) => {
    const zones = new Map<string, SourceData<'buddyinfo'>[number]>();
    for (const { node, zone, free } of data.free) {
      const key = `${node} ${zone}`;
      const before = zones.get(key)?.free ?? [];
      zones.set(key, { node, zone, free: free.map((count, order) => count + (before[order] ?? 0)) });
    }
    return { data: [...zones.values()], sample };
  });
}

/** Normal and Movable of a node; DMA32 where it has no Normal of 64 MiB, as on a small machine. */
function ofNode(view: View, node: number, buddy: SourceData<'buddyinfo'>, zones: readonly Zone[]): Free[] {
  const sizeOf = (zone: string): number => {
    const found = zones.find((each) => each.node === node && each.zone === zone);
    return found?.managed ?? found?.present ?? 0;
  };
  const has = (zone: string): boolean => buddy.some((each) => each.node === node && each.zone === zone);
  const normal = zones.length > 0 ? sizeOf('Normal') >= 64 * MIB : has('Normal');
  const names = normal ? ['Normal', 'Movable'] : ['DMA32', 'Movable'];
  const rows = buddy.filter((each) => each.node === node && names.includes(each.zone));
  const blocks = rows.reduce<number[]>((sum, { free }) => free.map((count, order) => count + (sum[order] ?? 0)), []);
  const marks = zones.filter((each) => each.node === node && names.includes(each.zone));
  const pages = from({ blocks }, 0);
  if (pages === 0) return [];
  return [{ blocks, pages, high: marks.length > 0 ? marks.reduce((sum, { high }) => sum + high, 0) / view.pageSize : null }];
}

/** Free pages in blocks of this order and larger. */
const from = ({ blocks }: Pick<Free, 'blocks'>, least: number): number =>
  blocks.reduce((sum, count, order) => (order >= least ? sum + count * 2 ** order : sum), 0);

const orderOf = ({ pageSize }: View): number => Math.round(Math.log2(HUGE / pageSize));

/** __fragmentation_index() of mm/vmstat.c. */
function index(free: Free, order: number): number {
  if (from(free, order) > 0) return -1;
  const blocks = free.blocks.reduce((sum, count) => sum + count, 0);
  return 1 - (1 + free.pages / 2 ** order) / blocks;
}
