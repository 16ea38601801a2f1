/** The lines of sar: banner, headers and rows with their time. Pure. */
import { clock } from './figures.js';

/** `Linux 5.10.0 (host) 	06/01/20 	_x86_64_	(8 CPU)`. */
const BANNER = /^\s*Linux\s+(\d\S{0,80})\s+\(([^()]{1,64})\)\s+(\S{6,24})(?:\s+_?([\w-]{2,20}?)_?)?(?:\s+\(\d{1,5}\s+\S{1,12}\))?\s*$/;
/** A time of day, with what stands for a.m. and p.m. in some language, and what follows. */
const TIMED = /^\s*(\d{1,2}:\d{2}:\d{2})(\s?(?:[AaPp]\.?\s?[Mm]\.?|上午|下午|午前|午後|오전|오후|πμ|μμ|SA|CH)(?=\s))?\s+(\S.*)$/;
const RESTART = /LINUX RESTART/;
const HEAD_WORD = /^(?:[%a-zA-Z][\w%/().-]{0,24})$/;
const FIGURE = /^-?\d[\d.,]{0,20}[kMGTB%]?$/;

export interface Banner {
  readonly release: string;
  readonly host: string;
  readonly machine: string | null;
  /** Seconds since the epoch of the midnight before, the host's clock taken for UTC; null when the date cannot be read. */
  readonly date: number | null;
}

export interface Timed {
  /** Seconds since midnight. */
  readonly clock: number;
  readonly words: readonly string[];
}

/** Reads the first line of a report; null for another line. */
export function bannerOf(line: string): Banner | null {
  const match = line.length > 300 ? null : BANNER.exec(line);
  if (!match) return null;
  const [, release = '', host = '', date = '', machine] = match;
  const day = dateOf(date);
  return day === null ? null : { release, host, machine: machine ?? null, date: Number.isNaN(day) ? null : day };
}

const year = (text: string | undefined): number => (text?.length === 2 ? 2000 + Number(text) : Number(text));
const at = (y: number, m: number, d: number): number => (m < 1 || m > 12 || d < 1 || d > 31 ? Number.NaN : Date.UTC(y, m - 1, d) / 1000);

/** 2026-11-23, 11/23/26 (month first, as the C locale has it), 23.11.2026, 2026年11月23日. NaN when it is a date that cannot be told. */
function dateOf(word: string): number | null {
  const iso = /^(\d{4})[-年./](\d{1,2})[-月./](\d{1,2})日?\.?$/.exec(word);
  if (iso) return at(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const dotted = /^(\d{1,2})[.-](\d{1,2})[.-](\d{2}|\d{4})\.?$/.exec(word);
  if (dotted) return at(year(dotted[3]), Number(dotted[2]), Number(dotted[1]));
  const slashed = /^(\d{1,2})\/(\d{1,2})\/(\d{2}|\d{4})$/.exec(word);
  if (!slashed) return null;
  const [first, second] = [Number(slashed[1]), Number(slashed[2])];
  return first > 12 ? at(year(slashed[3]), second, first) : at(year(slashed[3]), first, second);
}

/** A line that begins with a time of day; null for another one. */
export function timedOf(line: string): Timed | null {
  const match = line.length > 2000 ? null : TIMED.exec(line);
  const seconds = match ? clock(`${match[1] ?? ''}${match[2] ? ` ${match[2].trim().replaceAll(' ', '')}` : ''}`) : null;
  return seconds === null ? null : { clock: seconds, words: (match?.[3] ?? '').trim().split(/\s+/) };
}

export const isRestart = (line: string): boolean => RESTART.test(line);
/** True for the words of a header: none is a number. */
export const isHead = (words: readonly string[]): boolean =>
  words.length > 0 && words.every((word) => HEAD_WORD.test(word) && !FIGURE.test(word));
/** True for the figures of a row, the first of which may name a device or CPU. */
export const isFigures = (words: readonly string[]): boolean =>
  words.length > 0 && words.slice(1).every((word) => FIGURE.test(word)) && words.length < 60;
/** `Average:`, `Durchschn.:`, `Moyenne :`, `平均时间:`, `Summary:`: a word where the rows have their time. */
export const isAverage = (line: string): boolean => /^\s*[^\d\s:][^\d:]{0,24}:(?:\s{2,}|\t)\s*\S/.test(line) && line.length < 2000;
