/** The kernel's decision at an OOM, re-enacted over its report. */
import { describe, expect, test } from 'vitest';
import { deriveFacts } from '../src/facts/derive.js';
import { ramOf } from '../src/facts/oom-moment.js';
import { sheetOf } from '../src/facts/oom-sheet.js';
import { scoreOf, victimText } from '../src/facts/oom-victim.js';
import { scopeOf, whyOf } from '../src/facts/oom-why.js';
import { zonesOf } from '../src/facts/oom-zones.js';
import type { KernelLog, LogEvent, Moment } from '../src/gather/kernel-log/schema.js';
import type { Sample } from '../src/gather/snapshot.js';
import { GIB, LIMITED, log, MIB, moment, table, task, victim, zone } from './oom-moments.js';

function facts(kernelLog: KernelLog | null, sources: Sample['sources'] = {}) {
  const subject = {
    hostname: null,
    kernel: '6.1.0',
    arch: null,
    capturedAt: null,
    origin: 'snapshot',
    pageSize: 4096,
    clockTicks: 100,
  } as const;
  const all = { ...sources, ...(kernelLog === null ? {} : { 'kernel-log': kernelLog }) };
  const head = { format: 'memdoctor-snapshot', schemaVersion: '1.0', memdoctorVersion: '0' } as const;
  const set = deriveFacts({ ...head, subject, samples: [{ time: null, monotonic: 100, sources: all }], sources: {} });
  return (name: string) => set.facts[name]?.value;
}

const why = (more: Partial<Moment>, totals: Record<string, number> = {}): string => whyOf(moment(more, totals)).why;
const event = (more: Partial<LogEvent>): LogEvent => ({ kind: 'oom-kill', time: 500, text: 'Out of memory', count: 1, ...more });

