import type { LogEvent } from './schema.js';
import { type Details, type Family, said, type Told } from './told/family.js';
import { families } from './told/index.js';

export type { Told } from './told/family.js';

const all: readonly Family[] = families;

const escaped = (word: string): string => word.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
const anyOf = (words: readonly string[]): string => `(?:${words.map(escaped).join('|')})`;
/** After a name. */
const AFTER = ': ';

const begun = all.flatMap(({ begins = [] }) => begins);
const held = all.flatMap(({ holds = [] }) => holds);
const after = held.filter((word) => word.startsWith(AFTER)).map((word) => word.slice(AFTER.length));
const BEGINS = new RegExp(`^${anyOf(begun)}`);
// one literal before the choice: an expression that begins with a choice is tried at every place of the line
const HOLDS = new RegExp(`${AFTER}${anyOf(after)}|${anyOf(held.filter((word) => !word.startsWith(AFTER)))}`);

/** True for a line that may tell something: most lines of a log do not, and this is what they cost. */
export const mayTell = (text: string): boolean => BEGINS.test(text) || HOLDS.test(text);

const followed = all.flatMap(({ follows }) => (follows ? [follows] : []));
const repeated = all.flatMap(({ repeats }) => (repeats ? [repeats] : []));

/** Lines after an event that may add to it, where its family does not say. */
const REACH = 6;
const reaches = new Map(all.flatMap(({ sayings, reach = REACH }) => sayings.map(({ kind }) => [kind, reach] as const)));

/** So many lines after an event of a kind may add to it. */
export const reachOf = (kind: LogEvent['kind']): number => reaches.get(kind) ?? REACH;

/** What a line tells by itself, kills by the kernel excepted. */
export function tell(text: string, program: string | null, time: number | null): Told | null {
  if (!mayTell(text)) return null;
  const line = { text, program, time };
  for (const { begins = [], holds = [], sayings } of all) {
    if (!begins.some((word) => text.startsWith(word)) && !holds.some((word) => text.includes(word))) continue;
    for (const saying of sayings) {
      const told = said(saying, line);
      if (told !== null) return told;
    }
  }
  return null;
}

/** What a line within the few that follow an event adds to it; null: nothing. */
export const adds = (event: LogEvent, text: string): Details | null => first(followed, event, text);

/** What the next event adds to one, where both are the same; null: they are two. */
export const repeats = (event: LogEvent, next: LogEvent): Details | null => first(repeated, event, next);

function first<T>(ways: readonly ((event: LogEvent, next: T) => Details | null)[], event: LogEvent, next: T): Details | null {
  for (const way of ways) {
    const details = way(event, next);
    if (details !== null) return details;
  }
  return null;
}
