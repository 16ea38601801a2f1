/** Readers of folders of small files, as /sys has them. Pure; they throw nothing but ParseError. */
import { lines, numeral, unsigned } from './lines.js';

/**
 * The files told apart by a part of their path: `pattern` captures that part, and the name within it. In the order in which the
 * parts come first; a file that does not match is left out.
 */
export function grouped(files: ReadonlyMap<string, string>, pattern: RegExp): Map<string, Map<string, string>> {
  const groups = new Map<string, Map<string, string>>();
  for (const [path, text] of files) {
    const [, part, name] = pattern.exec(path) ?? [];
    if (part === undefined || name === undefined) continue;
    const group = groups.get(part) ?? new Map<string, string>();
    groups.set(part, group.set(name, text.trim()));
  }
  return groups;
}

/** The name of a file, without its folder. */
export const basename = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** One number a file, by the file's name. @throws ParseError that names the file. */
export const numbersByName = (files: ReadonlyMap<string, string>): Record<string, number> =>
  Object.fromEntries([...files].map(([path, text]) => [basename(path), numeral(text.trim(), path)]));

/** One count a file, by the file's name. @throws ParseError that names the file. */
export const countsByName = (files: ReadonlyMap<string, string>): Record<string, number> =>
  Object.fromEntries([...files].map(([path, text]) => [basename(path), unsigned(text.trim(), path)]));

/** The count in a file of a group, times `unit`; undefined when the file is not there. @throws ParseError that names the file. */
export function countIn(group: ReadonlyMap<string, string>, name: string, unit = 1): number | undefined {
  const text = group.get(name);
  return text === undefined ? undefined : unsigned(text, name) * unit;
}

/** The record without its members that are undefined. */
export function present<T extends Readonly<Record<string, unknown>>>(record: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** The word in brackets, of a file that lists the choices and marks the one in force; the whole text when none is marked. */
export const choice = (text: string): string => /\[([^[\]\s]{1,60})\]/.exec(text)?.[1] ?? text.trim();

/** The first line, for files of one value. */
export const firstLine = (text: string): string => (lines(text)[0] ?? '').trim();