describe('why', () => {
  test('private memory, with no swap and with all of it used', () => {
    expect(why({})).toBe('no-swap');
    expect(why({}, { swap_total: 500, swap_free: 4 })).toBe('swap-full');
    expect(whyOf(moment({}, { swap_total: 500, swap_free: 4 })).text).toContain('All 500 MiB of swap are used up');
    expect(why({}, { swap_total: 500, swap_free: 400 })).toBe('watermarks');
  });

  test('kernels with one pair of lists for files and processes: swap that is used up tells which it was', () => {
    const { active_anon: _, inactive_anon: __, active_file: ___, inactive_file: ____, ...rest } = moment().totals;
    const one = (swap: Record<string, number>): Moment => ({
      ...moment(),
      totals: { ...rest, active: 420 * MIB, inactive: 440 * MIB, ...swap },
    });
    expect(whyOf(one({ swap_total: 500 * MIB, swap_free: 4 * MIB }))).toMatchObject({
      why: 'swap-full',
      text: expect.stringContaining('does not tell them apart. All 500 MiB of swap are used up') as string,
    });
    expect(whyOf(one({ swap_total: 500 * MIB, swap_free: 300 * MIB })).why).not.toBe('swap-full');
    expect(whyOf(one({ swap_total: 0, swap_free: 0 })).why).not.toBe('swap-full');
  });

  test('SysRq and limits come before all figures', () => {
    expect(why({ order: -1 })).toBe('manual');
    expect(why({ kind: 'memcg-oom-kill', memcg: LIMITED })).toBe('memcg-limit');
    expect(whyOf(moment({ kind: 'memcg-oom-kill', memcg: LIMITED })).text).toContain('64 MiB of the 64 MiB');
    const both = { ...LIMITED, usage: 30 * MIB, swapUsage: 128 * MIB, swapLimit: 128 * MIB };
    expect(whyOf(moment({ kind: 'memcg-oom-kill', memcg: both })).text).toContain('memory and swap together (128 MiB)');
  });

  test('a cgroup that a host-wide kill names is not to blame', () => {
    const taskOnly = { taskPath: '/system.slice/mill.service' };
    expect(scopeOf(moment({ memcg: taskOnly, globalOom: true }))).toBe('host');
    expect(why({ memcg: taskOnly, globalOom: true })).toBe('no-swap');
  });

  test('what fills the memory is named', () => {
    const few = { active_anon: 20, inactive_anon: 30 };
    expect(why({}, { ...few, slab_unreclaimable: 700 })).toBe('kernel');
    expect(why({}, { ...few })).toBe('kernel');
    expect(whyOf(moment({}, few)).text).toContain('on no line of the report');
    expect(why({}, { ...few, unevictable: 800 })).toBe('locked');
    expect(why({}, { active_anon: 20, inactive_anon: 800, shmem: 780 })).toBe('shmem');
    expect(why({}, { ...few, unevictable: 780, shmem: 780 })).toBe('shmem');
    expect(why({}, { ...few, inactive_file: 800 })).toBe('policy');
    expect(why({ hugepages: [{ node: 0, size: 2 * MIB, total: 300, free: 290, surplus: 0 }] }, { inactive_anon: 200 })).toBe('hugepages');
    expect(why({ hugepages: [{ node: 0, size: 2 * MIB, total: 400, free: 0, surplus: 0 }] }, few)).toBe('hugepages');
  });

  test('a low zone is dry beside a high one with room', () => {
    const normal = zone('Normal', 860, 10, { reserves: [0, 0, 50 * MIB, 50 * MIB] });
    const high = zone('HighMem', 3000, 1200, { reserves: [0, 0, 0, 0] });
    const dma = zone('DMA', 16, 3, { reserves: [0, 860 * MIB, 900 * MIB, 900 * MIB] });
    expect(why({ zones: [dma, normal, high], gfpFlags: ['GFP_KERNEL'] })).toBe('low-zone');
    // memory of a process may use HighMem: then nothing is short
    expect(why({ zones: [dma, normal, high] })).toBe('policy');
    // nor may a lost mask hide it
    const { gfpFlags: _, gfpMask: __, ...masked } = moment({ zones: [dma, normal, high] });
    expect(whyOf(masked).why).toBe('low-zone');
    expect(whyOf({ ...masked, zones: [high] }).why).toBe('low-zone');
    expect(whyOf({ ...masked, zones: [zone('Normal', 3000, 1200)] }).why).toBe('policy');
    expect(facts(log([moment({ zones: [dma, normal, high], gfpFlags: ['GFP_KERNEL'] })]))('oom.lowmem_zone')).toBe('Node 0 Normal');
  });

  test('DMA32 alone, and memory that is kept for movable pages', () => {
    const zones = [zone('DMA32', 2000, 10), zone('Normal', 8000, 4000)];
    expect(why({ zones, gfpFlags: ['GFP_DMA32', '__GFP_NOWARN'] })).toBe('low-zone');
    const movable = [zone('Normal', 2000, 10), zone('Movable', 8000, 4000)];
    expect(why({ zones: movable, gfpFlags: ['GFP_KERNEL'] })).toBe('movable-only');
    expect(
      why({ zones: [zone('Movable', 8000, 7000)], gfpFlags: ['GFP_HIGHUSER'], constraint: 'CONSTRAINT_CPUSET', memsAllowed: '0' }),
    ).toBe('movable-only');
  });

  test('a node that is dry beside one with ample room was bound, on kernels that print no constraint', () => {
    const two = (free: number) => [zone('Normal', 2000, 1), { ...zone('Normal', 2000, free), node: 1 }];
    const old = (more: Partial<Moment>) => {
      const { constraint: _, ...rest } = moment({ gfpFlags: ['GFP_HIGHUSER_MOVABLE'], ...more }, { ram: 4000 });
      return whyOf(rest).why;
    };
    expect(old({ zones: two(1500) })).toBe('mempolicy');
    // little more than the mark may have come free between the kill and the print
    expect(old({ zones: two(150) })).not.toBe('mempolicy');
    // newer ones print it: none means none
    expect(why({ zones: two(1500), constraint: 'CONSTRAINT_NONE' }, { ram: 4000 })).not.toBe('mempolicy');
    // for more than one page, free memory in pieces can be the reason
    expect(old({ zones: two(1500), gfpFlags: ['GFP_KERNEL'], order: 2 })).not.toBe('mempolicy');
  });

  test('the nodes that a policy or a cpuset leaves', () => {
    const zones = [zone('Normal', 2000, 10), { ...zone('Normal', 2000, 1500), node: 1 }];
    const bound = moment({ zones, constraint: 'CONSTRAINT_MEMORY_POLICY', nodemask: '0' });
    expect(whyOf(bound)).toMatchObject({ why: 'mempolicy', text: expect.stringContaining('1.46 GiB') });
    expect(zonesOf(bound).map(({ usable }) => usable)).toEqual([true, false]);
    expect(why({ zones, constraint: 'CONSTRAINT_CPUSET', memsAllowed: '0' })).toBe('cpuset');
    // some kernels print a mask without a policy
    expect(zonesOf(moment({ zones, nodemask: '0' })).map(({ usable }) => usable)).toEqual([true, true]);
  });

  test('free memory in pieces, and movable pages of CMA that do not count', () => {
    const freeLists = [
      { size: 4096, blocks: 20_000, types: 'UM' },
      { size: 8 * 4096, blocks: 3, types: 'H' },
    ];
    const zones = [zone('Normal', 1000, 90, { freeLists })];
    expect(why({ zones, order: 3, gfpFlags: ['GFP_KERNEL'] })).toBe('fragmentation');
    expect(why({ zones, order: 0, gfpFlags: ['GFP_KERNEL'] })).toBe('policy');
    const untyped = [zone('Normal', 1000, 90, { freeLists: [{ size: 8 * 4096, blocks: 3, types: '' }] })];
    expect(why({ zones: untyped, order: 3, gfpFlags: ['GFP_KERNEL'] })).toBe('policy');
    const cma = [zone('Normal', 1000, 90, { values: { free_cma: 85 * MIB } })];
    expect(zonesOf(moment({ zones: cma, gfpFlags: ['GFP_KERNEL'] }))[0]?.short).toBe(true);
    expect(zonesOf(moment({ zones: cma }))[0]?.short).toBe(false);
    expect(whyOf(moment({ zones: cma, gfpFlags: ['GFP_KERNEL'] }))).toMatchObject({
      why: 'movable-only',
      text: expect.stringContaining('85 MiB belong to the area for contiguous memory'),
    });
    expect(why({ zones: [zone('Normal', 1000, 90, { values: { free_cma: 40 * MIB } })], gfpFlags: ['GFP_KERNEL'] })).not.toBe(
      'movable-only',
    );
    // the mask allows CMA, or several pages were wanted
    expect(why({ zones: cma, gfpFlags: ['GFP_HIGHUSER_MOVABLE'] })).not.toBe('movable-only');
    expect(why({ zones: cma, gfpFlags: ['GFP_KERNEL'], order: 2 })).not.toBe('movable-only');
  });

  test('the reserve of a low zone is that of the highest zone which the mask allows', () => {
    const dma = (reserves: number[]) => zone('DMA', 16, 15, { reserves: reserves.map((size) => size * MIB) });
    const zones = [dma([0, 2900, 6400, 6400]), zone('DMA32', 2900, 5), zone('Normal', 3500, 20)];
    expect(zonesOf(moment({ zones }))[0]).toMatchObject({ reserve: 6400 * MIB, short: true });
    expect(zonesOf(moment({ zones, gfpFlags: ['GFP_DMA32'] }))[0]).toMatchObject({ reserve: 2900 * MIB });
    expect(zonesOf(moment({ zones, gfpFlags: ['GFP_DMA'] }))[0]).toMatchObject({ reserve: 0, short: false });
  });

  test('figures that cannot be true', () => {
    expect(why({}, { inactive_file: 2 ** 50 })).toBe('accounting');
    expect(why({ zones: [zone('Normal', 1000, 1500)] })).toBe('accounting');
  });

  test('a report without figures is unknown, not guessed', () => {
    expect(why({ zones: [], totals: {} })).toBe('unknown');
    expect(sheetOf(moment({ zones: [], totals: {} }))).toBeNull();
  });
});

