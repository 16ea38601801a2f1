/** What is made of several blocks of several texts: samples, ranks, what fills in what. */
import { describe, expect, test } from 'vitest';
import { snapshotFromEvidence } from '../src/gather/gather.js';
import { evidenceFromTexts, type NamedText } from '../src/gather/trees/text.js';

const MEMINFO = 'MemTotal:        8000000 kB\nMemFree:          300000 kB\n';
const read = async (...texts: readonly string[]) =>
  snapshotFromEvidence(evidenceFromTexts(texts.map((text, index): NamedText => ({ name: `${index + 1}.txt`, text }))));
const VMSTAT = [
  'procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----',
  ' r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st',
  ' 1  0   1000 300000   5000 900000    1    2    30    40  100  200  5  1 94  0  0',
  ' 1  0   1000 290000   5000 900000    0  400     0    40  100  200  5  1 94  0  0',
  ' 1  0   1000 280000   5000 900000    0  800     0    40  100  200  5  1 94  0  0',
].join('\n');

describe('samples', () => {
  test('blocks that come again with a date are samples, as far apart as the dates', async () => {
    const dated = (clock: string, free: number) => `Tue Mar  3 ${clock} UTC 2026\nMemTotal: 8000000 kB\nMemFree: ${free} kB\n`;
    const { samples, subject } = await read(`${dated('10:15:00', 500)}${dated('10:16:30', 400)}`);
    expect(samples.map(({ monotonic, sources }) => [monotonic, sources.meminfo?.['MemFree']])).toEqual([
      [0, 512_000],
      [90, 409_600],
    ]);
    expect(subject.capturedAt).toBe('2026-03-03T10:16:30.000Z');
  });

  test('without dates the last is used, and the others are named', async () => {
    const { samples, texts } = await read(MEMINFO, MEMINFO.replace('300000', '200000'));
    expect(samples.map(({ sources }) => sources.meminfo?.['MemFree'])).toEqual([204_800_000]);
    expect(texts?.recognised.map(({ name, used, note }) => [name, used, note])).toEqual([
      ['1.txt', false, 'a later one of the same kind was used'],
      ['2.txt', true, undefined],
    ]);
  });

  test('readings one after the other without a clock make a course: no samples, and no rates', async () => {
    const readings = [2300, 264_432, 265_400, 2352].map((kib) => `PageTables: ${kib} kB\n`);
    const { samples, texts } = await read(readings.join(''));
    expect(samples).toHaveLength(1);
    expect(samples[0]?.sources).toEqual({
      meminfo: { PageTables: 2352 * 1024 },
      course: [{ name: 'PageTables', values: [2300, 264_432, 265_400, 2352].map((kib) => kib * 1024) }],
    });
    expect(texts?.recognised.map(({ used }) => used)).toEqual([true, true, true, true]);
    // before and after, with words between, are two moments and no course
    for (const text of [readings.slice(0, 2).join(''), readings.slice(0, 3).join('then we started it,\nand later\n\nit was:\n')])
      expect((await read(text)).samples[0]?.sources).not.toHaveProperty('course');
    // with dates there is a clock
    const dated = readings.map((reading, minute) => `Tue Mar  3 10:1${minute}:00 UTC 2026\n${reading}`).join('');
    expect((await read(dated)).samples.map(({ sources }) => Object.keys(sources))).toEqual(readings.map(() => ['meminfo']));
  });

  test('a table of free again and again is a course, the last perhaps cut', async () => {
    const table = (used: number, rest: string) =>
      `              total        used        free      shared  buff/cache   available\nMem:        8000000     ${used}${rest}\n`;
    const { samples } = await read(
      [6_000_000, 6_200_000, 6_400_000, 6_600_000]
        .map((used) => table(used, `      ${7_900_000 - used}       1000      100000      ${8_000_000 - used}`))
        .join('\n') + `\n${table(6_800_000, '')}`,
    );
    const course = samples[0]?.sources.course?.find(({ name }) => name === 'MemAvailable');
    expect(course?.values).toEqual([2_000_000, 1_800_000, 1_600_000, 1_400_000].map((kib) => kib * 1024));
  });

  test('a line picked out later does not displace the whole', async () => {
    const whole = `${MEMINFO}Slab: 100 kB\nShmem: 7 kB\nMapped: 8 kB\n`;
    const { samples } = await read(whole, 'MemFree: 1 kB\n');
    expect(samples[0]?.sources.meminfo).toMatchObject({ MemTotal: 8_192_000_000, MemFree: 307_200_000 });
  });

  test('two parts of one file make one', async () => {
    const { samples } = await read('$ grep -i slab /proc/meminfo\nSlab: 100 kB\n$ grep Mem /proc/meminfo\nMemTotal: 5 kB\nMemFree: 1 kB\n');
    expect(samples[0]?.sources.meminfo).toEqual({ Slab: 102_400, MemTotal: 5120, MemFree: 1024 });
  });

  test('a series of a tool keeps its rates beside one reading of the kernel', async () => {
    const { samples } = await read(VMSTAT, 'nr_free_pages 70000\npswpin 5000\npswpout 900000\n');
    expect(samples.length).toBeGreaterThan(1);
    const out = samples.map(({ sources }) => sources.vmstat?.['pswpout'] ?? Number.NaN);
    expect(out.at(-1)).toBe(900_000);
    expect(out.toSorted((a, b) => a - b)).toEqual(out);
    expect(samples.at(-1)?.sources.vmstat?.['nr_free_pages']).toBe(70_000);
  });
});

