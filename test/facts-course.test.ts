/** What readings without a clock tell: where a figure went, and never how fast. */
import { expect, test } from 'vitest';
import { deriveFacts } from '../src/facts/derive.js';
import { snapshotFromEvidence } from '../src/gather/gather.js';
import { evidenceFromTexts } from '../src/gather/trees/text.js';
import { diagnose, loadRules } from '../src/main.js';

const rules = await loadRules({ builtin: true, paths: [], disabled: [], set: [] });
const snapshotOf = (text: string) => snapshotFromEvidence(evidenceFromTexts([{ name: 'paste.txt', text }]));
const MIB = 1024;

const series = (name: string, values: readonly number[]): string => values.map((mib) => `${name}: ${mib * MIB} kB\n`).join('');
const factsOf = async (text: string) => {
  const { facts } = deriveFacts(await snapshotOf(text));
  return (name: string) => facts[name]?.value ?? null;
};
const firstOf = async (text: string) => (await diagnose(await snapshotOf(text), rules)).diagnoses[0]?.id;

test.each([
  ['rose and came back', 'Slab', [400, 900, 1500, 420], true],
  ['rose and stayed', 'Slab', [400, 900, 1500, 1450], false],
  ['stayed as it was', 'Slab', [400, 410, 405, 400], false],
  ['fields that fill by themselves say nothing', 'Cached', [400, 900, 1500, 420], null],
  ['two readings are before and after', 'Slab', [400, 1500], null],
] as const)('%s', async (_, name, values, expected) => {
  expect((await factsOf(series(name, values)))('course.came_back')).toBe(expected);
});

test('page tables count by the reading that has most', async () => {
  const fact = await factsOf(series('PageTables', [20, 3000, 7000, 30]));
  expect([fact('pt.bytes'), fact('pt.most_bytes'), fact('pt.times_first')]).toEqual([30 * MIB * 1024, 7000 * MIB * 1024, 350]);
  expect(await firstOf(series('PageTables', [20, 3000, 7000, 30]))).toBe('dx-pagetable-bloat');
  // as large as they were: a host that needs them
  expect(await firstOf(series('PageTables', [3000, 3001, 3002, 3000]))).not.toBe('dx-pagetable-bloat');
  expect((await factsOf('PageTables: 20000 kB\n'))('pt.times_first')).toBe(1);
});

test('available memory falls when each reading has less', async () => {
  const rows = (...available: readonly number[]): string =>
    available.map((mib) => `MemTotal: ${8000 * MIB} kB\nMemAvailable: ${mib * MIB} kB\n`).join('\n');
  const falling = await factsOf(rows(900, 700, 500, 300));
  expect(falling('course.available_falls')).toBe(true);
  expect(falling('course.fell_pct')).toBe(7.5);
  expect((await factsOf(rows(900, 700, 750, 300)))('course.available_falls')).toBe(false);
  expect((await factsOf(rows(900, 700, 300)))('course.available_falls')).toBeNull();
  const { findings } = await diagnose(await snapshotOf(rows(900, 700, 500, 300)), rules);
  expect(findings.map(({ id, severity }) => `${id} ${severity}`)).toContain('pressure-available-falling warning');
});
