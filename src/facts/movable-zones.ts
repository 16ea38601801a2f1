import type { SourceData } from '../gather/snapshot.js';
import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

type Zone = SourceData<'zoneinfo'>[number];

/** For devices of old buses: kept for them by lowmem_reserve, so that its free pages are no room for others. */
const DMA = 'DMA';
const PAGE_FLAGS = 'https://github.com/torvalds/linux/blob/v6.12/include/linux/mmzone.h';

/**
 * ZONE_MOVABLE (movablecore=, kernelcore=, movable_node, memory added later) takes pages that can be moved, and takes these
 * first: what fills the other zones while it is free belongs to the kernel.
 */
export default defineFacts({
  'movable.zone_pct': {
    title: 'Share of RAM in zones for movable pages only',
    unit: '%',
    formula: '100 × Σ managed of the zones Movable / Σ managed of all',
    reference: PAGE_FLAGS,
    value: (view) => {
      const { movable, all } = zonesOf(view);
      return (100 * sizeOf(movable)) / sizeOf(all);
    },
  },
  'movable.free_pct': {
    title: 'Free in the zones for movable pages only, share of their size',
    unit: '%',
    formula: '100 × Σ free / Σ managed of the zones Movable',
    validity: 'unknown when there is no such zone',
    value: (view) => {
      const { movable } = zonesOf(view);
      if (sizeOf(movable) === 0) throw new Unknown('there is no zone for movable pages only');
      return (100 * freeOf(movable)) / sizeOf(movable);
    },
  },
  'movable.kernel_free_pct': {
    title: 'Free in the zones that the kernel can use, share of their size',
    unit: '%',
    formula: '100 × Σ free / Σ managed of the zones but Movable, Device and DMA',
    value: (view) => {
      const { kernel } = zonesOf(view);
      return (100 * freeOf(kernel)) / sizeOf(kernel);
    },
  },
  'movable.kernel_free_of_low': {
    title: 'Free in the zones that the kernel can use, against their low watermarks',
    unit: '1',
    formula: 'Σ free / Σ low of the zones but Movable, Device and DMA',
    validity: 'the most of the readings',
    value: (view) => {
      zonesOf(view);
      const ratios = view.readings('zoneinfo').map(({ data }) => {
        const zones = kernelZones(data);
        return freeOf(zones) / zones.reduce((sum, { low }) => sum + low, 0);
      });
      return Math.max(...ratios);
    },
  },
});

const kernelZones = (zones: readonly Zone[]): Zone[] =>
  zones.filter(({ zone, managed }) => !['Movable', 'Device', DMA].includes(zone) && (managed ?? 0) > 0);
const sizeOf = (zones: readonly Zone[]): number => zones.reduce((sum, { managed }) => sum + (managed ?? 0), 0);
const freeOf = (zones: readonly Zone[]): number => zones.reduce((sum, { free }) => sum + free, 0);

/** @throws Unknown when the sizes of the zones are not told. */
function zonesOf(view: View): { movable: Zone[]; kernel: Zone[]; all: readonly Zone[] } {
  const all = view.last('zoneinfo');
  view.used('/proc/zoneinfo free, low, managed');
  const kernel = kernelZones(all);
  if (sizeOf(kernel) === 0) throw new Unknown('/proc/zoneinfo does not tell the sizes of the zones');
  return { movable: all.filter(({ zone }) => zone === 'Movable'), kernel, all };
}
