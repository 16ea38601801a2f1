import { defineText, type TextSample } from '../kind.js';
import { fits } from '../made/fits.js';
import { tableOf } from '../made/sar-columns.js';
import { type SarRow, sarMoments } from '../made/sar-moments.js';
import { series } from '../made/series.js';
import { run } from '../shape.js';

const HEAD = /^# hostname;interval;timestamp;/;
const ROW = /^([^;\s]{1,253});(-?\d{1,9});([^;]{8,40});(.{1,2000})$/;
const LONGEST = 3000;
const ROWS = 2000;

/** sadf -d: what sar shows, with semicolons, and a time that says the date. */
export default defineText({
  title: 'sadf -d',
  docs: 'https://man7.org/linux/man-pages/man1/sadf.1.html',
  origin: 'tool',
  hint: /\bsadf\b/,
  span: (lines, at) =>
    fits(HEAD, lines[at] ?? '', LONGEST)
      ? run(lines, at, (line) => fits(HEAD, line, LONGEST) || fits(ROW, line, LONGEST), { elided: true, blanks: 1 })
      : 0,
  read: (lines): readonly TextSample[] => {
    let columns: readonly string[] = [];
    const rows: SarRow[] = [];
    let hostname = '';
    for (const line of lines) {
      if (HEAD.test(line)) {
        columns = line.split(';').slice(3);
        continue;
      }
      const [, host = '', interval = '', stamp = '', values = ''] = ROW.exec(line) ?? [];
      const at = epochOf(stamp);
      if (at === null || tableOf(columns) === 'other') continue;
      hostname = host;
      const seconds = Number(interval);
      rows.push({ table: tableOf(columns), since: seconds > 0 ? at - seconds : null, at, columns, words: values.split(';') });
    }
    const samples = series(sarMoments(rows.slice(-ROWS)), 0);
    const told = [['proc/sys/kernel/hostname', `${hostname}\n`]] as const;
    return samples.map((sample, index) => (index === 0 ? { ...sample, files: new Map([...sample.files, ...told]) } : sample));
  },
});

/** `2026-11-23 10:00:00 UTC`, or seconds since the epoch. A zone other than UTC is not known: its clock is taken for UTC. */
function epochOf(stamp: string): number | null {
  if (/^\d{9,11}$/.test(stamp)) return Number(stamp);
  const match = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})(?: \S{1,12})?$/.exec(stamp);
  if (!match) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}
