/**
 * Every source against its fixtures: test/sources/ID/NAME.txt (or a folder NAME, a root) must give NAME.json.
 * A text that must be refused gives { "status", "reason" }. UPDATE_FIXTURES=1 writes the JSON anew: read the diff.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { collectSource } from '../src/gather/collect.js';
import { memoryTree } from './memory-tree.js';
import { allCases, allSources, casesOf, FIXTURES, host, validators } from './source-cases.js';

describe('fixtures', () => {
  test.each(allCases.map((fixture) => [`${fixture.id}/${fixture.name}`, fixture] as const))(
    '%s',
    async (_, { id, source, files, expected }) => {
      const { data, status, reason } = await collectSource(source, memoryTree(files), host);
      const result = data ?? { status, reason };
      const text = `${JSON.stringify(result, null, 1)}\n`;
      if (process.env['UPDATE_FIXTURES']) writeFileSync(expected, text);
      expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(expected, 'utf8')));
      if (data === null) return;
      const validate = validators.get(id);
      expect(validate?.(data), JSON.stringify(validate?.errors)).toBe(true);
    },
  );
});

describe('contract', () => {
  test.each(allSources)('%s', (id, source) => {
    expect(source.title).not.toBe('');
    expect(source.docs).toMatch(/^https:\/\/[\w.-]+\/\S+$/);
    expect(source.reads.length).toBeGreaterThan(0);
    for (const path of source.reads) expect(path).toMatch(/^(?!\/)(?!.*(^|\/)\.{1,2}(\/|$))\S+[^/]$/);
    const accepted = casesOf(id, source).filter(
      ({ expected }) => existsSync(expected) && !('reason' in JSON.parse(readFileSync(expected, 'utf8'))),
    );
    expect(accepted.length, `${FIXTURES}/${id} has no pair`).toBeGreaterThan(0);
  });

  test('every folder and every JSON of the fixtures belongs to something', () => {
    const ids = new Set(allSources.map(([id]) => id));
    const known = new Set(allCases.map(({ expected }) => expected));
    const strays = readdirSync(FIXTURES).flatMap((id) =>
      ids.has(id)
        ? readdirSync(`${FIXTURES}/${id}`)
            .map((name) => `${FIXTURES}/${id}/${name}`)
            .filter((path) => path.endsWith('.json') && !known.has(path))
        : [`${FIXTURES}/${id}`],
    );
    expect(strays).toEqual([]);
  });
});
