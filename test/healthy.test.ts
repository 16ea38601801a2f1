/** Healthy hosts stay silent: every rule over every healthy sample and, when it is there, every healthy or lookalike capture. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { diagnose, loadInput, loadRules } from '../src/main.js';
import type { LoadedRules } from '../src/rules/load.js';
import type { Report } from '../src/report/report.js';

const CAPTURES = join(process.env['MEMDOCTOR_SHARED'] ?? '../shared', 'lab/captures');
const HEALTHY_IDS = ['dx-healthy', 'dx-healthy-cache', 'dx-stale-swap'];

let rules: LoadedRules;
beforeAll(async () => {
  rules = await loadRules({ builtin: true, paths: [], disabled: [], set: [] });
});

const loud = (report: Report) =>
  [...report.findings, ...report.diagnoses]
    .filter(({ severity }) => severity === 'warning' || severity === 'critical')
    .map(({ id, severity }) => `${id}: ${severity}`);

describe('samples', () => {
  test.each(readdirSync('samples').filter((name) => name.startsWith('healthy-') && name.endsWith('.json')))('%s', async (name) => {
    const report = await diagnose(await loadInput(join('samples', name)), rules);
    expect(loud(report)).toEqual([]);
    expect(HEALTHY_IDS).toContain(report.diagnoses[0]?.id);
  });
});

describe.skipIf(!existsSync(CAPTURES))('captures of healthy and lookalike machines', () => {
  const labels = existsSync(CAPTURES)
    ? readdirSync(CAPTURES)
        .filter((name) => name.endsWith('.json'))
        .map((name) => JSON.parse(readFileSync(join(CAPTURES, name), 'utf8')) as { id: string; kind: string })
        .filter(({ kind }) => kind !== 'fault')
    : [];
  test.each(labels)('$id', async ({ id, kind }) => {
    const report = await diagnose(await loadInput(join(CAPTURES, `${id}.tar.xz`)), rules);
    expect(loud(report)).toEqual([]);
    if (kind === 'healthy') expect(HEALTHY_IDS).toContain(report.diagnoses[0]?.id);
  });
});
