/** What the kernel log tells, by kind and age: counts, the last failed allocation, and whether the log stands alone. */
import { describe, expect, test } from 'vitest';
import { deriveFacts } from '../src/facts/derive.js';
import type { KernelLog, LogEvent, Moment } from '../src/gather/kernel-log/schema.js';
import type { Sample, Snapshot } from '../src/gather/snapshot.js';

const MIB = 1 << 20;
const event = (kind: LogEvent['kind'], more: Partial<LogEvent> = {}): LogEvent => ({ kind, time: 100, text: kind, count: 1, ...more });
const log = (events: readonly LogEvent[], more: Partial<KernelLog> = {}): KernelLog => ({
  from: 'dmesg',
  lines: 10,
  events: [...events],
  firstTime: 0,
  lastTime: 200,
  ...more,
});
const zone = (name: string, free: number, more: Partial<Moment['zones'][number]> = {}): Moment['zones'][number] => ({
  node: 0,
  zone: name,
  free: free * MIB,
  min: 10 * MIB,
  low: 12 * MIB,
  high: 15 * MIB,
  managed: 1000 * MIB,
  ...more,
});
const moment = (more: Partial<Moment>): Moment => ({
  kind: 'allocation-failure',
  time: 100,
  pageSize: 4096,
  trace: [],
  zones: [],
  nodes: [],
  totals: {},
  hugepages: [],
  slabs: [],
  complete: { head: true, tail: true },
  ...more,
});

function factsOf(sources: Sample['sources']) {
  const snapshot: Snapshot = {
    format: 'memdoctor-snapshot',
    schemaVersion: '1.0',
    memdoctorVersion: '0',
    subject: { hostname: null, kernel: null, arch: null, capturedAt: null, origin: 'snapshot', pageSize: 4096, clockTicks: 100 },
    samples: [{ time: null, monotonic: 100, sources }],
    sources: {},
  };
  return deriveFacts(snapshot).facts;
}
const alone = (events: readonly LogEvent[], more?: Partial<KernelLog>) => factsOf({ 'kernel-log': log(events, more) });
const beside = (uptime: number, events: readonly LogEvent[]) =>
  factsOf({ 'kernel-log': log(events), uptime: { uptime, idle: 0 }, meminfo: { MemTotal: 4096 * MIB } });

describe('a log that stands alone, and one beside the present', () => {
  test('is told from one', () => {
    expect(alone([])['log.only']?.value).toBe(true);
    expect(beside(300, [])['log.only']?.value).toBe(false);
    expect(factsOf({ meminfo: { MemTotal: MIB } })['log.only']?.value).toBe(false);
  });

  test.each([
    ['none', alone([])],
    ['none', factsOf({ meminfo: { MemTotal: MIB } })],
    ['alone', alone([event('oom-kill', { time: null })])],
    ['hour', beside(3700, [event('oom-kill')])],
    ['day', beside(3701, [event('memcg-oom-kill')])],
    ['earlier', beside(90_000, [event('oom-kill')])],
    ['earlier', beside(300, [event('oom-kill', { time: null })])],
  ])('an OOM kill matters: %s', (word, facts) => {
    expect(facts['log.oom_case']?.value).toBe(word);
  });

  test('ages count to the end of the log, by either clock', () => {
    expect(alone([event('oom-kill', { time: 150 })])['oom.last_global_kill_age_s']?.value).toBe(50);
    const wall = [event('oom-kill', { time: null, wallTime: '2026-03-01T10:00:00Z' })];
    const byWall = alone(wall, { lastTime: null, lastWallTime: '2026-03-01T10:05:00Z' });
    expect(byWall['oom.last_global_kill_age_s']?.value).toBe(300);
    expect(alone([event('oom-kill', { time: null })])['oom.last_global_kill_age_s']?.reason).toBe(
      'the kernel log has no time stamp for it',
    );
  });
});

