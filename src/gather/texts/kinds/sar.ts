import { defineText, type TextSample } from '../kind.js';
import { columnsByShape, tableOf } from '../made/sar-columns.js';
import { type SarRow, sarMoments } from '../made/sar-moments.js';
import { type Banner, bannerOf, isAverage, isFigures, isHead, isRestart, timedOf } from '../made/sar-rows.js';
import { rising, series } from '../made/series.js';
import { ELIDED } from '../shape.js';

/** Rows of a table that are kept: the last. */
const ROWS = 2000;

/** sar -B -H -r -S -W -q and all else that -A prints: memory, paging and swapping over time, from any version and locale. */
export default defineText({
  title: 'sar',
  docs: 'https://man7.org/linux/man-pages/man1/sar.1.html',
  origin: 'tool',
  hint: /\bsar(?:\b|\d)/,
  span: (lines, at, hinted) => {
    if (!begins(lines, at, hinted)) return 0;
    let end = at;
    for (let index = at; index < lines.length; index += 1) {
      const line = lines[index] ?? '';
      // another host or day is another block
      if (index > at && bannerOf(line) && bannerOf(lines[at] ?? '')) break;
      if (line.trim() === '' || ELIDED.test(line)) continue;
      if (!belongs(line)) break;
      end = index + 1;
    }
    return end - at;
  },
  read: (lines) => readReport(lines),
});

function begins(lines: readonly string[], at: number, hinted: boolean): boolean {
  const first = lines[at] ?? '';
  if (bannerOf(first)) {
    // iostat and pidstat begin alike
    const next = timedOf(lines.slice(at + 1, at + 4).find((line) => line.trim() !== '') ?? '');
    return next !== null && !next.words.includes('PID') && !next.words.includes('TGID');
  }
  const timed = timedOf(first);
  if (!timed) return false;
  if (isHead(timed.words)) return tableOf(timed.words) !== 'other' || (hinted && isFigures(timedOf(lines[at + 1] ?? '')?.words ?? []));
  return hinted && columnsByShape(timed.words) !== null;
}

const belongs = (line: string): boolean => timedOf(line) !== null || isAverage(line) || bannerOf(line) !== null;

function readReport(lines: readonly string[]): readonly TextSample[] {
  let banner: Banner | null = null;
  let columns: readonly string[] | null = null;
  let since: number | null = null;
  let later = rising();
  let booted = -Infinity;
  const rows: SarRow[] = [];
  for (const line of lines) {
    banner ??= bannerOf(line);
    if (bannerOf(line) || isAverage(line)) {
      columns = null;
      continue;
    }
    const timed = timedOf(line);
    if (!timed || timed.words[0] === 'COM') continue;
    if (isRestart(line)) {
      booted = Math.max(booted, later(timed.clock));
      since = null;
      continue;
    }
    if (isHead(timed.words)) {
      const again = columns !== null && timed.words.join(' ') === columns.join(' ');
      columns = timed.words;
      // each table begins the day anew; a header that is repeated goes on with it
      if (!again) later = rising();
      since = later(timed.clock);
      continue;
    }
    columns ??= columnsByShape(timed.words);
    if (columns === null || timed.words.length < Math.min(2, columns.length)) continue;
    const at = later(timed.clock);
    const table = tableOf(columns);
    if (table !== 'other') rows.push({ table, since, at, columns, words: timed.words });
    since = at;
  }
  const date = banner?.date ?? null;
  // rows before a restart belong to another boot
  const lately = rows.filter(({ at }) => at > booted);
  const samples = series(sarMoments(lastRows(lately.length > 0 ? lately : rows)), date);
  return samples.map((sample, index) =>
    index === 0 && banner ? { ...sample, files: new Map([...sample.files, ...told(banner)]) } : sample,
  );
}

/** The last rows of each table. */
function lastRows(rows: readonly SarRow[]): readonly SarRow[] {
  if (rows.length <= ROWS) return rows;
  const times = [...new Set(rows.map(({ at }) => at))].sort((a, b) => a - b);
  const from = times.at(-ROWS) ?? 0;
  return rows.filter(({ at }) => at >= from);
}

const told = ({ release, host, machine }: Banner): [string, string][] => [
  ['proc/version', `Linux version ${release}\n`],
  ['proc/sys/kernel/osrelease', `${release}\n`],
  ['proc/sys/kernel/hostname', `${host}\n`],
  ...(machine === null ? [] : [['proc/sys/kernel/arch', `${machine}\n`] as [string, string]]),
];
