/** What is made of traces: the section of a report, flame graphs, the text of `memdoctor trace`, folded stacks. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TraceHere } from '../src/gather/tracing/live.js';
import { diagnose, loadInput, loadRules, render } from '../src/main.js';
import { layFlame, LEAST_SHARE } from '../src/report/chart-data/flame.js';
import { columns } from '../src/report/columns.js';
import { foldedText, traceListText, tracesText } from '../src/report/traces-text.js';
import { flameFigure } from '../src/report/traces/flame-figure.js';
import { validateReport } from '../src/validators.js';
import { sampleTraces, traced, untraced } from './traces-sample.js';

const rules = loadRules({ builtin: true, paths: [], disabled: [], set: [] });
const reportWith = async (traces: ReturnType<typeof sampleTraces> | undefined, origin = 'directory') => {
  const snapshot = await loadInput('samples/swap-thrash.json');
  const subject = { ...snapshot.subject, origin };
  return diagnose({ ...snapshot, subject, ...(traces === undefined ? {} : { traces }) } as typeof snapshot, await rules);
};

describe('the layout of a flame graph', () => {
  const stacks = [
    { stack: 'a;main;x', count: 30 },
    { stack: 'a;main;y', count: 50 },
    { stack: 'b;main', count: 20 },
  ];

  it('equal beginnings are one box, the largest at the left', () => {
    const { frames, levels, total, left } = layFlame(stacks, 100);
    const boxes = frames.map(({ name, depth, from, width }) => `${depth} ${name} ${from.toFixed(2)} ${width.toFixed(2)}`);
    expect(boxes).toEqual(['0 a 0.00 0.80', '1 main 0.00 0.80', '2 y 0.00 0.50', '2 x 0.50 0.30', '0 b 0.80 0.20', '1 main 0.80 0.20']);
    expect({ levels, total, left }).toEqual({ levels: 3, total: 100, left: 0 });
  });

  it('what is narrow, deep or too many is left out, and counted', () => {
    expect(layFlame([...stacks, { stack: 'c;d', count: 0.1 }], 100).left).toBe(2);
    expect(layFlame(stacks, 2)).toMatchObject({ left: 4, levels: 2 });
    expect(layFlame([{ stack: Array.from({ length: 60 }, (_, index) => `f${index}`).join(';'), count: 1 }], 100)).toMatchObject({
      levels: 32,
      left: 28,
    });
  });

  it('whatever the stacks are, each box hangs on one as wide as itself or wider', () => {
    const stack = fc.record({
      stack: fc.array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 8 }).map((all) => all.join(';')),
      count: fc.integer({ min: 0, max: 1000 }),
    });
    fc.assert(
      fc.property(fc.array(stack, { maxLength: 40 }), fc.integer({ min: 1, max: 60 }), (some, most) => {
        const { frames } = layFlame(some, most);
        expect(frames.length).toBeLessThanOrEqual(most);
        for (const frame of frames) {
          expect(frame.width).toBeGreaterThanOrEqual(LEAST_SHARE);
          expect(frame.from + frame.width).toBeLessThanOrEqual(1 + 1e-9);
          const below = frames.find(
            ({ depth, from, width }) =>
              depth === frame.depth - 1 && from <= frame.from + 1e-9 && from + width >= frame.from + frame.width - 1e-9,
          );
          expect(frame.depth === 0 || below !== undefined).toBe(true);
        }
      }),
    );
  });
});

describe('the picture', () => {
  it('has whole names and figures as hints, and its largest stacks as text', () => {
    const figure = flameFigure({ title: 'x', stackUnit: 'page faults', stacks: sampleTraces()['page-faults']?.stacks ?? [] });
    expect(figure?.svg).toMatch(/^<svg class="chart flame"[^>]*role="img" aria-label="Flame graph of 4 stacks/);
    expect(figure?.svg).toContain('<title>parse_row: 52,000 page faults, 62 %</title>');
    expect(figure?.svg).not.toMatch(/<script|style=|onclick/);
    expect(figure?.most[0]).toEqual({
      stack: ['ledger', '_start', 'main', 'load_book', 'parse_row', 'malloc', '[no names]'],
      count: '52,000',
      share: '62 %',
    });
    expect(figure?.left).toBe('');
  });

  it('stays small, whatever the names are', () => {
    const stacks = Array.from({ length: 300 }, (_, index) => ({
      stack: Array.from({ length: 40 }, (__, depth) => `${'<&"\u202E'.repeat(50)}${index}-${depth}`).join(';'),
      count: 300,
    }));
    const figure = flameFigure({ title: 'x', stackUnit: 'events', stacks });
    expect(figure?.svg.length).toBeLessThanOrEqual(48_000);
    expect(figure?.left).toMatch(/boxes are not drawn/);
  });

  it('is none without stacks', () => expect(flameFigure({ title: 'x', stackUnit: 'events', stacks: [] })).toBeNull());
});

describe('a report with traces', () => {
  it('names who it was, in every format', async () => {
    const report = await reportWith(sampleTraces());
    expect(validateReport(report)).toEqual([]);
    expect(report.findings.find(({ id }) => id === 'reclaim-direct-latency')).toMatchObject({
      severity: 'warning',
      explainedBy: 'dx-swap-thrash',
    });
    expect(report.findings.find(({ id }) => id === 'swap-in-active')?.message).toContain(
      'Traced, these read from swap: ledger[812] 2000 pages/s (page faults',
    );
    expect(report.traces?.map(({ id }) => id).slice(0, 3)).toEqual(['reclaim', 'kswapd', 'page-faults']);
    const { html, md, text } = Object.fromEntries(
      await Promise.all((['html', 'md', 'text'] as const).map(async (format) => [format, await render(report, { format, width: 100 })])),
    );
    expect(html).toContain('Who did it: short traces');
    expect(html.match(/class="chart flame"/g)).toHaveLength(4);
    expect(html.length).toBeLessThan(500_000);
    expect(md).toContain('| `ledger [812]` |');
    expect(md).toContain('sudo memdoctor trace llc');
    expect(text).toContain('  Waited in reclaim: ledger[812] 1.3 s');
    expect(text).toContain('  Elsewhere: sudo memdoctor trace oom,llc');
  });

  it('with nothing traced has no such part, and asks for a trace only while it lasts', async () => {
    const report = await reportWith(undefined);
    expect(report.traces).toBeUndefined();
    expect(JSON.stringify(report.findings)).not.toContain('--trace');
    expect(await render(report, { format: 'html' })).not.toContain('Who did it');
    const live = await reportWith(undefined, 'live');
    expect(live.diagnoses[0]?.actions.at(-1)?.command).toBe('sudo memdoctor run --trace reclaim,swap-in');
    const traces = await reportWith(sampleTraces(), 'live');
    expect(JSON.stringify(traces.diagnoses)).not.toContain('--trace');
  });

  it('a host that is well has them in one line, and fits the screen', async () => {
    const report = await diagnose({ ...(await loadInput('samples/healthy-idle.json')), traces: sampleTraces() }, await rules);
    const calm = { ...report, verdict: { ...report.verdict, status: 'healthy' as const } };
    const text = await render(calm, { format: 'text', width: 80 });
    expect(text).toContain('\nTraced  14 saw somebody (--format md shows whom); 2 could not be done\n');
    expect(text.split('\n').length).toBeLessThanOrEqual(24);
  });

  it('four graphs of 300 deep stacks stay below 500 KB', async () => {
    const stacks = Array.from({ length: 300 }, (_, index) => ({
      stack: `worker${index % 5};${Array.from({ length: 30 }, (__, depth) => `some_function_of_a_program_${(index * 7) % (depth * 9 + 1)}`).join(';')}`,
      count: 1000 - index,
    }));
    const whole = sampleTraces();
    const traces = Object.fromEntries(Object.entries(whole).map(([id, trace]) => [id, trace.stacks ? { ...trace, stacks } : trace]));
    expect((await render(await reportWith(traces), { format: 'html' })).length).toBeLessThan(500_000);
  });
});

describe('`memdoctor trace` in a terminal', () => {
  it.each([40, 80, 200])('fits %i columns', (width) => {
    const hostile = {
      reclaim: traced([{ comm: '\u001B[2J漢字<b>\n', pid: 1, scope: 'direct', count: 1, pages: 1 }], { notes: ['\u0007'.repeat(90)] }),
      llc: untraced('failed', '\u009B31m'),
    };
    for (const traces of [sampleTraces(), hostile]) {
      const text = tracesText(traces, { color: false, width }, 4096);
      expect(text.split('\n').filter((line) => columns(line) > width)).toEqual([]);
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }
  });

  it('shows an aligned table, its answer, and how it was done', () => {
    const text = tracesText({ 'page-faults': sampleTraces()['page-faults']! }, { color: false, width: 90 }, 4096);
    expect(text).toMatch(/^page-faults: /);
    expect(text).toContain(
      `
  Process       Faults  A second  From disk  Writes   Reads
  ledger [812]  80,000    10 k/s        160  60,000  20,000
  indexer [90]   4,000     500/s          –       –       –
  bpftrace, software events`.replace('software events', 'tracepoints'),
    );
    expect(tracesText({}, { color: false, width: 80 }, 4096)).toBe('Nothing was traced.\n');
  });

  it('lists what can be traced here, and why not', () => {
    const here: TraceHere[] = [
      { id: 'reclaim', title: 'x', answers: 'Who waits for memory?', tools: ['drsnoop'], in: 'default', backend: 'tracepoint', tried: [] },
      {
        id: 'llc',
        title: 'y',
        answers: 'Who misses?',
        tools: [],
        in: 'all',
        backend: null,
        tried: [{ backend: 'perf-stat', reason: 'perf is not installed' }],
      },
    ];
    expect(traceListText(here, { color: false, width: 80 })).toBe(`reclaim  Who waits for memory?
         by tracepoint; in default and all
         like drsnoop
llc      Who misses?
         not here: perf-stat: perf is not installed

1 of 2 can be traced here: sudo memdoctor trace LIST, with names or tools from
above, default, or all.
`);
  });

  it('folded stacks are lines of frames and a whole count', () => {
    const lines = foldedText({
      ...sampleTraces(),
      slab: traced([], {
        stacks: [
          { stack: 'a\u0000\n;b', count: 1.6 },
          { stack: 'c', count: 0.2 },
        ],
      }),
    }).split('\n');
    expect(lines.pop()).toBe('');
    for (const line of lines) expect(line).toMatch(/^[^\p{Cc}]+ [1-9]\d*$/u);
    expect(lines).toContain('ledger;_start;main;report 8000');
    expect(lines.some((line) => line.startsWith('c '))).toBe(false);
  });
});