describe('counts', () => {
  test('are unknown without a log, zero in one that holds none', () => {
    expect(factsOf({})['log.cma_failures']?.value).toBeNull();
    expect(alone([])['log.cma_failures']?.value).toBe(0);
  });

  test('take folded ones and those before the events kept, and leave out what needs no action', () => {
    const facts = alone([event('slub-failure', { count: 5 }), event('hotplug', { harmless: 'done as asked' }), event('hotplug')], {
      totals: { 'slub-failure': 40, hotplug: 2 },
    });
    expect(facts['log.slub_failures']?.value).toBe(40);
    expect(facts['log.hotplug_failures']?.value).toBe(1);
  });

  test('of a day leave out what is older', () => {
    expect(beside(90_000, [event('bad-page'), event('bad-page', { time: 89_000 })])['log.bad_pages_day']?.value).toBe(1);
  });

  test('of droppings of caches have a mean time between', () => {
    const drops = [event('drop-caches', { firstTime: 0, time: 7200, count: 3 })];
    expect(alone(drops, { totals: { 'drop-caches': 3 } })['log.drop_caches_gap_s']?.value).toBe(3600);
    expect(alone([event('drop-caches')])['log.drop_caches_gap_s']?.value).toBeNull();
  });
});

describe('failed allocations', () => {
  const failed = (order: number, gfpMask: string, more: Partial<LogEvent> = {}) =>
    event('allocation-failure', { order, gfpMask, trigger: { name: 'worker', pid: 7 }, ...more });

  test('are sorted by whether they could wait', () => {
    const facts = alone([
      failed(3, '0xcc0(GFP_KERNEL)'),
      failed(2, '0x820(GFP_ATOMIC)'),
      failed(0, '0x820(GFP_ATOMIC)'),
      failed(0, '0xcc0(GFP_KERNEL)'),
      failed(0, '0x820(GFP_ATOMIC)', { trigger: { name: 'kswapd0', pid: 60 } }),
      failed(9, '0xcc0(GFP_KERNEL)', { harmless: 'a try' }),
      // a driver's buffer, which no packet falls back from
      failed(6, '0x820(GFP_ATOMIC)'),
    ]);
    expect(
      [
        'failure_high_order',
        'failure_order1to3',
        'failure_hasty_day',
        'failure_hasty_single_day',
        'failure_order0_day',
        'failures_harmless',
      ].map((name) => facts[`log.${name}`]?.value),
    ).toEqual([2, 1, 1, 1, 2, 1]);
  });

  const last = (zones: Moment['zones'], gfpFlags: string[], order: number) =>
    alone([failed(order, 'x', { report: 0 })], { reports: [moment({ zones, gfpFlags, order })] });
  const lists = (size: number, types: string) => [{ size, blocks: 3, types }];

  test('see the zones that the mask allows only', () => {
    const facts = last([zone('Normal', 5), zone('HighMem', 500)], ['GFP_KERNEL'], 0);
    expect(facts['log.failure_free_above_min']?.value).toBe(false);
    expect(facts['log.failure_low_zone']?.value).toBe(true);
    expect(facts['log.failure_free_pct']?.value).toBeCloseTo(0.5);
    expect(last([zone('Normal', 5), zone('HighMem', 500)], ['GFP_HIGHUSER'], 0)['log.failure_low_zone']?.value).toBe(false);
  });

  test('tell pieces from shortage', () => {
    const scattered = last([zone('Normal', 200, { freeLists: lists(4096, 'UME') })], ['GFP_KERNEL'], 3);
    expect(scattered['log.failure_blocks_missing']?.value).toBe(true);
    expect(scattered['log.failure_free_above_high']?.value).toBe(true);
    const kept = last([zone('Normal', 200, { freeLists: lists(1 << 16, 'C'), values: { free_cma: 195 * MIB } })], ['GFP_KERNEL'], 3);
    expect(kept['log.failure_blocks_missing']?.value).toBe(true);
    expect(kept['log.failure_free_above_min']?.value).toBe(false);
    expect(last([zone('Normal', 200, { freeLists: lists(1 << 16, 'U') })], ['GFP_KERNEL'], 3)['log.failure_blocks_missing']?.value).toBe(
      false,
    );
  });
});

