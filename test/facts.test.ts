import { factTables, itemTables } from '../src/facts/index.js';
/* oxlint-disable unicorn/consistent-function-scoping -- builders stand beside the tests that use them */
import { describe, expect, test } from 'vitest';
import { balanceSheet } from '../src/facts/balance-lines.js';
import { deriveFacts, factDefinitions, itemDefinitions } from '../src/facts/derive.js';
import { UNITS } from '../src/facts/fact.js';
import { leastSquares } from '../src/facts/fit.js';
import type { Sample, Snapshot, SourceReport } from '../src/gather/snapshot.js';

const KIB = 1024;
const MIB = 1 << 20;
const GIB = 1 << 30;

interface Made {
  readonly sources?: Snapshot['sources'];
  readonly kernel?: string;
}
type Sources = Sample['sources'];

/** A snapshot of a few samples, `step` seconds apart. */
function made(samples: readonly Sources[], { sources = {}, kernel = '6.1.0' }: Made = {}, step = 10): Snapshot {
  return {
    format: 'memdoctor-snapshot',
    schemaVersion: '1.0',
    memdoctorVersion: '0',
    subject: { hostname: null, kernel, arch: null, capturedAt: null, origin: 'snapshot', pageSize: 4096, clockTicks: 100 },
    samples: samples.map((each, index) => ({ time: null, monotonic: 100 + index * step, sources: each })),
    sources,
  };
}

const derived = (samples: readonly Sources[], more?: Made, step?: number) => deriveFacts(made(samples, more, step));
const valueOf = (name: string, samples: readonly Sources[], more?: Made, step?: number) => derived(samples, more, step).facts[name]?.value;
const reasonOf = (name: string, samples: readonly Sources[], more?: Made, step?: number) =>
  derived(samples, more, step).facts[name]?.reason;
const itemsOf = (name: string, samples: readonly Sources[], more?: Made) => derived(samples, more).items[name]?.items;

/** Two samples of vmstat: all counters from 0 to what is given. */
const rising = (counters: Record<string, number>): Sources[] => [
  { vmstat: Object.fromEntries(Object.keys(counters).map((name) => [name, 0])) },
  { vmstat: counters },
];
const noReclaim = { pgscan_kswapd: 0, pgscan_direct: 0, pgsteal_kswapd: 0, pgsteal_direct: 0 };

const denied: SourceReport = { status: 'denied', reason: 'needs root', seconds: 0, bytes: 0 };

const someProcess = {
  pid: 1,
  name: 'java',
  state: 'S',
  startSeconds: 50,
  threads: 1,
  anon: 0,
  file: 0,
  shmem: 0,
  swap: 0,
  pte: 0,
  locked: 0,
  hugetlb: 0,
  hwm: 0,
  vsize: 0,
  minflt: 0,
  majflt: 0,
  oomScoreAdj: 0,
  cgroup: null,
};
type Process = NonNullable<Sources['processes']>['top'][number];
const processes = (...top: Partial<Process>[]): NonNullable<Sources['processes']> => ({
  visible: top.length,
  threads: top.length,
  states: {},
  anon: top.reduce((sum, { anon = 0 }) => sum + anon, 0),
  file: 0,
  shmem: 0,
  swap: 0,
  pageTables: 0,
  groups: top.map(({ name = 'java', anon = 0, swap = 0 }) => ({ name, count: 1, anon, swap })),
  top: top.map((process) => ({ ...someProcess, ...process })),
});

type Group = NonNullable<Sources['cgroup']>['groups'][number];
const cgroup = (...groups: Group[]): NonNullable<Sources['cgroup']> => ({
  version: 'v2',
  mountpoint: '/sys/fs/cgroup',
  own: null,
  live: groups.length,
  dying: null,
  walked: groups.length,
  groups,
});

describe('every fact', () => {
  const names = Object.keys(factDefinitions);

  test('has a dotted name in lower case, and is no beginning of another', () => {
    for (const name of names) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_-]*)+$/);
      expect(names.filter((other) => other.startsWith(`${name}.`))).toEqual([]);
    }
    expect(names.length).toBeGreaterThan(120);
  });

  test('says what it is and how it is worked out', () => {
    for (const [name, { title, formula, unit, reference }] of Object.entries(factDefinitions)) {
      expect(title.trim(), name).not.toBe('');
      expect(formula.trim(), name).not.toBe('');
      expect(UNITS).toContain(unit);
      if (reference !== undefined) expect(reference, name).toMatch(/^https:\/\//);
    }
  });

  test('has a unit that fits its name', () => {
    for (const [name, { unit }] of Object.entries(factDefinitions)) {
      if (name.endsWith('_bytes_per_second')) expect(unit, name).toBe('bytes/s');
      else if (name.endsWith('_bytes')) expect(unit, name).toBe('bytes');
      else if (name.endsWith('_pct')) expect(unit, name).toBe('%');
      else if (name.endsWith('_s')) expect(unit, name).toBe('s');
    }
  });

  const poor: Record<string, Snapshot> = {
    'an empty snapshot': made([{}]),
    'two empty samples': made([{}, {}]),
    'empty maps': made([
      { meminfo: {}, vmstat: {}, pressure: {} },
      { meminfo: {}, vmstat: {}, pressure: {} },
    ]),
    zeros: made([
      {
        meminfo: { MemTotal: 0, MemFree: 0, SwapTotal: 0, SwapFree: 0, AnonPages: 0 },
        vmstat: noReclaim,
        zoneinfo: [],
        swaps: [],
        node: [],
      },
      {
        meminfo: { MemTotal: 0, MemFree: 0, SwapTotal: 0, SwapFree: 0, AnonPages: 0 },
        vmstat: noReclaim,
        processes: processes(),
        cgroup: cgroup(),
      },
    ]),
    'samples at one moment': made([{ vmstat: noReclaim }, { vmstat: noReclaim }], {}, 0),
  };
  test.each(Object.entries(poor))('has a value or a reason on %s', (_, snapshot) => {
    const { facts, items } = deriveFacts(snapshot);
    for (const [name, { value, reason }] of Object.entries(facts)) {
      if (value === null) expect(reason, name).toMatch(/\w/);
      else if (typeof value === 'number') expect(Number.isFinite(value), name).toBe(true);
    }
    for (const [name, set] of Object.entries(items)) if (set.items === null) expect(set.reason, name).toMatch(/\w/);
  });

  test('gives the reason of the source that is missing', () => {
    expect(reasonOf('acct.unaccounted_bytes', [{}], { sources: { meminfo: denied } })).toBe('meminfo is denied (needs root)');
    expect(reasonOf('swap.in_rate', [{ vmstat: { pswpin: 1 } }])).toBe('only one sample of vmstat: a rate needs two');
    expect(reasonOf('swap.in_rate', [{ vmstat: { pswpin: 9 } }, { vmstat: { pswpin: 1 } }])).toContain('counters were reset');
  });

  test('item sets list every field that they fill', () => {
    const sample = {
      meminfo: { MemTotal: GIB },
      swaps: [{ name: '/dev/sda2', type: 'partition', size: 4, used: 1, priority: -2 }],
      processes: processes({ anon: 1 }),
      cgroup: cgroup({ path: '/a' }),
      zoneinfo: [{ node: 0, zone: 'Normal', free: 1, min: 1, low: 1, high: 1, pcp: 0, managed: GIB }],
      node: [{ node: 0, meminfo: { MemTotal: GIB, MemFree: 1 }, numastat: {}, vmstat: {}, cpulist: '0' }],
    };
    const { items } = deriveFacts(made([sample]));
    for (const [name, { fields }] of Object.entries(itemDefinitions)) {
      const [first] = items[name]?.items ?? [];
      if (first) expect(Object.keys(first).sort(), name).toEqual(['name', ...Object.keys(fields)].sort());
    }
  });
});