describe('the sheet', () => {
  test('lines and what is left make the total; shmem is taken off the list that it is on', () => {
    const sheet = sheetOf(moment({}, { shmem: 60 }));
    const sum = sheet?.lines.reduce((total, { bytes }) => total + bytes, 0) ?? 0;
    expect(sheet?.totalBytes).toBe(1000 * MIB);
    expect(sum + (sheet?.unaccountedBytes ?? 0)).toBe(1000 * MIB);
    expect(sheet?.lines.find(({ key }) => key === 'anon')?.bytes).toBe(790 * MIB);
    expect(sheet?.missing).toEqual([]);
  });

  test('a kernel without a figure: the line is missing, and what is lost is not told', () => {
    const old = moment();
    const { shmem: _, slab_unreclaimable: __, ...totals } = old.totals;
    expect(sheetOf({ ...old, totals })?.missing).toEqual(['shared memory and tmpfs', 'slab, unreclaimable']);
    expect(facts(log([{ ...old, totals }]))('oom.unaccounted_pct')).toBeNull();
    expect(facts(log([{ ...old, totals }]))('oom.shmem_pct')).toBeNull();
  });

  test('of a cgroup, by its statistics of both versions', () => {
    const of = facts(log([moment({ kind: 'memcg-oom-kill', memcg: LIMITED })]));
    expect(of('oom.memcg_anon_pct')).toBe(62.5);
    expect(of('oom.memcg_file_pct')).toBe(6.25);
    expect(of('oom.memcg_shmem_pct')).toBe(12.5);
    expect(of('oom.memcg_kernel_pct')).toBe(6.25);
    expect(of('oom.anon_pct')).toBe(62.5);
    expect(of('oom.memcg_path')).toBe('/system.slice/mill.service');
    expect(of('owner.oom_cgroup')).toEqual({ kind: 'cgroup', name: 'mill.service', bytes: 64 * MIB });
    const stats = (rss: number) => ({ path: '/a', stats: { cache: 2 * MIB, rss: rss * MIB, mapped_file: 0 } });
    const v1 = sheetOf(
      moment({ kind: 'memcg-oom-kill', memcg: { path: '/a', usage: 64 * MIB, limit: 64 * MIB, groups: [stats(10), stats(40)] } }),
    );
    expect(v1?.lines.find(({ key }) => key === 'anon')?.bytes).toBe(50 * MIB);
  });
});

