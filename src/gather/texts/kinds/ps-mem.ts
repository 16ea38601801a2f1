import { defineText } from '../kind.js';
import { size } from '../made/figures.js';
import { fits } from '../made/fits.js';
import { toldFigures } from '../made/told-figures.js';
import { run } from '../shape.js';

const HEAD = /^\s*Private\s+\+\s+Shared\s+=\s+RAM used(?:\s+Swap used)?\s+Program\s*$/;
const AMOUNT = String.raw`\d{1,7}(?:\.\d)? [KMGT]iB`;
const ROW = new RegExp(String.raw`^\s*${AMOUNT}\s+\+\s+${AMOUNT}\s+=\s+(${AMOUNT})\s+(?:${AMOUNT}\s+)?\S`);
/** Between rules of dashes; with -S what is in swap stands beside. */
const TOTAL = new RegExp(String.raw`^\s*(${AMOUNT})(?:\s+${AMOUNT})?\s*$`);
const RULE = /^\s*(?:-{20,60}|={20,60})\s*$/;

/** What each program uses, processes of a name together and shared memory counted once: the total is what processes hold. */
export default defineText({
  title: 'ps_mem',
  docs: 'https://github.com/pixelb/ps_mem',
  origin: 'tool',
  hint: /\bps_mem\b/,
  span: (lines, at) => {
    if (!fits(HEAD, lines[at] ?? '')) return 0;
    const belongs = (line: string, index: number): boolean => index === at || [ROW, TOTAL, RULE].some((kind) => fits(kind, line));
    const length = run(lines, at, belongs, { elided: true, blanks: 1 });
    return lines.slice(at, at + length).some((line) => fits(ROW, line)) ? length : 0;
  },
  read: (lines) => {
    const total = lines.map((line) => TOTAL.exec(line)?.[1]).findLast((word) => word !== undefined);
    const bytes = total === undefined ? null : size(total.replace(' ', ''));
    return bytes === null ? [] : toldFigures({ rss: bytes });
  },
});
