/** Facts about reclaim, compaction and nodes from evidence of one moment, and from the threads that do the work. */
import { describe, expect, test } from 'vitest';
import { deriveFacts } from '../src/facts/derive.js';
import type { Sample } from '../src/gather/snapshot.js';

const [MIB, GIB] = [1 << 20, 1 << 30];
type Sources = Sample['sources'];

const derived = (...samples: Sources[]) =>
  deriveFacts({
    format: 'memdoctor-snapshot',
    schemaVersion: '1.0',
    memdoctorVersion: '0',
    subject: { hostname: null, kernel: null, arch: null, capturedAt: null, origin: 'text', pageSize: 4096, clockTicks: 100 },
    samples: samples.map((sources, index) => ({ time: null, monotonic: 100 + 10 * index, sources })),
    sources: {},
  }).facts;
const valueOf = (name: string, ...samples: Sources[]) => derived(...samples)[name]?.value;
const reasonOf = (name: string, ...samples: Sources[]) => derived(...samples)[name]?.reason ?? '';

const processes = (...reclaimers: { pid: number; name: string; state?: string; cpu: number; cpuPct?: number }[]): Sources => ({
  processes: {
    visible: 9,
    threads: 9,
    states: { S: 9 },
    anon: 0,
    file: 0,
    shmem: 0,
    swap: 0,
    pageTables: 0,
    groups: [],
    top: [],
    reclaimers: reclaimers.map((thread) => ({ state: 'S', ...thread })),
  },
});

describe('the threads that reclaim', () => {
  test('by two samples, the busiest node', () => {
    const before = processes({ pid: 50, name: 'kswapd0', cpu: 100 }, { pid: 51, name: 'kswapd1', cpu: 40 });
    const after = processes({ pid: 50, name: 'kswapd0', cpu: 101 }, { pid: 51, name: 'kswapd1', cpu: 49 });
    expect(valueOf('reclaim.kswapd_cpu_pct', before, after)).toBe(90);
    expect(reasonOf('reclaim.khugepaged_cpu_pct', before, after)).toContain('khugepaged is not among');
  });
  test('by one screen of top, or against the uptime', () => {
    const screen = processes({ pid: 50, name: 'kswapd0', cpu: 7200, cpuPct: 97.5 });
    expect(valueOf('reclaim.kswapd_cpu_pct', screen)).toBe(97.5);
    expect(valueOf('reclaim.kswapd_cpu_boot_pct', { ...screen, uptime: { uptime: 72_000, idle: 0 } })).toBe(10);
    expect(reasonOf('reclaim.kswapd_cpu_boot_pct', { ...screen, uptime: { uptime: 60, idle: 0 } })).toContain('60 s');
    expect(reasonOf('reclaim.kswapd_cpu_pct', processes({ pid: 50, name: 'kswapd0', cpu: 3 }))).toContain('one moment');
    expect(reasonOf('reclaim.kswapd_cpu_pct', {})).not.toBe('');
  });
  test('one that waits in all samples', () => {
    const waits = processes({ pid: 50, name: 'kswapd0', state: 'D', cpu: 1 });
    expect(valueOf('reclaim.kswapd_waits', waits, waits)).toBe(true);
    expect(valueOf('reclaim.kswapd_waits', processes({ pid: 50, name: 'kswapd0', cpu: 1 }), waits)).toBe(false);
  });
});

describe('counters since boot', () => {
  test('ratios, with floors', () => {
    const vmstat = {
      pgscan_kswapd_dma32: 1_000_000,
      pgscan_kswapd_normal: 2_000_000,
      pgscan_direct_normal: 1_000_000,
      slabs_scanned: 8_000_000,
    };
    expect(valueOf('boot.direct_share', { vmstat })).toBe(0.25);
    expect(valueOf('boot.slab_scan_ratio', { vmstat })).toBe(2);
    expect(reasonOf('boot.direct_share', { vmstat: { pgscan_kswapd: 5, pgscan_direct: 5 } })).toContain('only 10 pages');
    expect(reasonOf('boot.direct_share', { vmstat: { pgscan_direct_throttle: 5 } })).toContain('no pgscan_direct');
  });
  test('huge pages: fallbacks at cgroup limits do not count', () => {
    const vmstat = {
      thp_fault_alloc: 3000,
      thp_fault_fallback: 1500,
      thp_fault_fallback_charge: 500,
      compact_fail: 1500,
      compact_success: 500,
    };
    expect(valueOf('boot.thp_fallback_pct', { vmstat })).toBe(25);
    expect(valueOf('boot.compact_fail_pct', { vmstat })).toBe(75);
    expect(reasonOf('boot.compact_fail_pct', { vmstat: { compact_fail: 3, compact_success: 0 } })).toContain('only 3');
  });
});

