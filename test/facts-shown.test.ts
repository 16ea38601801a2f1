/** Fragments about one subject: which are fine as far as they show, and which must not pass for it. */
import { describe, expect, test } from 'vitest';
import { deriveFacts } from '../src/facts/derive.js';
import { snapshotFromEvidence } from '../src/gather/gather.js';
import { evidenceFromTexts } from '../src/gather/trees/text.js';
import { diagnose, loadRules } from '../src/main.js';

const rules = await loadRules({ builtin: true, paths: [], disabled: [], set: [] });
const snapshotOf = (text: string) => snapshotFromEvidence(evidenceFromTexts([{ name: 'paste.txt', text }]));
const factsOf = async (text: string) => deriveFacts(await snapshotOf(text)).facts;
const firstOf = async (text: string) => (await diagnose(await snapshotOf(text), rules)).diagnoses.find(({ score }) => score > 20)?.id;

const stats = (...rows: string[]): string =>
  `CONTAINER ID   NAME   CPU %   MEM USAGE / LIMIT   MEM %   NET I/O   BLOCK I/O   PIDS\n${rows
    .map((row, index) => `aa11bb22cc3${index}   job${index}   0.10%   ${row}   1.0%   1kB / 0B   0B / 0B   3\n`)
    .join('')}`;
const rows = (...lines: string[]): string =>
  `$ vmstat 5\nprocs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----\n r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st\n${lines.join('\n')}\n`;
const sockstat = (tcp: string): string => `$ cat /proc/net/sockstat\nsockets: used 300\nTCP: ${tcp}\nUDP: inuse 4 mem 2\nRAW: inuse 0\n`;
const slabtop = (...caches: string[]): string =>
  ` Active / Total Objects (% used)    : 4100000 / 4200000 (97.6%)\n Active / Total Size (% used)       : 880000.00K / 900000.00K (97.8%)\n\n  OBJS ACTIVE  USE OBJ SIZE  SLABS OBJ/SLAB CACHE SIZE NAME\n${caches.join('\n')}\n`;
const DENTRIES = '3360000 3350000  99%    0.19K 160000       21    640000K dentry';
const INODES = '120000 119000  99%    1.00K   3750       32    120000K ext4_inode_cache';
const KMALLOC = '700000 690000  98%    1.00K  21875       32    700000K kmalloc-1k';

describe('fine as far as they show', () => {
  test.each([
    [
      'a pool of huge pages in use',
      'HugePages_Total:    4000\nHugePages_Free:      500\nHugePages_Rsvd:      420\nHugepagesize:       2048 kB\n',
    ],
    ['sockets', sockstat('inuse 40 orphan 1 tw 7 alloc 61 mem 21')],
    ['containers', stats('210MiB / 1GiB', '40MiB / 128MiB')],
    ['containers without limits, on a host with room', stats('1.2GiB / 7.63GiB', '412MiB / 7.63GiB')],
    ['pressure', 'some avg10=0.00 avg60=0.00 avg300=0.02 total=11220\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7622\n'],
    ['much free', rows('1 0 0 9437184 2048 90112 0 0 9 9 40 60 1 0 99 0 0', '0 0 0 9437180 2048 90112 0 0 0 4 30 50 0 0 100 0 0')],
    [
      'little free, and nobody misses any',
      rows(
        '1 0 51200 81920 2048 1990112 3 4 9 9 40 60 1 0 99 0 0',
        '0 0 51200 81900 2048 1990112 0 0 2 4 30 50 0 0 100 0 0',
        '0 0 51200 81880 2048 1990120 0 0 0 4 30 50 0 0 100 0 0',
      ),
    ],
    [
      'df',
      'Filesystem      Size  Used Avail Use% Mounted on\ntmpfs           7.8G   12M  7.8G   1% /dev/shm\ntmpfs           1.6G  2.0M  1.6G   1% /run\n',
    ],
  ])('%s', async (_, text) => {
    expect(await firstOf(text)).toBe('dx-healthy');
  });

  test('slab that can be given up', async () => {
    expect(await firstOf(slabtop(DENTRIES, INODES))).toBe('dx-dentry-cache-benign');
    expect(await firstOf('Slab:            3000000 kB\nSReclaimable:    2900000 kB\n')).toBe('dx-dentry-cache-benign');
  });
});

