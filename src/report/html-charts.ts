import { bytes, percent, rate } from '../format.js';
import { bar } from '../templates/charts/bars.js';
import { type Line, lineChart, type Point } from '../templates/charts/lines.js';
import { stackedBar } from '../templates/charts/stacked-bar.js';
import { visible } from './escape.js';
import type { PageModel } from './model.js';
import type { Report } from './report.js';

type Balance = NonNullable<PageModel['balance']>;

/** The balance as one bar. */
export function balanceChart(balance: Balance): string {
  const whole = balance.lines.filter((line) => line.tone !== null);
  const parts = [
    ...whole.map((line) => ({ label: `${visible(line.name)}: ${line.size}, ${line.share}`, value: line.bytes, tone: line.tone ?? '' })),
    { label: `not accounted for: ${balance.unaccounted}, ${balance.unaccountedShare}`, value: balance.unaccountedBytes, tone: 'lost' },
  ];
  const largest = [...parts].sort((a, b) => b.value - a.value).slice(0, 5);
  return stackedBar(
    parts,
    `${balance.total} of memory. The largest parts: ${largest.map((part) => part.label).join('; ')}. The table below has all.`,
  );
}

interface ChartOf {
  readonly title: string;
  readonly format: (value: number) => string;
  readonly lines: readonly { readonly series: string; readonly name: string; readonly tone: string }[];
  readonly binary?: boolean;
  /** Drawn even when it is zero all the time, against at least this. */
  readonly atLeast?: number;
}

const CHARTS: readonly ChartOf[] = [
  { title: 'Available', format: bytes, binary: true, lines: [{ series: 'mem.available_bytes', name: 'MemAvailable', tone: 't0' }] },
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
    title: 'Swap traffic',
    binary: true,
    format: (value) => `${bytes(value)}/s`,
    lines: [
      { series: 'swap.in_bytes_per_second', name: 'in', tone: 't0' },
      { series: 'swap.out_bytes_per_second', name: 'out', tone: 't3' },
    ],
  },
  {
    title: 'Reclaim',
    format: (value) => rate(value),
    lines: [
      { series: 'reclaim.scan_pages_per_second', name: 'pages scanned', tone: 't1' },
      { series: 'reclaim.steal_pages_per_second', name: 'pages freed', tone: 't2' },
    ],
  },
];

/** The charts over the time of the sample, and the names of those that would show nothing but zero. */
export function seriesCharts(series: Report['series']) {
  const charts: { title: string; svg: string; keys: { name: string; tone: string }[] }[] = [];
  const flat: string[] = [];
  for (const chart of CHARTS) {
    const lines: Line[] = chart.lines
      .map(({ series: id, name, tone }) => ({
        name,
        tone,
        points: (series[id] ?? []).flatMap(([x, y]): Point[] => (x === undefined || y === undefined ? [] : [[x, y]])),
      }))
      .filter((line) => line.points.length > 1);
    if (lines.length === 0) continue;
    if (chart.atLeast === undefined && lines.every((line) => line.points.every(([, y]) => y === 0))) {
      flat.push(chart.title.toLowerCase());
      continue;
    }
    const svg = lineChart({
      label: label(chart, lines),
      lines,
      format: chart.format,
      binary: chart.binary ?? false,
      ...(chart.atLeast === undefined ? {} : { atLeast: chart.atLeast }),
    });
    charts.push({ title: chart.title, svg, keys: lines.map(({ name, tone }) => ({ name, tone })) });
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

/** One bar for each process, against the longest. */
export function processBars(rows: Report['tables']['processes']): string[] {
  const parts = rows.map((row) => [
    { label: `private ${bytes(row.anonBytes ?? 0)}`, value: row.anonBytes ?? 0, tone: 'anon' },
    { label: `shared ${bytes(row.shmemBytes ?? 0)}`, value: row.shmemBytes ?? 0, tone: 'shmem' },
    { label: `file ${bytes(row.fileBytes ?? 0)}`, value: row.fileBytes ?? 0, tone: 'file' },
    { label: `swapped out ${bytes(row.swapBytes ?? 0)}`, value: row.swapBytes ?? 0, tone: 'swap' },
  ]);
  const longest = Math.max(0, ...parts.map((row) => row.reduce((sum, part) => sum + part.value, 0)));
  return parts.map((row) => bar(row, longest, row.map((part) => part.label).join(', ')));
}