describe('capacity', () => {
  const meminfo = {
    MemTotal: 1000 * MIB,
    MemFree: 100 * MIB,
    MemAvailable: 250 * MIB,
    AnonPages: 250 * MIB,
    Shmem: 50 * MIB,
    SwapTotal: 400 * MIB,
    SwapFree: 300 * MIB,
    Hugetlb: 200 * MIB,
  };

  test.each([
    ['mem.available_pct', 25],
    ['mem.available_user_pct', 50],
    ['mem.used_bytes', 750 * MIB],
    ['mem.free_pct', 10],
    ['mem.hugetlb_pct', 20],
    ['ram.usable_bytes', 800 * MIB],
    ['oom.headroom_bytes', 550 * MIB],
    ['oom.headroom_pct', 55],
    ['mem.available_estimated', false],
    ['mem.anon_and_swap_bytes', 350 * MIB],
  ])('%s', (name, value) => expect(valueOf(name, [{ meminfo }])).toBe(value));

  test('headroom takes no more swap than there is to put into it', () =>
    expect(valueOf('oom.headroom_bytes', [{ meminfo: { ...meminfo, AnonPages: 10 * MIB } }])).toBe(310 * MIB));

  test('anonymous memory that cannot leave is known without swap only', () => {
    expect(valueOf('mem.anon_no_swap', [{ meminfo: { ...meminfo, SwapTotal: 0, SwapFree: 0 } }])).toBe(37.5);
    expect(reasonOf('mem.anon_no_swap', [{ meminfo }])).toContain('swap is configured');
  });

  test('available memory is estimated as the kernel does where it is not printed', () => {
    const zones = [
      {
        node: 0,
        zone: 'Normal',
        free: 90 * MIB,
        min: 8 * MIB,
        low: 10 * MIB,
        high: 12 * MIB,
        pcp: 0,
        managed: GIB,
        protection: [0, 3 * MIB],
      },
    ];
    const old = { MemTotal: 1000 * MIB, MemFree: 100 * MIB, 'Active(file)': 60 * MIB, 'Inactive(file)': 40 * MIB, SReclaimable: 12 * MIB };
    // 100 − (3 + 12) + (100 − 10) + (12 − 6)
    expect(valueOf('mem.available_bytes', [{ meminfo: old, zoneinfo: zones }])).toBe(181 * MIB);
    expect(valueOf('mem.available_estimated', [{ meminfo: old, zoneinfo: zones }])).toBe(true);
    // min = 4 × √1024000 KiB, a step 0.1 % of memory, which is more than a quarter of it
    const min = 4 * Math.sqrt(1_024_000) * 1024;
    const step = MIB;
    const kept = (bytes: number) => bytes - Math.min(bytes / 2, min + step);
    expect(valueOf('mem.available_bytes', [{ meminfo: old }])).toBeCloseTo(
      100 * MIB - (min + 2 * step) + kept(100 * MIB) + kept(12 * MIB),
      0,
    );
    expect(reasonOf('mem.available_bytes', [{ meminfo: { MemTotal: MIB, MemFree: MIB } }])).toBe('/proc/meminfo has no Cached');
  });

  test('huge pages of all sizes count where Hugetlb is not printed', () => {
    const pools = [
      { size: 2 * MIB, total: 10, free: 0, reserved: 0, surplus: 0, overcommit: 0 },
      { size: GIB, total: 1, free: 1, reserved: 0, surplus: 0, overcommit: 0 },
    ];
    const plain = { MemTotal: 4 * GIB, HugePages_Total: 10, Hugepagesize: 2 * MIB };
    expect(valueOf('ram.usable_bytes', [{ meminfo: plain, hugepages: pools }])).toBe(3 * GIB - 20 * MIB);
    expect(valueOf('ram.usable_bytes', [{ meminfo: plain }])).toBe(4 * GIB - 20 * MIB);
  });
});

