/** Facts of locked memory, promises, hardware, boot limits, balloons, huge pages, fragmentation, removed cgroups and nodes. */
import { expect, test } from 'vitest';
import { deriveFacts } from '../src/facts/derive.js';
import type { Sample } from '../src/gather/snapshot.js';

const MIB = 1 << 20;
const GIB = 1 << 30;
type Sources = Sample['sources'];

function facts(...samples: readonly Sources[]) {
  const subject = {
    hostname: null,
    kernel: '6.1.0',
    arch: null,
    capturedAt: null,
    origin: 'snapshot',
    pageSize: 4096,
    clockTicks: 100,
  } as const;
  const made = samples.map((sources, index) => ({ time: null, monotonic: 100 + index * 10, sources }));
  const head = { format: 'memdoctor-snapshot', schemaVersion: '1.0', memdoctorVersion: '0' } as const;
  const set = deriveFacts({ ...head, subject, samples: made, sources: {} });
  return (name: string) => set.facts[name]?.value;
}

const zone = (node: number, name: string, managed: number, free: number, high: number) => ({
  node,
  zone: name,
  free,
  min: high / 2,
  low: high / 2,
  high,
  pcp: 0,
  managed,
});

const row = (name: string, ...free: number[]) => ({ node: 0, zone: name, free });

test('the least mem= counts, with its suffix; mem=nopentium is none', () => {
  const of = (text: string) => facts({ cmdline: { text }, meminfo: { MemTotal: 2 * GIB } });
  expect(of('quiet mem=4G mem=2048M')('boot.mem_limit_bytes')).toBe(2 * GIB);
  expect(of('quiet mem=2g')('boot.mem_limit_of_total_pct')).toBe(100);
  expect(of('mem=nopentium memmap=4G')('boot.mem_limited')).toBe(false);
});

test('the balloon is the line of meminfo, else what was inflated and not deflated', () => {
  const vmstat = { balloon_inflate: 300, balloon_deflate: 44 };
  expect(facts({ meminfo: { MemTotal: MIB }, vmstat })('vm.balloon_pct')).toBe(50);
  expect(facts({ meminfo: { MemTotal: MIB, Balloon: 5 }, vmstat })('vm.balloon_bytes')).toBe(5);
  expect(facts({ meminfo: { MemTotal: MIB }, vmstat: {} })('vm.balloon_bytes')).toBeNull();
});

test('shares of huge pages and compaction need enough attempts; fallbacks at cgroup limits are left out', () => {
  const none = { thp_fault_alloc: 0, thp_fault_fallback: 0, thp_fault_fallback_charge: 0, compact_fail: 0, compact_success: 0 };
  const many = facts(
    { vmstat: none },
    { vmstat: { thp_fault_alloc: 60, thp_fault_fallback: 60, thp_fault_fallback_charge: 20, compact_fail: 15, compact_success: 5 } },
  );
  expect(many('thp.fallback_pct')).toBe(40);
  expect(many('compact.fail_pct')).toBe(75);
  const few = facts({ vmstat: none }, { vmstat: { ...none, thp_fault_fallback: 49, compact_fail: 19 } });
  expect(few('thp.fallback_pct')).toBeNull();
  expect(few('compact.fail_pct')).toBeNull();
});

test('fragmentation is judged on the zones of ordinary memory, where and when it is worst', () => {
  const zoneinfo = [zone(0, 'DMA', 16 * MIB, 15 * MIB, MIB), zone(0, 'DMA32', GIB, 64 * MIB, 8 * MIB)];
  const whole = { buddyinfo: [row('DMA', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3), row('DMA32', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16)], zoneinfo };
  const pieces = { buddyinfo: [row('DMA', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3), row('DMA32', 16_384, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)], zoneinfo };
  expect(facts(whole)('frag.costly_free_pct')).toBe(100);
  expect(facts(whole)('frag.index_huge')).toBe(-1);
  expect(facts(pieces, whole)('frag.costly_free_pct')).toBe(0);
  expect(facts(pieces, whole)('frag.index_huge')).toBeCloseTo(0.998);
  expect(facts(pieces, whole)('frag.free_over_high')).toBe(8);
  expect(facts({ zoneinfo })('frag.costly_free_pct')).toBeNull();
});

test('the room of a node leaves out what its watermarks keep, and a moment is no state', () => {
  const node = (number: number, free: number) => ({
    node: number,
    meminfo: { MemTotal: GIB, MemFree: free, 'Active(file)': 0, 'Inactive(file)': 0 },
    numastat: {},
    vmstat: {},
    cpulist: '',
  });
  const zoneinfo = [zone(0, 'Normal', GIB, 0, 32 * MIB), zone(1, 'Normal', GIB, 0, 32 * MIB)];
  const full = { node: [node(0, 32 * MIB), node(1, 544 * MIB)], zoneinfo };
  const better = { node: [node(0, 288 * MIB), node(1, 544 * MIB)], zoneinfo };
  expect(facts(full, full)('numa.tightest_node_room_pct')).toBe(0);
  expect(facts(full, full)('numa.roomiest_node_room_pct')).toBe(50);
  expect(facts(full, full)('owner.node')).toEqual({ kind: 'node', name: 'node 0', bytes: 0 });
  expect(facts(full, better)('numa.tightest_node_room_pct')).toBe(25);
  expect(facts({ node: [node(0, 0)], zoneinfo })('numa.tightest_node_room_pct')).toBeNull();
});