describe('free memory against the marks', () => {
  const zone = (free: number, high: number) => ({ node: 0, zone: 'Normal', free, min: high / 2, low: (3 * high) / 4, high, pcp: 0 });
  test('by the zones, else by the kernel’s own rules', () => {
    expect(valueOf('mem.free_over_high', { zoneinfo: [zone(4 * GIB, 100 * MIB), zone(0, 100 * MIB)] })).toBe(20.48);
    const full = { ...zone(200 * MIB, 100 * MIB), node: 1 };
    expect(valueOf('mem.free_over_high', { zoneinfo: [zone(4 * GIB, 100 * MIB), full] })).toBe(2);
    const meminfo = { MemTotal: 100 * GIB, MemFree: 12 * GIB };
    // 1 GiB, and two steps of a quarter of it: more than a thousandth of MemTotal
    expect(valueOf('mem.free_over_high', { meminfo, 'sysctl-vm': { min_free_kbytes: '1048576' } })).toBe(8);
    // 256 MiB, and two steps of a thousandth of MemTotal
    expect(valueOf('mem.free_over_high', { meminfo })).toBeCloseTo(12_288 / (256 + 204.8));
    expect(valueOf('mem.free_over_high', {})).toBeNull();
  });
  test('by the lists of pagetypeinfo', () => {
    const list = (type: string, free: number[]) => ({ node: 0, zone: 'Normal', type, free });
    const pagetypeinfo = {
      pagesPerBlock: 512,
      free: [list('Movable', [0, 0, 0, 0, 0, 0, 0, 0, 0, 1000]), list('Unmovable', [512, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
      blocks: [{ node: 0, zone: 'Normal', types: { Movable: 5000, Unmovable: 120 } }],
    };
    // 2002 MiB free of 10240 MiB; marks of 256 + 2 × 64 MiB
    expect(valueOf('mem.free_over_high', { pagetypeinfo })).toBeCloseTo(2002 / 384);
    expect(valueOf('frag.free_bytes', { pagetypeinfo })).toBe(2002 * MIB);
    expect(valueOf('frag.largest_bytes', { pagetypeinfo })).toBe(2 * MIB);
    expect(valueOf('frag.watermarks_read', { pagetypeinfo })).toBe(false);
  });
});

test('what reclaim has left of the file cache', () => {
  const meminfo = {
    MemTotal: 10 * GIB,
    MemFree: GIB,
    Cached: 3 * GIB,
    Buffers: GIB,
    Shmem: GIB,
    Dirty: GIB / 2,
    Writeback: GIB / 2,
    'Active(file)': GIB,
    'Inactive(file)': GIB,
    SReclaimable: 4 * GIB,
  };
  expect(valueOf('reclaim.clean_cache_pct', { meminfo })).toBe(20);
  expect(valueOf('reclaim.file_unwritten_pct', { meminfo })).toBe(50);
  expect(valueOf('reclaim.slab_over_file', { meminfo })).toBe(2);
  expect(valueOf('reclaim.slab_over_free', { meminfo })).toBe(4);
  expect(valueOf('reclaim.file_unwritten_pct', { meminfo: { ...meminfo, 'Active(file)': 0, 'Inactive(file)': 0 } })).toBeNull();
});

describe('nodes', () => {
  const node = (number: number, meminfo: Record<string, number>, numastat = {}, cpulist = '0-3') => ({
    node: number,
    meminfo,
    numastat,
    vmstat: {},
    cpulist,
    distance: '',
  });
  test('compared at one moment', () => {
    const nodes = [
      node(0, { MemTotal: 100, MemFree: 2 }, { interleave_hit: 300_000 }),
      node(1, { MemTotal: 100, MemFree: 50 }, { interleave_hit: 100_000 }),
      node(2, { MemTotal: 0, MemFree: 0 }),
    ];
    const sources = { node: nodes } as unknown as Sources;
    expect(valueOf('numa.free_ratio', sources)).toBe(25);
    expect(valueOf('numa.least_free_pct', sources)).toBe(2);
    expect(valueOf('numa.nodes_with_memory', sources)).toBe(2);
    expect(valueOf('numa.memoryless_nodes', sources)).toBe(1);
    expect(valueOf('numa.interleave_ratio', sources)).toBe(3);
    expect(reasonOf('numa.free_ratio', { node: nodes.slice(0, 1) } as unknown as Sources)).toContain('two nodes');
  });
  test('what moves between them', () => {
    const before = {
      numa_hit: 0,
      numa_miss: 0,
      numa_local: 0,
      numa_other: 0,
      numa_pages_migrated: 0,
      numa_hint_faults: 0,
      numa_hint_faults_local: 0,
    };
    const after = {
      numa_hit: 90_000,
      numa_miss: 10_000,
      numa_local: 75_000,
      numa_other: 25_000,
      numa_pages_migrated: 25_600,
      numa_hint_faults: 4000,
      numa_hint_faults_local: 1000,
    };
    const meminfo = { MemTotal: 10 * GIB };
    const samples = [
      { vmstat: before, meminfo },
      { vmstat: after, meminfo },
    ] as const;
    expect(valueOf('numa.miss_pct', ...samples)).toBe(10);
    expect(valueOf('numa.remote_pct', ...samples)).toBe(25);
    expect(valueOf('numa.balancing_local_pct', ...samples)).toBe(25);
    // 100 MiB in 10 s
    expect(valueOf('numa.migrated_ram_pct_per_minute', ...samples)).toBeCloseTo((100 * 600) / 10_240);
    expect(reasonOf('numa.miss_pct', { vmstat: before }, { vmstat: { ...before, numa_hit: 5 } })).toContain('only 5 pages');
  });
});

test('programs that huge pages slow down, by the names of processes', () => {
  const top = (name: string) => ({
    name,
    pid: 1,
    state: 'S',
    startSeconds: 0,
    threads: 1,
    anon: 1,
    file: 0,
    shmem: 0,
    swap: 0,
    pte: 0,
    locked: 0,
    hugetlb: null,
    hwm: 0,
    vsize: 1,
    minflt: 0,
    majflt: 0,
    oomScoreAdj: null,
    cgroup: null,
  });
  const of = (name: string) => ({ processes: { ...processes().processes, top: [top(name)] } }) as unknown as Sources;
  expect(valueOf('thp.latency_service', of('redis-server'))).toBe('redis-server');
  expect(valueOf('thp.latency_service_runs', of('java'))).toBe(false);
  expect(valueOf('thp.collapse_fail_pct', { vmstat: { thp_collapse_alloc: 25, thp_collapse_alloc_failed: 75 } })).toBe(75);
});