describe('exhaustion', () => {
  const series = (...available: number[]): Sources[] =>
    available.map((mib) => ({ meminfo: { MemTotal: 1000 * MIB, MemAvailable: mib * MIB, SwapFree: 0 } }));

  test('a steady fall is fitted and drawn out to zero', () => {
    const samples = series(500, 480, 460, 440, 420);
    expect(valueOf('mem.avail_slope_bytes_per_second', samples)).toBeCloseTo(-2 * MIB);
    expect(valueOf('mem.tte_s', samples)).toBeCloseTo(210);
  });

  test('two samples are enough for the time, not for the slope', () => {
    expect(valueOf('mem.tte_s', series(500, 400))).toBeCloseTo(40);
    expect(reasonOf('mem.avail_slope_bytes_per_second', series(500, 400))).toContain('needs 4');
  });

  test('a fall below the floor is none', () => {
    expect(valueOf('mem.falling', series(500, 480))).toBe(false);
    expect(reasonOf('mem.tte_s', series(500, 480))).toContain('does not fall');
    expect(valueOf('mem.falling', series(400, 500))).toBe(false);
    expect(reasonOf('mem.falling', series(400))).toContain('needs two');
  });

  test('a cache that grows is no fall, though MemAvailable leaves a part of it out', () => {
    const reading = (available: number, free: number, file: number, slab: number): Sources => ({
      meminfo: {
        MemTotal: 1000 * MIB,
        MemAvailable: available * MIB,
        MemFree: free * MIB,
        'Active(file)': 10 * MIB,
        'Inactive(file)': file * MIB,
        SReclaimable: slab * MIB,
        SwapFree: 0,
      },
    });
    expect(valueOf('mem.falling', [reading(470, 520, 15, 10), reading(425, 432, 54, 45)])).toBe(false);
    expect(valueOf('mem.falling', [reading(470, 520, 15, 10), reading(382, 432, 15, 10)])).toBe(true);
  });

  test('a jagged series has no slope', () =>
    expect(reasonOf('mem.tte_s', series(500, 300, 490, 310, 420))).toContain('do not lie on a line'));

  test('least squares', () => {
    expect(
      leastSquares([
        [0, 1],
        [1, 3],
        [2, 5],
      ]),
    ).toEqual({ slope: 2, r2: 1 });
    expect(
      leastSquares([
        [0, 1],
        [1, 1],
      ]),
    ).toEqual({ slope: 0, r2: 0 });
  });
});

describe('reclaim', () => {
  const names = {
    '2.6.32': {
      pgscan_kswapd_dma32: 3000,
      pgscan_kswapd_normal: 1000,
      pgscan_direct_normal: 1000,
      pgsteal_dma32: 2000,
      pgsteal_normal: 2000,
      kswapd_steal: 3000,
      allocstall: 5,
    },
    '3.10, 4.4': {
      pgscan_kswapd_dma32: 3000,
      pgscan_kswapd_normal: 1000,
      pgscan_direct_normal: 1000,
      pgscan_direct_movable: 0,
      pgscan_direct_throttle: 7,
      pgsteal_kswapd_normal: 3000,
      pgsteal_direct_normal: 1000,
      allocstall: 5,
    },
    '4.9': {
      pgscan_kswapd: 4000,
      pgscan_direct: 1000,
      pgscan_direct_throttle: 7,
      pgsteal_kswapd: 3000,
      pgsteal_direct: 1000,
      pgskip_normal: 9,
      allocstall_normal: 2,
      allocstall_movable: 3,
    },
    '5.10': {
      pgscan_kswapd: 4000,
      pgscan_direct: 1000,
      pgscan_direct_throttle: 7,
      pgscan_anon: 2000,
      pgscan_file: 3000,
      pgsteal_kswapd: 3000,
      pgsteal_direct: 1000,
      pgsteal_anon: 1000,
      pgsteal_file: 3000,
      allocstall_normal: 2,
      allocstall_movable: 3,
    },
    '6.12': {
      pgscan_kswapd: 3500,
      pgscan_direct: 1000,
      pgscan_khugepaged: 500,
      pgscan_direct_throttle: 7,
      pgscan_anon: 2000,
      pgscan_file: 3000,
      pgsteal_kswapd: 2500,
      pgsteal_direct: 1000,
      pgsteal_khugepaged: 500,
      pgsteal_anon: 1000,
      pgsteal_file: 3000,
      allocstall_normal: 2,
      allocstall_movable: 3,
    },
  };
  test.each(Object.entries(names))('adds up the names of %s', (kernel, counters: Record<string, number>) => {
    const { facts } = derived(rising(counters));
    expect(facts['reclaim.global_scan']?.value).toBe(5000);
    expect(facts['reclaim.global_steal']?.value).toBe(4000);
    expect(facts['reclaim.vmeff']?.value).toBe(80);
    expect(facts['reclaim.direct_share']?.value).toBe(0.2);
    expect(facts['reclaim.scan_rate']?.value).toBe(500);
    expect(facts['reclaim.allocstall_count']?.value).toBe(5);
    expect(facts['reclaim.allocstall_rate']?.value).toBe(0.5);
    if (kernel === '2.6.32') expect(facts['reclaim.throttle_count']?.reason).toBe('/proc/vmstat has no pgscan_direct_throttle');
    else expect(facts['reclaim.throttle_count']?.value).toBe(7);
    if (kernel === '5.10' || kernel === '6.12') {
      expect(facts['reclaim.memcg_scan']?.value).toBe(0);
      expect(facts['reclaim.memcg_share']?.value).toBe(0);
      expect(facts['reclaim.anon_share']?.value).toBe(0.25);
    } else expect(facts['reclaim.memcg_scan']?.value).toBeNull();
  });

  test('no efficiency below the floors, nor above 105 %', () => {
    const scan = (pages: number, stolen: number) => rising({ ...noReclaim, pgscan_kswapd: pages, pgsteal_kswapd: stolen });
    expect(reasonOf('reclaim.vmeff', scan(2047, 2000))).toContain('too few');
    expect(valueOf('reclaim.vmeff', scan(2048, 512))).toBe(25);
    expect(reasonOf('reclaim.vmeff', scan(2048, 512), {}, 30)).toContain('too few');
    expect(valueOf('reclaim.vmeff', scan(10_000, 10_400))).toBe(100);
    expect(reasonOf('reclaim.vmeff', scan(10_000, 20_000))).toContain('do not belong together');
  });

  test('with MGLRU sorted pages count as scanned', () => {
    const [first, last] = rising({ ...noReclaim, pgscan_kswapd: 4000, pgsteal_kswapd: 4000, pgrefill: 4000 });
    expect(valueOf('reclaim.vmeff', [{ ...first, 'lru-gen': { enabled: 7 } }, { ...last }])).toBe(50);
  });

  test('reclaim at cgroup limits is what the counters by type have more', () => {
    const limitOnly = rising({
      ...noReclaim,
      pgscan_anon: 0,
      pgscan_file: 188_315,
      pgsteal_anon: 0,
      pgsteal_file: 1,
      allocstall_normal: 0,
    });
    expect(valueOf('reclaim.memcg_scan', limitOnly)).toBe(188_315);
    expect(valueOf('reclaim.memcg_share', limitOnly)).toBe(1);
    const both = rising({ ...noReclaim, pgscan_kswapd: 3000, pgscan_anon: 0, pgscan_file: 4000, allocstall_normal: 0 });
    expect(valueOf('reclaim.memcg_share', both)).toBe(0.25);
    expect(reasonOf('reclaim.memcg_share', rising({ ...noReclaim, pgscan_anon: 0, pgscan_file: 1023, allocstall_normal: 0 }))).toContain(
      'too few',
    );
  });

  test('kernels that count cgroup reclaim everywhere are told by allocstall, then by the cgroups', () => {
    const node = [{ node: 0, meminfo: {}, numastat: {}, vmstat: { pgscan_kswapd: 0 }, cpulist: '0' }];
    const at = (allocstall_normal: number, pgscan = 0): Sources[] => {
      const [first, last] = rising({ ...noReclaim, pgscan_direct: 2000, pgscan_anon: 0, pgscan_file: 2000, allocstall_normal });
      return [
        { ...first, node, cgroup: cgroup({ path: '/a', max: MIB, stat: { pgscan: 0 } }, { path: '/a/b', max: MIB, stat: { pgscan: 0 } }) },
        { ...last, node, cgroup: cgroup({ path: '/a', max: MIB, stat: { pgscan } }, { path: '/a/b', max: MIB, stat: { pgscan } }) },
      ];
    };
    expect(reasonOf('reclaim.memcg_scan', at(0))).toContain('counts cgroup reclaim');
    expect(valueOf('reclaim.memcg_share', at(0))).toBe(1);
    expect(valueOf('reclaim.memcg_share', at(1, 500))).toBe(0.25);
  });

  test('refaults without reclaim are no news; none are 0', () => {
    const refaulted = (file: number, stolen: number) =>
      rising({ ...noReclaim, pgsteal_kswapd: stolen, workingset_refault_file: file, workingset_refault_anon: 0 });
    expect(reasonOf('refault.file_rate', refaulted(5000, 0))).toContain('none was reclaimed');
    expect(valueOf('refault.file_rate', refaulted(5000, 10))).toBe(500);
    expect(valueOf('refault.file_rate', refaulted(0, 0))).toBe(0);
    expect(valueOf('refault.file_rate', rising({ ...noReclaim, pgsteal_kswapd: 1, workingset_refault: 100 }))).toBe(10);
  });

  test('thrash is told from streaming by restores, on the classic LRU', () => {
    const counters = {
      workingset_refault_file: 900,
      workingset_refault_anon: 100,
      workingset_restore_file: 300,
      workingset_restore_anon: 20,
      pgmajfault: 500,
      pgsteal_file: 1800,
    };
    expect(valueOf('refault.thrash_ratio', rising(counters))).toBe(0.32);
    expect(valueOf('refault.major_ratio', rising(counters))).toBe(0.5);
    expect(valueOf('refault.ratio_file', rising(counters))).toBe(0.5);
    expect(valueOf('refault.thrash_ratio', rising({ workingset_refault: 600, workingset_activate: 150 }))).toBe(0.25);
    expect(reasonOf('refault.thrash_ratio', rising({ ...counters, workingset_refault_file: 400 }))).toContain('too few');
    const [first, last] = rising(counters);
    expect(reasonOf('refault.thrash_ratio', [{ ...first, 'lru-gen': { enabled: 7 } }, { ...last }])).toContain('MGLRU');
  });

  test('rates of faults and I/O', () => {
    const { facts } = derived(
      rising({ pgfault: 1000, pgmajfault: 200, pgpgin: 100, pgpgout: 50, slabs_scanned: 10, zone_reclaim_failed: 20 }),
    );
    expect(facts['fault.minor_rate']?.value).toBe(80);
    expect(facts['io.pgin_bytes_per_second']?.value).toBe(10 * KIB);
    expect(facts['io.pgout_bytes_per_second']?.value).toBe(5 * KIB);
    expect(facts['numa.zone_reclaim_rate']?.value).toBe(2);
  });

  test('writers are slowed from half way between the limits', () => {
    const gauges = (nr_dirty: number) => [
      { vmstat: { nr_dirty, nr_writeback: 10, nr_unstable: 5, nr_dirty_threshold: 200, nr_dirty_background_threshold: 100 } },
    ];
    expect(valueOf('dirty.pct_of_limit', gauges(85))).toBe(50);
    expect(valueOf('dirty.throttling', gauges(135))).toBe(false);
    expect(valueOf('dirty.throttling', gauges(136))).toBe(true);
  });
});

