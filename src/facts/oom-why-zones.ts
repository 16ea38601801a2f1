/** Causes that lie in the zones: which the allocation could use, and what was free in them. Pure. */
import { bytes } from '../format.js';
import type { Moment } from '../gather/kernel-log/schema.js';
import { sizeOf } from './oom-moment.js';
import type { Reason, Scope } from './oom-reason.js';
import { rank, type ZoneCheck, zoneKindOf, zoneName, zonesOf } from './oom-zones.js';

/** A zone that the allocation could not use had room when it is free above its high mark by this share of it. */
const ROOM = 0.02;
/** Free memory is in pieces when this share of it, or less, is in blocks of the size wanted. */
const FEW = 0.25;

/** All zones that the mask allows are dry, and one that it does not allow has room. */
export function kindReason(moment: Moment, zones: readonly ZoneCheck[], scope: Scope): Reason | null {
  const kind = zoneKindOf(moment);
  if (kind === null) return null;
  const usable = zones.filter(({ usable }) => usable === true);
  const higher = zones.filter((zone) => zone.barred === 'kind' && (scope === 'host' || allowed(zone, moment)) && roomIn(zone));
  if (higher.length === 0 || usable.some((zone) => !zone.short && zone.free > zone.high + zone.reserve)) return null;
  const room = `${higher.map((zone) => `${zoneName(zone)} with ${bytes(zone.free)}`).join(', ')} free`;
  const low =
    usable.length === 0
      ? `no zone that it may use has memory`
      : usable
          .map(
            (zone) =>
              `${zoneName(zone)} has ${bytes(zone.free)} free, ${bytes(zone.min)} of it for emergencies${zone.reserve > 0 ? ` and ${bytes(zone.reserve)} kept from this use` : ''}`,
          )
          .join('; ');
  const movable = higher.every(({ zone }) => zone === 'Movable');
  const bound =
    scope === 'cpuset' || scope === 'mempolicy' ? ` The ${scope === 'cpuset' ? 'cpuset' : 'memory policy'} left it no other node.` : '';
  return movable
    ? {
        why: 'movable-only',
        text: `Free memory is where this allocation must not go: it may use zones up to ${kind}, but what is free is kept for movable pages (${room}); ${low}.${bound}`,
      }
    : {
        why: 'low-zone',
        text: `A low zone ran dry while the host had room: the allocation may use zones up to ${kind} only; ${low}. It could not use ${room}.${bound}`,
      };
}

const roomIn = ({ free, high, managed }: ZoneCheck): boolean => free > high + ROOM * (managed ?? 0) && free > 1.2 * high;

/** Free memory is CMA’s when so much of it is: what is left is no more than the kernel keeps. */
const MOSTLY = 0.75;

/** The zones that it may use have free memory, but in blocks of CMA: those are for pages that can be moved away again. */
export function cmaReason(moment: Moment, zones: readonly ZoneCheck[]): Reason | null {
  const kind = zoneKindOf(moment);
  if (kind === null || kind === 'Movable' || (moment.order ?? 0) > 0) return null;
  const usable = zones.filter(({ usable }) => usable === true);
  const cma = usable.reduce((total, { node, zone }) => total + cmaIn(moment, node, zone), 0);
  const free = freeIn(usable);
  const marks = usable.reduce((total, { high }) => total + high, 0);
  if (cma < TELLING || cma < MOSTLY * free || free <= 1.2 * marks || usable.some(({ short }) => !short)) return null;
  return {
    why: 'movable-only',
    text: `Free memory is where this allocation must not go: of the ${bytes(free)} free in ${usable.map(zoneName).join(', ')}, ${bytes(cma)} belong to the area for contiguous memory (CMA), which serves movable pages and devices only.`,
  };
}

const cmaIn = (moment: Moment, node: number, zone: string): number =>
  moment.zones.find((one) => one.node === node && one.zone === zone)?.values?.['free_cma'] ?? 0;

/** A zone smaller than this tells nothing by being short: the 16 MiB of DMA are always kept. */
const TELLING = 64 * 2 ** 20;

/** The mask is lost, but a low zone was dry while a higher one had room: the kernel kills only when it may not use that. */
export function inferredReason(moment: Moment, zones: readonly ZoneCheck[]): Reason | null {
  if (zoneKindOf(moment) !== null || moment.kind.startsWith('allocation-')) return null;
  const large = zones.filter(({ managed }) => (managed ?? 0) >= TELLING);
  const open = large.filter(roomIn);
  const dry = large.filter((zone) => zone.short && open.every((other) => rank(other.zone) > rank(zone.zone)));
  // HighMem and Movable are never for the kernel's own use, whether or not the log still shows the lower zones
  const apart = open.every(({ zone }) => zone === 'HighMem' || zone === 'Movable');
  if (open.length === 0 || (dry.length === 0 && !apart)) return null;
  const low = dry.map((zone) => `${zoneName(zone)} had ${bytes(zone.free)} free, with ${bytes(zone.min)} to be left`).join('; ');
  const room = open.map((zone) => `${zoneName(zone)} had ${bytes(zone.free)} free`).join(', ');
  const text = `${low === '' ? '' : `${low}. `}${room}: the allocation, whose mask the log does not show, can only have been one that may not use that.`;
  return { why: open.every(({ zone }) => zone === 'Movable') ? 'movable-only' : 'low-zone', text };
}

