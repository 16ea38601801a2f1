import { defineText, type TextHost, type TextSample } from '../kind.js';
import { type Column, fields } from '../made/columns.js';
import { filesFrom, meminfoText } from '../made/files.js';
import { processFiles } from '../made/processes.js';
import { ramFile } from '../made/ram-share.js';
import { type Moment, rising, series } from '../made/series.js';
import { isTopRow, isUsualRow, topColumns, topProcess, usualColumns } from '../made/top-rows.js';
import { isFirstLine, isSummary, readSummary, type Summary } from '../made/top-summary.js';
import { run } from '../shape.js';

/** Frames of a session that are kept: the last. */
const FRAMES = 60;

/** top -b, or a screen of it: memory, and processes of any columns. Several frames give samples by their time of day. */
export default defineText({
  title: 'top',
  docs: 'https://man7.org/linux/man-pages/man1/top.1.html',
  origin: 'tool',
  hint: /\btop\b/,
  span: (lines, at, hinted) => {
    const first = lines[at] ?? '';
    if (!isFirstLine(first) && !isMemoryLine(first) && topColumns(first) === null && !isUsualRow(first)) return 0;
    const length = run(lines, at, belonging(lines, at), { elided: true, blanks: 2 });
    const part = lines.slice(at, at + length);
    const sure = part.some((line) => isFirstLine(line) || isMemoryLine(line) || topColumns(line) !== null);
    return sure || hinted || part.filter(isUsualRow).length > 2 ? length : 0;
  },
  read: (lines, host) => readFrames(lines, host),
});

/** A summary without its first line: only the two of memory have a form that nothing else has. */
const isMemoryLine = (line: string): boolean =>
  isSummary(line) && /^\s*(?:(?:[KMGTPE]iB|kB)\s+\S+\s*:|Mem:.*\d[KMG]? (?:total|used),)/i.test(line);

function belonging(lines: readonly string[], at: number): (line: string, index: number) => boolean {
  let columns: readonly Column[] | null = null;
  return (line, index) => {
    const head = topColumns(line);
    if (head) columns = head;
    if (head || isSummary(line) || isUsualRow(line)) return true;
    if (columns && isTopRow(line, columns)) return true;
    // the command of a row that was wrapped
    return index > at && columns === null && /^\s*\[?[\w./:+-]{1,60}\]?\s*$/.test(line) && endsBare(lines[index - 1] ?? '');
  };
}

const endsBare = (line: string): boolean => isUsualRow(line) && /\d[.,:]\d\d\s*$/.test(line);

function readFrames(lines: readonly string[], { pageSize }: TextHost): readonly TextSample[] {
  const later = rising();
  const moments: Moment[] = [];
  for (const frame of framesOf(lines).slice(-FRAMES)) {
    const summary = readSummary(frame.filter(isSummary));
    const files = new Map([...summaryFiles(summary), ...rowFiles(frame, pageSize)]);
    moments.push({ files, at: summary.clock === null ? null : later(summary.clock) });
  }
  return series(moments);
}

function framesOf(lines: readonly string[]): string[][] {
  const frames: string[][] = [[]];
  let rows = false;
  for (const line of lines) {
    // frames that lost their first line are told apart by the next summary or header after rows
    if ((isFirstLine(line) && frames.at(-1)?.length !== 0) || (rows && (isMemoryLine(line) || topColumns(line)))) {
      frames.push([]);
      rows = false;
    }
    if (isUsualRow(line)) rows = true;
    frames.at(-1)?.push(line);
  }
  return frames;
}

function summaryFiles({ memory, loads, running, total, uptime }: Summary): ReadonlyMap<string, string> {
  return filesFrom({
    'proc/meminfo': memory['MemTotal'] === undefined || memory['MemTotal'] === null ? null : meminfoText(possible(memory)),
    // threads are counted as tasks only with -H: the least that it can be
    'proc/loadavg': loads === null || total === null ? null : `${loads.join(' ')} ${running ?? 0}/${total} 0\n`,
    // whole minutes; the idle time is not told
    'proc/uptime': uptime === null ? null : `${uptime}.00 0.00\n`,
  });
}

/** busybox printed what happened to lie in its memory as “cached” where the kernel did not tell it in the way it expected. */
function possible(memory: Summary['memory']): Summary['memory'] {
  return (memory['Cached'] ?? 0) > (memory['MemTotal'] ?? 0) ? { ...memory, Cached: null } : memory;
}

function rowFiles(frame: readonly string[], pageSize: number): [string, string][] {
  let columns: readonly Column[] = usualColumns();
  const seen = new Set<string>();
  const shares: { rss: string | undefined; share: string | undefined }[] = [];
  const processes = frame.flatMap((line, index) => {
    const head = topColumns(line);
    if (head) columns = head;
    if (head || isSummary(line)) return [];
    const whole = endsBare(line) && !isUsualRow(frame[index + 1] ?? '') ? `${line} ${(frame[index + 1] ?? '').trim()}` : line;
    const row = isTopRow(whole, columns) ? fields(whole, columns) : null;
    const process = row && !isThread(row, seen) ? topProcess(row) : null;
    if (row) shares.push({ rss: row.get('rss'), share: row.get('%MEM') ?? row.get('mem') });
    return process ? processFiles(process, pageSize) : [];
  });
  return [...processes, ...ramFile(shares)];
}

/** htop (whose priority is PRI) has a row for each thread, with the sizes of its process. */
function isThread(row: ReadonlyMap<string, string>, seen: Set<string>): boolean {
  if (!row.has('PRI')) return false;
  const same = ['USER', 'vsz', 'rss', 'shared', 'args'].map((name) => row.get(name)?.replace(/^[\s│├└─|`-]+/, '')).join(' ');
  return seen.size === seen.add(same).size;
}