describe('balance', () => {
  const meminfo = {
    MemTotal: 1000 * MIB,
    MemFree: 100 * MIB,
    Active: 300 * MIB,
    Inactive: 200 * MIB,
    Unevictable: 10 * MIB,
    Buffers: 20 * MIB,
    Cached: 180 * MIB,
    Shmem: 80 * MIB,
    AnonPages: 300 * MIB,
    SwapCached: 20 * MIB,
    Slab: 60 * MIB,
    SReclaimable: 40 * MIB,
    KReclaimable: 45 * MIB,
    KernelStack: 4 * MIB,
    PageTables: 6 * MIB,
    VmallocUsed: 14 * MIB,
    Percpu: 2 * MIB,
    Hugetlb: 64 * MIB,
    HardwareCorrupted: MIB,
    SecPageTables: MIB,
    Bounce: 0,
  };
  const input = {
    pageSize: 4096,
    meminfo,
    vmstat: { nr_zspages: 256, nr_isolated_anon: 256 },
    pcp: 3 * MIB,
    hugetlb: 64 * MIB,
    balloon: 0,
    drift: MIB,
  };
  const amount = (sheet: ReturnType<typeof balanceSheet>, name: string) =>
    (sheet.lines.find((line) => line.name === name)?.bytes ?? 0) / MIB;

  test('each page is on one line', () => {
    const sheet = balanceSheet(input);
    expect(amount(sheet, 'free')).toBe(103);
    expect(amount(sheet, 'file cache')).toBe(120);
    expect(amount(sheet, 'shared memory')).toBe(80);
    // LRU 511 − 300 − 200 = 11 pages of the swap cache that nobody maps
    expect(amount(sheet, 'swap cache, unmapped')).toBe(11);
    expect(amount(sheet, 'anonymous')).toBe(300);
    expect(amount(sheet, 'other reclaimable kernel memory')).toBe(5);
    expect(amount(sheet, 'vmalloc')).toBe(10);
    // 103 + 511 + 60 + 5 + 4 + 6 + 1 + 2 + 10 + 64 + 1 + 1
    expect(sheet.unaccountedBytes).toBe((1000 - 768) * MIB);
    expect(sheet.errorBytes).toBe(5 * MIB);
    expect(sheet.trust).toContain('±5 MiB');
  });

  test('always adds up to MemTotal, in whole bytes and without a negative line', () => {
    for (const change of [
      {},
      { Cached: 900 * MIB },
      { Shmem: 900 * MIB },
      { AnonPages: 0 },
      { SwapCached: 0 },
      { KReclaimable: 0 },
      { Active: 0, Inactive: 0 },
    ]) {
      const { lines, unaccountedBytes, totalBytes } = balanceSheet({ ...input, meminfo: { ...meminfo, ...change } });
      const sum = lines.reduce((all, { bytes, of }) => all + (of === undefined ? bytes : 0), 0);
      expect(sum + unaccountedBytes).toBe(totalBytes);
      expect(lines.filter(({ bytes }) => bytes < 0)).toEqual([]);
    }
  });

  test('VmallocUsed before 5.4 is no count of pages', () => {
    const { KReclaimable: _, ...old } = meminfo;
    expect(amount(balanceSheet({ ...input, meminfo: old }), 'vmalloc')).toBe(0);
  });

  test('zswap that is not in zsmalloc has its own pages', () => {
    const zswap = (mib: number) =>
      amount(balanceSheet({ ...input, meminfo: { ...meminfo, Zswap: mib * MIB } }), 'compressed memory (zram, zswap)');
    expect(zswap(1)).toBe(1);
    expect(zswap(8)).toBe(9);
  });

  test('without zoneinfo the per-CPU lists are within the doubt', () => {
    const stat = { cpus: 2, btime: 0, ctxt: 0, processes: 0, cpu: {} };
    expect(valueOf('acct.unaccounted_bytes', [{ meminfo, vmstat: input.vmstat, stat }])).toBe(235 * MIB);
    expect(reasonOf('acct.unaccounted_bytes', [{ meminfo: { ...meminfo, MemTotal: 820 * MIB }, vmstat: input.vmstat, stat }])).toContain(
      '/proc/zoneinfo was not read',
    );
  });

  test('growth below the noise is none', () => {
    const zoneinfo = [{ node: 0, zone: 'Normal', free: 100 * MIB, min: 0, low: 0, high: 0, pcp: 0, managed: 900 * MIB }];
    const stat = { cpus: 2, btime: 0, ctxt: 0, processes: 0, cpu: {} };
    const after = (lost: number): Sources[] =>
      [0, lost].map((mib) => ({ meminfo: { ...meminfo, MemFree: (100 - mib) * MIB }, vmstat: input.vmstat, zoneinfo, stat }));
    expect(valueOf('drift.bytes', after(0))).toBe(125 * 4096 * 2);
    expect(valueOf('acct.unaccounted_growth_bytes_per_second', after(4))).toBe(0);
    expect(valueOf('acct.unaccounted_growth_bytes_per_second', after(20))).toBe(2 * MIB);
  });

  test('a balloon counts only while it is inside MemTotal', () => {
    const zone = (present: number) => [{ node: 0, zone: 'Normal', free: 0, min: 0, low: 0, high: 0, pcp: 0, present }];
    const at = (present: number): Sources[] => [
      { meminfo, vmstat: { balloon_inflate: 51_200, balloon_deflate: 0 }, zoneinfo: zone(present), mounts: [] },
    ];
    const inside = valueOf('acct.unaccounted_bytes', at(1020 * MIB));
    const outside = valueOf('acct.unaccounted_bytes', at(1220 * MIB));
    expect(Number(outside) - Number(inside)).toBe(200 * MIB);
  });

  test('is not drawn up of two machines', () => {
    const mounts = [{ device: '0:50', mountpoint: '/proc/meminfo', type: 'fuse.lxcfs' }];
    expect(valueOf('view.mixed', [{ meminfo, mounts }])).toBe(true);
    expect(valueOf('view.scope', [{ meminfo, mounts }])).toBe('container-lxcfs');
    expect(reasonOf('acct.unaccounted_bytes', [{ meminfo, mounts, vmstat: {}, zoneinfo: [] }])).toContain('mixed');
  });
});

