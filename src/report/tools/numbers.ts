import { NONE } from './tool.js';

/** Numbers as the tools print them. Null and undefined are `-`. */
type Maybe = number | null | undefined;

const shown = (value: Maybe, text: (value: number) => string): string =>
  value === null || value === undefined || !Number.isFinite(value) ? NONE : text(value);

/** As C prints %.*f: a tie goes to the even digit, where toFixed() takes the larger. */
export function fixed(value: number, digits: number): string {
  // only odd multiples of 1 / 2^(digits + 1) are ties that a double can hold
  const tie = (value * 2 ** (digits + 1)) % 2 === 1;
  const below = Math.floor(value * 10 ** digits);
  return (tie ? (below + (below % 2)) / 10 ** digits : value).toFixed(digits);
}

/** Bytes as whole KiB. */
export const kib = (bytes: Maybe): string => shown(bytes, (value) => String(Math.floor(value / 1024)));
/** A whole number, rounded. */
export const whole = (value: Maybe): string => shown(value, (number) => String(Math.round(number)));
/** Two digits after the point, as sar prints. */
export const two = (value: Maybe): string => shown(value, (number) => fixed(number, 2));
/** One digit, cut and not rounded, as ps prints shares. */
export const tenthsCut = (value: Maybe): string => shown(value, (number) => (Math.floor(number * 10) / 10).toFixed(1));
/** Bytes as KiB with two digits after the point and a K, as slabtop prints. */
export const kibTwo = (bytes: Maybe): string => shown(bytes, (value) => `${fixed(value / 1024, 2)}K`);

/** A share in percent; zero of zero is 0. */
export const share = (part: Maybe, all: Maybe): number | null =>
  part === null || part === undefined || all === null || all === undefined ? null : all > 0 ? (100 * part) / all : 0;

/** The sum, or null when a term is missing. */
export const sum = (...values: readonly Maybe[]): number | null =>
  values.every((value) => typeof value === 'number') ? values.reduce<number>((total, value) => total + (value ?? 0), 0) : null;

/** A difference that is not below zero, or null when one side is missing. */
export const less = (from: Maybe, ...parts: readonly Maybe[]): number | null => {
  const taken = sum(...parts);
  return typeof from !== 'number' || taken === null ? null : Math.max(0, from - taken);
};

const LETTERS = ['B', 'K', 'M', 'G', 'T', 'P', 'E'];

/** A size as util-linux prints it: `980M`, `611.6M`, `0B` (size_to_human_string() with one letter: one digit, rounded). */
export function human(bytes: number): string {
  let step = 0;
  while (step < LETTERS.length - 1 && bytes >= 1024 ** (step + 1)) step += 1;
  const tenths =
    Math.floor((Math.floor(((bytes % 1024 ** step) * 1000) / 1024 ** step) + 50) / 100) + 10 * Math.floor(bytes / 1024 ** step);
  return `${tenths % 10 === 0 ? tenths / 10 : (tenths / 10).toFixed(1)}${LETTERS[step] ?? ''}`;
}

/** KiB as top prints them in so many columns: whole, or scaled until they fit: `33.3g`. */
export function scaled(bytes: number, width: number): string {
  let value = bytes / 1024;
  if (value.toFixed(0).length <= width) return value.toFixed(0);
  for (const letter of ['m', 'g', 't', 'p']) {
    value /= 1024;
    const text = `${fixed(value, 1)}${letter}`;
    if (text.length <= width) return text;
  }
  return `${value.toFixed(0)}p`;
}
