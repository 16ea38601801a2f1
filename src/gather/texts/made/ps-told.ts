/** The columns of rows of ps by the command that printed them: sort and awk take the header away. Pure. */
import type { Column } from './columns.js';
import { psColumns } from './ps-row.js';

/** What `ps aux` prints. */
const AUX = 'USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND'.split(' ');
const ALL = /(?:^|\s)-?(?:[aefglTxw]{0,6}u[aefglTxw]{0,6}|aux\w{0,4})(?:\s|$)/;
/** `-eo pid,rss,args`, `axo rss,comm`, `-o pid= -o rss=`: names, with a width or a header of their own perhaps. */
const FORMAT = /(?:^|\s)(?:-?[a-zA-Z]{0,6}o|--format[ =])\s{0,3}([a-z%_][\w%:=,]{1,200})/g;
/** `awk '{print $2, $4, $11}'`: fields and nothing else. */
const AWK = /\bawk\s+['"]\s*\{\s*print\s+(\$\d{1,2}(?:\s{0,3},?\s{0,3}(?:"(?:\\t|\s){1,8}"\s{0,3},?\s{0,3})?\$\d{1,2}){0,10})\s*;?\s*\}/;

/** The columns that the command line of a pipe from ps leaves; null when they are not told, or hold no pid. */
export function columnsTold(told: string | undefined): Column[] | null {
  if (told === undefined || told.length > 1000) return null;
  const [first = '', ...rest] = told.split('|');
  const options = /(?:^|[\s/])ps(\s.*|)$/.exec(first)?.[1];
  if (options === undefined) return null;
  const named = namesOf(options);
  const chosen = AWK.exec(rest.join('|'))?.[1];
  if (/\bawk\b/.test(rest.join('|')) && chosen === undefined) return null;
  const picked =
    chosen === undefined ? named : [...chosen.matchAll(/\$(\d{1,2})/g)].map(([, place]) => named?.[Number(place) - 1] ?? 'TTY');
  const columns = picked === null ? null : psColumns(picked.join(' ').toUpperCase());
  return columns?.some(({ name }) => name === 'pid') === true ? columns : null;
}

/** Our names of the columns that a command of ps prints, in their order; null for another command. */
export function psColumnOrder(command: string): readonly string[] | null {
  const options = command.length > 1000 ? undefined : /(?:^|[\s/])ps(\s.*|)$/.exec(command.trim())?.[1];
  const names = options === undefined ? null : namesOf(options);
  return names === null
    ? null
    : (psColumns(['PID', ...names].join(' ').toUpperCase())
        ?.slice(1)
        .map(({ name }) => name) ?? null);
}

function namesOf(options: string): string[] | null {
  const formats = [...options.matchAll(FORMAT)].flatMap(([, list = '']) => list.split(','));
  if (formats.length > 0) return formats.map((name) => name.replace(/[:=].*$/, '')).filter((name) => name !== '');
  return ALL.test(options) ? AUX : null;
}
