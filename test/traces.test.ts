import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { traces } from '../src/gather/traces/index.js';
import { foldedStacks, parseBpfOutput } from '../src/gather/tracing/bpftrace-output.js';
import { fieldsOf } from '../src/gather/tracing/ground.js';
import { type HistTable, parseHist } from '../src/gather/tracing/hist.js';
import { parsePerfScript } from '../src/gather/tracing/perf-script.js';
import { parsePerfStat } from '../src/gather/tracing/perf-stat.js';
import { symbolsOf } from '../src/gather/tracing/symbols.js';
import { microsecondsOf } from '../src/gather/tracing/timed-hist.js';
import type { AnyForm, AnyTrace, Seen, Setting } from '../src/gather/tracing/trace.js';
import { memoryTree } from './memory-tree.js';

/*
 * What real runs gave, by trace: traces/ID/CASE.BACKEND.txt, as the tool printed it, and CASE.BACKEND.json, what the trace makes of it
 * (written with UPDATE_FIXTURES=1). BACKEND is `proc@2` for the second form of that kind. Files of tracefs and of /proc stand under lines
 * `==> vmscan:mm_vmscan_wakeup_kswapd <==`, `==> before/proc/vmstat <==`. A first line `# period: 64` tells of sampling.
 * traces/formats.txt holds the format files of tracepoints of the kernel that they were taken on.
 */
const ROOT = new URL('traces/', import.meta.url).pathname;
const registry: Readonly<Record<string, AnyTrace>> = traces;
const formats = sections(readFileSync(`${ROOT}formats.txt`, 'utf8'));

const kernel: Setting['kernel'] = {
  format: (event) => formats.get(event) ?? '',
  fields: (event) => (formats.has(event) ? fieldsOf(formats.get(event) ?? '') : null),
  traceable: () => true,
};

const cases = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name: id }) =>
    readdirSync(`${ROOT}${id}`).flatMap((file) => {
      const [, name, backend, which] = /^(.+)\.([a-z-]+)(?:@(\d))?\.txt$/.exec(file) ?? [];
      return name === undefined || backend === undefined
        ? []
        : [{ id, name, backend, which: Number(which ?? 1), path: `${ROOT}${id}/${file}` }];
    }),
  );