/** Pages of processes and files hold less of a zone than this: reclaim has nothing to take, what fills it is the kernel's own. */
const FEW_LISTED = 0.25;
const LISTED = ['active_anon', 'inactive_anon', 'active_file', 'inactive_file', 'active', 'inactive', 'unevictable'] as const;

/**
 * The zone above was not copied. A kernel of 32 bits has room for itself in low memory only: where it is below its low mark and
 * holds hardly a page of processes and files, memory above it would not have helped.
 */
export function lowFilled(moment: Moment, zones: readonly ZoneCheck[]): Reason | null {
  const kind = zoneKindOf(moment);
  if (moment.kind.startsWith('allocation-') || (kind !== null && rank(kind) > rank('Normal'))) return null;
  if (zones.some(({ zone }) => rank(zone) > rank('Normal'))) return null;
  const [largest] = zones.filter(({ managed }) => (managed ?? 0) >= TELLING).toSorted((a, b) => (b.managed ?? 0) - (a.managed ?? 0));
  const shown = moment.zones.find(({ node, zone }) => node === largest?.node && zone === largest.zone);
  if (!largest || !shown) return null;
  // Mem-Info counts the free pages of all zones: those of none that is shown lie above
  const elsewhere = (moment.totals['free'] ?? 0) - zones.reduce((total, { free }) => total + free, 0);
  const above =
    (moment.totals['highmem'] ?? 0) > 0 ||
    (moment.bits === 32 && (elsewhere >= TELLING || (shown.reserves ?? []).some((kept) => kept > 0)));
  const values = shown.values ?? {};
  const parts = LISTED.flatMap((name) => (values[name] === undefined ? [] : [values[name]]));
  const listed = parts.reduce((total, part) => total + part, 0);
  const free = largest.free - (values['free_cma'] ?? 0);
  if (!above || parts.length === 0 || free >= largest.low || listed >= FEW_LISTED * (largest.managed ?? 0)) return null;
  return {
    why: 'low-zone',
    text: `Low memory is full of the kernel’s own: ${zoneName(largest)} had ${bytes(free)} free for it, with a low mark of ${bytes(largest.low)}, and pages of processes and files held only ${bytes(listed)} of its ${bytes(largest.managed ?? 0)}. The memory above it, ${elsewhere >= TELLING ? `of which ${bytes(elsewhere)} was free` : 'which the log does not show'}, is of no use for that.`,
  };
}

/** Free above its high mark by this share of a zone is no race: another CPU does not free so much between the kill and the print. */
const AMPLE = 0.1;

/**
 * Kernels before 5.0 print no constraint. All zones of a node were dry, and the same kind of zone of another node, which the mask
 * allows, had ample room: then the kernel kills only where a memory policy or a cpuset bars that node.
 */
export function inferredBound(moment: Moment, zones: readonly ZoneCheck[]): Reason | null {
  if (moment.kind.startsWith('allocation-') || moment.constraint !== undefined || (moment.order ?? 0) > 0) return null;
  const large = zones.filter(({ managed, usable }) => (managed ?? 0) >= TELLING && usable !== false);
  const open = large.filter((zone) => roomIn(zone) && zone.free > zone.high + zone.reserve + AMPLE * (zone.managed ?? Infinity));
  const nodes = [...new Set(large.map(({ node }) => node))];
  const dry = nodes.filter((node) => large.every((zone) => zone.node !== node || zone.short));
  const [room] = open.filter(({ node, zone }) =>
    large.some((other) => dry.includes(other.node) && other.node !== node && other.zone === zone),
  );
  if (!room) return null;
  return {
    why: 'mempolicy',
    text: `Node ${dry.join(', ')} had nothing left to give, while ${zoneName(room)}, which the request may use by its mask, had ${bytes(room.free)} free. The log does not name it, but only a memory policy (numactl, mbind, set_mempolicy) or a cpuset keeps a request from such room.`,
  };
}

const allowed = (zone: ZoneCheck, moment: Moment): boolean =>
  zonesOf({ ...moment, gfpFlags: ['GFP_HIGHUSER_MOVABLE'] }).some(
    (other) => other.node === zone.node && other.zone === zone.zone && other.usable,
  );

