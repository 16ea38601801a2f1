import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parentDisk, swapDevices } from '../src/gather/block-devices.js';
import { isWanted } from '../src/gather/evidence.js';
import { gatherLive } from '../src/gather/gather.js';
import { sources } from '../src/gather/sources/index.js';
import { strainOf } from '../src/gather/strain.js';

const stall = { avg10: 0, avg60: 0, avg300: 0, total: 0 };
const taken = (full: number, meminfo: Record<string, number> | null) =>
  new Map<string, { data: unknown }>([
    ['pressure', { data: { memory: { some: stall, full: { ...stall, avg10: full } } } }],
    ['meminfo', { data: meminfo }],
  ]);

test('heavy sources are left alone when all tasks wait for memory, or next to nothing is available', () => {
  const ample = { MemTotal: 1000, MemAvailable: 500 };
  expect(strainOf(taken(0, ample))).toBeNull();
  expect(strainOf(taken(20, ample))).toBe('skipped under memory pressure: all tasks wait for memory 20.0 % of the time (limit 20 %)');
  expect(strainOf(taken(0, { MemTotal: 1000, MemAvailable: 19 }))).toBe(
    'skipped under memory pressure: 1.9 % of memory is available (limit 2 %)',
  );
  expect(strainOf(taken(0, { MemTotal: 1000, MemFree: 10, 'Inactive(file)': 300 }))).toBeNull();
  expect(strainOf(taken(0, { MemTotal: 1000, MemFree: 10 }))).toContain('1.0 %');
  expect(strainOf(taken(0, {}))).toBeNull();
  expect(strainOf(taken(0, null))).toBeNull();
  expect(strainOf(new Map())).toBeNull();
});

test('a live run says so, and reads the rest', async () => {
  const root = mkdtempSync(join(tmpdir(), 'memdoctor-'));
  mkdirSync(join(root, 'proc/pressure'), { recursive: true });
  writeFileSync(join(root, 'proc/meminfo'), 'MemTotal:       1000000 kB\nMemAvailable:    10000 kB\nMemFree:          5000 kB\n');
  writeFileSync(join(root, 'proc/vmallocinfo'), '0x1000-0x3000 8192 f+0x1/0x2 pages=1 vmalloc\n');
  const snapshot = await gatherLive({ durationSeconds: 0, intervalSeconds: 1, root }).finally(() => rmSync(root, { recursive: true }));
  expect(snapshot.sources['vmallocinfo']).toMatchObject({
    status: 'skipped',
    reason: 'skipped under memory pressure: 1.0 % of memory is available (limit 2 %)',
  });
  expect(snapshot.sources['meminfo']?.status).toBe('ok');
  expect(snapshot.samples[0]?.sources).not.toHaveProperty('vmallocinfo');
});

test('what is heavy is read once, at the end', () => {
  const heavy = Object.entries(sources).filter(([, source]) => 'heavy' in source);
  expect(heavy.map(([id]) => id)).toEqual(expect.arrayContaining(['allocinfo', 'pagetypeinfo', 'vmallocinfo']));
  for (const [, source] of heavy) expect(source.cadence).toBe('last');
});

test.each([
  ['sda', 'sda'],
  ['sda15', 'sda'],
  ['sdaa1', 'sdaa'],
  ['vdb2', 'vdb'],
  ['xvda1', 'xvda'],
  ['dasda1', 'dasda'],
  ['nvme0n1', 'nvme0n1'],
  ['nvme0n1p3', 'nvme0n1'],
  ['mmcblk0p2', 'mmcblk0'],
  ['cciss!c0d0p2', 'cciss!c0d0'],
  ['md127', 'md127'],
  ['md0p1', 'md0'],
  ['dm-3', 'dm-3'],
  ['zram0', 'zram0'],
])('%s is on %s', (name, disk) => {
  expect(parentDisk(name)).toBe(disk);
});

test('swap devices, without files', () => {
  const table =
    'Filename Type Size Used Priority\n/dev/sda2 partition 1 0 -1\n/swap.img file 1 0 -2\n/zram0 partition 1 0 5\n/dev/cciss/c0d0p1 partition 1 0 -3\n';
  expect(swapDevices(table)).toEqual(['sda2', 'zram0', 'cciss!c0d0p1']);
});

test('an archive gives what the sources want, and no more', () => {
  for (const path of [
    'sys/block/zram0/mm_stat',
    'host/sys/devices/system/edac/mc/mc0/dimm3/dimm_ce_count',
    'sys/block/sda/queue/rotational',
    'proc/iomem',
  ])
    expect(isWanted(path), path).toBe(true);
  for (const path of [
    'sys/block/sda/queue/nr_requests',
    'sys/block/zram0/backing_dev',
    'sys/devices/system/memory/memory3/uevent',
    'sys/kernel/debug/zswap/other',
    'proc/kcore',
  ])
    expect(isWanted(path), path).toBe(false);
});
