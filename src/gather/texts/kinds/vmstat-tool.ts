import { defineText, type TextHost, type TextSample } from '../kind.js';
import { clock, size } from '../made/figures.js';
import { countersText, filesFrom, meminfoText } from '../made/files.js';
import { fits } from '../made/fits.js';
import { type Moment, series } from '../made/series.js';
import { optionsOf } from '../made/told.js';
import { run } from '../shape.js';

/** The columns since 2.6, by position: for output whose header is lost or translated. */
const COLUMNS = 'r b swpd free buff cache si so bi bo in cs us sy id wa st gu'.split(' ');
/** A clock that another program put before each row, and what its column is called. */
const CLOCK = String.raw`(?:(?:--time--|[Tt]ime|(?:\d{4}-\d{2}-\d{2}[ T])?\d{2}:\d{2}:\d{2})\s+)?`;
const GROUPS = new RegExp(
  String.raw`^\s*${CLOCK}(?:\S{0,9}\s?\w{0,12}-{1,30}\s{0,3}-{2,30}\w{2,14}-{2,30}\s|procs\s+(?:memory\b|-{2,30}memory-))`,
  'i',
);
const HEAD = new RegExp(String.raw`^\s*${CLOCK}r\s+b\s+(?:w\s+)?swpd\s+\S+\s+\S+\s+\S+\s+si\s+so\b`);
const ROW = new RegExp(String.raw`^\s*${CLOCK}\d{1,7}\s+\d{1,7}(?:\s+\d{1,15}){13,17}(?:\s+\d{4}-\d{2}-\d{2}\s+\d{2}:\d{2}:\d{2})?\s*$`);
const BEFORE = new RegExp(String.raw`^\s*${CLOCK}`);
const STAMP = /(\d{4})-(\d{2})-(\d{2})\s+(\d{2}):(\d{2}):(\d{2})\s*$/;
/** Bytes of a figure of memory by the value of -S. */
const UNITS: Readonly<Record<string, number>> = { k: 1000, K: 1024, m: 1e6, M: 2 ** 20 };

/** Memory, swap and I/O over time. The first row has the average since boot as its rates: it only says where the levels began. */
export default defineText({
  title: 'vmstat',
  docs: 'https://man7.org/linux/man-pages/man8/vmstat.8.html',
  origin: 'tool',
  hint: /\bvmstat\b/,
  span: (lines, at, hinted) => {
    const first = lines[at] ?? '';
    if (!fits(GROUPS, first) && !fits(HEAD, first) && !fits(ROW, first)) return 0;
    if (!lines.slice(at, at + 4).some((line) => fits(ROW, line))) return 0;
    const belongs = (line: string, index: number): boolean =>
      fits(ROW, line) || fits(HEAD, line) || fits(GROUPS, line) || (index > at && fits(GROUPS, lines[index - 1] ?? '') && !/\d/.test(line));
    const length = run(lines, at, belongs, { elided: true, blanks: 1 });
    const rows = lines.slice(at, at + length).filter((line) => fits(ROW, line)).length;
    return rows > 1 || (rows === 1 && (hinted || !fits(ROW, first))) ? length : 0;
  },
  read: (lines, host: TextHost) => readRows(lines, host),
});

function readRows(lines: readonly string[], { told, pageSize }: TextHost): readonly TextSample[] {
  const options = optionsOf(told, 'vmstat');
  const unit = UNITS[/\s-S\s?([kKmM])/.exec(options)?.[1] ?? 'K'] ?? 1024;
  const every = Number(/\s(\d{1,5}(?:\.\d)?)(?:\s|$)/.exec(options)?.[1] ?? 1);
  let columns: readonly string[] = COLUMNS;
  const sums = { pswpin: 0, pswpout: 0, pgpgin: 0, pgpgout: 0 };
  const moments: Moment[] = [];
  let last: number | null = null;
  const rows = lines.filter((line) => fits(ROW, line)).length;
  for (const line of lines) {
    if (fits(HEAD, line)) columns = line.replace(BEFORE, '').trim().split(/\s+/);
    if (!fits(ROW, line)) continue;
    const words = line.replace(BEFORE, '').trim().split(/\s+/);
    const of = (name: string): number | null => (columns.includes(name) ? size(words[columns.indexOf(name)] ?? '') : null);
    const memory = (name: string): number | null => scaled(of(name), unit);
    const stamp = epoch(line) ?? timeOfDay(line);
    // a clock goes back at midnight
    const at: number = stamp !== null && stamp >= (last ?? stamp) ? stamp : last === null ? 0 : last + every;
    const seconds = last === null ? 0 : Math.max(0, at - last);
    last = at;
    sums.pswpin += ((scaled(of('si'), unit) ?? 0) * seconds) / pageSize;
    sums.pswpout += ((scaled(of('so'), unit) ?? 0) * seconds) / pageSize;
    // blocks of 1024 bytes
    sums.pgpgin += (of('bi') ?? 0) * seconds;
    sums.pgpgout += (of('bo') ?? 0) * seconds;
    const [free, buff, cache, inact, active] = ['free', 'buff', 'cache', 'inact', 'active'].map(memory);
    moments.push({
      files: filesFrom({
        'proc/meminfo': meminfoText({
          MemFree: free,
          Buffers: buff,
          Cached: cache,
          Active: active,
          Inactive: inact,
          // how much swap is used is told (swpd), and never of how much: no field of the kernel says that
        }),
        'proc/vmstat': rows > 1 ? countersText(sums) : null,
      }),
      at,
    });
  }
  return series(moments, fits(STAMP, lines.findLast((line) => fits(ROW, line)) ?? '') ? 0 : null);
}

const scaled = (value: number | null, unit: number): number | null => (value === null ? null : value * unit);

/** Seconds since midnight of the clock before a row. */
function timeOfDay(line: string): number | null {
  const match = /^\s*(?:\d{4}-\d{2}-\d{2}[ T])?(\d{2}:\d{2}:\d{2})\s/.exec(line);
  return match ? clock(match[1] ?? '') : null;
}

function epoch(line: string): number | null {
  const match = STAMP.exec(line);
  if (!match) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}
