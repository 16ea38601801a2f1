import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type HeldFile, memoryTree } from '../src/gather/trees/memory.js';
import { recordingTree } from '../src/gather/trees/recording.js';
import type { Tree } from '../src/gather/tree.js';

const made: string[] = [];
const scratch = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'memdoctor-recording-'));
  made.push(dir);
  return dir;
};
afterEach(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true });
});

/** A host whose files change between two looks at it. */
function changing(files: Record<string, string>): Tree {
  const now = (): Tree =>
    memoryTree(new Map(Object.entries(files).map(([path, text]): [string, HeldFile] => [path, { body: Buffer.from(text) }])));
  return { read: (paths, limits) => now().read(paths, limits), list: (dir) => now().list(dir) };
}

test('what is read twice is read once, and written as it was then', async () => {
  const files: Record<string, string> = { 'proc/meminfo': 'first' };
  const dir = scratch();
  const tree = recordingTree(changing(files), dir);
  const texts = async (...paths: string[]): Promise<string[]> =>
    (await tree.read(paths)).map(({ path, status, text }) => `${path} ${status} ${text}`);
  expect(await texts('proc/meminfo', 'proc/vmstat')).toEqual(['proc/meminfo ok first', 'proc/vmstat absent ']);
  Object.assign(files, { 'proc/meminfo': 'second', 'proc/vmstat': 'second', 'proc/stat': 'second' });
  expect(await texts('proc/stat', 'proc/meminfo', 'proc/vmstat')).toEqual([
    'proc/stat ok second',
    'proc/meminfo ok first',
    'proc/vmstat absent ',
  ]);
  expect(readFileSync(join(dir, 'proc/meminfo'), 'utf8')).toBe('first');
  expect(readdirSync(join(dir, 'proc')).sort()).toEqual(['meminfo', 'stat']);
});

test('a process that begins between two sources is seen by neither', async () => {
  const files: Record<string, string> = { 'proc/1/stat': 'one' };
  const dir = scratch();
  const tree = recordingTree(changing(files), dir);
  expect(await tree.list('proc')).toEqual(['1']);
  files['proc/22/stat'] = 'two';
  expect(await tree.list('proc')).toEqual(['1']);
  expect(readdirSync(dir)).toEqual(['proc']);
});

test('what was cut is read again by a source that takes more of it', async () => {
  const dir = scratch();
  const tree = recordingTree(changing({ 'proc/1/maps': 'a long text' }), dir);
  expect((await tree.read(['proc/1/maps'], { maxBytes: 6 }))[0]).toMatchObject({ status: 'truncated', text: 'a long' });
  expect((await tree.read(['proc/1/maps']))[0]).toMatchObject({ status: 'ok', text: 'a long text' });
  expect(readFileSync(join(dir, 'proc/1/maps'), 'utf8')).toBe('a long text');
});

test('a file may have another place', async () => {
  const dir = scratch();
  const tree = recordingTree(changing({ 'kernel-log.txt': 'line' }), join(dir, 'sample-1'), {
    'kernel-log.txt': join(dir, 'kernel-log.txt'),
  });
  await tree.read(['kernel-log.txt']);
  expect((await tree.read(['kernel-log.txt']))[0]?.text).toBe('line');
  expect(readdirSync(dir)).toEqual(['kernel-log.txt']);
});