describe('view and quality', () => {
  const node = (mib: number) => [{ node: 0, meminfo: { MemTotal: mib * MIB }, numastat: {}, vmstat: {}, cpulist: '0' }];
  const meminfo = { MemTotal: 1000 * MIB, MemFree: 500 * MIB };

  test('a MemTotal below that of the nodes is a container’s; above it memory is still being initialized', () => {
    expect(valueOf('view.mixed', [{ meminfo, node: node(1010) }])).toBe(false);
    expect(valueOf('view.mixed', [{ meminfo, node: node(1100) }])).toBe(true);
    expect(valueOf('view.mixed', [{ meminfo, node: node(300) }])).toBe(false);
    expect(valueOf('view.mixed', [{ meminfo }])).toBe(false);
  });

  test('zones must agree with MemFree', () => {
    const zone = (mib: number) => [{ node: 0, zone: 'Normal', free: mib * MIB, min: 0, low: 0, high: 0, pcp: 0, managed: GIB }];
    expect(valueOf('zones.consistent', [{ meminfo, zoneinfo: zone(480) }])).toBe(true);
    expect(valueOf('zones.consistent', [{ meminfo, zoneinfo: zone(479) }])).toBe(false);
    expect(derived([{ meminfo, zoneinfo: zone(479) }]).items['zones']?.reason).toContain('do not agree');
  });

  test('MGLRU is off where its folder is not beside its neighbours, or the kernel is too old', () => {
    const absent = { 'lru-gen': { status: 'absent', seconds: 0, bytes: 0 } } as const;
    expect(valueOf('kernel.mglru', [{ 'lru-gen': { enabled: 6 } }])).toBe(false);
    expect(valueOf('kernel.mglru', [{ 'lru-gen': { enabled: 7 } }])).toBe(true);
    expect(valueOf('kernel.mglru', [{ 'transparent-hugepage': { enabled: 'always', defrag: 'madvise' } }], { sources: absent })).toBe(
      false,
    );
    expect(valueOf('kernel.mglru', [{ vmstat: { workingset_refault: 1 } }], { sources: absent })).toBe(false);
    expect(reasonOf('kernel.mglru', [{ vmstat: { workingset_refault_anon: 1 } }], { sources: absent })).toBe('lru-gen is absent');
  });

  test('coverage is the status of each source', () => {
    expect(valueOf('coverage.slabinfo', [{}], { sources: { slabinfo: denied } })).toBe('denied');
    expect(valueOf('coverage.slabinfo', [{}])).toBe('absent');
  });

  test('samples', () => {
    const two = [{ vmstat: {} }, { vmstat: {} }];
    expect(valueOf('sample.seconds', two)).toBe(10);
    expect(valueOf('sample.short', two)).toBe(false);
    expect(valueOf('sample.short', two, {}, 4)).toBe(true);
  });
});