describe('who', () => {
  const killed = moment({
    tasks: table(task('hive', 20, 500), task('sparrow', 21, 40), task('wren', 22, 30, { oomScoreAdj: 100 })),
    victims: [victim('hive', 20, 500)],
  });

  test('points are those of oom_badness()', () => {
    const [hive, , wren] = killed.tasks?.top ?? [];
    expect(hive && scoreOf(hive, killed)).toBe(500);
    expect(wren && scoreOf(wren, killed)).toBe(130);
    expect(hive && scoreOf({ ...hive, oomScoreAdj: -1000 }, killed)).toBeNull();
    expect(hive && scoreOf({ ...hive, swap: 500 * MIB }, moment({ tasks: table(hive) }, { swap_total: 1000 }))).toBe(500);
  });

  test('the largest had the highest score', () => {
    expect(victimText(killed)).toContain('hive [20] had the highest score (a score of 500 of 1000)');
    const of = facts(log([killed]));
    expect(of('oom.victim_is_largest')).toBe(true);
    expect(of('oom.victim_protected_larger')).toBe(false);
    expect(of('oom.victim_share_pct')).toBe(100);
    expect(of('oom.top_pct')).toBe(50);
    expect(of('owner.oom_process')).toMatchObject({ name: 'hive', pid: 20 });
  });

  test('a larger one was protected', () => {
    const spared = moment({
      tasks: table(task('vault', 5, 700, { oomScoreAdj: -1000 }), task('hive', 20, 70)),
      victims: [victim('hive', 20, 70)],
    });
    expect(victimText(spared)).toContain('vault [5] was larger (700 MiB, 70 % of RAM and swap) but is protected by oom_score_adj −1000');
    const of = facts(log([spared]));
    expect([of('oom.victim_protected_larger'), of('oom.victim_share_pct'), of('oom.protected_tasks')]).toEqual([true, 10, 1]);
  });

  test('a table without the one that was killed, who was larger than all in it, was cut', () => {
    const cut = moment({ tasks: table(task('moth', 30, 5), task('gnat', 31, 3)), victims: [victim('hive', 20, 900)] });
    expect(victimText(cut)).toContain('lists a part of the other processes only');
    const of = facts(log([cut]));
    expect([of('log.oom_tasks_shown'), of('oom.victim_share_pct')]).toEqual([false, null]);
    // a thread of the largest may be named by a number of its own
    const thread = moment({ tasks: table(task('hive', 19, 900), task('gnat', 31, 3)), victims: [victim('worker', 20, 900)] });
    expect(facts(log([thread]))('log.oom_tasks_shown')).toBe(true);
  });

  test('a child, a whole cgroup, the one that asked, nobody', () => {
    expect(victimText({ ...killed, sacrificed: true, victims: [victim('wren', 22, 30)] })).toContain('child');
    // its own score was not what it was chosen by
    const child = moment({
      tasks: table(task('hive', 20, 500), task('wren', 22, 30)),
      victims: [victim('wren', 22, 30)],
      sacrificed: true,
    });
    expect(victimText(child)).toMatch(/^wren \[22\] held 30 MiB\. It is a child/);
    expect(victimText({ ...killed, sacrificed: true })).not.toContain('child');
    expect(victimText({ ...killed, groupKill: true })).toContain('memory.oom.group');
    expect(victimText({ ...killed, allocatingTask: true })).toContain('oom_kill_allocating_task');
    expect(victimText(moment({ kind: 'oom-no-victim', tasks: table(task('vault', 5, 70, { oomScoreAdj: -1000 })) }))).toContain(
      '1 are protected',
    );
  });

  test('a pool of equal workers is more than its largest', () => {
    const pool = Array.from({ length: 6 }, (_, index) => task('clerk', 30 + index, 100));
    const of = facts(log([moment({ tasks: table(...pool, task('hive', 20, 200)) })]));
    expect([of('oom.group_count'), of('oom.group_pct'), of('oom.group_share_pct'), of('oom.top_pct')]).toEqual([6, 60, 75, 20]);
    expect(of('owner.oom_group')).toMatchObject({ kind: 'process-group', name: 'clerk' });
  });
});

