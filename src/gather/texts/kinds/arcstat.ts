import { defineText, oneSample } from '../kind.js';
import { size } from '../made/figures.js';
import { fits } from '../made/fits.js';
import { run } from '../shape.js';

const HEAD = /^\s*(?:time\s+)?(?:[a-z%0-9]{1,12}\s+){1,30}(?:arcsz|size)\s+c(?:\s+[a-z%0-9]{1,12}){0,10}\s*$/i;
const ROW = /^\s*(?:\d{2}:\d{2}:\d{2}\s+)?(?:-?\d[\d.]{0,12}[KMGTP]?(?:\s+|$)){5,40}$/i;
/** Names of arcstats by those of the columns. */
const FIELDS: Readonly<Record<string, string>> = { arcsz: 'size', size: 'size', c: 'c' };

/** The cache of ZFS over time; the last row is kept. */
export default defineText({
  title: 'arcstat',
  docs: 'https://openzfs.github.io/openzfs-docs/man/master/1/arcstat.1.html',
  origin: 'tool',
  hint: /\barcstat\b/,
  span: (lines, at) => {
    if (!fits(HEAD, lines[at] ?? '')) return 0;
    const length = run(lines, at, (line, index) => index === at || fits(ROW, line) || fits(HEAD, line));
    return length > 1 ? length : 0;
  },
  read: (lines) => {
    const columns = (lines.findLast((line) => fits(HEAD, line)) ?? '').trim().toLowerCase().split(/\s+/);
    const words = (lines.findLast((line) => !fits(HEAD, line) && fits(ROW, line)) ?? '').trim().split(/\s+/);
    if (words.length !== columns.length) return [];
    const rows = columns.flatMap((column, at) => {
      const [field, bytes] = [FIELDS[column], size(words[at] ?? '')];
      return field === undefined || bytes === null ? [] : [`${field} 4 ${bytes}`];
    });
    return rows.length === 0 ? [] : oneSample(new Map([['proc/spl/kstat/zfs/arcstats', ['name type data', ...rows, ''].join('\n')]]));
  },
});