describe('a request for a page', () => {
  const masked = (gfpMask: string) => alone([event('allocation-failure', { order: 0, gfpMask })])['log.failure_hasty_single_day']?.value;

  test('could not wait, by the bits of a mask without names', () => {
    for (const mask of ['0x20', '0x4020', '0x200020', '0x204220', '0xa20', '0x820(GFP_ATOMIC)']) expect(masked(mask), mask).toBe(1);
    // it waits; zeroed or for DMA: a device's own; not a mask
    for (const mask of ['0xd0', '0x1d2', '0x30', '0x2400020', '0xc0de0', '0xcc0', '0x8020', '0x21', '0x', 'x'])
      expect(masked(mask), mask).toBe(0);
  });

  test('failed where all that is free belongs to CMA', () => {
    const of = (zones: Moment['zones'], gfpFlags: string[]) =>
      alone([event('allocation-failure', { order: 0, gfpMask: 'x', report: 0 })], { reports: [moment({ zones, gfpFlags, order: 0 })] })[
        'log.failure_free_is_cma'
      ]?.value;
    const cma = [zone('Normal', 120, { values: { free_cma: 115 * MIB } })];
    expect(of(cma, ['GFP_NOIO'])).toBe(true);
    expect(of(cma, ['GFP_HIGHUSER_MOVABLE'])).toBe(false);
    expect(of([zone('Normal', 120, { values: { free_cma: 60 * MIB } })], ['GFP_NOIO'])).toBe(false);
    expect(of([zone('Normal', 12, { values: { free_cma: 11 * MIB } })], ['GFP_NOIO'])).toBe(false);
    expect(of([zone('Normal', 120)], ['GFP_NOIO'])).toBeNull();
  });

  test('stalled while processes held the memory', () => {
    const totals = { active_anon: 600, inactive_anon: 100, shmem: 60, active_file: 5, inactive_file: 5, slab_unreclaimable: 90, free: 200 };
    const bytes = Object.fromEntries(Object.entries(totals).map(([name, size]) => [name, size * MIB]));
    const stall = event('allocation-stall', { order: 0, seconds: 12, report: 0 });
    const facts = alone([stall], { reports: [moment({ kind: 'allocation-stall', order: 0, totals: bytes })] });
    expect(facts['log.stall_anon_pct']?.value).toBeCloseTo(64);
    expect(facts['log.stall_file_pct']?.value).toBeCloseTo(1);
    expect(alone([event('allocation-stall', { order: 0 })])['log.stall_anon_pct']?.value).toBeNull();
    expect(alone([])['log.stall_file_pct']?.value).toBeNull();
  });
});

