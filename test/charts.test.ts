/** The pictures: data in, SVG text out. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveFacts } from '../src/facts/derive.js';
import { intervalFigures } from '../src/report/chart-data/one-interval.js';
import { timeCharts } from '../src/report/chart-data/over-time.js';
import { oomFigures } from '../src/report/chart-data/oom.js';
import { pressureFigures } from '../src/report/chart-data/pressure.js';
import { cgroupBars } from '../src/report/chart-data/table-bars.js';
import { freeListMap, watermarkBars } from '../src/report/chart-data/zones.js';
import type { Report } from '../src/report/report.js';
import { render } from '../src/report/render.js';
import { seriesOf } from '../src/report/series.js';
import { tablesOf } from '../src/report/tables.js';
import type { Sample, Snapshot } from '../src/gather/snapshot.js';
import { bar } from '../src/templates/charts/bars.js';
import { heatMap } from '../src/templates/charts/heat-map.js';
import { labelledBars } from '../src/templates/charts/labelled-bars.js';
import { lineChart } from '../src/templates/charts/lines.js';
import { stackedBar } from '../src/templates/charts/stacked-bar.js';
import { sampleReport } from './report-sample.js';

const MIB = 1 << 20;
const NASTY = '<b>"&\'x</title>';
const part = (value: number, label = 'x') => ({ label, value, tone: 't0' });
const numbers = fc.double({ noDefaultInfinity: true, noNaN: true, min: -1e15, max: 1e15 });

/** Every number of a picture is one, and no part of it begins or ends beyond its place. */
function checkSvg(svg: string): void {
  expect(svg).not.toMatch(/NaN|Infinity|undefined|null|\sstyle=|url\(/);
  for (const [, share] of svg.matchAll(/ (?:x|x1|x2|width)="(-?[\d.]+)%"/g)) {
    expect(Number(share)).toBeGreaterThanOrEqual(0);
    expect(Number(share)).toBeLessThanOrEqual(100);
  }
}

describe('every kind of chart', () => {
  const kinds: Readonly<Record<string, (values: readonly number[], text: string) => string>> = {
    'stacked bar': (values, text) =>
      stackedBar(
        values.map((value) => ({ ...part(value, text), letter: 'A', name: text })),
        text,
      ),
    bar: (values, text) =>
      bar(
        values.map((value) => part(value, text)),
        values[0] ?? 0,
        [{ at: values[1] ?? 0, label: text, kind: 'limit' }],
      ),
    'labelled bars': (values, text) =>
      labelledBars(
        values.map((value) => ({ label: text, value: text, parts: [part(value, text)] })),
        text,
      ),
    lines: (values, text) =>
      lineChart({
        label: text,
        tick: () => text,
        lines: [{ name: text, tone: 't0', points: values.map((value, index) => [index, value]) }],
      }),
    'heat map': (values, text) =>
      heatMap(
        values.map(() => text),
        [{ label: text, value: text, cells: values.map((value) => ({ text, hint: text, share: value })) }],
        text,
      ),
  };

  it.each(Object.entries(kinds))('%s escapes what it is given', (_, draw) => {
    const svg = draw([1, 2, 3], NASTY);
    expect(svg).not.toMatch(/<b>|<\/title>x/);
    expect(svg).toContain('&lt;b&gt;');
    expect(svg.replaceAll(/<\/?(?:svg|rect|line|text|title|path)(?: [\w-]+="[^"<>]*")*\/?>/gi, '')).not.toMatch(/[<>]/);
  });

  it.each(Object.entries(kinds))('%s draws any numbers', (_, draw) => {
    fc.assert(
      fc.property(fc.array(numbers, { maxLength: 8 }), (values) => checkSvg(draw(values, 'x'))),
      { numRuns: 60 },
    );
  });

  it.each(Object.entries(kinds))('%s draws the same twice', (_, draw) => expect(draw([3, 1], 'x')).toBe(draw([3, 1], 'x')));
});

describe('what the pictures say', () => {
  it('parts too narrow bear no letter, wide ones their name', () => {
    const svg = stackedBar(
      [
        { label: 'a', value: 96, tone: 't0', letter: 'A', name: 'anonymous' },
        { label: 'b', value: 1, tone: 't1', letter: 'B', name: 'slab' },
        { label: 'c', value: 3.9, tone: 't2', letter: 'C', name: 'file' },
      ],
      'x',
    );
    expect([...svg.matchAll(/<text[^>]*>([^<]*)/g)].map(([, text]) => text)).toEqual(['A', 'anonymous', 'C']);
  });

  it('a step holds its value over the interval that ends there', () => {
    const svg = lineChart({
      label: 'x',
      tick: String,
      intervals: true,
      lines: [
        {
          name: 'a',
          tone: 't0',
          points: [
            [1, 10],
            [2, 0],
          ],
        },
      ],
    });
    const d = /class="line l0 t0" d="([^"]*)"/.exec(svg)?.[1] ?? '';
    expect(d.startsWith('M0,')).toBe(true);
    expect(d).toContain('L500,1000L1000,1000');
  });

  it('free lists: a cell for each order of the longest, sizes by the page', () => {
    const row = { freeBytes: 1, minBytes: null, lowBytes: null, highBytes: null, managedBytes: null };
    const svg = freeListMap(
      [
        { ...row, name: 'Node 0 Normal', freeBlocks: [1200, 0, 5] },
        { ...row, name: 'Node 0 DMA', freeBlocks: [1] },
      ],
      65_536,
    );
    expect(svg).toContain('>64K<');
    expect(svg).toContain('>256K<');
    expect(svg).toContain('>1.2k<');
    expect(svg.match(/class="heat"/g)).toHaveLength(6);
    expect(freeListMap([{ ...row, name: 'x', freeBlocks: null }], 4096)).toBe('');
  });

  it('zones: the place between the marks, in words', () => {
    const zone = { name: 'Node 0 Normal', minBytes: 10, lowBytes: 20, highBytes: 30 };
    for (const [freeBytes, words] of [
      [5, 'below min'],
      [15, 'below low'],
      [25, 'below high'],
      [35, 'above high'],
    ] as const)
      expect(watermarkBars([{ ...zone, freeBytes }])).toContain(words);
    expect(watermarkBars([{ ...zone, freeBytes: null }])).toBe('');
  });

  it('control groups: against the limit, without one against all RAM', () => {
    const row = { ...sampleReport().tables.cgroups[0]!, currentBytes: 50, workingSetBytes: 40, limitBytes: 100, highBytes: 80 };
    const [limited = '', free = ''] = cgroupBars([row, { ...row, limitBytes: null, highBytes: null }], 1000);
    expect(limited).toContain('class="t0" x="0%" y="3" width="40%"');
    expect(limited).toContain('class="mark high" x1="80%"');
    expect(limited).toContain('class="mark limit" x1="100%"');
    expect(free).toContain('class="t0" x="0%" y="3" width="4%"');
  });

  it('stalls: the sample beside the averages, on one scale for all', () => {
    const report = sampleReport();
    const facts = { ...report.facts };
    for (const span of ['pct', 'avg10', 'avg60', 'avg300']) facts[`psi.io.some.${span}`] = { value: 44, unit: '%', from: [] };
    const { pressure: figures } = pressureFigures({ ...report, facts });
    expect(figures.map(({ title, scale }) => [title, scale])).toEqual([
      ['Memory', '50 %'],
      ['Disk', '50 %'],
    ]);
    expect(figures[1]?.svg).toContain('last 5 minutes');
    expect(pressureFigures({ ...report, facts: {} })).toEqual({ pressure: [], calm: '' });
    for (const span of ['pct', 'avg10', 'avg60', 'avg300']) facts[`psi.io.some.${span}`] = { value: 0, unit: '%', from: [] };
    const calm = pressureFigures({ ...report, facts });
    expect(calm.pressure.map(({ title }) => title)).toEqual(['Memory']);
    expect(calm.calm).toBe('No stalls at all, in all spans: Disk.');
  });

  it('two samples: levels and rates as bars, and no lines', () => {
    const report = sampleReport();
    const two: Report = {
      ...report,
      subject: { ...report.subject, samples: 2 },
      series: Object.fromEntries(Object.entries(report.series).map(([id, points]) => [id, points.slice(-1)])),
    };
    expect(timeCharts(two).charts).toEqual([]);
    const { intervals, still } = intervalFigures(two);
    const [levels, paging] = intervals;
    expect(levels?.title).toBe('From the first sample to the last');
    expect(paging?.svg).toContain('swapped in');
    for (const name of still.split(', ').filter(Boolean)) expect(intervals.some(({ svg }) => svg.includes(`>${name}<`))).toBe(false);
    expect(intervalFigures(report)).toEqual({ intervals: [], still: '' });
  });

  it('the moment of an OOM: the victim is marked by more than a colour', () => {
    const figures = oomFigures({
      kind: 'oom-kill',
      time: 1,
      wallTime: null,
      why: 'no-swap',
      paragraph: '',
      victim: '',
      trigger: null,
      gfp: null,
      order: 0,
      kernel: null,
      sheet: {
        of: 'host',
        totalBytes: 100 * MIB,
        totalSource: 'x',
        lines: [{ name: 'anonymous', bytes: 90 * MIB, source: 'x' }],
        unaccountedBytes: 10 * MIB,
        missing: [],
      },
      tasks: [{ name: 'alpha', pid: 7, rssBytes: 80 * MIB, anonBytes: null, swapBytes: null, oomScoreAdj: 0, score: null, killed: true }],
      groups: [],
      zones: [{ name: 'Normal', freeBytes: 1, minBytes: 2, lowBytes: 3, reserveBytes: 0, managedBytes: 9, usable: false, short: true }],
      memcg: null,
    });
    expect(figures).toHaveLength(3);
    expect(figures[0]?.keys.map(({ letter }) => letter)).toEqual(['A', '?']);
    expect(figures[1]?.svg).toContain('✕ killed: alpha [7]');
    expect(figures[2]?.svg).toContain('Normal (not usable)');
  });
});

describe('zones of the report', () => {
  const snapshot = (sources: Sample['sources']): Snapshot => ({
    format: 'memdoctor-snapshot',
    schemaVersion: '1.0',
    memdoctorVersion: '0.1.0',
    subject: { hostname: null, kernel: null, arch: null, capturedAt: null, origin: 'directory', pageSize: 4096, clockTicks: 100 },
    samples: [{ time: null, monotonic: 0, sources }],
    sources: {},
  });
  const zonesOf = (sources: Sample['sources']) => {
    const given = snapshot(sources);
    return tablesOf(given, deriveFacts(given), 15).zones;
  };
  const zoneinfo = [
    { node: 0, zone: 'Normal', free: 8 * MIB, min: MIB, low: 2 * MIB, high: 3 * MIB, pcp: 0, managed: 90 * MIB },
    { node: 0, zone: 'Movable', free: 0, min: 0, low: 0, high: 0, pcp: 0, managed: 0 },
  ];
  const buddyinfo = [{ node: 0, zone: 'Normal', free: [2, 1] }];

  it('join the marks of one file and the lists of the other', () =>
    expect(zonesOf({ zoneinfo, buddyinfo })).toEqual([
      {
        name: 'Node 0 Normal',
        freeBytes: 8 * MIB,
        minBytes: MIB,
        lowBytes: 2 * MIB,
        highBytes: 3 * MIB,
        managedBytes: 90 * MIB,
        freeBlocks: [2, 1],
      },
    ]));

  it('stand on one file alone, and are absent without both', () => {
    expect(zonesOf({ buddyinfo })).toMatchObject([{ name: 'Node 0 Normal', freeBytes: 4 * 4096, minBytes: null, freeBlocks: [2, 1] }]);
    expect(zonesOf({ zoneinfo })).toMatchObject([{ freeBlocks: null }]);
    expect(zonesOf({})).toBeUndefined();
  });

  it('series tell of refaults, faults and stalls', () => {
    const given = snapshot({});
    const at = (monotonic: number, vmstat: Record<string, number>): Sample => ({ time: null, monotonic, sources: { vmstat } });
    expect(
      seriesOf({
        ...given,
        samples: [
          at(5, { allocstall_normal: 1, allocstall_movable: 1, workingset_refault: 4, pgmajfault: 3 }),
          at(7, { allocstall_normal: 3, allocstall_movable: 1, workingset_refault: 8, pgmajfault: 4 }),
        ],
      }),
    ).toEqual({
      'reclaim.allocstall_per_second': [[2, 1]],
      'refault.file_pages_per_second': [[2, 2]],
      'fault.major_per_second': [[2, 0.5]],
    });
  });
});

describe('the size of the page', () => {
  it('stays in its bounds for a host with much of everything', async () => {
    const report = sampleReport({ name: (plain) => plain + 'n'.repeat(400) });
    const many = <T>(rows: readonly T[], count: number): T[] => Array.from({ length: count }, (_, index) => rows[index % rows.length]!);
    const { tables } = report;
    const zone = {
      name: 'n'.repeat(300),
      freeBytes: 1,
      minBytes: 1,
      lowBytes: 2,
      highBytes: 3,
      managedBytes: 9,
      freeBlocks: Array.from({ length: 11 }, () => 1e6),
    };
    const html = await render(
      {
        ...report,
        findings: many(report.findings, 60),
        tables: {
          ...tables,
          processes: many(tables.processes, 30),
          cgroups: many(tables.cgroups, 30),
          numa: many(tables.numa, 64),
          zones: many([zone], 64),
        },
      },
      { format: 'html' },
    );
    expect(Buffer.byteLength(html)).toBeLessThan(500_000);
  });
});