describe('swap', () => {
  test('figures', () => {
    const [first, last] = rising({ pswpin: 100, pswpout: 50, swap_ra: 256, swap_ra_hit: 64 });
    const { facts } = derived([{ ...first }, { ...last, meminfo: { SwapTotal: 1000, SwapFree: 600, SwapCached: 100 } }]);
    expect(facts['swap.used_pct']?.value).toBe(40);
    expect(facts['swap.cached_share']?.value).toBe(0.25);
    expect(facts['swap.in_rate']?.value).toBe(10);
    expect(facts['swap.out_bytes_per_second']?.value).toBe(5 * 4096);
    expect(facts['swap.ra_hit_pct']?.value).toBe(25);
    expect(valueOf('swap.ra_hit_pct', rising({ swap_ra: 255, swap_ra_hit: 64 }))).toBeNull();
    expect(reasonOf('swap.used_pct', [{ meminfo: { SwapTotal: 0, SwapFree: 0 } }])).toBe('there is no swap');
  });

  test('zram is memory; a disk before it is a mistake', () => {
    const area = (name: string, used: number, priority: number) => ({ name, type: 'partition', size: 1000, used, priority });
    expect(valueOf('swap.is_ram', [{ swaps: [area('/dev/zram0', 10, 100), area('/dev/sda2', 0, -2)] }])).toBe(true);
    expect(valueOf('swap.is_ram', [{ swaps: [area('/dev/zram0', 10, 100), area('/dev/sda2', 1, -2)] }])).toBe(false);
    expect(valueOf('swap.prio_inverted', [{ swaps: [area('/dev/zram0', 10, 100), area('/dev/sda2', 1, -2)] }])).toBe(false);
    expect(valueOf('swap.prio_inverted', [{ swaps: [area('/dev/zram0', 10, -3), area('/dev/sda2', 1, -2)] }])).toBe(true);
    expect(valueOf('swap.is_ram', [{ swaps: [] }])).toBeNull();
  });
});

describe('pressure', () => {
  const stall = (total: number, avg10 = 0, avg300 = 0) => ({ avg10, avg60: 0, avg300, total });
  const memory = (some: number, full = 0): Sources => ({ pressure: { memory: { some: stall(some, 2.9, 0.2), full: stall(full) } } });

  test('shares of the sample are exact, from the totals', () => {
    expect(valueOf('psi.mem.some.pct', [memory(1), memory(3)])).toBe(20);
    expect(valueOf('psi.mem.some.avg10', [memory(1)])).toBe(2.9);
    expect(valueOf('psi.mem.trend', [memory(1)])).toBeCloseTo(10);
    expect(reasonOf('psi.mem.some.pct', [memory(1)])).toContain('only one sample');
    expect(reasonOf('psi.mem.some.pct', [memory(3), memory(1)])).toContain('went back');
    expect(reasonOf('psi.cpu.some.pct', [memory(1), memory(3)])).toBe('/proc/pressure/cpu was not read');
  });

  test('full is compared with some only where it counts all', () => {
    const at = (counters: Record<string, number>): Sources[] => [0, 1].map((at) => ({ ...memory(2 * at, at), vmstat: counters }));
    expect(valueOf('psi.mem.full_share', at({ zswpin: 0 }))).toBe(0.5);
    expect(reasonOf('psi.mem.full_share', at({}), { kernel: '5.10.0' })).toContain('leaves out');
    expect(valueOf('psi.full_reliable', at({}), { kernel: '5.17.1' })).toBe(true);
    const noFull: Sources = { pressure: { memory: { some: stall(1) }, cpu: { some: stall(1) } } };
    expect(valueOf('psi.full_reliable', [noFull], { kernel: '6.1.0' })).toBe(false);
  });

  test('availability', () => {
    expect(valueOf('psi.available', [memory(1)])).toBe('ok');
    expect(valueOf('psi.available', [{}], { sources: { pressure: { ...denied, status: 'unsupported' } } })).toBe('unsupported');
    expect(valueOf('psi.available', [{}], { sources: { pressure: denied } })).toBeNull();
  });

  const calm = {
    ...noReclaim,
    allocstall_normal: 0,
    pswpin: 0,
    compact_stall: 0,
    pgscan_anon: 0,
    pgscan_file: 0,
    workingset_refault_file: 0,
    workingset_refault_anon: 0,
  };
  const from = (counters: Record<string, number>, some = 1, high = 0): Sources[] => {
    const [first, last] = rising({ ...calm, ...counters });
    return [
      { ...first, ...memory(0), cgroup: cgroup({ path: '/a', high: MIB, events: { high: 0, max: 0 } }) },
      { ...last, ...memory(some), cgroup: cgroup({ path: '/a', high: MIB, events: { high, max: 0 } }) },
    ];
  };
  test.each([
    ['none', from({}, 0)],
    ['background', from({ pgscan_kswapd: 100, pgscan_file: 100 })],
    ['memcg', from({}, 1, 12)],
    ['memcg', from({ pgscan_file: 50_000 })],
    ['global', from({ allocstall_normal: 1 }, 1, 12)],
    ['global', from({ compact_stall: 1 })],
    ['global', from({ workingset_refault_file: 1000 })],
  ])('comes from: %s', (source, samples) => expect(valueOf('psi.mem.source', samples)).toBe(source));

  test('is not called background when the cgroups could not be looked at', () => {
    const samples = from({}).map(({ vmstat, pressure }): Sources => ({ ...(vmstat && { vmstat }), ...(pressure && { pressure }) }));
    expect(reasonOf('psi.mem.source', samples, { sources: { cgroup: denied } })).toBe('cgroup is denied (needs root)');
    expect(valueOf('psi.mem.source', samples, { sources: { cgroup: { ...denied, status: 'absent' } } })).toBe('background');
  });
});

