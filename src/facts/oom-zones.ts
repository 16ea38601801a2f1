/**
 * Which zones an allocation could use, and what it found there: gfp_zone() and __zone_watermark_ok() of the kernel
 * (include/linux/gfp.h, mm/page_alloc.c) over the figures of a moment. Pure.
 */
import type { Moment } from '../gather/kernel-log/schema.js';

type Zone = Moment['zones'][number];

/** The zones in the order of the kernel: an allocation may use its own and all before it. */
const KINDS = ['DMA', 'DMA32', 'Normal', 'HighMem', 'Movable', 'Device'] as const;
export type ZoneKind = (typeof KINDS)[number];

/** A zone as the allocation saw it; sizes in bytes. */
export interface ZoneCheck {
  readonly node: number;
  readonly zone: string;
  readonly free: number;
  readonly min: number;
  readonly low: number;
  readonly high: number;
  readonly managed: number | null;
  /** What lowmem_reserve kept from this allocation. */
  readonly reserve: number;
  /** Whether the mask and the nodes allowed it; null: the mask is not known. */
  readonly usable: boolean | null;
  /** Why not. */
  readonly barred: 'kind' | 'node' | null;
  /** Free is not above the mark that the allocation had to leave, its reserve included. */
  readonly short: boolean;
  /** A free block of the order, or larger, that this allocation could be given; null: free lists were not printed. */
  readonly block: boolean | null;
  /** Free memory in such blocks, bytes. */
  readonly inBlocks: number | null;
}

/** The highest zone that these flags allow; null when the flags are not known. A fault without flags is of user memory. */
export function zoneKindOf(moment: Moment): ZoneKind | null {
  const flags = moment.gfpFlags ?? namesIn(moment.gfpMask);
  if (flags === null) return null;
  const has = (pattern: RegExp): boolean => flags.some((flag) => pattern.test(flag));
  if (has(/^(?:__)?GFP_DMA32$/)) return 'DMA32';
  if (has(/^(?:__)?GFP_DMA$/)) return 'DMA';
  if (flags.length === 0 || has(/^GFP_(?:HIGHUSER_MOVABLE|TRANSHUGE)/)) return 'Movable';
  if (!has(/^GFP_HIGHUSER$|^(?:__)?GFP_HIGHMEM$/)) return 'Normal';
  return has(/^(?:__)?GFP_MOVABLE$/) ? 'Movable' : 'HighMem';
}

/** The names in a mask as it was printed: `0x6200ca(GFP_HIGHUSER_MOVABLE|__GFP_ZERO)`; null when it has none. */
function namesIn(mask: string | undefined): readonly string[] | null {
  const inside = mask === undefined ? null : /\(([^)]{0,400})\)/.exec(mask);
  return inside ? (inside[1] ?? '').split('|').filter((name) => name !== '') : null;
}

/** The zones of a moment in the order of the kernel. */
export function zonesOf(moment: Moment): ZoneCheck[] {
  const kind = zoneKindOf(moment);
  const config = configOf(moment.zones);
  const nodes = allowedNodes(moment);
  const share = markShare(moment);
  return moment.zones.map((zone) => {
    const barred = kind !== null && rank(zone.zone) > rank(kind) ? 'kind' : nodes !== null && !nodes(zone.node) ? 'node' : null;
    const blocks = blocksOf(zone, moment);
    const reserve = barred === null ? reserveOf(zone, kind, config) : 0;
    return {
      node: zone.node,
      zone: zone.zone,
      free: zone.free,
      min: zone.min,
      low: zone.low,
      high: zone.high,
      managed: zone.managed ?? zone.present ?? null,
      reserve,
      usable: barred !== null ? false : kind === null ? null : true,
      barred,
      short: zone.free - notForIt(zone, moment) <= zone.min * share + reserve,
      block: blocks === null ? null : blocks > 0,
      inBlocks: blocks,
    };
  });
}