describe('the last OOM kill', () => {
  const killed = (more: Partial<Moment>) => alone([event('oom-kill')], { reports: [moment({ kind: 'oom-kill', ...more })] });

  test('has a score that tells how much of RAM and swap it held, unless it was moved', () => {
    expect(killed({ chosenScore: 430 })['log.oom_score_share_pct']?.value).toBe(43);
    expect(killed({ chosenScore: 999 })['log.oom_score_share_pct']?.value).toBeNull();
    expect(killed({ chosenScore: 430 })['log.oom_owner_shown']?.value).toBe(true);
    expect(killed({})['log.oom_owner_shown']?.value).toBe(false);
  });

  test('has marks that cannot be', () => {
    expect(killed({ zones: [zone('Normal', 5, { present: 1000 * MIB })] })['log.oom_marks_impossible']?.value).toBe(false);
    expect(killed({ zones: [zone('Normal', 5, { present: 1000 * MIB, min: 2 ** 50 })] })['log.oom_marks_impossible']?.value).toBe(true);
  });

  test('was called for at the end of a page fault', () => {
    expect(killed({ trace: ['pagefault_out_of_memory'] })['log.oom_from_fault']?.value).toBe(true);
    expect(killed({ gfpMask: '0x0()' })['log.oom_from_fault']?.value).toBe(true);
    expect(killed({ gfpMask: '0xcc0(GFP_KERNEL)' })['log.oom_from_fault']?.value).toBe(false);
  });

  test('found room only where its request may not have gone', () => {
    expect(killed({ zones: [zone('Normal', 5), zone('HighMem', 800)] })['log.oom_room_out_of_reach']?.value).toBe(true);
    expect(killed({ zones: [zone('Normal', 500), zone('HighMem', 800)] })['log.oom_room_out_of_reach']?.value).toBe(false);
    expect(killed({ zones: [zone('HighMem', 800)], gfpMask: '0xd0' })['log.oom_room_out_of_reach']?.value).toBe(false);
  });

  test('left cache that reclaim had tried for', () => {
    const totals = { ram: 1000 * MIB, active_file: 700 * MIB, dirty: 50 * MIB };
    const kept = (more: Partial<Moment>): unknown =>
      killed({ totals, zones: [zone('Normal', 5, { min: 6 * MIB })], ...more })['log.oom_cache_kept']?.value;
    expect(kept({})).toBe(true);
    expect(kept({ trigger: { name: 'kswapd0', pid: 80 } })).toBe(false);
    expect(kept({ totals: { ...totals, dirty: 300 * MIB } })).toBe(false);
    expect(kept({ totals: { ...totals, active_file: 300 * MIB } })).toBe(false);
    expect(kept({ zones: [zone('Normal', 80, { min: 6 * MIB })] })).toBe(false);
    expect(kept({ zones: [] })).toBe(false);
  });

  test('was of a request that can use low memory only, by the width of addresses and the mask', () => {
    const low = (more: Partial<Moment>): unknown => killed(more)['log.oom_low_only']?.value;
    expect(low({ bits: 32, gfpFlags: ['GFP_KERNEL'] })).toBe(true);
    expect(low({ bits: 32, gfpFlags: ['GFP_HIGHUSER_MOVABLE'] })).toBe(false);
    expect(low({ bits: 64, gfpFlags: ['GFP_KERNEL'] })).toBe(false);
    expect(low({ gfpFlags: ['GFP_KERNEL'] })).toBeNull();
    expect(low({ bits: 32 })).toBeNull();
  });

  test('shows how much was unwritten', () => {
    const limit = { path: '/a', limit: 100 * MIB, groups: [{ path: '/a', stats: { file_dirty: 50 * MIB, file_writeback: 10 * MIB } }] };
    const memcg = alone([event('memcg-oom-kill')], { reports: [moment({ kind: 'memcg-oom-kill', memcg: limit })] });
    expect(memcg['log.oom_dirty_pct']?.value).toBe(60);
    expect(killed({ totals: { dirty: 200 * MIB, writeback: 0, ram: 1000 * MIB } })['log.oom_dirty_pct']?.value).toBe(20);
  });
});

describe('a failed allocation in the vmalloc area', () => {
  const lacked = (...texts: string[]): unknown =>
    alone(texts.map((text) => ({ ...event('vmalloc-failure'), text })))['log.vmalloc_no_room']?.value;

  test('lacked addresses, or pages', () => {
    expect(lacked('vmap allocation for size 8192 failed: use vmalloc=<size> to increase size')).toBe(true);
    expect(lacked('insmod: vmalloc error: size 73728, failed to allocate pages, mode:0xcc2')).toBe(false);
    expect(lacked('mount: vmalloc: allocation failure, allocated 8192 of 20480 bytes')).toBe(false);
  });

  test('lacked none where there are more than anybody maps', () => {
    const range = (to: string): string => `vmalloc_node_range for size 8192 failed: Address range restricted to 0xffffc90000000000 - ${to}`;
    const area = 'vmalloc_test/0: vmalloc error: size 4096, vm_struct allocation failed, mode:0xdc0';
    expect(lacked(range('0xffffe8ffffffffff'), area)).toBe(false);
    expect(lacked(range('0xffffc9003fffffff'), area)).toBe(true);
  });
});
