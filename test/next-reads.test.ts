/** What a person is told to read next, where the evidence cannot tell the cause. */
import { describe, expect, test } from 'vitest';
import { snapshotFromEvidence } from '../src/gather/gather.js';
import type { AnySource } from '../src/gather/source.js';
import { sources } from '../src/gather/sources/index.js';
import { evidenceFromTexts } from '../src/gather/trees/text.js';
import { diagnose, loadRules, render } from '../src/main.js';
import { whyUnknown } from '../src/report/unknown.js';

const rules = await loadRules({ builtin: true, paths: [], disabled: [], set: [] });
const snapshotOf = (text: string) => snapshotFromEvidence(evidenceFromTexts([{ name: 'paste.txt', text }]));
const reportOf = async (text: string) => diagnose(await snapshotOf(text), rules);

const FREE = `              total        used        free      shared  buff/cache   available
Mem:       32000000    22000000     9000000       10000     1000000     9400000
Swap:             0           0           0
`;
const STALLS = `some avg10=71.20 avg60=50.00 avg300=30.00 total=7000000
full avg10=20.00 avg60=16.00 avg300=8.00 total=2000000
`;

describe('what to read next', () => {
  test('is the whole of what was shown in part, then what most causes lack', async () => {
    const { nextReads = [], verdict } = await reportOf(FREE);
    expect(verdict.status).toBe('inconclusive');
    expect(nextReads[0]).toMatchObject({ source: 'meminfo', command: 'cat /proc/meminfo', partly: true });
    const others = nextReads.slice(1).map(({ diagnoses }) => diagnoses.length);
    expect(others).toEqual(others.toSorted((a, b) => b - a));
    expect(nextReads.length).toBeLessThanOrEqual(5);
    expect(nextReads.map(({ source }) => source)).toContain('kernel-log');
  });

  test('is what could explain the trouble, when there is some', async () => {
    const [calm, stalled] = [await reportOf('$ ls -l /proc/pressure\nMemFree: 100 kB\n'), await reportOf(STALLS)];
    const causesOf = ({ nextReads = [] }: typeof calm) => new Set(nextReads.flatMap(({ diagnoses }) => diagnoses));
    expect(causesOf(stalled).size).toBeLessThan(causesOf(calm).size);
    expect([...causesOf(stalled)]).toEqual(expect.arrayContaining(['dx-swap-thrash', 'dx-cgroup-high-brake']));
    const unknown = new Set(stalled.unknown.map(({ id }) => id));
    for (const id of causesOf(stalled)) expect(unknown).toContain(id);
  });

  test('is said by each renderer, and the command can be copied', async () => {
    const report = await reportOf(STALLS);
    for (const format of ['text', 'md', 'html'] as const) {
      const page = await render(report, { format });
      expect(page, format).toContain('What to read next');
      expect(page, format).toContain('cat /proc/meminfo');
    }
  });

  test('is not said of a host that was read itself, nor where the cause is known', async () => {
    const snapshot = await snapshotOf(STALLS);
    const live = await diagnose({ ...snapshot, subject: { ...snapshot.subject, origin: 'live' } }, rules);
    expect(live.verdict.status).toBe('inconclusive');
    expect(live).not.toHaveProperty('nextReads');
    const healthy = await reportOf(
      FREE.replace('22000000     9000000 ', ' 2000000     6000000 ').replace(' 1000000     9400000', '24000000    29400000'),
    );
    expect(healthy.verdict.status).toBe('healthy');
    expect(healthy).not.toHaveProperty('nextReads');
  });
});

describe('the command of a source', () => {
  const asked = Object.entries<AnySource>(sources).flatMap(([id, { paste, reads }]) => (paste === undefined ? [] : [{ id, paste, reads }]));

  test.each(asked)('$id: only reads, and reads what the source reads', ({ paste, reads }) => {
    expect(paste).not.toMatch(/[>]|\brm\b|\becho\b|--write|-w\b/);
    const files = [...paste.matchAll(/\/((?:proc|sys)\/[\w/*-]+)/g)].map(([, path = '']) => path);
    for (const file of files)
      expect(
        reads.some((read) => read === file || read.startsWith(file.replace(/\*$/, ''))),
        file,
      ).toBe(true);
  });

  test('is told with the rules that lack it', () => {
    const fact = (reason: string, lacks?: string) =>
      ({ value: null, unit: 'bytes', from: [], reason, ...(lacks === undefined ? {} : { lacks }) }) as const;
    const facts = {
      denied: fact('slabinfo is denied (EACCES)', 'slabinfo'),
      unread: fact('processes is skipped (/proc/PID was not read)', 'processes'),
      other: fact('lru-gen is denied (EACCES)', 'lru-gen'),
    };
    const why = (...names: string[]) => whyUnknown(names, { facts, items: {} });
    expect(why('denied')).toBe('slabinfo is denied (EACCES): gather as root; or paste `sudo cat /proc/slabinfo`');
    expect(why('unread')).toMatch(/or paste `ps aux --sort=-rss`$/);
    expect(why('other')).toBe('lru-gen is denied (EACCES): gather as root');
  });
});
