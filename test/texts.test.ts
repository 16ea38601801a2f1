/**
 * Every kind of text against its fixtures: test/texts/KIND/CASE.txt (or what a ticket may hold, in test/texts/tickets) must give
 * CASE.json: the blocks, what each sample's files are, and the lines that were not understood. UPDATE_FIXTURES=1 writes the JSON
 * anew: read the diff.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { snapshotFromEvidence } from '../src/gather/gather.js';
import { kinds } from '../src/gather/texts/kinds/index.js';
import { recogniseText } from '../src/gather/texts/recognise.js';
import { evidenceFromTexts } from '../src/gather/trees/text.js';
import { validateSnapshot } from '../src/validators.js';
import { toolKinds } from './tool-kinds.js';

const FOLDER = 'test/texts';
const all = readdirSync(FOLDER).flatMap((id) =>
  readdirSync(`${FOLDER}/${id}`)
    .filter((name) => name.endsWith('.txt'))
    .map((name) => ({ id, name: name.slice(0, -4) })),
);
/** What the tools' own pairs say is tested in texts-tools.test.ts; here, that they are told apart. */
const cases = all.filter(({ id }) => !Object.hasOwn(toolKinds, id));

function told(text: string, name: string): unknown {
  const { blocks, unrecognised, host } = recogniseText(text, name, { pageSize: 4096 });
  return {
    blocks: blocks.map(({ kind, firstLine, lastLine, date, samples }) => ({
      kind,
      lines: `${firstLine}-${lastLine}`,
      ...(date === null ? {} : { date }),
      samples: samples.map(({ files, time, offset }) => ({
        time,
        ...(offset === undefined ? {} : { offset }),
        files: Object.fromEntries([...files].map(([path, body]) => [path, body.split('\n').slice(0, -1)])),
      })),
    })),
    unrecognised: unrecognised.map(({ line, lastLine, text: first }) => `${line}-${lastLine}: ${first}`),
    ...(Object.keys(host).length === 0 ? {} : { host }),
  };
}

describe('fixtures', () => {
  test.each(cases.map((fixture) => [`${fixture.id}/${fixture.name}`, fixture] as const))('%s', async (_, { id, name }) => {
    const text = readFileSync(`${FOLDER}/${id}/${name}.txt`, 'utf8');
    const expected = `${FOLDER}/${id}/${name}.json`;
    // the name is no hint, but where a case is about the hint
    const result = told(text, name.startsWith('named-') ? `${name.slice('named-'.length)}.txt` : 'text.txt');
    if (process.env['UPDATE_FIXTURES']) writeFileSync(expected, `${JSON.stringify(result, null, 1)}\n`);
    expect(result).toEqual(JSON.parse(readFileSync(expected, 'utf8')));
    const snapshot = await snapshotFromEvidence(evidenceFromTexts([{ name: 'text.txt', text }]));
    expect(validateSnapshot(snapshot)).toEqual([]);
    const failed = Object.entries(snapshot.sources).filter(
      ([, { status, reason = '' }]) => status === 'failed' && !/no proc\//.test(reason),
    );
    expect(failed).toEqual([]);
  });
});

describe('told apart', () => {
  test.each(all.filter(({ id }) => Object.hasOwn(toolKinds, id)).map((fixture) => [`${fixture.id}/${fixture.name}`, fixture] as const))(
    '%s',
    (_, { id, name }) => {
      const text = readFileSync(`${FOLDER}/${id}/${name}.txt`, 'utf8');
      const { blocks, unrecognised } = recogniseText(text, name.replaceAll('_', ' '), { pageSize: 4096 });
      expect(blocks.map(({ kind }) => kind)).toContain(id);
      expect(unrecognised.map(({ text: first }) => first)).toEqual([]);
    },
  );
});

describe('contract', () => {
  test.each(Object.entries(kinds))('%s', (id, kind) => {
    expect(kind.title).not.toBe('');
    expect(kind.docs).toMatch(/^https:\/\/[\w.-]+\/\S+$/);
    expect(existsSync(`${FOLDER}/${id}`), `${FOLDER}/${id} has no pair`).toBe(true);
  });
});

const pieces = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.constantFrom(
    'MemTotal: 1024 kB',
    'Node 0, zone   Normal 1 2 3',
    '[  1.0] x invoked oom-killer: gfp_mask=0x0, order=0',
    'Mem-Info:',
    '> quoted',
    '```',
    '# free -m',
    '==> /proc/swaps <==',
    '...',
    '',
    'nr_free_pages 12',
    'Name:\tx',
    'some avg10=0.00 avg60=0.00 avg300=0.00 total=0',
    'vm.swappiness = 60',
    '# name <active_objs>',
  ),
);

describe('any text', () => {
  const anything = fc.array(pieces, { maxLength: 60 }).map((lines) => lines.join('\n'));

  test('never throws, and every line is accounted for once', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const { blocks, unrecognised } = recogniseText(text, 'x.txt', { pageSize: 4096 });
        const ranges = [
          ...blocks.map(({ firstLine, lastLine }) => [firstLine, lastLine] as const),
          ...unrecognised.map(({ line, lastLine }) => [line, lastLine] as const),
        ];
        ranges.sort(([a], [b]) => a - b);
        for (const [index, [first, last]] of ranges.entries()) {
          expect(last).toBeGreaterThanOrEqual(first);
          expect(first).toBeGreaterThan(ranges[index - 1]?.[1] ?? 0);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('gives a valid snapshot', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (text) => {
        const snapshot = await snapshotFromEvidence(evidenceFromTexts([{ name: 'x.txt', text }]));
        expect(validateSnapshot(snapshot)).toEqual([]);
        for (const { reason } of Object.values(snapshot.sources)) expect(reason ?? '').not.toMatch(/internal error/);
      }),
      { numRuns: 40 },
    );
  });

  test.each([
    ['words', 'the quick brown fox 12345 jumps: over 99 kB\n'],
    ['open beginnings', 'MemFree: 1 kB\n...\n'],
    ['zones', 'Node 0, zone Normal\n'],
    ['numbers', '1 2 3 4 5 6 7 8 9 10 11 12\n'],
    ['log', '[    1.000000] eth0: link is up\n'],
    ['prompts', 'root@host:~# free -m\n'],
  ])(
    '2 MB of %s take seconds',
    (_, line) => {
      const text = line.repeat(Math.ceil(2_000_000 / line.length));
      const started = process.cpuUsage();
      recogniseText(text, 'x.txt', { pageSize: 4096 });
      // a pattern that goes back and forth takes minutes
      expect(process.cpuUsage(started).user / 1e6).toBeLessThan(20);
    },
    60_000,
  );

  test('one line of 20 MB', () => {
    const started = process.cpuUsage();
    recogniseText('a b:1 '.repeat(3_000_000), 'x.txt', { pageSize: 4096 });
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(6);
  });
});
