import type { SourceData } from '../gather/snapshot.js';
import { defineItems, Unknown } from './fact.js';
import type { View } from './view.js';

type Zone = SourceData<'zoneinfo'>[number];

const MIB = 1 << 20;

/** The zones that matter, and the nodes. */
export default defineItems({
  zones: {
    title: 'Zones of at least 64 MiB and 1 % of their node',
    fields: {
      node: { title: 'Node', unit: '1', formula: 'Node' },
      free_bytes: { title: 'Free', unit: 'bytes', formula: 'pages free' },
      min_bytes: { title: 'Watermark min', unit: 'bytes', formula: 'min' },
      low_bytes: { title: 'Watermark low: below it kswapd wakes', unit: 'bytes', formula: 'low' },
      high_bytes: { title: 'Watermark high: above it kswapd sleeps', unit: 'bytes', formula: 'high' },
      managed_bytes: { title: 'Size', unit: 'bytes', formula: 'managed; present before 3.9' },
      below_low: { title: 'Free is below low in both samples', unit: 'boolean', formula: 'free < low' },
      below_min: { title: 'Free is below min in both samples', unit: 'boolean', formula: 'free < min' },
    },
    items: (view) => {
      const zones = view.last('zoneinfo');
      view.used('/proc/zoneinfo free, min, low, high, managed');
      if (view.maybe(() => view.fact('zones.consistent')) === false)
        throw new Unknown('the zones and /proc/meminfo do not agree on how much memory is free');
      const pair = view.maybe(() => view.pair('zoneinfo'));
      const before = new Map((pair?.first ?? []).map((zone) => [nameOf(zone), zone]));
      return zones.filter((zone) => matters(zone, zones)).map((zone) => describe(zone, before.get(nameOf(zone))));
    },
  },
  nodes: {
    title: 'NUMA nodes with memory',
    fields: {
      node: { title: 'Node', unit: '1', formula: 'number of the node' },
      total_bytes: { title: 'Size', unit: 'bytes', formula: 'MemTotal of the node' },
      free_pct: { title: 'Free, share of its size', unit: '%', formula: '100 × MemFree / MemTotal of the node' },
      avail_pct: {
        title: 'Available, share of its size',
        unit: '%',
        formula: '100 × (MemFree + Active(file) + Inactive(file) + SReclaimable) / MemTotal of the node',
      },
      gave_up: { title: 'Reclaim has given up on it', unit: 'boolean', formula: 'node_unreclaimable of /proc/zoneinfo' },
    },
    items: (view) => {
      const nodes = view.last('node');
      view.used('/sys/devices/system/node/node*/meminfo');
      return nodes.flatMap(({ node, meminfo }) => {
        const [total, free] = [meminfo['MemTotal'], meminfo['MemFree']];
        if (total === undefined || total === 0) return [];
        const parts = [free, meminfo['Active(file)'], meminfo['Inactive(file)']];
        const available = parts.some((part) => part === undefined)
          ? null
          : parts.reduce<number>((sum, part) => sum + (part ?? 0), meminfo['SReclaimable'] ?? 0);
        return [
          {
            name: `Node ${node}`,
            node,
            total_bytes: total,
            free_pct: free === undefined ? null : (100 * free) / total,
            avail_pct: available === null ? null : (100 * available) / total,
            gave_up: gaveUp(view, node),
          },
        ];
      });
    },
  },
});

const nameOf = ({ node, zone }: Zone): string => `Node ${node} ${zone}`;
const sizeOf = ({ managed, present }: Zone): number => managed ?? present ?? 0;

function matters(zone: Zone, all: readonly Zone[]): boolean {
  const ofNode = all.filter(({ node }) => node === zone.node).reduce((sum, each) => sum + sizeOf(each), 0);
  return sizeOf(zone) >= 64 * MIB && sizeOf(zone) >= 0.01 * ofNode;
}

function describe(zone: Zone, before: Zone | undefined) {
  const both = (mark: 'low' | 'min'): boolean | null => (before ? before.free < before[mark] && zone.free < zone[mark] : null);
  return {
    name: nameOf(zone),
    node: zone.node,
    free_bytes: zone.free,
    min_bytes: zone.min,
    low_bytes: zone.low,
    high_bytes: zone.high,
    managed_bytes: sizeOf(zone),
    below_low: both('low'),
    below_min: both('min'),
  };
}

function gaveUp(view: View, node: number): boolean | null {
  const zones =
    view
      .readings('zoneinfo')
      .at(-1)
      ?.data.filter((zone) => zone.node === node && zone.unreclaimable !== undefined) ?? [];
  if (zones.length === 0) return null;
  view.used('/proc/zoneinfo node_unreclaimable');
  return zones.filter((zone) => sizeOf(zone) > 0).some((zone) => zone.unreclaimable === true);
}
