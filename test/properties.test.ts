/** Whatever the text, a source gives data that its schema accepts, or says why not: it throws nothing but ParseError. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { collectSource } from '../src/gather/collect.js';
import type { AnySource } from '../src/gather/source.js';
import { memoryTree } from './memory-tree.js';
import { allCases, allSources, host, validators } from './source-cases.js';

const RUNS = { numRuns: 150 };

/** collectSource() lets anything but a ParseError through, so a rejection fails the test. */
async function holds(id: string, source: AnySource, files: ReadonlyMap<string, string>): Promise<void> {
  const { data, reason } = await collectSource(source, memoryTree(files), host);
  if (data === null) {
    expect(reason ?? '').not.toBe('');
    return;
  }
  const validate = validators.get(id);
  expect(validate?.(data), JSON.stringify(validate?.errors)).toBe(true);
  expect(Object.getPrototypeOf(data)).toBe(Array.isArray(data) ? Array.prototype : Object.prototype);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
}

const parts = allCases
  .flatMap(({ files }) => [...files.values()])
  .join('\n')
  .split(/(\s+|:)/);
const name = fc.constantFrom('__proto__', 'constructor', 'toString', 'prototype', 'polluted', 'MemTotal', 'cpu', 'cpu0');
const digits = fc.constantFrom('0', '-1', '1.5', '1e9', '18446744073709551615', '9'.repeat(400), '0x7', 'NaN', 'Infinity', '');
const blank = fc.constantFrom(' ', ': ', '\n', '\r\n', '\t', '=', ' kB\n', '\0');
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc
    .array(fc.oneof(fc.constantFrom(...(parts.length > 0 ? parts : [''])), name, digits, blank), { maxLength: 60 })
    .map((words) => words.join('')),
  fc
    .array(fc.tuple(name, fc.constantFrom(' ', ':  ', '='), digits, fc.constantFrom('', ' kB')), { maxLength: 20 })
    .map((rows) => rows.map((row) => row.join('')).join('\n')),
);

type Mutation = (text: string) => string;
const share = fc.double({ min: 0, max: 1, noNaN: true });
const at = (text: string, position: number): number => Math.floor(text.length * position);
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  share.map((position) => (text: string) => text.slice(0, at(text, position))),
  share.map((position) => (text: string) => text.slice(at(text, position))),
  fc.array(share, { minLength: 1, maxLength: 5 }).map((drops) => (text: string) => {
    const rows = text.split('\n');
    const dropped = new Set(drops.map((drop) => Math.floor(drop * rows.length)));
    return rows.filter((_, index) => !dropped.has(index)).join('\n');
  }),
  fc.tuple(share, fc.oneof(name, digits, blank, fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }))).map(
    ([position, put]) =>
      (text: string) =>
        text.slice(0, at(text, position)) + put + text.slice(at(text, position) + 1),
  ),
  fc.tuple(share, fc.oneof(name, digits)).map(([position, put]) => (text: string) => {
    let word = Math.floor(position * text.split(/\S+/).length);
    return text.replaceAll(/\S+/g, (found) => (word-- === 0 ? put : found));
  }),
);

describe('any text', () => {
  test.each(allSources)('%s', async (id, source) => {
    const paths = source.reads.map((path) => path.replaceAll('*', '0'));
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: paths.length }), (texts) =>
        holds(id, source, new Map(texts.map((content, index) => [paths[index] ?? '', content]))),
      ),
      RUNS,
    );
  });
});

describe('damaged fixtures', () => {
  test.each(allSources)('%s', async (id, source) => {
    const cases = allCases.filter((fixture) => fixture.id === id).map(({ files }) => [...files]);
    if (cases.length === 0) return;
    const damage = fc.tuple(fc.constantFrom(...cases), share, fc.array(mutation, { minLength: 1, maxLength: 3 }));
    await fc.assert(
      fc.asyncProperty(damage, ([files, which, mutations]) => {
        const victim = Math.min(Math.floor(which * files.length), files.length - 1);
        const damaged = (content: string): string => mutations.reduce((text, mutate) => mutate(text), content);
        return holds(id, source, new Map(files.map(([path, content], index) => [path, index === victim ? damaged(content) : content])));
      }),
      RUNS,
    );
  });
});
