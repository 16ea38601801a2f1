/**
 * Tables whose line ends were lost on their way here: a web page, a chat or a ticket system made one line of them. A header that
 * a tool prints, with rows of it on the same line, tells where each line ended. Pure.
 */

import { timeOfLine } from './date-line.js';
import { isAuxRow } from './made/ps-bare.js';

const SIZE = String.raw`\d[\d.,]{0,14}[BKMGTP]?i?B?`;
const NUMBER = String.raw`\d{1,15}`;

interface Flat {
  /** A word that every such line has: most lines are passed over by it. */
  readonly sign: string;
  readonly head: RegExp;
  /** One row of it; sticky. */
  readonly row: RegExp;
  /** A row has as many words as the header. */
  readonly even?: boolean;
  /** The last column is a command with its arguments: words after a row belong to it, up to where the next row begins. */
  readonly open?: boolean;
}

/** One form a tool; the rows are so plain that prose after them does not match. */
const FORMS: readonly Flat[] = [
  {
    sign: 'Mem:',
    head: /(?<!\S)total\s+used\s+free(?:\s+shared\s+(?:buff\/cache\s+available|buffers\s+cached?(?:\s+available)?))?(?=\s+Mem:\s)/,
    row: new RegExp(String.raw`\s*(?:Mem|Swap|Low|High|Total|-\/\+ buffers\/cache):(?:\s+${SIZE}(?!\S)){2,7}`, 'y'),
  },
  {
    sign: 'swpd',
    head: /(?<!\S)r\s+b\s+swpd\s+free\s+(?:buff\s+cache|inact\s+active)\s+si\s+so\s+bi\s+bo\s+in\s+cs\s+us\s+sy\s+id(?:\s+wa)?(?:\s+st)?(?:\s+gu)?(?=\s+\d)/,
    row: new RegExp(String.raw`(?:\s*${NUMBER}(?!\S)){15,18}`, 'y'),
    even: true,
  },
  {
    sign: '%MEM',
    head: /(?<!\S)USER\s+PID\s+%CPU\s+%MEM\s+VSZ\s+RSS\s+TTY\s+STAT\s+START\s+TIME\s+COMMAND(?=\s)/,
    row: /\s*\S{1,32}\s+\d{1,10}\s+\d{1,4}\.\d\s+\d{1,3}\.\d\s+\d{1,15}\s+\d{1,15}\s+\S{1,12}\s+[RSDZTtXIW][<NLsl+]{0,5}\s+\S{4,8}\s+\d{1,7}:\d\d\s+\S+/y,
    open: true,
  },
  {
    sign: 'VIRT',
    head: /(?<!\S)PID\s+USER\s+PR\s+NI\s+VIRT\s+RES\s+SHR\s+S\s+%CPU\s+%MEM\s+TIME\+\s+COMMAND(?=\s)/,
    row: /\s*\d{1,10}\s+\S{1,32}\s+(?:-?\d{1,3}|rt)\s+-?\d{1,2}(?:\s+\d[\d.]{0,12}[kmgtp]?){3}\s+[A-Z]\s+\d{1,5}\.?\d?\s+\d{1,3}\.\d\s+\d{1,7}:\d\d\.\d\d\s+\S+/y,
    open: true,
  },
  {
    sign: 'Use%',
    head: /(?<!\S)Filesystem\s+(?:Type\s+)?(?:Size|1[KM]-blocks|1024-blocks)\s+Used\s+Avail(?:able)?\s+Use%\s+Mounted on(?=\s)/,
    row: new RegExp(String.raw`\s*\S{1,200}(?:\s+[a-z][\w.]{1,20})?(?:\s+${SIZE}){3}\s+\d{1,3}%\s+\/\S{0,200}`, 'y'),
  },
  {
    sign: 'OBJ/SLAB',
    head: /(?<!\S)OBJS\s+ACTIVE\s+USE\s+OBJ SIZE\s+SLABS\s+OBJ\/SLAB\s+CACHE SIZE\s+NAME(?=\s)/,
    row: /\s*\d{1,12}\s+\d{1,12}\s+\d{1,3}%\s+\d{1,6}\.\d\dK\s+\d{1,10}\s+\d{1,6}\s+\d{1,12}K\s+\S{1,60}/y,
  },
  {
    sign: 'Filename',
    head: /(?<!\S)Filename\s+Type\s+Size\s+Used\s+Priority(?=\s)/,
    row: /\s*\/\S{1,200}\s+(?:partition|file)\s+\d{1,15}\s+\d{1,15}\s+-?\d{1,6}/y,
  },
];

/** The parts of the summary of top: each began a line. */
const SUMMARY = /^\s*top - \d\d:\d\d:\d\d up .{0,200}?\sTasks:\s/;
const PART = /(?<!\b[KMG]iB)\s+(?=(?:Tasks:|%?Cpu\(s\):|(?:[KMG]iB )?(?:Mem|Swap) ?:|PID\s+USER\s)\s*)/;

/** A date, and what `echo $(date) $(…)` has put after it. */
const DATED = /^\s*((?:\p{L}{2,4}\.? .{14,30}? \d{4}|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S{0,8}))[:,]?\s+(\S.*)$/u;

/** The lines that one line was; the line itself when it is none of such tables. */
export function unflattened(line: string): readonly string[] {
  if (line.length < 40) return [line];
  const [, date = '', row = ''] = /^\s*(?:\p{L}{2,4}\.? |\d{4}-)/u.test(line) ? (DATED.exec(line) ?? []) : [];
  if (date !== '' && isAuxRow(row) && timeOfLine(date) !== null) return [date, row];
  if (SUMMARY.test(line)) return line.split(PART).flatMap((part) => tableIn(part) ?? [part]);
  return tableIn(line) ?? [line];
}

/** What stands before a table, the lines of the table, and what stands after it; null when there is none in the line. */
function tableIn(line: string): string[] | null {
  for (const form of FORMS) {
    const head = line.includes(form.sign) ? form.head.exec(line) : null;
    if (head === null) continue;
    const columns = head[0].trim().split(/\s+/).length;
    const rows: string[] = [];
    let at = head.index + head[0].length;
    while (at < line.length) {
      form.row.lastIndex = at;
      const row = form.row.exec(line)?.[0];
      const own = row === undefined || form.even !== true ? row : firstWords(row, columns);
      if (own === undefined) break;
      const end = at + own.length;
      const next = form.open === true ? end + restOf(line, end, form.row) : end;
      rows.push(line.slice(at, next).trim());
      at = next;
    }
    if (rows.length === 0) continue;
    const rest = line.slice(at).trim();
    return [line.slice(0, head.index).trim(), head[0].trim(), ...rows, ...(tableIn(rest) ?? [rest])].filter((piece) => piece !== '');
  }
  return null;
}

/** The first so many words of a row; undefined when it has less. */
function firstWords(row: string, count: number): string | undefined {
  const words = [...row.matchAll(/\s*\S+/g)].slice(0, count);
  return words.length < count ? undefined : words.map(([word]) => word).join('');
}

/** Arguments of a command are no more words than this. */
const MOST_WORDS = 40;

/** How many characters stand before the next row of the kind; up to the end when there is none. */
function restOf(line: string, from: number, row: RegExp): number {
  const words = /\s+\S+/y;
  let at = from;
  for (let count = 0; count < MOST_WORDS && at < line.length; count += 1) {
    row.lastIndex = at;
    if (row.test(line)) break;
    words.lastIndex = at;
    const word = words.exec(line);
    if (word === null) break;
    at += word[0].length;
  }
  return at - from;
}
