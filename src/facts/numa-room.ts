import { defineFacts, type Entity, Unknown } from './fact.js';
import type { View } from './view.js';

const FORMULA =
  'like MemAvailable, for a node: MemFree − Σ high + file − min(file/2, Σ low) + SReclaimable − min(SReclaimable/2, Σ low), against its MemTotal; file = Active(file) + Inactive(file)';
const SOURCE = 'https://github.com/torvalds/linux/blob/v6.12/mm/show_mem.c';

interface Room {
  readonly node: number;
  readonly bytes: number;
  readonly pct: number;
}

/** How much each NUMA node could still give without swapping: the free memory below its watermarks is not for use. */
export default defineFacts({
  'numa.tightest_node_room_pct': {
    title: 'Available on the node that has least of it',
    unit: '%',
    formula: FORMULA,
    validity: 'two nodes with memory at least; in both samples, the larger counts',
    reference: SOURCE,
    value: (view) => tightest(view).pct,
  },
  'numa.roomiest_node_room_pct': {
    title: 'Available on the node that has most of it',
    unit: '%',
    formula: FORMULA,
    validity: 'two nodes with memory at least',
    reference: SOURCE,
    value: (view) => Math.max(...rooms(view).map(({ pct }) => pct)),
  },
  'numa.miss_rate': {
    title: 'Pages that came from another node than asked for, per second',
    unit: 'pages/s',
    formula: 'Δ numa_miss / Δt',
    validity: 'a strict binding never misses: it waits, swaps or fails',
    reference: 'https://docs.kernel.org/admin-guide/numastat.html',
    value: (view) => view.rate('numa_miss'),
  },
  'owner.node': {
    title: 'The NUMA node that has least available',
    unit: 'entity',
    formula: 'the node of numa.tightest_node_room_pct, with what is available on it',
    value: (view): Entity => {
      const { node, bytes } = tightest(view);
      return { kind: 'node', name: `node ${node}`, bytes };
    },
  },
});

/** The node with least room; of its two samples the better one, so that a moment is not taken for a state. @throws Unknown */
function tightest(view: View): Room {
  const before = new Map(roomsOf(view, 0).map((room) => [room.node, room]));
  const [first] = rooms(view)
    .map((room) => [room, before.get(room.node) ?? room].toSorted((a, b) => b.pct - a.pct)[0] ?? room)
    .toSorted((a, b) => a.pct - b.pct);
  if (!first) throw new Unknown('there is no node with memory');
  return first;
}

function rooms(view: View): Room[] {
  const found = roomsOf(view, -1);
  if (found.length < 2) throw new Unknown('there are not two nodes with memory');
  return found;
}

function roomsOf(view: View, at: 0 | -1): Room[] {
  view.last('node');
  view.last('zoneinfo');
  view.used('/sys/devices/system/node/node*/meminfo');
  view.used('/proc/zoneinfo low, high');
  const nodes = view.readings('node').at(at)?.data ?? [];
  const zones = view.readings('zoneinfo').at(at)?.data ?? [];
  return nodes.flatMap(({ node, meminfo }) => {
    const [total, free, active, inactive] = ['MemTotal', 'MemFree', 'Active(file)', 'Inactive(file)'].map((field) => meminfo[field]);
    if (!total || free === undefined || active === undefined || inactive === undefined) return [];
    const mark = (which: 'low' | 'high'): number => zones.filter((zone) => zone.node === node).reduce((sum, zone) => sum + zone[which], 0);
    const droppable = (bytes: number): number => bytes - Math.min(bytes / 2, mark('low'));
    const bytes = Math.max(0, free - mark('high') + droppable(active + inactive) + droppable(meminfo['SReclaimable'] ?? 0));
    return [{ node, bytes, pct: (100 * bytes) / total }];
  });
}