export const rank = (zone: string): number => (KINDS as readonly string[]).indexOf(zone);

export const zoneName = ({ node, zone }: { readonly node: number; readonly zone: string }): string => `Node ${node} ${zone}`;

/** An allocation that may not wait may go below the mark: ALLOC_HIGH takes half off, ALLOC_HARDER a quarter of the rest. */
function markShare({ kind, gfpFlags, gfpMask }: Moment): number {
  if (kind !== 'allocation-failure') return 1;
  const flags = gfpFlags ?? namesIn(gfpMask) ?? [];
  if (flags.includes('GFP_ATOMIC')) return 0.375;
  return flags.some((flag) => flag === '__GFP_HIGH') ? 0.5 : 1;
}

/** Free pages that do not count: of CMA, for what cannot be moved. */
function notForIt(zone: Zone, moment: Moment): number {
  return zoneKindOf(moment) === 'Movable' ? 0 : (zone.values?.['free_cma'] ?? 0);
}

/** Free memory in blocks of the order and larger that the allocation could be given; null: not printed. */
function blocksOf({ freeLists }: Zone, moment: Moment): number | null {
  if (freeLists === undefined || freeLists.length === 0 || moment.order === undefined) return null;
  const size = 2 ** Math.max(0, moment.order) * (moment.pageSize ?? 4096);
  const movable = zoneKindOf(moment) === 'Movable';
  return freeLists
    .filter((list) => list.size >= size && (list.types === '' || (movable ? /[UMEC]/ : /[UME]/).test(list.types)))
    .reduce((total, list) => total + list.size * list.blocks, 0);
}

/**
 * lowmem_reserve[] has a figure for each zone that the kernel was built with, populated or not: the build is one under which
 * each zone reserves nothing against itself and those below it.
 */
function configOf(zones: readonly Zone[]): readonly ZoneKind[] | null {
  const length = zones.find(({ reserves }) => reserves !== undefined)?.reserves?.length;
  if (length === undefined) return null;
  const shown = new Set(zones.map(({ zone }) => zone));
  for (let bits = 0; bits < 2 ** KINDS.length; bits += 1) {
    const kinds = KINDS.filter((_, index) => (bits >> index) & 1);
    if (kinds.length !== length || ![...shown].every((zone) => (kinds as string[]).includes(zone))) continue;
    const fits = zones.every(({ zone, reserves = [] }) => {
      const own = (kinds as string[]).indexOf(zone);
      const next = kinds.findIndex((other, index) => index > own && shown.has(other));
      return (
        reserves.slice(0, own + 1).every((kept) => kept === 0) &&
        reserves.slice(own + 1, Math.max(own + 1, next)).every((kept) => kept === 0)
      );
    });
    if (fits) return kinds;
  }
  return null;
}

function reserveOf({ zone, reserves = [] }: Zone, kind: ZoneKind | null, config: readonly ZoneKind[] | null): number {
  if (kind === null || reserves.length === 0) return 0;
  if (config === null) return rank(kind) > rank(zone) ? Math.max(...reserves) : 0;
  // the index of the highest zone built in that the mask allows
  return reserves[config.findLastIndex((other) => rank(other) <= rank(kind))] ?? 0;
}

/** The nodes that a policy or a cpuset left; null: all. Only the constraint makes a mask that was printed count. */
function allowedNodes({ constraint, nodemask, memsAllowed }: Moment): ((node: number) => boolean) | null {
  const mask = constraint === 'CONSTRAINT_MEMORY_POLICY' ? nodemask : constraint === 'CONSTRAINT_CPUSET' ? memsAllowed : undefined;
  if (mask === undefined || !/^\d{1,5}(?:[-,]\d{1,5}){0,200}$/.test(mask)) return null;
  const ranges = mask.split(',').map((range) => range.split('-').map(Number));
  return (node) => ranges.some(([from = 0, to = from]) => node >= from && node <= to);
}
