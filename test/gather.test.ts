import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openEvidence } from '../src/gather/evidence.js';
import { gatherLive, snapshotFromEvidence } from '../src/gather/gather.js';
import { loadInput, parseSnapshot } from '../src/gather/snapshot-io.js';
import { sources } from '../src/gather/sources/index.js';
import { validateSnapshot } from '../src/validators.js';

const made: string[] = [];
const scratch = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'memdoctor-'));
  made.push(dir);
  return dir;
};
afterEach(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true });
});

test('a live run, and what it kept as raw evidence, give the same snapshot', async () => {
  const raw = join(scratch(), 'raw');
  const lines: string[] = [];
  const live = await gatherLive({ durationSeconds: 2, intervalSeconds: 0.5, rawDir: raw, onProgress: (line) => lines.push(line) });
  expect(validateSnapshot(live)).toEqual([]);
  expect(live.samples.length).toBeGreaterThanOrEqual(3);
  expect(lines).toHaveLength(live.samples.length);
  expect(Object.keys(live.sources)).toEqual(Object.keys(sources));
  const [first, second] = live.samples;
  const last = live.samples.at(-1);
  expect((last?.monotonic ?? 0) - (first?.monotonic ?? 0)).toBeGreaterThanOrEqual(2);
  expect(Object.keys(second?.sources ?? {})).toEqual(
    Object.keys(sources).filter((id) => id in (first?.sources ?? {}) && sources[id as keyof typeof sources].cadence === 'every'),
  );
  for (const [id, { cadence }] of Object.entries(sources)) {
    if (cadence === 'first') expect(last?.sources).not.toHaveProperty([id]);
    if (cadence === 'last') expect(first?.sources).not.toHaveProperty([id]);
  }
  expect(await snapshotFromEvidence(await openEvidence(raw))).toEqual(live);
  expect(await loadInput(raw)).toEqual(live);

  for (const [flag, ending] of [
    ['-cf', 'tar'],
    ['-czf', 'tar.gz'],
    ['-cJf', 'tar.xz'],
  ] as const) {
    const archive = `${raw}.${ending}`;
    execFileSync('tar', [flag, archive, '-C', join(raw, '..'), 'raw']);
    expect(await loadInput(archive), ending).toEqual(live);
  }
  expect(parseSnapshot(JSON.stringify(live), 'x')).toEqual(live);
});

test('one sample with everything when the duration is 0', async () => {
  const snapshot = await gatherLive({ durationSeconds: 0, intervalSeconds: 1 });
  expect(snapshot.samples).toHaveLength(1);
  expect(snapshot.samples[0]?.sources).toHaveProperty('meminfo');
  // what programs wrote comes with pasted text only
  const pasted = new Set(Object.entries(sources).flatMap(([id, { cadence }]) => (cadence === 'pasted' ? [id] : [])));
  expect(Object.entries(snapshot.sources).filter(([id, { status }]) => status === 'skipped' && !pasted.has(id))).toEqual([]);
});

test('an abort ends it early, with the last full sample', async () => {
  const controller = new AbortController();
  const started = performance.now();
  setTimeout(() => controller.abort(), 700);
  const snapshot = await gatherLive({ durationSeconds: 60, intervalSeconds: 0.2, signal: controller.signal });
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(snapshot.samples.length).toBeGreaterThanOrEqual(2);
  const full = Object.entries(sources).filter(([, { cadence }]) => cadence === 'full');
  for (const [id] of full.filter(([id]) => id in (snapshot.samples[0]?.sources ?? {})))
    expect(snapshot.samples.at(-1)?.sources).toHaveProperty([id]);
});

test('garbled, empty and missing files cost their source only, with a reason', async () => {
  const root = scratch();
  mkdirSync(join(root, 'proc/pressure'), { recursive: true });
  writeFileSync(join(root, 'proc/meminfo'), 'MemTotal: 1000 kB\n');
  writeFileSync(join(root, 'proc/vmstat'), '\u0000\u0001garbage\n');
  writeFileSync(join(root, 'proc/pressure/memory'), '');
  const { samples, sources: fared, subject } = await gatherLive({ durationSeconds: 0, intervalSeconds: 1, root });
  expect(samples[0]?.sources.meminfo).toEqual({ MemTotal: 1_024_000 });
  expect(fared['vmstat']).toMatchObject({ status: 'failed', reason: expect.stringContaining('/proc/vmstat') });
  expect(fared['pressure']).toMatchObject({ status: 'failed', reason: expect.stringContaining('empty') });
  expect(fared['zoneinfo']).toMatchObject({ status: 'absent', reason: expect.stringContaining('not there') });
  expect(subject).toMatchObject({ hostname: null, kernel: null, arch: null, pageSize: 4096, clockTicks: 100, origin: 'live' });
});

test('refuses a root that is none, and a place for raw evidence that is not empty', async () => {
  const root = scratch();
  const options = { durationSeconds: 0, intervalSeconds: 1 };
  await expect(gatherLive({ ...options, root })).rejects.toThrow(/is not the root of a Linux host/);
  writeFileSync(join(root, 'file'), 'x');
  await expect(gatherLive({ ...options, rawDir: root })).rejects.toThrow(/is not empty/);
  await expect(gatherLive({ ...options, rawDir: join(root, 'file') })).rejects.toThrow(/is not a directory/);
  expect(readFileSync(join(root, 'file'), 'utf8')).toBe('x');
  expect(existsSync(join(root, 'manifest.json'))).toBe(false);
});
