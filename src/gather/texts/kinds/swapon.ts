import { defineText, oneSample } from '../kind.js';
import { size } from '../made/figures.js';
import { type SwapRow, swapsText } from '../made/files.js';
import { fits } from '../made/fits.js';
import { run } from '../shape.js';

const HEAD = /^\s*NAME(?:\s+(?:TYPE|SIZE|USED|PRIO|UUID|LABEL)){1,5}\s*$/;
const ROW =
  /^\s*(\S.{0,400}?)\s+(partition|file)\s+(\d[\d.,]{0,20}[KMGTPE]?i?B?)\s+(\d[\d.,]{0,20}[KMGTPE]?i?B?)\s+(-?\d{1,6})(?:\s+\S+){0,2}\s*$/;
const WITH_UNITS = /\s(?:partition|file)\s.*\d[KMGTPE]i?B?\s+.*-?\d/;
const NO_HEAD_OF_KERNEL = /^\s*Filename\s/;

/** Swap areas as swapon --show prints them, with units or in bytes; its older -s prints /proc/swaps. */
export default defineText({
  title: 'swapon --show',
  docs: 'https://man7.org/linux/man-pages/man8/swapon.8.html',
  origin: 'tool',
  hint: /\bswap(?:on|s)\b/,
  span: (lines, at) => {
    const first = lines[at] ?? '';
    if (fits(NO_HEAD_OF_KERNEL, first)) return 0;
    if (!fits(HEAD, first) && !(fits(ROW, first) && fits(WITH_UNITS, first))) return 0;
    return run(lines, at, (line) => fits(HEAD, line) || fits(ROW, line) || (fits(HEAD, first) && /^\s*\/\S+\s+\S/.test(line)), {
      elided: true,
    });
  },
  read: (lines) => {
    const inBytes = lines.some((line) => fits(HEAD, line));
    const rows = lines.flatMap((line) => rowOf(line, inBytes ? 1 : 1024) ?? []);
    return rows.length === 0 ? [] : oneSample(new Map([['proc/swaps', swapsText(rows)]]));
  },
});

function rowOf(line: string, unit: number): SwapRow | null {
  const match = fits(HEAD, line) ? null : ROW.exec(line);
  if (!match) return null;
  const [, name = '', type = '', total = '', used = '', priority = ''] = match;
  const [bytes, taken] = [size(total, unit), size(used, unit)];
  return bytes === null || taken === null
    ? null
    : { name: name.replaceAll(' ', '\\040'), type, size: bytes, used: taken, priority: Number(priority) };
}
