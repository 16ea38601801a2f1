import { bytes, rate } from '../../format.js';
import { type BarRow, labelledBars } from '../../templates/charts/labelled-bars.js';
import type { Report } from '../report.js';

type Series = Report['series'];

/** What two samples tell: levels at the first and the last, and the rates between. Empty when there are more samples, or one. */
export function intervalFigures({ series, subject }: Report) {
  if (subject.samples !== 2) return [];
  const figures = [
    { title: 'From the first sample to the last', rows: levelRows(series, subject.totalBytes ?? 0), least: subject.totalBytes ?? 0 },
    { title: 'Reclaim and paging', rows: rateRows(series, PAGES, subject.pageSize), least: 100 },
    { title: 'How often tasks had to wait', rows: rateRows(series, WAITS, 1), least: 10 },
  ];
  return figures
    .filter(({ rows }) => rows.length > 0)
    .map(({ title, rows, least }) => ({
      title,
      svg: labelledBars(rows, `${title}: ${rows.map(({ label, value }) => `${label} ${value}`).join('; ')}.`, least),
    }));
}

const LEVELS = [
  ['mem.available_bytes', 'available', 't0'],
  ['mem.free_bytes', 'free', 't2'],
  ['swap.used_bytes', 'swap used', 't3'],
  ['mem.dirty_bytes', 'dirty: not yet written', 't1'],
] as const;

function levelRows(series: Series, total: number): BarRow[] {
  return LEVELS.flatMap(([id, label, tone]) => {
    const [first, last] = [series[id]?.[0]?.[1], series[id]?.at(-1)?.[1]];
    if (first === undefined || last === undefined || total === 0) return [];
    const value = bytes(first) === bytes(last) ? bytes(last) : `${bytes(first)} → ${bytes(last)}`;
    const marks = [{ at: first, label: `first: ${bytes(first)}`, kind: 'before' as const }];
    return [{ label, value, parts: [{ label: `last: ${bytes(last)}`, value: last, tone }], marks }];
  });
}

const PAGES = [
  ['reclaim.scan_pages_per_second', 'scanned', 't1', false],
  ['reclaim.steal_pages_per_second', 'freed', 't2', false],
  ['refault.file_pages_per_second', 'file pages read again', 't4', false],
  ['refault.anon_pages_per_second', 'private pages read again', 't5', false],
  ['swap.in_bytes_per_second', 'swapped in', 't0', true],
  ['swap.out_bytes_per_second', 'swapped out', 't3', true],
] as const;

const WAITS = [
  ['fault.major_per_second', 'major faults: waited for a disk', 't4', false],
  ['reclaim.allocstall_per_second', 'allocations that had to reclaim', 't3', false],
] as const;

/** Bars of what is not zero all together; in pages when some are given in bytes. */
function rateRows(series: Series, rows: readonly (readonly [string, string, string, boolean])[], pageSize: number): BarRow[] {
  const found = rows.flatMap(([id, label, tone, inBytes]) => {
    const last = series[id]?.at(-1)?.[1];
    if (last === undefined) return [];
    const value = inBytes ? last / pageSize : last;
    return [
      {
        label,
        amount: value,
        value: rate(value, rows === PAGES ? 'pages' : ''),
        parts: [{ label: `${label}: ${rate(value)}`, value, tone }],
      },
    ];
  });
  return found.every(({ amount }) => amount === 0) ? [] : found.map(({ label, value, parts }) => ({ label, value, parts }));
}
