import { bytes, count } from '../../format.js';
import type { Mark } from '../../templates/charts/bars.js';
import { heatMap } from '../../templates/charts/heat-map.js';
import { type BarRow, labelledBars } from '../../templates/charts/labelled-bars.js';
import type { Report } from '../report.js';
import { pictureName } from './name.js';

/** What a picture of a zone's watermarks needs; null for what is not known. */
export interface MarkedZone {
  readonly name: string;
  readonly freeBytes: number | null;
  readonly minBytes: number | null;
  readonly lowBytes: number | null;
  readonly highBytes?: number | null;
  readonly managedBytes?: number | null;
}

/** More zones than these are left to the table. */
const MOST = 20;

type Zones = NonNullable<Report['tables']['zones']>;

/** The zones that are drawn, in their order, and what to say when some are not. */
export function drawnZones(zones: Zones): { shown: Zones; note: string } {
  if (zones.length <= MOST) return { shown: zones, note: '' };
  const largest = new Set(zones.toSorted((a, b) => (b.managedBytes ?? 0) - (a.managedBytes ?? 0)).slice(0, MOST));
  return { shown: zones.filter((zone) => largest.has(zone)), note: `The pictures have the largest ${MOST} of ${zones.length} zones.` };
}

/** How many times the highest mark the width of a bar is: the marks are what matters, they are small beside a zone. */
const ZOOM = 3;

/** Free memory of the zones against their marks, each zone on a scale of its own. */
export function watermarkBars(zones: readonly MarkedZone[]): string {
  const rows = zones.filter(({ managedBytes }) => managedBytes !== 0).flatMap(watermarkRow);
  return labelledBars(rows, `Free memory by zone: ${rows.map(({ label, value }) => `${label}: ${value}`).join('; ')}.`);
}

function watermarkRow(zone: MarkedZone): BarRow[] {
  const { freeBytes: free, minBytes: min, lowBytes: low, highBytes: high } = zone;
  if (free === null || min === null) return [];
  const most = ZOOM * Math.max(high ?? 0, low ?? 0, min);
  if (!(most > 0)) return [];
  const marks: Mark[] = [
    { at: min, label: `min ${bytes(min)}`, kind: 'min' },
    ...(low === null ? [] : [{ at: low, label: `low ${bytes(low)}`, kind: 'low' as const }]),
    ...(high === null || high === undefined ? [] : [{ at: high, label: `high ${bytes(high)}`, kind: 'high' as const }]),
  ];
  const place =
    free < min
      ? 'below min'
      : low !== null && free < low
        ? 'below low'
        : high !== null && high !== undefined && free < high
          ? 'below high'
          : high === null || high === undefined
            ? 'above the marks'
            : 'above high';
  const tone = free < min ? 't3' : low !== null && free < low ? 't1' : 't2';
  return [
    {
      label: pictureName(zone.name),
      value: `${bytes(free)}, ${place}`,
      parts: [{ label: `free ${bytes(free)}`, value: free, tone }],
      marks,
      most,
    },
  ];
}

/** Free blocks by order: where the free memory is in pieces too small. */
export function freeListMap(zones: Zones, pageSize: number): string {
  const rows = zones.filter(({ freeBlocks }) => freeBlocks !== null && freeBlocks.some((blocks) => blocks > 0));
  const orders = Math.max(0, ...rows.map(({ freeBlocks }) => freeBlocks?.length ?? 0));
  const sizes = Array.from({ length: orders }, (_, order) => pageSize * 2 ** order);
  const drawn = rows.map((zone) => {
    const blocks = sizes.map((_, order) => zone.freeBlocks?.[order] ?? 0);
    const free = blocks.reduce((sum, number, order) => sum + number * (sizes[order] ?? 0), 0);
    return {
      label: pictureName(zone.name),
      value: `${bytes(free)} free`,
      cells: blocks.map((number, order) => {
        const held = number * (sizes[order] ?? 0);
        return {
          text: shortCount(number),
          hint: `order ${order}: ${count(number)} × ${bytes(sizes[order] ?? 0)} = ${bytes(held)}`,
          share: free > 0 ? held / free : 0,
        };
      }),
    };
  });
  const said = drawn.map(({ label, value, cells }) => `${label}, ${value}: ${cells.map(({ text }) => text).join(' ')}`).join('; ');
  return heatMap(
    sizes.map(shortSize),
    drawn,
    `Free blocks by zone, from ${bytes(sizes[0] ?? 0)} to ${bytes(sizes.at(-1) ?? 0)} each. ${said}.`,
  );
}

/** Four characters at most: cells are narrow on a phone. */
function shortCount(value: number): string {
  const [scaled, unit] = value >= 999_500 ? [value / 1e6, 'M'] : value >= 1000 ? [value / 1000, 'k'] : [value, ''];
  return unit === '' ? String(scaled) : `${scaled < 9.95 ? scaled.toFixed(1) : scaled.toFixed(0)}${unit}`;
}

const shortSize = (size: number): string =>
  size < 1 << 20 ? `${size / 1024}K` : size < 2 ** 30 ? `${size / (1 << 20)}M` : `${size / 2 ** 30}G`;
