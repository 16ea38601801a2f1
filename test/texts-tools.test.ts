/**
 * What people paste of tools: test/texts/KIND/CASE.txt must be one block of its kind, and give the samples in CASE.json. The name
 * of a case stands for the command that printed it (`free_-m`). UPDATE_FIXTURES=1 writes the JSON anew: read the diff.
 */
import fc from 'fast-check';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { collectSource } from '../src/gather/collect.js';
import type { TextKind, TextSample } from '../src/gather/texts/kind.js';
import arcSummary from '../src/gather/texts/kinds/arc-summary.js';
import arcstat from '../src/gather/texts/kinds/arcstat.js';
import dockerStats from '../src/gather/texts/kinds/docker-stats.js';
import oomKilled from '../src/gather/texts/kinds/oom-killed.js';
import zramctl from '../src/gather/texts/kinds/zramctl.js';
import df from '../src/gather/texts/kinds/df.js';
import earlyoom from '../src/gather/texts/kinds/earlyoom.js';
import errorLines from '../src/gather/texts/kinds/error-lines.js';
import free from '../src/gather/texts/kinds/free.js';
import ipcs from '../src/gather/texts/kinds/ipcs.js';
import lscpu from '../src/gather/texts/kinds/lscpu.js';
import lsmem from '../src/gather/texts/kinds/lsmem.js';
import numactl from '../src/gather/texts/kinds/numactl.js';
import numastat from '../src/gather/texts/kinds/numastat.js';
import pmap from '../src/gather/texts/kinds/pmap.js';
import ps from '../src/gather/texts/kinds/ps.js';
import sadf from '../src/gather/texts/kinds/sadf.js';
import sar from '../src/gather/texts/kinds/sar.js';
import slabtop from '../src/gather/texts/kinds/slabtop.js';
import smem from '../src/gather/texts/kinds/smem.js';
import swapon from '../src/gather/texts/kinds/swapon.js';
import systemctlStatus from '../src/gather/texts/kinds/systemctl-status.js';
import top from '../src/gather/texts/kinds/top.js';
import vmwareBalloon from '../src/gather/texts/kinds/vmware-balloon.js';
import vmstatDisks from '../src/gather/texts/kinds/vmstat-disks.js';
import vmstatSlabs from '../src/gather/texts/kinds/vmstat-slabs.js';
import vmstatTool from '../src/gather/texts/kinds/vmstat-tool.js';
import vmstatTotals from '../src/gather/texts/kinds/vmstat-totals.js';
import { memoryTree } from './memory-tree.js';
import { allSources, host } from './source-cases.js';

const FIXTURES = 'test/texts';
const kinds: Readonly<Record<string, TextKind>> = {
  'arc-summary': arcSummary,
  arcstat,
  'docker-stats': dockerStats,
  'oom-killed': oomKilled,
  zramctl,
  df,
  earlyoom,
  'error-lines': errorLines,
  free,
  ipcs,
  lscpu,
  lsmem,
  numactl,
  numastat,
  pmap,
  ps,
  sadf,
  sar,
  slabtop,
  smem,
  swapon,
  'systemctl-status': systemctlStatus,
  top,
  'vmstat-disks': vmstatDisks,
  'vmstat-slabs': vmstatSlabs,
  'vmstat-tool': vmstatTool,
  'vmstat-totals': vmstatTotals,
  'vmware-balloon': vmwareBalloon,
};
const cases = Object.keys(kinds).flatMap((id) =>
  existsSync(`${FIXTURES}/${id}`)
    ? readdirSync(`${FIXTURES}/${id}`)
        .filter((name) => name.endsWith('.txt'))
        .map((name) => ({ id, name: name.replace(/\.txt$/, ''), text: readFileSync(`${FIXTURES}/${id}/${name}`, 'utf8') }))
    : [],
);

/** Sources of several files, of which a tool tells one only. */
const NEEDS_MORE = /^.{0,60}no proc\//;

const linesOf = (text: string): string[] =>
  text
    .replace(/\n+$/, '')
    .split('\n')
    .map((line) => line.trimEnd());
const shown = (samples: readonly TextSample[]) =>
  samples.map(({ files, time, offset }) => ({ time, ...(offset === undefined ? {} : { offset }), files: Object.fromEntries(files) }));

/** Every source reads what was made for it, or finds nothing of it. */
async function expectReadable(samples: readonly TextSample[]): Promise<void> {
  for (const { files } of samples.slice(0, 3)) {
    for (const [id, source] of allSources) {
      const { status, reason } = await collectSource(source, memoryTree(files), host);
      if (status === 'failed' && !NEEDS_MORE.test(reason ?? '')) expect(reason, id).toBe('readable');
    }
  }
}

describe('fixtures', () => {
  test.each(cases.map((fixture) => [`${fixture.id}/${fixture.name}`, fixture] as const))('%s', async (_, { id, name, text }) => {
    const kind = kinds[id];
    const lines = linesOf(text);
    expect(kind?.span(lines, 0, kind.hint?.test(name) ?? false, name)).toBe(lines.length);
    const samples = kind?.read(lines, { pageSize: 4096, told: name }) ?? [];
    const expected = `${FIXTURES}/${id}/${name}.json`;
    const json = `${JSON.stringify(shown(samples), null, 1)}\n`;
    if (process.env['UPDATE_FIXTURES']) writeFileSync(expected, json);
    expect(JSON.parse(json)).toEqual(JSON.parse(readFileSync(expected, 'utf8')));
    await expectReadable(samples);
  });
  test.each(Object.keys(kinds))('%s has a pair', (id) => expect(cases.some((fixture) => fixture.id === id)).toBe(true));
});

describe('any text', () => {
  const corpus = cases.flatMap(({ text }) => linesOf(text));
  const line = fc.oneof(
    fc.constantFrom(...corpus),
    fc.string({ maxLength: 80 }),
    fc
      .tuple(fc.constantFrom(...corpus), fc.nat(120), fc.string({ maxLength: 8 }))
      .map(([whole, at, bit]) => whole.slice(0, at) + bit + whole.slice(at)),
    fc
      .array(fc.oneof(fc.nat().map(String), fc.double().map(String), fc.constantFrom('-', 'K', '1:2:3', '0x0', '%')), { maxLength: 20 })
      .map((words) => words.join('  ')),
  );
  test.each(Object.entries(kinds))('%s', async (_, kind) => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 25 }), fc.boolean(), async (lines, hinted) => {
        for (let at = 0; at < lines.length; at += 1) {
          const length = kind.span(lines, at, hinted, '');
          expect(length).toBeGreaterThanOrEqual(0);
          expect(at + length).toBeLessThanOrEqual(lines.length);
          if (length === 0) continue;
          await expectReadable(kind.read(lines.slice(at, at + length), { pageSize: 4096 }));
          at += length - 1;
        }
        await expectReadable(kind.read(lines, { pageSize: 4096, told: 'vmstat -S M 5' }));
      }),
      { numRuns: 60 },
    );
  });
  test.each(Object.entries(kinds))('%s takes no long time over a long line', (_, kind) => {
    const begin = performance.now();
    for (const filler of [' ', '1 ', 'a', '1', ': ', '-', '1.', '0:0 '])
      for (const before of ['', 'Mem: ', '1 ', '/dev/a ', '12:00:00 ', 'top - ']) {
        const long = before + filler.repeat(60_000 / filler.length);
        kind.span([long, long], 0, true, '');
      }
    expect(performance.now() - begin).toBeLessThan(4000);
  });
});
