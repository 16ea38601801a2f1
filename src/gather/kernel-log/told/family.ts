import { unsized } from '../kill-lines.js';
import type { EventKind, LogEvent, Victim } from '../schema.js';

/** What is kept of the line that says an event best. */
const TEXT_KEPT = 300;
/** So much of a line says what kind of thing it tells. */
const ALIKE = 120;

/** An event that one line tells, with the key by which alike ones are folded (null: never). */
export interface Told {
  readonly event: LogEvent;
  readonly key: string | null;
  /** Two programs say the same, or one says it twice: within seconds, alike lines are one event and count once. */
  readonly once?: boolean;
}

/** A line without its prefix. */
export interface Line {
  readonly text: string;
  /** Who wrote it; null: the kernel, or not known. */
  readonly program: string | null;
  /** Seconds since boot. */
  readonly time: number | null;
}

/** What a match tells beyond kind, time and text. */
export type Details = Partial<Omit<LogEvent, 'kind' | 'time' | 'text'>>;

/** One way of saying something. The pattern is anchored or begins with a rare literal, and is bounded: logs are hostile text. */
export interface Saying {
  readonly kind: EventKind;
  readonly pattern: RegExp;
  /** null: the line is of this form and tells nothing. */
  readonly tells?: (match: RegExpExecArray, line: Line) => Details | null;
  /** What alike lines have in common, beside the kind; absent: the text without its numbers. null: every one is an event. */
  readonly alike?: (match: RegExpExecArray) => string | null;
  readonly once?: boolean;
}

/** Sayings that belong together. */
export interface Family {
  /** The cheap look before the patterns. Every line of the family begins with one of these literals, … */
  readonly begins?: readonly string[];
  /** … or has one of these, when a name stands before it. */
  readonly holds?: readonly string[];
  /** The first that matches counts. */
  readonly sayings: readonly Saying[];
  /** What a line that follows adds to an event of the family. */
  readonly follows?: (event: LogEvent, text: string) => Details | null;
  /** So many lines after an event may add to it; a few when absent. */
  readonly reach?: number;
  /** What the event in the line right after one of the family adds, where it is that one told once more; null: it is another. */
  readonly repeats?: (event: LogEvent, next: LogEvent) => Details | null;
}

export const defineFamily = (family: Family): Family => family;

/** What a saying makes of a line; null when the line is another. */
export function said({ kind, pattern, tells, alike, once }: Saying, line: Line): Told | null {
  const match = pattern.exec(line.text);
  if (!match) return null;
  const details = tells ? tells(match, line) : {};
  if (details === null) return null;
  const common = alike ? alike(match) : withoutNumbers(line.text);
  return {
    event: { kind, time: line.time, text: line.text.slice(0, TEXT_KEPT), count: 1, ...details },
    key: common === null ? null : `${kind} ${common}`,
    ...(once ? { once } : {}),
  };
}

/** Lines that differ in numbers and addresses only are of one kind. */
const withoutNumbers = (text: string): string => text.slice(0, ALIKE).replaceAll(/0x[0-9a-f]+|\d+/g, '#');

/** A member of an event, when the text has it. */
export function numberAs(name: 'order' | 'bytes' | 'seconds' | 'count', digits: string | undefined, unit = 1): Details {
  return digits === undefined ? {} : { [name]: Number(digits) * unit };
}

export const textAs = (
  name: 'gfpMask' | 'cgroup' | 'device' | 'harmless' | 'program' | 'subsystem',
  value: string | null | undefined,
): Details => (value === undefined || value === null || value === '' ? {} : { [name]: value });

/** The process whose work it was. */
export const trigger = (name: string, pid: string | undefined): Details => ({
  trigger: { name, pid: pid === undefined ? null : Number(pid) },
});

/** A process that was killed and of which the line prints no kernel sizes. */
export const victim = (name: string, pid: string | undefined, more: Partial<Victim> = {}): Details => ({
  victims: [{ ...unsized(name, 0), pid: pid === undefined ? null : Number(pid), ...more }],
});