describe('processes', () => {
  const meminfo = { MemTotal: 1000 * MIB, AnonPages: 300 * MIB, SwapTotal: 200 * MIB, SwapFree: 100 * MIB };
  const first = { processes: processes({ pid: 7, anon: 60 * MIB }, { pid: 8, name: 'sh', anon: 10 * MIB }), meminfo };
  const last = {
    processes: processes(
      { pid: 7, anon: 100 * MIB, swap: 20 * MIB, hugetlb: 30 * MIB, majflt: 50 },
      { pid: 8, name: 'sh', anon: 11 * MIB },
      { pid: 9, name: 'db', anon: MIB, swap: 3 * MIB },
    ),
    meminfo,
    uptime: { uptime: 150, idle: 0 },
  };
  const { facts, items } = derived([first, last]);

  test.each([
    ['proc.top1_pct', 30],
    ['proc.top1_of_ram_pct', 15],
    ['proc.growth_bytes', 60 * MIB],
    ['proc.growth_bytes_per_second', 6 * MIB],
    ['proc.top1_growth_bytes_per_second', 6 * MIB],
    ['proc.growth_of_ram_pct', 6],
    ['proc.growth_share', 1],
    ['proc.grower_age_s', 100],
    ['proc.group_pct', 0],
    ['proc.hog_swap_of_ram_pct', 2],
    ['proc.protected_hog', false],
    ['owner.process', { kind: 'process', name: 'java', pid: 7, bytes: 120 * MIB }],
    ['owner.grower', { kind: 'process', name: 'java', pid: 7, bytes: 120 * MIB }],
    ['owner.swap_user', { kind: 'process', name: 'java', pid: 7, bytes: 20 * MIB }],
    ['owner.faulter', { kind: 'process', name: 'java', pid: 7, bytes: 120 * MIB }],
  ])('%s', (name, value) => expect(facts[name]?.value).toEqual(value));

  test('coverage', () => expect(facts['proc.coverage']?.value).toBeCloseTo(112 / 300));

  test('items', () => {
    expect(items['processes']?.items?.[0]).toMatchObject({
      name: 'java[7]',
      growth_bytes: 60 * MIB,
      majflt_rate: 5,
      of_ram_pct: 15,
      swap_of_ram_pct: 2,
      age_s: 100,
    });
    expect(items['processes']?.items?.[1]).toMatchObject({ growth_bytes: 0 });
    expect(items['processes']?.items?.[2]).toMatchObject({ growth_bytes: null, swap_share_pct: 75 });
  });

  test('a pid that was given away again is somebody else', () => {
    const other = { ...last, processes: processes({ pid: 7, anon: 100 * MIB, startSeconds: 99 }) };
    expect(valueOf('proc.growth_bytes', [first, other])).toBe(0);
    expect(reasonOf('owner.grower', [first, other])).toContain('no process grew');
  });

  test('a pool is one group, whether its members are numbered or not', () => {
    const pool = (count: number): Sources[] => [
      {
        processes: processes(...Array.from({ length: count }, (_, index) => ({ pid: index + 1, name: `worker-${index}`, anon: 20 * MIB }))),
        meminfo,
      },
    ];
    expect(valueOf('proc.group_pct', pool(5))).toBe(25);
    expect(valueOf('proc.group_count', pool(5))).toBe(5);
    expect(valueOf('proc.group_top1_pct', pool(5))).toBe(20);
    expect(valueOf('owner.group', pool(5))).toEqual({ kind: 'process-group', name: 'worker*', bytes: 100 * MIB });
    expect(valueOf('proc.group_count', pool(4))).toBe(0);
  });
});

