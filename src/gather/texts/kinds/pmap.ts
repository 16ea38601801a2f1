import { defineText, oneSample, type TextHost, type TextSample } from '../kind.js';
import { size } from '../made/figures.js';
import { fits } from '../made/fits.js';
import { processFiles, type ProcessRow } from '../made/processes.js';
import { defined } from '../made/ps-row.js';
import { run } from '../shape.js';

const TITLE = /^\s*(\d{1,10}):\s+(\S.{0,4000})$/;
const MAPPING = /^\s*[0-9a-f]{8,16}(?:-[0-9a-f]{8,16})?\s+(?:\d{1,15}K?|[r-][w-][xXs-])/;
const HEAD = /^\s*(?:Address|START)\b/;
const TOTAL = /^\s*total(?:\s+kB)?\s+\d{1,15}K?(?:\s+\d{1,15}K?|\s+-){0,4}\s*$/;
const MAPPED = /^\s*mapped:\s+(\d{1,15})K\s/;
const RULE = /^\s*[-=]{3,}(?:\s+[-=]{2,})*\s*$/;
const SUM = /^\s*\d{1,15}(?:\s+\d{1,15}){1,30}\s+KB\s*$/;

/** Mappings of one process. -x and -X tell what of them is in memory; without them only the address space is known, which says little. */
export default defineText({
  title: 'pmap',
  docs: 'https://man7.org/linux/man-pages/man1/pmap.1.html',
  origin: 'tool',
  hint: /\bpmap\b/,
  span: (lines, at) => {
    const next = lines[at + 1] ?? '';
    if (!fits(TITLE, lines[at] ?? '', 5000) || !(fits(MAPPING, next) || fits(HEAD, next))) return 0;
    return 1 + run(lines, at + 1, (line) => [MAPPING, HEAD, TOTAL, MAPPED, RULE, SUM].some((shape) => fits(shape, line)), { elided: true });
  },
  read: (lines, { pageSize }: TextHost): readonly TextSample[] => {
    const [, pid = '', args = ''] = TITLE.exec(lines[0] ?? '') ?? [];
    const process = processOf(Number(pid), args.trim(), lines);
    return process ? oneSample(new Map(processFiles(process, pageSize))) : [];
  },
});

const kib = (word: string | undefined): number | undefined => size(word ?? '', 1024) ?? undefined;

/** From the line of sums; null when it does not tell what is in memory. */
function processOf(pid: number, args: string, lines: readonly string[]): ProcessRow | null {
  const total = lines.find((line) => fits(TOTAL, line))?.match(/\d+/g) ?? [];
  if (total.length >= 2) return { pid, args, ...defined('vsize', kib(total[0])), ...defined('rss', kib(total[1])) };
  const names =
    lines
      .find((line) => fits(HEAD, line))
      ?.trim()
      .split(/\s+/) ?? [];
  const sums = lines.find((line) => fits(SUM, line))?.match(/\d+/g) ?? [];
  const from = names.indexOf('Size');
  const of = (name: string): number | undefined => (names.includes(name) && from >= 0 ? kib(sums[names.indexOf(name) - from]) : undefined);
  if (of('Rss') === undefined) return null;
  return {
    pid,
    args,
    ...defined('vsize', of('Size')),
    ...defined('rss', of('Rss')),
    ...defined('anon', of('Anonymous')),
    ...defined('swap', of('Swap')),
    ...defined('pss', of('Pss')),
    ...defined('locked', of('Locked')),
  };
}
