/** How long ago an event of the kernel log was. Pure. */
import type { LogEvent, KernelLog } from '../gather/kernel-log/schema.js';
import { Unknown } from './fact.js';
import type { View } from './view.js';

export interface Age {
  readonly seconds: number;
  /** What it was measured against: the uptime of the host, or, for a log given alone, the log's own last line. */
  readonly from: 'uptime' | 'log end';
}

type Stamped = Pick<LogEvent, 'time' | 'wallTime'>;

/** The age of an event. @throws Unknown when neither clock tells. */
export function ageOf(view: View, event: Stamped): Age {
  const log = view.last('kernel-log');
  const uptime = view.maybe(() => view.number('sample.uptime'));
  // a log of several boots: its seconds since boot are not all of this one
  const here = (log.boots ?? 1) < 2;
  if (uptime !== undefined && event.time !== null && here && event.time <= uptime + 60)
    return { seconds: Math.max(0, uptime - event.time), from: 'uptime' };
  const seconds = beforeEnd(log, event);
  if (seconds === null) throw new Unknown('the kernel log has no time stamp for it', 'kernel-log');
  return { seconds, from: 'log end' };
}

/** Seconds from the event to the last line of its log; null without clocks. */
export function beforeEnd(log: KernelLog, { time, wallTime }: Stamped): number | null {
  const [wall, end] = [Date.parse(wallTime ?? ''), Date.parse(log.lastWallTime ?? '')];
  if (Number.isFinite(wall) && Number.isFinite(end)) return Math.max(0, (end - wall) / 1000);
  if (time === null || log.lastTime === null) return null;
  return Math.max(0, log.lastTime - time);
}