describe('when and how often', () => {
  const kill = (time: number, name = 'hive') => event({ time, victims: [victim(name, time, 10)] });

  test('ages are by the uptime, or by the end of a log given alone', () => {
    const alone = facts(log([], { events: [kill(540)] }));
    expect([alone('oom.last_kill_age_s'), alone('oom.age_from'), alone('oom.is_now')]).toEqual([60, 'log end', null]);
    const live = facts(log([], { events: [kill(540)] }), { uptime: { uptime: 10_000, idle: 0 } });
    expect([live('oom.last_kill_age_s'), live('oom.age_from'), live('oom.is_now')]).toEqual([9460, 'uptime', false]);
    const walls = {
      lastWallTime: '2031-05-06T07:10:00Z',
      lastTime: null,
      events: [event({ time: null, wallTime: '2031-05-06T07:00:00Z' })],
    };
    expect(facts(log([], walls))('oom.last_kill_age_s')).toBe(600);
  });

  test('the same one again', () => {
    const of = facts(log([], { lastTime: 90_000, events: [kill(100), kill(80_000), kill(88_000), kill(88_500), kill(89_000, 'wren')] }));
    expect(of('oom.repeat_name')).toBe('hive');
    expect([of('oom.repeat_count_hour'), of('oom.repeat_count_day'), of('oom.repeat_count_log'), of('oom.repeat_peak_hour')]).toEqual([
      2, 3, 4, 2,
    ]);
    expect(facts(log([], { events: [kill(1)] }))('oom.repeat_name')).toBeNull();
  });

  test('what a log without OOM says, and no log', () => {
    const quiet = facts(log([]));
    expect([quiet('oom.moments'), quiet('oom.no_victim_count'), quiet('oom.userspace_kills'), quiet('oom.reaper_stuck_count')]).toEqual([
      0, 0, 0, 0,
    ]);
    expect([quiet('oom.why'), quiet('oom.panic'), quiet('oom.free_pct')]).toEqual([null, false, null]);
    expect(facts(null)('oom.moments')).toBeNull();
  });

  test('the last OOM counts, not a failed allocation after it', () => {
    const of = facts(log([moment(), moment({ kind: 'allocation-failure', order: 4 })]));
    expect([of('oom.order'), of('oom.why'), of('oom.ram_bytes')]).toEqual([0, 'no-swap', 1000 * MIB]);
  });

  test('guards in user space', () => {
    const of = facts(log([], { events: [event({ kind: 'userspace-kill', program: 'earlyoom' })] }));
    expect([of('oom.userspace_kills'), of('oom.userspace_program')]).toEqual([1, 'earlyoom']);
  });
});

