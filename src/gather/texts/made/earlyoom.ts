import { takePrefix } from '../../kernel-log/prefix.js';
import { meminfoText } from './files.js';

/** `mem avail:  1503 of  5875 MiB (25.58%), swap free:    0 of    0 MiB ( 0.00%)`; until 1.2 after `Low memory! ` as well. */
const LINE =
  /^(?:earlyoom: |Low [Mm]emory! ){0,2}mem avail: {0,8}(\d{1,9}) of {1,8}(\d{1,9}) MiB \( {0,4}[\d.]{1,6} ?%?\).{0,24}, swap free: {0,8}(\d{1,9}) of {1,8}(\d{1,9}) MiB/;
const MIB = 1024 * 1024;

const figures = (line: string): RegExpExecArray | null => (line.includes('mem avail:') ? LINE.exec(takePrefix(line).text) : null);

/** True for a line in which earlyoom tells what it measured. */
export const isOfEarlyoom = (line: string): boolean => figures(line) !== null;

/** The last of what it measured, as /proc/meminfo; since 1.7 of what it calls user memory, which is nearly all. Null: nothing. */
export function meminfoOfEarlyoom(lines: readonly string[]): string | null {
  const last = lines.map(figures).findLast((match) => match !== null);
  if (!last) return null;
  const [available = 0, total = 0, swapFree = 0, swapTotal = 0] = last.slice(1).map((digits) => Number(digits) * MIB);
  return total === 0 ? null : meminfoText({ MemTotal: total, MemAvailable: available, SwapTotal: swapTotal, SwapFree: swapFree });
}
