/**
 * What people paste of tools: test/texts/KIND/CASE.txt must be one block of its kind, and give the samples in CASE.json. The name
 * of a case stands for the command that printed it (`free_-m`). UPDATE_FIXTURES=1 writes the JSON anew: read the diff.
 */
import fc from 'fast-check';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { collectSource } from '../src/gather/collect.js';
import type { TextSample } from '../src/gather/texts/kind.js';
import { memoryTree } from './memory-tree.js';
import { allSources, host } from './source-cases.js';
import { toolKinds as kinds } from './tool-kinds.js';

const FIXTURES = 'test/texts';
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
