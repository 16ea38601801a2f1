import type { EventKind, KernelLog, LogEvent } from '../gather/kernel-log/schema.js';
import { Unknown } from './fact.js';
import type { View } from './view.js';

export type { LogEvent, Moment } from '../gather/kernel-log/schema.js';

/** Why counts of the log are a minimum. */
export const LOSSY = 'the kernel log is a ring, and the kernel limits how often it says the same: there may have been more';

/** The kernel log. @throws Unknown when none was read. */
export function logOf(view: View): KernelLog {
  const log = view.last('kernel-log');
  view.used(`kernel log (${log.from})`);
  return log;
}

/** The events of these kinds that the log still shows, in its order. @throws Unknown */
export function eventsOf(view: View, ...kinds: readonly EventKind[]): LogEvent[] {
  const wanted = new Set<string>(kinds);
  return logOf(view).events.filter(({ kind }) => wanted.has(kind));
}

/** How often it happened, alike ones that were folded included. */
export const timesOf = (events: readonly LogEvent[]): number => events.reduce((sum, event) => sum + event.count, 0);

/** How often a kind happened in all of the log, also before the events that were kept. @throws Unknown */
export function totalOf(view: View, kind: EventKind): number {
  return logOf(view).totals?.[kind] ?? timesOf(eventsOf(view, kind));
}

/**
 * Seconds since an event: up to the last sample, or to the end of the log where nothing else tells the time.
 * @throws Unknown when neither clock tells it
 */
export function ageOf(view: View, event: LogEvent | undefined): number {
  if (!event) throw new Unknown('the kernel log holds none');
  const log = logOf(view);
  const uptime = view.maybe(() => view.number('sample.uptime'));
  // a log of an earlier boot has the clock of that boot
  const end = uptime !== undefined && uptime >= (log.lastTime ?? 0) ? uptime : log.lastTime;
  if (event.time !== null && end !== null) return Math.max(0, end - event.time);
  const [then, last] = [Date.parse(event.wallTime ?? ''), Date.parse(log.lastWallTime ?? '')];
  if (Number.isNaN(then) || Number.isNaN(last)) throw new Unknown('the kernel log has no time stamp for it', 'kernel-log');
  return Math.max(0, (last - then) / 1000);
}

/** A log without any clock that was pasted: people paste what happened. @throws Unknown without a log */
export function clockless(view: View): boolean {
  const { lastTime, lastWallTime } = logOf(view);
  return view.snapshot.texts !== undefined && lastTime === null && (lastWallTime ?? null) === null;
}

/**
 * Those not older than so many seconds. Those whose age nobody can tell count in a log that stands alone, and in one without any
 * clock that was pasted: people paste what happened.
 * @throws Unknown
 */
export function younger(view: View, events: readonly LogEvent[], seconds: number): LogEvent[] {
  if (events.length === 0) return [];
  const alone = clockless(view) || view.fact('log.only') === true;
  return events.filter((event) => {
    const age = view.maybe(() => ageOf(view, event));
    return age === undefined ? alone : age <= seconds;
  });
}

/** ___GFP_HIGH of every kernel that prints the mask without names (before 4.6, include/linux/gfp.h). */
const HIGH = 0x20;
/**
 * ___GFP_WAIT, from 4.4 on ___GFP_DIRECT_RECLAIM, which moved in 4.19; ___GFP_IO and ___GFP_FS: it may wait. ___GFP_DMA and
 * ___GFP_ZERO: memory of a device, for keeps, and no packet.
 */
const OTHERS = 0x10 | 0x40_0000 | 0x400 | 0x40 | 0x80 | 0x01 | 0x8000;

/** Whether a request could not wait for memory, and had to be able to go on without: GFP_ATOMIC, GFP_NOWAIT. */
export function inHaste(mask = ''): boolean {
  if (/GFP_ATOMIC|GFP_NOWAIT/.test(mask)) return true;
  if (!/^0x[0-9a-f]{1,7}$/.test(mask)) return false;
  const bits = Number.parseInt(mask, 16);
  return (bits & HIGH) !== 0 && (bits & OTHERS) === 0;
}
