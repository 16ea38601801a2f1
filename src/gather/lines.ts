/** Readers of the few shapes that kernel files have. Pure; they throw nothing but ParseError. */
import { ParseError, quote } from '../errors.js';

/** The lines of a text without the last empty one; CR at a line's end is dropped. */
export function lines(text: string): string[] {
  const all = text.split('\n');
  if (all.at(-1) === '') all.pop();
  return all.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}

/** The words of a line. */
export const words = (line: string): string[] => line.split(/\s+/).filter(Boolean);

/**
 * A number as the kernel prints it: decimal digits, with a sign or a fraction where the file has them.
 * @throws ParseError that names `where`.
 */
export function numeral(word: string | undefined, where: string): number {
  // no kernel number has more than 20 digits (2^64): more is garbage, and 309 would be Infinity
  if (word !== undefined && /^-?\d{1,20}(\.\d{1,20})?$/.test(word)) return Number(word);
  throw new ParseError(`${where}: found ${quote(word ?? '')}, expected a number`);
}

/** A number without a sign. @throws ParseError that names `where`. */
export function unsigned(word: string | undefined, where: string): number {
  if (word?.startsWith('-') !== true) return numeral(word, where);
  throw new ParseError(`${where}: found ${quote(word)}, expected no negative number`);
}

/** Undoes the escapes of seq_path(): `\040` for a blank, `\011`, `\012`, `\134`, `\043`. */
export const unescapeOctal = (word: string): string =>
  word.replaceAll(/\\([01][0-7]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

/** `name value` lines as in vmstat, memory.stat, memory.events. @throws ParseError with the line number. */
export function keyedCounts(text: string): Record<string, number> {
  const found: [string, number][] = [];
  for (const [index, line] of lines(text).entries()) {
    if (line.trim() === '') continue;
    const [name, value, ...rest] = words(line);
    if (name === undefined || value === undefined || rest.length > 0)
      throw new ParseError(`line ${index + 1}: found ${quote(line)}, expected a name and a number`);
    found.push([name, unsigned(value, `line ${index + 1} (${name})`)]);
  }
  return Object.fromEntries(found);
}

/**
 * `Name:   123 kB` lines as in meminfo and status, in bytes where the line says kB, else as counted.
 * A line of another shape is an error, but for those `skip` matches. @throws ParseError with the line number.
 */
export function keyedSizes(text: string, skip?: RegExp): Record<string, number> {
  const found: [string, number][] = [];
  for (const [index, line] of lines(text).entries()) {
    if (line.trim() === '' || skip?.test(line)) continue;
    const match = /^\s*([^:\s][^:]*):\s+(\d+)(?:\s+(kB|KB))?\s*$/.exec(line);
    if (!match) throw new ParseError(`line ${index + 1}: found ${quote(line)}, expected "Name: number kB"`);
    const [, name = '', digits = '', unit] = match;
    found.push([name.trim(), unsigned(digits, `line ${index + 1} (${name.trim()})`) * (unit ? 1024 : 1)]);
  }
  return Object.fromEntries(found);
}