describe('cgroups, zones, nodes', () => {
  const before: Group = {
    path: '/a',
    max: 100 * MIB,
    effectiveMax: 100 * MIB,
    current: 90 * MIB,
    events: { max: 0, high: 0, oom: 0, oom_kill: 1 },
    stat: { workingset_refault_file: 0, workingset_refault_anon: 0 },
    pressure: { some: { avg10: 0, avg60: 0, avg300: 0, total: 0 } },
  };
  const after: Group = {
    ...before,
    events: { max: 50, high: 0, oom: 1, oom_kill: 3 },
    stat: { inactive_file: 40 * MIB, workingset_refault_file: 70, workingset_refault_anon: 30 },
    pressure: { some: { avg10: 0, avg60: 0, avg300: 0, total: 1 } },
  };
  const loose: Group = { path: '/b', current: MIB, events: { max: 0, oom_kill: 0 } };

  test('rates and shares of a cgroup', () => {
    const samples = [
      { cgroup: cgroup({ path: '/', current: 1 }, before, loose) },
      { cgroup: cgroup({ path: '/', current: 1 }, after, loose) },
    ];
    const { facts, items } = derived(samples);
    expect(items['cgroups']?.items).toHaveLength(2);
    expect(items['cgroups']?.items?.[0]).toMatchObject({
      name: '/a',
      limited: true,
      usage_pct: 90,
      workingset_pct: 50,
      d_max: 50,
      max_rate: 5,
      d_oom: 1,
      d_oom_kill: 2,
      oom_kills: 3,
      ooms: 1,
      psi_some_pct: 10,
      psi_full_pct: null,
      refault_rate: 10,
    });
    expect(facts['cg.worst_max_delta']?.value).toBe(50);
    expect(facts['cg.worst_oom_kill_delta']?.value).toBe(2);
    expect(facts['cg.worst_oom_kills']?.value).toBe(3);
    expect(facts['cg.worst_psi_some_pct']?.value).toBe(10);
    expect(facts['owner.cgroup']?.value).toEqual({ kind: 'cgroup', name: '/a', bytes: 90 * MIB });
  });

  test('what a group only counts for one below it is not its own', () => {
    const stall = (total: number) => ({ some: { avg10: 0, avg60: 0, avg300: 0, total } });
    const above = (events: Group['events'], total: number, peak?: number): Group => ({
      path: '/pods',
      max: 1000 * MIB,
      current: 200 * MIB,
      events: events ?? {},
      pressure: stall(total),
      ...(peak === undefined ? {} : { peak }),
    });
    const inner = (group: Group, total: number): Group => ({ ...group, path: '/pods/slice/a', pressure: stall(total) });
    const of = (first: Group, last: Group) =>
      itemsOf('cgroups', [{ cgroup: cgroup(first, inner(before, 0)) }, { cgroup: cgroup(last, inner(after, 4)) }]);
    // all of it is that of /pods/slice/a, but for kills of a group that is gone
    const passed = of(above({ max: 900, oom: 7, oom_kill: 8 }, 0, 300 * MIB), above({ max: 950, oom: 8, oom_kill: 10 }, 4, 300 * MIB));
    expect(passed?.[0]).toMatchObject({ d_max: 0, d_oom: 0, hits: 0, ooms: 0, oom_kills: 10, own_kills: 7, passed_on: true });
    expect(passed?.[1]).toMatchObject({ d_max: 50, d_oom: 1, hits: 50, ooms: 1, own_kills: 3, passed_on: false });
    // it meets its own limit as well
    const both = of(above({ max: 900 }, 0), above({ max: 980 }, 4));
    expect(both?.[0]).toMatchObject({ d_max: 30, hits: 930, passed_on: false });
    // its other groups wait, too
    expect(of(above({ max: 0 }, 0), above({ max: 50 }, 8))?.[0]).toMatchObject({ d_max: 0, passed_on: false });
  });

  test('one sample, resets, and hosts without limits', () => {
    expect(itemsOf('cgroups', [{ cgroup: cgroup(after) }])?.[0]).toMatchObject({ d_max: null, max_rate: null, oom_kills: 3 });
    expect(itemsOf('cgroups', [{ cgroup: cgroup(after) }, { cgroup: cgroup(before) }])?.[0]).toMatchObject({ d_max: null });
    expect(reasonOf('cg.worst_max_delta', [{ cgroup: cgroup(after) }])).toContain('only one sample');
    expect(valueOf('cg.worst_max_delta', [{ cgroup: cgroup(loose) }, { cgroup: cgroup(loose) }])).toBe(0);
    expect(reasonOf('owner.cgroup', [{ cgroup: cgroup(loose) }])).toContain('no limit');
  });

  test('of a limit and its child with the same hits the child is named', () => {
    const groups = (of: Group) => cgroup(of, { ...of, path: '/a/b' });
    expect(valueOf('owner.cgroup', [{ cgroup: groups(before) }, { cgroup: groups(after) }])).toMatchObject({ name: '/a/b' });
  });

  test('a zone is below its mark when it is in both samples; small zones do not count', () => {
    const zones = (free: number) => [
      { node: 0, zone: 'DMA', free: 0, min: 1, low: 1, high: 1, pcp: 0, managed: 16 * MIB },
      {
        node: 0,
        zone: 'Normal',
        free: free * MIB,
        min: 10 * MIB,
        low: 20 * MIB,
        high: 30 * MIB,
        pcp: 0,
        managed: GIB,
        unreclaimable: true,
      },
    ];
    const node = [
      {
        node: 0,
        meminfo: { MemTotal: 1000, MemFree: 100, 'Active(file)': 50, 'Inactive(file)': 30, SReclaimable: 20 },
        numastat: {},
        vmstat: {},
        cpulist: '0',
      },
    ];
    const both = derived([{ zoneinfo: zones(15) }, { zoneinfo: zones(5), node }]);
    expect(both.items['zones']?.items).toHaveLength(1);
    expect(both.items['zones']?.items?.[0]).toMatchObject({ name: 'Node 0 Normal', below_low: true, below_min: false });
    expect(both.items['nodes']?.items?.[0]).toMatchObject({ name: 'Node 0', free_pct: 10, avail_pct: 20, gave_up: true });
    expect(itemsOf('zones', [{ zoneinfo: zones(5) }])?.[0]).toMatchObject({ below_low: null });
  });
});

describe('OOM', () => {
  type Event = NonNullable<Sources['kernel-log']>['events'][number];
  const event = (kind: Event['kind'], time: number): Event => ({
    kind,
    time,
    text: '',
    count: 1,
    victims: [{ name: 'java', pid: 7, totalVmBytes: null, anonRssBytes: 5, fileRssBytes: 1, shmemRssBytes: 0, oomScoreAdj: 0 }],
  });
  const log = (...events: Event[]): Sources => ({
    'kernel-log': { from: 'dmesg', lines: 9, firstTime: 0, lastTime: 90, events },
    uptime: { uptime: 100, idle: 0 },
  });

  test('counters and the log', () => {
    const [first, last] = rising({ oom_kill: 2 });
    const { facts } = derived([
      { ...first },
      { ...last, ...log(event('oom-kill', 20), event('memcg-oom-kill', 60), event('memcg-oom-kill', 70)) },
    ]);
    expect(facts['oom.kills_boot']?.value).toBe(2);
    expect(facts['oom.d_kills']?.value).toBe(2);
    expect(facts['oom.log_kills']?.value).toBe(1);
    expect(facts['oom.log_memcg_kills']?.value).toBe(2);
    expect(facts['oom.last_kill_age_s']?.value).toBe(30);
    expect(facts['owner.oom_victim']?.value).toEqual({ kind: 'process', name: 'java', pid: 7, bytes: 6 });
  });

  test('victims of the host and of a cgroup are told apart', () => {
    const named = (kind: Event['kind'], time: number, name: string): Event => {
      const plain = event(kind, time);
      return { ...plain, victims: (plain.victims ?? []).map((victim) => ({ ...victim, name })) };
    };
    const { facts } = derived([log(named('oom-kill', 20, 'java'), named('memcg-oom-kill', 60, 'api'))]);
    expect(facts['owner.oom_global_victim']?.value).toMatchObject({ name: 'java' });
    expect(facts['owner.oom_memcg_victim']?.value).toMatchObject({ name: 'api' });
    expect(facts['owner.oom_victim']?.value).toMatchObject({ name: 'api' });
    expect(reasonOf('owner.oom_global_victim', [log(event('memcg-oom-kill', 60))])).toBe('the kernel log holds no oom-kill');
  });

  test('a log without kills, and no log', () => {
    expect(valueOf('oom.log_kills', [log()])).toBe(0);
    expect(reasonOf('oom.last_kill_age_s', [log()])).toBe('the kernel log holds no OOM kill');
    expect(reasonOf('oom.log_kills', [{}], { sources: { 'kernel-log': denied } })).toBe('kernel-log is denied (needs root)');
  });
});

test('no fact or item set is defined twice', () => {
  const names = [...factTables, ...itemTables].flatMap((table) => Object.keys(table));
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});
