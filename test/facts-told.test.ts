/** What tools tell as shares or in sum, and what stands in for a figure that was not shown. */
import { describe, expect, test } from 'vitest';
import { deriveFacts } from '../src/facts/derive.js';
import { snapshotFromEvidence } from '../src/gather/gather.js';
import { ramByShare } from '../src/gather/texts/made/ram-share.js';
import { evidenceFromTexts } from '../src/gather/trees/text.js';
import { diagnose, loadRules } from '../src/main.js';

const rules = await loadRules({ builtin: true, paths: [], disabled: [], set: [] });
const snapshotOf = (text: string) => snapshotFromEvidence(evidenceFromTexts([{ name: 'paste.txt', text }]));
const factsOf = async (text: string) => deriveFacts(await snapshotOf(text)).facts;
const firstOf = async (text: string) => (await diagnose(await snapshotOf(text), rules)).diagnoses.find(({ score }) => score > 20)?.id;
const GIB = 2 ** 30;

const greeting = (memory: number, swap: number): string =>
  `  System load:  0.18               Processes:             142\n  Memory usage: ${memory}%                IPv4 address for eth0: 10.20.0.7\n  Swap usage:   ${swap}%\n`;
const FREE = `$ free -m
              total        used        free      shared  buff/cache   available
Mem:          64266       58930        1011         412        4325        4480
Swap:             0           0           0
`;
const AUX = 'USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND\n';
const controllers = (memory: number): string =>
  `#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpuset\t3\t60\t1\nmemory\t9\t${memory}\t1\npids\t5\t75\t1\n`;

describe('shares without sizes', () => {
  test('little is left', async () => {
    const facts = await factsOf(greeting(94, 100));
    expect(facts['mem.available_pct']?.value).toBe(6);
    expect(facts['swap.used_pct']?.value).toBe(100);
    expect(facts['mem.told_by_share']?.value).toBe(true);
    expect(facts['mem.available_bytes']?.value).toBeNull();
  });
  test('much is left', async () => expect(await firstOf(greeting(31, 0))).toBe('dx-healthy'));
  test('not much is left, and nobody knows who has it', async () => expect(await firstOf(greeting(74, 10))).not.toBe('dx-healthy'));
  test('sizes outrank them', async () => {
    const facts = await factsOf(greeting(10, 0) + FREE);
    expect(facts['mem.available_pct']?.value).toBeCloseTo(6.97, 1);
    expect(facts['mem.told_by_share']?.value).toBe(false);
  });
});

describe('the sum of RSS', () => {
  test('bounds what processes hold, and leaves a gap', async () => {
    const facts = await factsOf(`${FREE}$ ps aux | awk '{sum+=$6} END {print sum/1024/1024}'\n9.0\n`);
    expect(facts['mem.anon_pct']?.value).toBeCloseTo(14.3, 0);
    expect(Number(facts['used.gap_bytes']?.value) / GIB).toBeGreaterThan(48);
  });
  test('beside shares', async () => {
    const snapshot = await snapshotOf(`${greeting(94, 3)}$ ps aux | awk '{sum+=$6} END {print sum/1024/1024}'\n9.0\n`);
    expect(snapshot.samples.at(-1)?.sources['told']).toEqual({ memoryUsed: 94, swapUsed: 3, rss: 9 * GIB });
  });
  test('more than is in use says nothing', async () => {
    const facts = await factsOf(`${FREE}$ ps aux | awk '{sum+=$6} END {print sum/1024/1024}'\n140.0\n`);
    expect(facts['mem.anon_pct']?.value).toBeNull();
  });
});

describe('RAM by the shares of processes', () => {
  test('within some per cent', async () => {
    const facts = await factsOf(
      `${AUX}app 2211 0.4 12.8 1093120 1050624 ? Sl Jan06 107:16 /usr/bin/agent -d\ndb 900 1.0 30.4 3093120 2495488 ? Sl Jan06 9:16 /usr/bin/dbd\n`,
    );
    expect(Number(facts['mem.total_bytes']?.value) / 2 ** 20).toBeCloseTo(8000, -2);
  });
  test('free outranks it', async () => {
    const facts = await factsOf(`${FREE}$ ps aux\n${AUX}app 2211 0.4 12.8 1093120 1050624 ? Sl Jan06 107:16 /usr/bin/agent -d\n`);
    expect(facts['mem.total_bytes']?.value).toBe(64_266 * 2 ** 20);
  });
  test.each([
    ['small shares', [{ rss: '10240', share: '0.1' }]],
    ['whole per cent', [{ rss: '1050624', share: '12' }]],
    ['the most that ps prints', [{ rss: '1050624', share: '99.9' }]],
    ['a rounded size', [{ rss: '3g', share: '40.0' }]],
    [
      'two hosts',
      [
        { rss: '1050624', share: '12.8' },
        { rss: '1050624', share: '25.6' },
      ],
    ],
  ])('not by %s', (_, shown) => {
    expect(ramByShare(shown)).toBeNull();
  });
});

describe('swap', () => {
  test('by its areas alone', async () => {
    const facts = await factsOf(
      '$ swapon -s\nFilename Type Size Used Priority\n/dev/sda2 partition 1000000 900000 -2\n/swapfile file 1000000 0 -3\n',
    );
    expect(facts['swap.total_bytes']?.value).toBe(2_000_000 * 1024);
    expect(facts['swap.used_pct']?.value).toBe(45);
  });
});

describe('cgroups by controller', () => {
  test('removed ones are those that only memory has', async () => {
    const facts = await factsOf(controllers(21_075));
    expect(facts['cgroups.dying']?.value).toBe(21_000);
    expect(facts['cgroups.live']?.value).toBe(75);
    expect(await firstOf(controllers(21_075))).toBe('dx-dying-cgroups');
  });
  test.each([
    ['a host at rest', controllers(80)],
    ['v2: all count the same', controllers(21_075).replaceAll(/\t\d\t(\d+)\t1/g, '\t0\t$1\t1')],
  ])('false alarm: %s', async (_, text) => {
    expect(await firstOf(text)).not.toBe('dx-dying-cgroups');
  });
});

describe('malloc_stats()', () => {
  const stats = (system: number, inUse: number): string =>
    `Arena 0:\nsystem bytes     = ${system}\nin use bytes     = ${inUse}\nTotal (incl. mmap):\nsystem bytes     = ${system}\nin use bytes     = ${inUse}\n`;
  test('most is free', async () => {
    expect((await factsOf(stats(4 * GIB, GIB)))['heap.kept_share_pct']?.value).toBe(75);
    expect(await firstOf(stats(4 * GIB, GIB))).toBe('dx-allocator-retention');
  });
  test('false alarm: in use', async () => expect(await firstOf(stats(4 * GIB, 3 * GIB))).not.toBe('dx-allocator-retention'));
  test('a sum that went over', async () => expect((await factsOf(stats(GIB, 3 * GIB)))['heap.kept_bytes']?.value).toBeNull());
});
