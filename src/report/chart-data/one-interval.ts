import { bytes, rate } from '../../format.js';
import { type BarRow, labelledBars } from '../../templates/charts/labelled-bars.js';
import type { Report } from '../report.js';

type Series = Report['series'];

/** What two samples tell: levels at the first and the last, and the rates between. Empty when there are more samples, or one. */
export function intervalFigures({ series, subject }: Report) {
  if (subject.samples !== 2) return { intervals: [], still: '' };
  const figures = [
    { title: 'From the first sample to the last', rows: levelRows(series, subject.totalBytes ?? 0), least: subject.totalBytes ?? 0 },
    { title: 'Reclaim and paging', rows: rates(series, PAGES, subject.pageSize), least: 100 },
    { title: 'How often tasks had to wait', rows: rates(series, WAITS, 1), least: 10 },
  ];
  const intervals = figures
    .filter(({ rows }) => rows.length > 0)
    .map(({ title, rows, least }) => ({
      title,
      svg: labelledBars(rows, `${title}: ${rows.map(({ label, value }) => `${label} ${value}`).join('; ')}.`, least),
    }));
  return { intervals, still: [...stillNames(series, LEVELS), ...stillNames(series, PAGES), ...stillNames(series, WAITS)].join(', ') };
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
    if (first === undefined || last === undefined || total === 0 || (first === 0 && last === 0)) return [];
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

type Rates = readonly (readonly [id: string, label: string, tone: string, inBytes: boolean])[];

/** Bars of the rates that are not zero; in pages when some are given in bytes. */
function rates(series: Series, rows: Rates, pageSize: number): BarRow[] {
  return rows.flatMap(([id, label, tone, inBytes]) => {
    const last = series[id]?.at(-1)?.[1] ?? 0;
    if (last === 0) return [];
    const value = inBytes ? last / pageSize : last;
    const text = rate(value, rows === PAGES ? 'pages' : '');
    return [{ label, value: text, parts: [{ label: `${label}: ${text}`, value, tone }] }];
  });
}

/** What is known to be zero, at the first sample too: a name in a line says as much as an empty bar. */
const stillNames = (series: Series, rows: readonly (readonly [id: string, label: string, ...unknown[]])[]): string[] =>
  rows.flatMap(([id, label]) => {
    const [first, last] = [series[id]?.[0]?.[1], series[id]?.at(-1)?.[1]];
    return first === 0 && last === 0 ? [label.replace(/:.*/s, '')] : [];
  });