/** What a policy or a cpuset left, and what it kept away. */
export function boundReason(moment: Moment, zones: readonly ZoneCheck[], scope: 'cpuset' | 'mempolicy'): Reason {
  const inside = zones.filter(({ barred }) => barred !== 'node');
  const outside = zones.filter(({ barred }) => barred === 'node');
  const all = sizeOf(moment, 'free');
  const which = scope === 'mempolicy' ? moment.nodemask : moment.memsAllowed;
  const on = which === undefined || !/^\d/.test(which) ? (inside.length > 0 ? `node ${nodesIn(inside)}` : 'some nodes') : `node ${which}`;
  const had = inside.length > 0 ? `, which had ${bytes(freeIn(inside))} free` : '';
  const rest = outside.length > 0 ? freeIn(outside) : all === undefined ? null : Math.max(0, all - freeIn(inside));
  const others = rest === null ? '' : ` Other nodes had ${bytes(rest)} free.`;
  const by =
    scope === 'mempolicy'
      ? 'A memory policy (numactl, mbind, set_mempolicy) binds the memory'
      : `The cpuset${moment.cpuset === undefined ? '' : ` ${moment.cpuset}`} binds the memory`;
  return { why: scope, text: `${by} to ${on}${had}.${others}` };
}

const nodesIn = (zones: readonly ZoneCheck[]): string => [...new Set(zones.map(({ node }) => node))].join(', ');

const freeIn = (zones: readonly ZoneCheck[]): number => zones.reduce((total, zone) => total + zone.free, 0);

/** More than one page was asked for, there is free memory, but not in one piece that counts. */
export function pieces(moment: Moment, zones: readonly ZoneCheck[]): Reason | null {
  const { order = 0, pageSize } = moment;
  if (order < 1) return null;
  const open = zones.filter(({ usable, short }) => usable !== false && !short);
  if (open.length === 0 || open.some(({ block }) => block === null)) return null;
  const free = open.reduce((total, zone) => total + zone.free, 0);
  const whole = open.reduce((total, zone) => total + (zone.inBlocks ?? 0), 0);
  // a kill needs that there was none; an allocation may lose the last few to others before they are printed
  if (open.some(({ block }) => block === true) && (moment.kind !== 'allocation-failure' || whole > FEW * free)) return null;
  const size = bytes(2 ** order * (pageSize ?? 4096));
  const had =
    whole === 0
      ? `not one block of ${size} (order ${order}) that this allocation may have`
      : `only ${bytes(whole)} of it in blocks of ${size} (order ${order}) or more`;
  return {
    why: 'fragmentation',
    text: `${bytes(free)} were free in ${open.map(zoneName).join(', ')}, above the mark, but ${had}: free memory is in smaller pieces.`,
  };
}

/** A zone that it may use has more free than the kernel wants: the host was not short by the kernel's own marks. */
export function roomy(moment: Moment, zones: readonly ZoneCheck[]): Reason | null {
  const [open] = zones
    .filter((zone) => zone.usable !== false && roomIn(zone) && zone.free > zone.high + zone.reserve && zone.block !== false)
    .toSorted((a, b) => b.free - b.high - (a.free - a.high));
  // a log that was cut may lack what is kept of a small low zone from all but those who need it
  const reserveLost =
    open !== undefined &&
    open.reserve === 0 &&
    zones.some((zone) => rank(zone.zone) > rank(open.zone) && zone.usable !== false && (zone.managed ?? 0) > (open.managed ?? 0));
  if (!open || reserveLost) return null;
  const found = `${zoneName(open)} had ${bytes(open.free)} free, above its high mark of ${bytes(open.high)}`;
  return {
    why: 'policy',
    text:
      moment.kind === 'allocation-failure'
        ? `${found}: memory came free between the attempt and the report, or the allocation was not allowed to wait for it.`
        : `${found}: by the kernel’s marks the host was not out of memory. A moment’s race, an early decision of reclaim (MGLRU min_ttl_ms) or a killer with rules of its own decided.`,
  };
}

/** The usable zones below their mark, in a sentence; null when none is known to be. */
export function shortText(zones: readonly ZoneCheck[]): string | null {
  const short = zones
    .filter((zone) => zone.usable !== false && zone.short && (zone.managed ?? 1) > 0)
    .toSorted((a, b) => (b.managed ?? 0) - (a.managed ?? 0));
  if (short.length === 0) return null;
  const shown = short
    .slice(0, 3)
    .map((zone) => `${zoneName(zone)} had ${bytes(zone.free)} free, with ${bytes(zone.min + zone.reserve)} to be left`);
  const more = short.length > 3 ? `, and ${short.length - 3} more ${short.length === 4 ? 'zone' : 'zones'} alike` : '';
  return `${shown.join('; ')}${more}.`;
}