describe('no all-clear', () => {
  test.each([
    [
      'a pool without a page left',
      'HugePages_Total:    4000\nHugePages_Free:        0\nHugePages_Rsvd:        0\nHugepagesize:       2048 kB\n',
    ],
    ['orphans', sockstat('inuse 40000 orphan 52000 tw 7 alloc 61000 mem 900')],
    ['much in sockets', sockstat('inuse 40 orphan 1 tw 7 alloc 61 mem 310000')],
    ['one container near its limit', stats('210MiB / 1GiB', '119MiB / 128MiB')],
    ['containers without limits that fill the host', stats('5.1GiB / 7.63GiB', '1.9GiB / 7.63GiB')],
    [
      'pressure a while ago',
      'some avg10=0.00 avg60=0.40 avg300=6.10 total=91122000\nfull avg10=0.00 avg60=0.20 avg300=3.00 total=4762200\n',
    ],
    ['a container of which no limit is shown', '$ cat /sys/fs/cgroup/memory.current\n210000000\n'],
    [
      'a limit that was met',
      '$ cat /sys/fs/cgroup/memory/memory.usage_in_bytes\n100000000\n$ cat /sys/fs/cgroup/memory/memory.limit_in_bytes\n536870912\n$ cat /sys/fs/cgroup/memory/memory.failcnt\n812\n',
    ],
    ['one row, which is since boot', rows('1 0 0 9437184 2048 90112 0 0 9 9 40 60 1 0 99 0 0')],
    [
      'swap traffic',
      rows('1 0 51200 9437184 2048 90112 3 4 9 9 40 60 1 0 99 0 0', '0 4 91200 9437180 2048 90112 900 8000 900 8000 30 50 0 0 10 90 0'),
    ],
    [
      'files read over and over',
      rows(
        '1 0 0 81920 2048 90112 0 0 9 9 40 60 1 0 99 0 0',
        '0 9 0 81900 90 80112 0 0 65000 4 30 50 0 9 1 90 0',
        '0 9 0 81880 90 80012 0 0 64000 4 30 50 0 9 1 90 0',
      ),
    ],
    [
      'memory that shrinks',
      rows(
        '1 0 0 81920 2048 1990112 0 0 9 9 40 60 1 0 99 0 0',
        '0 0 0 81900 90 1590112 0 0 0 4 30 50 0 9 91 0 0',
        '0 0 0 81880 90 990012 0 0 0 4 30 50 0 9 91 0 0',
      ),
    ],
    [
      'a full one among the small',
      'Filesystem      Size  Used Avail Use% Mounted on\ntmpfs           7.8G   12M  7.8G   1% /run\nshm              64M   64M     0 100% /dev/shm\n',
    ],
    ['slab that nobody gives up', slabtop(KMALLOC, INODES)],
    [
      'a unit that the OOM killer ended',
      '● job.service - Job\n     Loaded: loaded (/etc/systemd/system/job.service; enabled)\n     Active: failed (Result: oom-kill) since Thu 2025-02-06 04:11:09 UTC; 3h ago\n     Memory: 12.0M (max: 1.0G available: 1012.0M)\n',
    ],
  ])('%s', async (_, text) => {
    expect((await diagnose(await snapshotOf(text), rules)).verdict.status).not.toBe('healthy');
  });
});

test('what a cut /proc/meminfo leaves over is a sign that something was not shown', async () => {
  const lines = (slab: string): string =>
    `MemTotal: 16000000 kB\nMemFree: 2000000 kB\nMemAvailable: 7000000 kB\nBuffers: 100000 kB\nCached: 5000000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\nAnonPages: 2000000 kB\nShmem: 50000 kB\n${slab}`;
  // 16 000 000 − 2 000 000 − 100 000 − 5 000 000 − 2 000 000 = 6 900 000: 43 %
  expect((await factsOf(lines('')))['strain.signs']?.value).toBe(1);
  expect((await factsOf(lines('Slab: 2500000 kB\nSReclaimable: 2400000 kB\nSUnreclaim: 100000 kB\n')))['strain.signs']?.value).toBe(1);
  expect((await factsOf(lines('Slab: 5500000 kB\nSReclaimable: 5400000 kB\nSUnreclaim: 100000 kB\n')))['strain.signs']?.value).toBe(0);
});

test('with more cache than free memory, use is ordinary use', async () => {
  const top = (used: number, free: number, cached: number): string =>
    `Mem: ${used}K used, ${free}K free, 1200K shrd, 0K buff, ${cached}K cached\n`;
  expect(await firstOf(top(416_000, 84_000, 140_000))).toBe('dx-healthy');
  // 16 % free, and hardly any cache: somebody holds the rest
  expect(await firstOf(top(416_000, 120_000, 40_000))).toBeUndefined();
});
