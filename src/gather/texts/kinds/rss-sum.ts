import { defineText } from '../kind.js';
import { decimal, unitOf } from '../made/figures.js';
import { psColumnOrder } from '../made/ps-told.js';
import { toldFigures } from '../made/told-figures.js';

/** `awk '{sum+=$6} END {print sum/1024}'`: the field that is added up, and what is printed of the sum. */
const SUM = /\bawk\s.{0,60}?\b(\w{1,12})\s?\+?=\s?(?:\1\s?\+\s?)?\$(\d{1,2})\b(.{0,80}?)\bEND\s?\{(.{1,120})\}/;
const NAMED = /(?:^|[ /_.-])(?:rss[ _-]?(?:sum|total)|(?:sum|total)[ _-]?(?:of[ _-])?rss)(?:[ _.-]|$)/i;
const FIGURE = /^\s*(?:[A-Za-z][\w ()]{0,40}[:=]?\s+)?(\d{1,15}(?:[.,]\d{1,9})?(?:e\+\d{1,2})?)\s?([KMGT]i?B?)?\s*$/;

/** The sum of RSS over all processes: one figure, so the command or the name of the text must tell what it is. */
export default defineText({
  title: 'sum of RSS over the rows of ps',
  docs: 'https://man7.org/linux/man-pages/man1/ps.1.html',
  origin: 'tool',
  hint: /\bps\b.{0,200}\|.{0,40}\bawk\b|rss/,
  span: (lines, at, hinted, told = '') => {
    if (!hinted || !FIGURE.test(lines[at] ?? '')) return 0;
    const only = lines.filter((line) => line.trim() !== '').length === 1;
    return Number(only && unitIn(told) !== null);
  },
  read: ([line = ''], { told = '' }) => {
    const [, digits = '', letters] = FIGURE.exec(line) ?? [];
    const value = /e\+/.test(digits) ? Number(digits) : decimal(digits, true);
    const unit = (letters === undefined ? null : unitOf(letters)) ?? unitIn(told);
    return value === null || unit === null ? [] : toldFigures({ rss: Math.round(value * unit) });
  },
});

/** Bytes of one in the figure by the command; null when the command does not add up RSS. */
function unitIn(told: string): number | null {
  if (told.length > 1000) return null;
  const [, , field = '', added = '', printed = ''] = SUM.exec(told) ?? [];
  if (field === '') return NAMED.test(told) ? 1024 : null;
  if (psColumnOrder(told.split('|')[0] ?? '')?.[Number(field) - 1] !== 'rss') return null;
  const divisors = [...`${added} ${printed}`.matchAll(/\/\s?\(?\s?(\d{1,10}(?:\s?\*\s?\d{1,10}){0,2})/g)].flatMap(([, product = '']) =>
    product.split('*').map(Number),
  );
  const divided = divisors.reduce((product, divisor) => product * (divisor > 0 ? divisor : 1), 1);
  return 1024 * divided;
}