describe('ranks', () => {
  const free =
    '              total        used        free      shared  buff/cache   available\nMem:           7812        7000         292         900         520         200\nSwap:          2047          10        2037\n';

  test('the kernel outranks a tool, which fills in what it lacks', async () => {
    const { samples, texts } = await read(`$ free -m\n${free}`, MEMINFO);
    expect(samples[0]?.sources.meminfo).toMatchObject({ MemTotal: 8_192_000_000, MemFree: 307_200_000, Shmem: 900 * 1_048_576 });
    expect(texts?.recognised.every(({ used }) => used)).toBe(true);
  });
});

describe('the host', () => {
  test('the size of a page is found from the zones', async () => {
    const zones =
      'Node 0, zone   Normal\n  pages free     1000\n        min      100\n        low      120\n        high     140\n        managed  125000\n';
    const { subject, samples } = await read(MEMINFO, zones);
    expect(subject.pageSize).toBe(65_536);
    expect(samples[0]?.sources.zoneinfo?.[0]?.free).toBe(65_536_000);
  });

  test('its name and kernel are found', async () => {
    const { subject } = await read('Linux 5.14.0-70.el9.x86_64 (db7.example.org) \t03/03/2026 \t_x86_64_\t(4 CPU)\n', MEMINFO);
    expect(subject).toMatchObject({ hostname: 'db7.example.org', kernel: '5.14.0-70.el9.x86_64', arch: 'x86_64', origin: 'text' });
  });

  test('cgroups are found below the ones that nobody pasted', async () => {
    const dir = '/sys/fs/cgroup/system.slice/app.service';
    const { samples } = await read(`# grep . ${dir}/memory.*\n${dir}/memory.current:4096000\n${dir}/memory.max:8192000\n`);
    expect(samples[0]?.sources.cgroup?.groups.find(({ path }) => path === '/system.slice/app.service')).toMatchObject({
      current: 4_096_000,
      max: 8_192_000,
    });
    const old = '/sys/fs/cgroup/memory/docker/0a1b';
    const v1 = await read(`# cat ${old}/memory.limit_in_bytes\n8192000\n# cat ${old}/memory.usage_in_bytes\n4096000\n`);
    expect(v1.samples[0]?.sources.cgroup?.groups.find(({ path }) => path === '/docker/0a1b')).toMatchObject({
      current: 4_096_000,
      max: 8_192_000,
    });
  });

  test('a process is known from its status alone', async () => {
    const { samples } = await read(
      'Name:\tappsrv\nState:\tS (sleeping)\nPid:\t2201\nVmSize:\t 900 kB\nRssAnon:\t 400 kB\nVmSwap:\t 20 kB\nThreads:\t4\n',
    );
    expect(samples[0]?.sources.processes?.top[0]).toMatchObject({ pid: 2201, name: 'appsrv', threads: 4, anon: 409_600, swap: 20_480 });
  });

  test('the share of RAM that ps prints is a size where some text tells how much RAM there is', async () => {
    const rows = 'PID COMMAND %MEM\n77 appsrv 25.0\n78 cron 0.1\n';
    const { samples } = await read(MEMINFO, rows);
    expect(samples[0]?.sources.processes?.top.map(({ name, anon }) => [name, anon])).toEqual([
      ['appsrv', 2_048_000_000],
      ['cron', 8_192_000],
    ]);
    expect((await read(rows)).samples[0]?.sources.processes).toBeUndefined();
  });

  test('logs of several texts are one', async () => {
    const kill = (pid: number) => `[ ${pid}.000000] Out of memory: Killed process ${pid} (x) total-vm:1kB, anon-rss:1kB, file-rss:0kB\n`;
    const { samples } = await read(`hello\n${kill(10)}`, `and then\n${kill(20)}`);
    expect(samples[0]?.sources['kernel-log']?.events.map(({ victims }) => victims?.[0]?.pid)).toEqual([10, 20]);
  });
});
