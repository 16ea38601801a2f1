/** What the kinds have in common. Pure. */
import { oneSample, type TextSample } from './kind.js';

/** Lines that somebody left out: `...`, `[snip]`. */
export const ELIDED = /^\s*(?:\.{2,}|…+|\[?(?:\.{2,}|…|<?\s?(?:snip(?:ped)?|cut|truncated|omitted)\s?>?)\]?)\s*$/i;

export interface RunOptions {
  /** Lines may be left out between two that belong. */
  readonly elided?: boolean;
  /** So many blank lines may stand between two that belong. */
  readonly blanks?: number;
}

/** How many lines from `at` on belong by the test; what may stand between is counted only when another one that belongs follows. */
export function run(
  lines: readonly string[],
  at: number,
  belongs: (line: string, index: number) => boolean,
  { elided = false, blanks = 0 }: RunOptions = {},
): number {
  let length = 0;
  let gap = 0;
  for (let index = at; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (belongs(line, index)) {
      length = index + 1 - at;
      gap = 0;
      continue;
    }
    if (length === 0) return 0;
    if (elided && ELIDED.test(line)) continue;
    gap += 1;
    if (line.trim() !== '' || gap > blanks) break;
  }
  return length;
}

/** As `run`, of lines whose name (the first group of `counter`) comes once: at a second one of a name the next list begins. */
export function runOfNames(lines: readonly string[], at: number, counter: RegExp): number {
  const seen = new Set<string>();
  return run(
    lines,
    at,
    (line) => {
      const name = counter.exec(line)?.[1];
      if (name === undefined || seen.has(name)) return false;
      seen.add(name);
      return true;
    },
    { elided: true },
  );
}

/** One file of one sample, from the lines as they are, without those left out and blank ones. */
export const fileOf = (path: string, lines: readonly string[]): readonly TextSample[] => {
  const kept = lines.filter((line) => line.trim() !== '' && !ELIDED.test(line));
  return kept.length === 0 ? [] : oneSample(new Map([[path, `${kept.join('\n')}\n`]]));
};

/**
 * Puts lines together again that were wrapped on their way here: one that `begins` does not match is the rest of the one
 * before.
 */
export function unwrapped(lines: readonly string[], begins: RegExp): string[] {
  const whole: string[] = [];
  for (const line of lines) {
    const last = whole.length - 1;
    if (last < 0 || begins.test(line)) whole.push(line);
    else if (line.trim() !== '') whole[last] = `${whole[last] ?? ''} ${line.trim()}`;
  }
  return whole;
}

/** True when `told` is a path, and not a command or the name of a text. */
export const isPath = (told: string): boolean => /^(?:proc|sys|etc|run)\/\S+$/.test(told);

/** The last word of a path or name, without what marks a file as text: `pressure-memory` of `ticket/pressure-memory.txt`. */
export const stem = (told: string): string => told.slice(told.lastIndexOf('/') + 1).replace(/\.(?:txt|log|out|md)$/i, '');

/** Digits as printed, without thousands separators; null for another word. */
export function ungrouped(word: string): string | null {
  if (/^\d{1,20}$/.test(word)) return word;
  return /^\d{1,3}(?:[,.' ]\d{3}){1,6}$/.test(word) ? word.replaceAll(/[,.' ]/g, '') : null;
}
