/** What it could be, where the evidence cannot tell the cause: listed after what was found, and never taken for it. */
import { describe, expect, test } from 'vitest';
import { snapshotFromEvidence } from '../src/gather/gather.js';
import { evidenceFromTexts } from '../src/gather/trees/text.js';
import { diagnose, loadRules, render, type Report } from '../src/main.js';

const rules = await loadRules({ builtin: true, paths: [], disabled: [], set: [] });
const reportOf = async (text: string) => diagnose(await snapshotFromEvidence(evidenceFromTexts([{ name: 'paste.txt', text }])), rules);
const suspectsOf = ({ diagnoses }: Report) => diagnoses.filter(({ suspected }) => suspected !== undefined);
const idsOf = (report: Report) => suspectsOf(report).map(({ id }) => id);

const STALLS = `some avg10=71.20 avg60=50.00 avg300=30.00 total=7000000
full avg10=20.00 avg60=16.00 avg300=8.00 total=2000000
`;
const free = (used: number, cache: number) => `              total        used        free      shared  buff/cache   available
Mem:       32000000    ${used}    ${32_000_000 - used - cache}       10000     ${cache}    ${32_000_000 - used - 200_000}
Swap:       8000000           0     8000000
`;
const OLD_FREE = `             total       used       free     shared    buffers     cached
Mem:      32000000   20000000   12000000          0     100000    2900000
-/+ buffers/cache:   17000000   15000000
Swap:      8000000          0    8000000
`;

describe('by what was noticed', () => {
  test('they come after what was found, those first of which most is known', async () => {
    const report = await reportOf(STALLS);
    expect(report.verdict.status).toBe('inconclusive');
    expect(report.diagnoses[0]).toMatchObject({ id: 'dx-unknown' });
    expect(report.diagnoses[0]).not.toHaveProperty('suspected');
    expect(idsOf(report)).toContain('dx-cgroup-high-brake');
    expect(report.diagnoses.length).toBeLessThanOrEqual(3);
    const open = new Set(report.unknown.map(({ id }) => id));
    for (const { id, suspected, because, severity, confidence, score, actions } of suspectsOf(report)) {
      expect(open).toContain(id);
      expect(because).toContain('pressure-memory-some');
      expect(suspected?.holds).toBeGreaterThanOrEqual(Math.max(2, (suspected?.of ?? 0) / 2));
      expect([severity, confidence]).toEqual(['info', 'low']);
      expect(score).toBeLessThan(report.diagnoses[0]?.score ?? 0);
      expect(actions.map(({ kind }) => kind)).toEqual(actions.map(() => 'confirm'));
    }
    const shares = suspectsOf(report).map(({ suspected }) => (suspected?.holds ?? 0) / (suspected?.of ?? 1));
    expect(shares).toEqual(shares.toSorted((a, b) => b - a));
    expect(await render(report, { format: 'text' })).toMatch(/What it could be\n {2}.+ \(\d of \d conditions hold\)/);
  });

  test('a print of memory without its reason is noticed', async () => {
    const dump = 'Mem-Info:\nactive_anon:1000 inactive_anon:9000 isolated_anon:0\n active_file:50000 inactive_file:90000 isolated_file:0\n';
    const report = await reportOf(`${dump}MemTotal: 700000 kB\n`);
    expect(report.findings.map(({ id, severity }) => `${id} ${severity}`)).toContain('kernel-memory-dump notice');
    expect(idsOf(report)).toContain('dx-oom-policy');
    const asked = await reportOf(`sysrq: Show Memory\n${dump}`);
    expect(asked.findings.map(({ id }) => id)).not.toContain('kernel-memory-dump');
  });
});

describe('by what they may hold', () => {
  test('processes, the kernel’s objects and pages that nothing counts; cached names where free counts them as used', async () => {
    const recent = await reportOf(free(13_000_000, 1_000_000));
    expect(recent.verdict.status).toBe('inconclusive');
    expect(idsOf(recent)).toEqual(['dx-anon-fills-ram', 'dx-slab-leak', 'dx-unaccounted-driver-or-leak']);
    const old = await reportOf(OLD_FREE);
    expect(idsOf(old).slice(0, 2)).toEqual(['dx-anon-fills-ram', 'dx-slab-reclaimable-hard']);
    expect(old.diagnoses[0]).toMatchObject({ suspected: { bytes: 17_000_000 * 1024 }, because: [], score: 5 });
  });

  test('not those whose part is shown and small', async () => {
    const report = await reportOf(`${OLD_FREE}Slab: 800000 kB\n`);
    expect(idsOf(report)).not.toContain('dx-slab-reclaimable-hard');
    expect(idsOf(report)).not.toContain('dx-slab-leak');
  });

  test('nobody where little is in use, and nobody where the verdict is clear', async () => {
    const [little, fine] = [await reportOf('MemTotal: 32000000 kB\nSlab: 300000 kB\n'), await reportOf(free(8_000_000, 23_000_000))];
    expect(little.verdict.status).toBe('inconclusive');
    expect(suspectsOf(little)).toEqual([]);
    expect(fine.verdict.status).toBe('healthy');
    expect(suspectsOf(fine)).toEqual([]);
  });

  test('each renderer says it under its own heading, not as the cause', async () => {
    const report = await reportOf(free(13_000_000, 1_000_000));
    for (const format of ['text', 'md', 'html'] as const) {
      const page = await render(report, { format });
      expect(page, format).toContain('Who may hold the memory');
      expect(page, format).toContain('processes together: up to 12.4 GiB');
      expect(page, format).not.toContain('What it could be');
    }
    expect(await render(report, { format: 'text' })).not.toMatch(/Root cause|Probable cause/i);
  });
});