describe.each(cases)('$id by $backend: $name', ({ id, backend, which, path }) => {
  const trace = registry[id];
  const form: AnyForm | undefined = trace?.forms.filter((each) => each.backend === backend)[which - 1];
  const text = readFileSync(path, 'utf8');
  const setting: Setting = { kernel, seconds: 5, pid: null, period: Number(/^# period: (\d+)$/m.exec(text)?.[1] ?? 1) };

  test('is read as expected', async () => {
    if (trace === undefined || form === undefined) throw new Error(`${id} has no form ${backend}`);
    const { rows, ...rest } = await seenBy(form, text, setting);
    const seen = { rows: rows.toSorted((a, b) => trace.order(b) - trace.order(a)), ...rest };
    expect(seen.rows.flatMap((row) => faults(row, trace.row))).toEqual([]);
    const expected = path.replace(/\.txt$/, '.json');
    if (process.env['UPDATE_FIXTURES'] !== undefined || !existsSync(expected))
      writeFileSync(expected, `${JSON.stringify(seen, null, 2)}\n`);
    expect(seen).toEqual(JSON.parse(readFileSync(expected, 'utf8')));
  });

  test('is read in any state of damage', async () => {
    if (trace === undefined || form === undefined) throw new Error(`${id} has no form ${backend}`);
    for (const damaged of damages(text)) {
      // what cannot be read at all of /proc is a reason to go down the ladder
      const seen = form.backend === 'proc' ? await seenBy(form, damaged, setting).catch(() => null) : await seenBy(form, damaged, setting);
      expect(seen?.rows.flatMap((row) => faults(row, trace.row)) ?? []).toEqual([]);
    }
  });
});

test('a program names its maps after its trace, and only what the kernel has', () => {
  const setting: Setting = { kernel, seconds: 5, pid: 42, period: 7 };
  for (const [id, trace] of Object.entries(registry))
    for (const form of trace.forms) {
      if (!('program' in form)) continue;
      const program = form.program(setting);
      const maps = [...program.matchAll(/@(\w+)/g)].map(([, name]) => name ?? '');
      expect(maps.filter((name) => !name.startsWith(`${id.replaceAll('-', '_')}_`))).toEqual([]);
      // one on handle_mm_fault brought down kernel 6.12
      expect(program).not.toContain('kretprobe');
      expect([...(form.scratch ?? []), ...(form.stackMaps ?? [])].filter((name) => !/^@\w+$/.test(name))).toEqual([]);
    }
});

test('what a code means is told by the format of its event', () => {
  expect(symbolsOf(kernel.format('compaction:mm_compaction_end'), 'status').get(8)).toBe('success');
  const reasons = symbolsOf(kernel.format('migrate:mm_migrate_pages'), 'reason');
  expect([reasons.get(0), reasons.get(5), reasons.get(99)]).toEqual(['compaction', 'numa_misplaced', undefined]);
  expect(symbolsOf(kernel.format('migrate:mm_migrate_pages'), 'mode').size).toBe(3);
  expect(symbolsOf('print fmt: "%s", __print_symbolic(REC->reason, {MR_COMPACTION, "compaction"})', 'reason').size).toBe(0);
});

test('what is kept of a map that bpftrace prints again after it was cleared is the first', () => {
  const output = parseBpfOutput('{"type": "map", "data": {"@kswapd_runs": 17}}\n{"type": "map", "data": {"@kswapd_runs": 0}}\n');
  expect(output.maps.get('kswapd_runs')).toEqual([{ key: '', value: 17 }]);
});

test('a stack is lines, or lines that were escaped twice, as bpftrace 0.23 prints it', () => {
  const stacks = (key: string) =>
    foldedStacks(parseBpfOutput(JSON.stringify({ type: 'map', data: { '@page_faults_stack': { [key]: 5 } } })), 'page_faults_stack');
  const expected = [{ stack: 'orderd;main;fill', count: 5 }];
  expect(stacks('\n    fill+12\n    main+7\n,orderd')).toEqual(expected);
  expect(stacks(String.raw`\n        fill+12\n        main+7\n,orderd`)).toEqual(expected);
});

test('sums of times are told apart into how long each thread took', () => {
  const table = (info: string, ...lines: string[]): HistTable =>
    parseHist(['# event histogram', '#', `# trigger info: hist:keys=common_pid:${info} [active]`, '#', '', ...lines, ''].join('\n'));
  const until = table(
    'vals=hitcount,common_timestamp.usecs,common_timestamp.usecs-$md_x_since',
    '{ common_pid:        204 } hitcount:          2  common_timestamp:        700',
    '{ common_pid:        205 } hitcount:          1  common_timestamp:        350',
    '{ common_pid:        206 } hitcount:          1  common_timestamp:        900',
  );
  const since = table(
    'vals=hitcount,common_timestamp.usecs:md_x_since=common_timestamp.usecs:onmax($md_x_since).save(order)',
    '{ common_pid:        204 } hitcount:          2  common_timestamp:        600',
    '\tmax:        380  order:          0',
    '{ common_pid:        205 } hitcount:          2  common_timestamp:        720',
    '\tmax:        400  order:          0',
    '{ common_pid:        206 } hitcount:          4  common_timestamp:       1600',
    '\tmax:        850  order:          0',
  );
  // 205 is still in it; of 206 the ends of two were missed
  expect([...microsecondsOf({ 'x since': since, 'x until': until }, 'x', { seconds: 5 })]).toEqual([
    ['204', 100],
    ['205', 30],
  ]);
});

test('what was seen while the triggers were set does not spoil the times', () => {
  const random = randomOf(7);
  for (let run = 0; run < 400; run += 1) {
    // one thread, in it for a part of the time; the triggers are set one after the other, and read one after the other, twice
    const share = 0.01 + 0.98 * random();
    const busy = 10 ** (2 + 3 * random());
    const pairs: { begin: number; end: number }[] = [];
    for (let at = 100_000 + busy * random(); at < 7_000_000;) {
      const took = Math.max(1, Math.round(busy * share * 2 * random()));
      pairs.push({ begin: Math.round(at), end: Math.round(at) + took });
      at += took + 1 + busy * (1 - share) * 2 * random();
    }
    const [setBegins, setEnds, firstBegins, firstEnds, lastBegins, lastEnds] = [1e6, 1.02e6, 1.1e6, 1.101e6, 6e6, 6.001e6] as const;
    const known = pairs.filter(({ begin }) => begin > setBegins);
    const begun = (until: number) => tableOf(known.map(({ begin }) => begin).filter((at) => at <= until));
    const ended = (until: number) => tableOf(known.map(({ end }) => end).filter((at) => at > setEnds && at <= until));
    const tables = {
      'x since': begun(lastBegins),
      'x until': ended(lastEnds),
      'x since before': begun(firstBegins),
      'x until before': ended(firstEnds),
    };
    const truth = known.filter(({ end }) => end > firstEnds && end <= lastEnds).reduce((sum, { begin, end }) => sum + end - begin, 0);
    const found = microsecondsOf(tables, 'x', { seconds: 5 }).get('204');
    // what straddles a reading is reckoned as if it began with the last that was seen: that is off by the time between two readings
    if (truth > 0) expect(Math.abs((found ?? -1e9) - truth)).toBeLessThanOrEqual(3 * 1000 + 2 * busy);
  }
});

function randomOf(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

const tableOf = (times: readonly number[]): HistTable => ({
  rows:
    times.length === 0
      ? []
      : [
          {
            keys: { common_pid: '204' },
            values: { hitcount: times.length, common_timestamp: times.reduce((sum, at) => sum + at, 0), max: times.at(-1) ?? 0 },
          },
        ],
  dropped: 0,
});

/** Texts under lines `==> name <==`. */
function sections(text: string): Map<string, string> {
  const parts = text.split(/^==> (.+) <==\n/m).slice(1);
  return new Map(parts.flatMap((part, index) => (index % 2 === 0 ? [[part, parts[index + 1] ?? ''] as const] : [])));
}

async function seenBy(form: AnyForm, text: string, setting: Setting): Promise<Seen<Record<string, unknown>>> {
  if (form.backend === 'perf-record') return form.read(parsePerfScript(text), setting);
  if (form.backend === 'perf-stat') return form.read(parsePerfStat(text), setting);
  if (form.backend === 'tracefs') return form.read(tablesOf(form, sections(text), setting), setting);
  if (form.backend !== 'proc') return form.read(parseBpfOutput(text), setting);
  const [before, after] = ['before/', 'after/'].map((when) => {
    const files = [...sections(text)].filter(([path]) => path.startsWith(when));
    return form.reading(memoryTree(new Map(files.map(([path, file]) => [path.slice(when.length), file]))), setting);
  });
  // both are waited for: one that fails alone would be nobody's
  const [first, last] = await Promise.all([before, after]);
  return form.read(first, last, setting);
}

/** As the engine of tracefs does: several triggers of one event follow one another in its file; `before/` stand files of the first reading. */
function tablesOf(form: Extract<AnyForm, { backend: 'tracefs' }>, files: Map<string, string>, setting: Setting): Record<string, HistTable> {
  const before = new Map<string, number>();
  return Object.fromEntries(
    Object.entries(form.triggers(setting)).flatMap(([name, { event, twice }]) => {
      const which = before.get(event) ?? 0;
      before.set(event, which + 1);
      const first = twice === true ? files.get(`before/${event}`) : undefined;
      const table = [name, parseHist(files.get(event) ?? '', which)] as const;
      return first === undefined ? [table] : [table, [`${name} before`, parseHist(first, which)] as const];
    }),
  );
}

/** What of a row is not as its schema says. */
function faults(
  row: Record<string, unknown>,
  schema: { required: readonly string[]; properties: Record<string, { type?: string; minimum?: number }> },
): string[] {
  const missing = schema.required.filter((name) => row[name] === undefined).map((name) => `${name} is missing`);
  const wrong = Object.entries(row).flatMap(([name, value]) => {
    const told = schema.properties[name];
    if (told === undefined) return [`${name} is unknown`];
    if (told.type === 'number' && (typeof value !== 'number' || !Number.isFinite(value) || value < (told.minimum ?? -Infinity)))
      return [`${name} is ${String(value)}`];
    return told.type === 'string' && typeof value !== 'string' ? [`${name} is no text`] : [];
  });
  return [...missing, ...wrong];
}

/** Cut at several places, without some of its lines, with other characters in it. */
function damages(text: string): string[] {
  const cut = [0.1, 0.35, 0.6, 0.85, 0.99].map((part) => text.slice(0, Math.floor(text.length * part)));
  const lines = text.split('\n');
  const thinned = [2, 3, 5].map((step) => lines.filter((_, index) => index % step !== 1).join('\n'));
  const garbled = [text.replaceAll(/\d/g, '-'), text.replaceAll(',', ''), text.replaceAll(/[ :]/g, '\u0000'), text.replaceAll('{', '}')];
  return [...cut, ...thinned, ...garbled];
}
