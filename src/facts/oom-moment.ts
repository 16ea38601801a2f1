/** The moments of the kernel log, and the figures of one: pure. */
import type { LogEvent, Moment } from '../gather/kernel-log/schema.js';
import { Unknown } from './fact.js';
import type { View } from './view.js';

/** The kinds of a moment at which an OOM killer chose, or could not. */
export const OOM_KINDS: readonly string[] = ['oom-kill', 'memcg-oom-kill', 'oom-no-victim'];

/** All moments that the log shows. @throws Unknown when no log was read. */
export function momentsOf(view: View): readonly Moment[] {
  const log = view.last('kernel-log');
  view.used(`kernel log (${log.from})`);
  return log.reports ?? [];
}

/**
 * The last OOM of the log: its report when there is one with figures, else what the event's own lines tell.
 * @throws Unknown when the log holds none.
 */
export function lastMoment(view: View): Moment {
  const reports = momentsOf(view).filter(({ kind }) => OOM_KINDS.includes(kind));
  const telling = reports.findLast((moment) => moment.zones.length > 0 || moment.memcg !== undefined || moment.tasks !== undefined);
  // the end of a report that was cut still tells RAM and swap
  const moment = telling ?? reports.findLast(({ totals }) => Object.keys(totals).length > 0) ?? reports.at(-1);
  if (moment) return moment;
  const event = view.last('kernel-log').events.findLast(({ kind }) => OOM_KINDS.includes(kind));
  if (!event) throw new Unknown('the kernel log holds no OOM');
  return bare(event);
}

/** A moment of which the event's own lines are all that is known. */
export function bare(event: LogEvent): Moment {
  const { kind, time, wallTime, trigger, order, gfpMask, constraint, cgroup, victims } = event;
  return {
    kind: kind as Moment['kind'],
    time,
    pageSize: null,
    trace: [],
    zones: [],
    nodes: [],
    totals: {},
    hugepages: [],
    slabs: [],
    complete: { head: false, tail: false },
    ...(wallTime === undefined ? {} : { wallTime }),
    ...(trigger === undefined ? {} : { trigger }),
    ...(order === undefined ? {} : { order }),
    ...(gfpMask === undefined ? {} : { gfpMask }),
    // without a victim, the cgroup that is named is the one whose limit was met
    ...(constraint === undefined
      ? kind === 'oom-no-victim' && cgroup !== undefined
        ? { constraint: 'CONSTRAINT_MEMCG' }
        : {}
      : { constraint }),
    ...(cgroup === undefined ? {} : { memcg: { path: cgroup } }),
    ...(victims === undefined ? {} : { victims }),
  };
}

/** Whether the limit of a cgroup was met: the memory of the host is another matter. */
export const atLimit = (moment: Moment): boolean =>
  moment.kind === 'memcg-oom-kill' ||
  moment.constraint === 'CONSTRAINT_MEMCG' ||
  (moment.kind === 'oom-no-victim' && moment.memcg?.usage !== undefined);

/** A size of the host in bytes, by its name in Mem-Info; where that line is missing, the sum over nodes or zones. */
export function sizeOf(moment: Moment, ...names: readonly string[]): number | undefined {
  for (const name of names) {
    const found =
      moment.totals[name] ?? sum(moment.nodes, ({ values }) => values[name]) ?? sum(moment.zones, ({ values }) => values?.[name]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The sum over all; undefined when there are none or one has no such figure. */
export function sum<T>(rows: readonly T[], of: (row: T) => number | undefined): number | undefined {
  let total = 0;
  for (const row of rows) {
    const value = of(row);
    if (value === undefined) return undefined;
    total += value;
  }
  return rows.length > 0 ? total : undefined;
}

/** Lines of Mem-Info that share no page. */
const COUNTED = [
  'active_anon',
  'inactive_anon',
  'isolated_anon',
  'active_file',
  'inactive_file',
  'isolated_file',
  'unevictable',
  'slab_reclaimable',
  'slab_unreclaimable',
  'pagetables',
  'free',
] as const;

/** From which of its lines the size of RAM is known: `counted` is a lower bound, for what no line shows is not in it. */
export function ramFrom(moment: Moment): 'pages' | 'zones' | 'counted' | null {
  const { totals, zones } = moment;
  if (totals['ram'] !== undefined) return 'pages';
  if (zones.length > 0) return zones.every(({ managed, present }) => (managed ?? present) !== undefined) ? 'zones' : null;
  return ['active_anon', 'active_file', 'slab_unreclaimable', 'free'].every((name) => totals[name] !== undefined) ? 'counted' : null;
}

/**
 * Memory that the page allocator manages: pages RAM less those reserved, else the sum over the zones (present before 3.8),
 * else that of all pages which Mem-Info counts.
 */
export function ramOf(moment: Moment): number | undefined {
  const { ram = 0, reserved = 0 } = moment.totals;
  switch (ramFrom(moment)) {
    case 'pages':
      return Math.max(0, ram - reserved);
    case 'zones':
      return sum(moment.zones, ({ managed, present }) => managed ?? present);
    case 'counted':
      return COUNTED.reduce((total, name) => total + (moment.totals[name] ?? 0), 0);
    case null:
      return undefined;
  }
}

/** File pages of a cgroup that are dirty or under writeback, bytes; undefined: its statistics do not tell. */
export function unwritten(memcg: Moment['memcg']): number | undefined {
  const stats = memcg?.groups?.[0]?.stats ?? {};
  const [dirty, writeback] = [stats['file_dirty'] ?? stats['dirty'], stats['file_writeback'] ?? stats['writeback']];
  return dirty === undefined || writeback === undefined ? undefined : dirty + writeback;
}

/** Swap, all and used, in bytes; swap of 0 is none. */
export function swapOf(moment: Moment): { total: number; used: number } | undefined {
  const { swap_total: total, swap_free: free } = moment.totals;
  return total === undefined || free === undefined ? undefined : { total, used: Math.max(0, total - free) };
}
