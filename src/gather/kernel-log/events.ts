import type { LogEvent } from '../sources/kernel-log.js';
import { type Draft, kills } from './kills.js';
import type { LogLine } from './prefix.js';
import { tell } from './told.js';

/** So many events are kept, the last ones. */
const KEPT = 200;
/** `CPU: 0 PID: 123 Comm: X` follows the line that names X within a few lines; X may be cut, and may hold blanks. */
const PID_WITHIN = 6;
const PID_LINE = /\bP(?:ID|id): (\d{1,10})(?: Comm:|, comm:) (\S{1,64})/;

/** Folds lines into events and keeps the last of them. */
export interface Events {
  readonly take: (record: LogLine) => void;
  /** The events, in the order of the log; one that was folded stands where it happened last. */
  readonly all: () => LogEvent[];
}

/** Starts with no event. */
export function events(): Events {
  const kept = new Map<string, Draft>();
  const oom = kills((event) => keep(`kill ${serial++}`, event));
  let serial = 0;
  /** An event whose trigger's number is to come. */
  let awaiting: { event: Draft; lines: number } | null = null;

  function keep(key: string, event: Draft): void {
    kept.delete(key);
    kept.set(key, event);
    const [oldest] = kept.keys();
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
  }
  function fold({ text, time, program }: LogLine): Draft | null {
    const told = tell(text, program, time);
    if (told === null) return null;
    const key = told.key ?? `told ${serial++}`;
    const seen = kept.get(key);
    if (seen) Object.assign(seen, { count: seen.count + told.event.count, time: time ?? seen.time });
    keep(key, seen ?? told.event);
    return seen ?? told.event;
  }
  function numberTrigger(text: string): void {
    if (awaiting === null) return;
    awaiting.lines += 1;
    const { event, lines } = awaiting;
    const match = PID_LINE.exec(text);
    if (match && event.trigger?.name.startsWith(match[2] ?? '')) event.trigger = { ...event.trigger, pid: Number(match[1]) };
    if (match || lines > PID_WITHIN) awaiting = null;
  }
  return {
    take: (record) => {
      numberTrigger(record.text);
      const event = (record.program === null ? oom.take(record) : null) ?? fold(record);
      if (event?.trigger?.pid === null && event !== awaiting?.event) awaiting = { event, lines: 0 };
    },
    all: () => {
      oom.end();
      return [...kept.values()];
    },
  };
}