test('sizes beyond the limit of what JSON keeps exactly do no harm', () => {
  expect(() => facts(log([moment({ zones: [zone('Normal', 64 * GIB, 1)] }, { free: 2 ** 44 })]))).not.toThrow();
});

describe('a report that lost its zones', () => {
  test('RAM is at least what Mem-Info counts', () => {
    const bare = moment({ zones: [] }, { slab_unreclaimable: 700, active_anon: 10, inactive_anon: 10 });
    const { ram: _, reserved: __, ...totals } = bare.totals;
    const cut = { ...bare, totals };
    expect(ramOf(cut)).toBe((10 + 10 + 4 + 6 + 2 + 12 + 700 + 8 + 15) * MIB);
    expect(sheetOf(cut)?.totalSource).toContain('at least');
    expect(whyOf(cut).why).toBe('kernel');
    const { free: ___, ...without } = totals;
    expect(ramOf({ ...cut, totals: without })).toBeUndefined();
  });

  test('low memory that the kernel itself fills, on 32 bits, without the line of HighMem', () => {
    const low = zone('Normal', 800, 17, { reserves: [0, 0, 1000, 1000], values: { active_anon: 9 * MIB, active_file: MIB } });
    const kernel = { gfpMask: '0xcc0(GFP_KERNEL)', gfpFlags: ['GFP_KERNEL'], bits: 32, order: 1, zones: [low] };
    expect(why(kernel)).toBe('low-zone');
    expect(whyOf(moment(kernel)).text).toContain('held only 10 MiB of its 800 MiB');
    // 64 bits have no such bound, processes that fill the zone are another cause, and user memory may use what is above
    expect(why({ ...kernel, bits: 64 })).not.toBe('low-zone');
    expect(why({ ...kernel, zones: [{ ...low, values: { active_anon: 500 * MIB } }] })).not.toBe('low-zone');
    expect(why({ ...kernel, gfpFlags: ['GFP_HIGHUSER_MOVABLE'] })).not.toBe('low-zone');
    // its reserves were cut off, and Mem-Info counts free pages that lie in no zone that is shown
    const { reserves: _, ...bare } = low;
    expect(whyOf(moment({ ...kernel, zones: [bare] }, { free: 1500 })).text).toContain('of which 1.45 GiB was free');
    expect(why({ ...kernel, zones: [bare] }, { free: 40 })).not.toBe('low-zone');
  });
});
