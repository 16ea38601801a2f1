import { bytes, percent, rate } from '../../format.js';
import { type Line, lineChart, lineKey, type Point } from '../../templates/charts/lines.js';
import type { Report } from '../report.js';

interface ChartOf {
  readonly title: string;
  readonly format: (value: number) => string;
  /** On the axis, where there is little room; `format` when it is short. */
  readonly tick?: (value: number) => string;
  readonly lines: readonly { readonly series: string; readonly name: string; readonly tone: string }[];
  readonly binary?: boolean;
  /** The values are those of moments, not of intervals. */
  readonly moments?: boolean;
  /** Drawn even when it is zero all the time, against at least this. */
  readonly atLeast?: number;
}

const pages = (value: number): string => rate(value, 'pages');
/** `20 k` for `20 k pages/s`. */
const short = (value: number): string => rate(value).replace('/s', '');
const perSecond = (value: number): string => `${bytes(value)}/s`;

const CHARTS: readonly ChartOf[] = [
  {
    title: 'Available memory',
    format: bytes,
    binary: true,
    moments: true,
    lines: [
      { series: 'mem.available_bytes', name: 'available', tone: 't0' },
      { series: 'mem.free_bytes', name: 'free', tone: 't2' },
    ],
  },
  {
    title: 'Stalled on memory',
    format: percent,
    atLeast: 1,
    lines: [
      { series: 'psi.mem.some_pct', name: 'some tasks', tone: 't1' },
      { series: 'psi.mem.full_pct', name: 'all tasks', tone: 't3' },
    ],
  },
  {
    title: 'Stalled on disks',
    format: percent,
    lines: [
      { series: 'psi.io.some_pct', name: 'some tasks', tone: 't1' },
      { series: 'psi.io.full_pct', name: 'all tasks', tone: 't3' },
    ],
  },
  { title: 'Swap used', format: bytes, binary: true, moments: true, lines: [{ series: 'swap.used_bytes', name: 'used', tone: 't3' }] },
  {
    title: 'Swap traffic, per second',
    binary: true,
    format: perSecond,
    tick: bytes,
    lines: [
      { series: 'swap.in_bytes_per_second', name: 'in', tone: 't0' },
      { series: 'swap.out_bytes_per_second', name: 'out', tone: 't3' },
    ],
  },
  {
    title: 'Reclaim, pages/s',
    format: pages,
    tick: short,
    lines: [
      { series: 'reclaim.scan_pages_per_second', name: 'scanned', tone: 't1' },
      { series: 'reclaim.steal_pages_per_second', name: 'freed', tone: 't2' },
    ],
  },
  {
    title: 'Allocations that had to reclaim',
    format: (value) => rate(value),
    lines: [{ series: 'reclaim.allocstall_per_second', name: 'stalled', tone: 't3' }],
  },
  {
    title: 'Refaults: evicted, read again, pages/s',
    format: pages,
    tick: short,
    lines: [
      { series: 'refault.file_pages_per_second', name: 'file', tone: 't2' },
      { series: 'refault.anon_pages_per_second', name: 'private', tone: 't0' },
    ],
  },
  {
    title: 'Major faults',
    format: (value) => rate(value),
    lines: [{ series: 'fault.major_per_second', name: 'waited for a disk', tone: 't4' }],
  },
];

const pointsOf = (series: Report['series'], id: string): Point[] =>
  (series[id] ?? []).flatMap(([x, y]): Point[] => (x === undefined || y === undefined ? [] : [[x, y]]));

/** The charts over the time of the sample, and the names of those that would show nothing but zero. */
export function timeCharts({ series }: Report) {
  const charts: { title: string; svg: string; keys: { line: string; name: string; said: string }[] }[] = [];
  const flat: string[] = [];
  for (const chart of CHARTS) {
    const lines: Line[] = chart.lines
      .map(({ series: id, name, tone }) => ({ name, tone, points: pointsOf(series, id) }))
      .filter(({ points }) => points.length > 1);
    if (lines.length === 0) continue;
    if (chart.atLeast === undefined && lines.every(({ points }) => points.every(([, y]) => y === 0))) {
      flat.push(chart.title.toLowerCase().replace(/[:,].*/, ''));
      continue;
    }
    // of two moments a line can be drawn, but it says less than the bars of single intervals
    if (Math.max(...lines.map(({ points }) => points.length)) < 3) continue;
    const svg = lineChart({
      label: label(chart, lines),
      lines,
      tick: chart.tick ?? chart.format,
      binary: chart.binary ?? false,
      intervals: chart.moments !== true,
      ...(chart.atLeast === undefined ? {} : { atLeast: chart.atLeast }),
    });
    charts.push({
      title: chart.title,
      svg,
      keys: lines.map(({ name, tone, points }, index) => ({
        line: lineKey(index, tone),
        name,
        said: chart.format(points.at(-1)?.[1] ?? 0),
      })),
    });
  }
  return { charts, flat: flat.join(', ') };
}

function label({ title, format }: ChartOf, lines: readonly Line[]): string {
  const said = lines.map(({ name, points }) => {
    const values = points.map(([, y]) => y);
    return `${name} from ${format(values[0] ?? 0)} to ${format(values.at(-1) ?? 0)}, between ${format(Math.min(...values))} and ${format(Math.max(...values))}`;
  });
  return `${title} over time: ${said.join('; ')}.`;
}
