import { defineText, oneSample, type TextHost, type TextSample } from '../kind.js';
import { type Column, fields } from '../made/columns.js';
import { processFiles } from '../made/processes.js';
import { bareColumns, isAuxRow, isThreeRow } from '../made/ps-bare.js';
import { psColumns, psProcess } from '../made/ps-row.js';
import { columnsTold } from '../made/ps-told.js';
import { ramFile } from '../made/ram-share.js';
import { ELIDED, run } from '../shape.js';

/** Processes beyond so many are left out: the largest of them are looked for, and two files of each are kept. */
const MOST = 20_000;

/** A process list with a header of any columns; without one, as `ps aux` prints it. */
export default defineText({
  title: 'ps',
  docs: 'https://man7.org/linux/man-pages/man1/ps.1.html',
  origin: 'tool',
  hint: /\bps\b/,
  span: (lines, at, hinted, told) => {
    const first = lines[at] ?? '';
    const columns = psColumns(first, lines[at + 1]);
    if (columns === null) return bareSpan(lines, at, hinted) || (hinted ? toldSpan(lines, at, columnsTold(told)) : 0);
    let current = columns;
    return run(
      lines,
      at,
      (line, index) => {
        if (index === at) return true;
        const again = psColumns(line, lines[index + 1]);
        // another list, of other columns, is another block
        if (again) return again.map(({ name }) => name).join(' ') === columns.map(({ name }) => name).join(' ');
        current = columns;
        return isRow(line, current);
      },
      { elided: true },
    );
  },
  read: (lines, host) => readRows(lines, host),
});

function isRow(line: string, columns: readonly Column[]): boolean {
  if (line.trim() === '' || ELIDED.test(line)) return false;
  const row = fields(line, columns);
  if (row === null) return false;
  const pid = row.get('pid');
  if (columns.some(({ name }) => name === 'pid')) return pid !== undefined && /^(?:\d{1,10}|-)$/.test(pid) && (pid !== '-' || row.size > 2);
  return /^[\d.,]+[kmgt]?$/i.test(row.get('rss') ?? row.get('vsz') ?? '');
}

function bareSpan(lines: readonly string[], at: number, hinted: boolean): number {
  const length = run(lines, at, isAuxRow, { elided: true });
  if (length > 0) return length;
  // looked at once, from the first of such rows on
  if (!hinted || isThreeRow(lines[at - 1] ?? '')) return 0;
  const three = run(lines, at, isThreeRow, { elided: true });
  return bareColumns(lines.slice(at, at + three).filter(isThreeRow)) ? three : 0;
}

/** Rows whose header is lost, by the columns that their command asked for; each must have all the figures. */
function toldSpan(lines: readonly string[], at: number, columns: readonly Column[] | null): number {
  if (columns === null) return 0;
  const numbers = columns.filter(({ kind }) => kind === 'number').map(({ name }) => name);
  const complete = (line: string): boolean => {
    const row = isRow(line, columns) ? fields(line, columns) : null;
    return row !== null && numbers.every((name) => row.has(name)) && row.size === columns.length;
  };
  const length = run(lines, at, complete, { elided: true });
  return length > 1 ? length : 0;
}

function readRows(lines: readonly string[], { pageSize, ram, told }: TextHost): readonly TextSample[] {
  const files = new Map<string, string>();
  const headed = psColumns(lines[0] ?? '', lines[1]) !== null;
  let columns = bareColumns(lines.filter((line) => line.trim() !== '' && !ELIDED.test(line))) ?? (headed ? null : columnsTold(told));
  let owner: { row: ReadonlyMap<string, string>; threads: number } | null = null;
  const shares: { rss: string | undefined; share: string | undefined }[] = [];
  const keep = (): void => {
    if (owner) shares.push({ rss: owner.row.get('rss'), share: owner.row.get('share') });
    const process = owner && files.size < MOST * 4 ? psProcess(owner.row, pageSize, ram) : null;
    if (!process || !owner) return;
    for (const [path, text] of processFiles({ ...process, threads: process.threads ?? Math.max(1, owner.threads) }, pageSize))
      files.set(path, text);
  };
  for (const [index, line] of lines.entries()) {
    const head = psColumns(line, lines[index + 1]);
    if (head) {
      columns = head;
      continue;
    }
    const row = columns === null || line.trim() === '' || ELIDED.test(line) ? null : fields(line, columns);
    if (row === null) continue;
    // with -m and -L threads have rows: "-" for the pid, or the pid of the process again
    const same = owner !== null && (row.get('pid') === '-' || (row.has('tid') && row.get('pid') === owner.row.get('pid')));
    if (owner && same) {
      owner.threads += 1;
      continue;
    }
    keep();
    owner = { row, threads: row.has('tid') ? 1 : 0 };
  }
  keep();
  return files.size === 0 ? [] : oneSample(new Map([...files, ...ramFile(shares)]));
}
