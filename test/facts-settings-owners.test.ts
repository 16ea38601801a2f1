/** Facts of the own cgroup, protections, limits of segments, databases, accounting of kernel memory, and evidence that does not fit. */
import { describe, expect, test } from 'vitest';
import { deriveFacts } from '../src/facts/derive.js';
import type { Sample, Snapshot } from '../src/gather/snapshot.js';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
type Sources = Sample['sources'];
type Cgroups = NonNullable<Sources['cgroup']>;
type Process = NonNullable<Sources['processes']>['top'][number];
type Segment = NonNullable<Sources['sysvipc-shm']>[number];

function factsOf(...samples: readonly Sources[]) {
  const snapshot: Snapshot = {
    format: 'memdoctor-snapshot',
    schemaVersion: '1.0',
    memdoctorVersion: '0',
    subject: { hostname: null, kernel: null, arch: null, capturedAt: null, origin: 'snapshot', pageSize: 4096, clockTicks: 100 },
    samples: samples.map((sources, index) => ({ time: null, monotonic: 100 + 10 * index, sources })),
    sources: {},
  };
  return deriveFacts(snapshot).facts;
}
const valueOf = (name: string, ...samples: readonly Sources[]) => factsOf(...samples)[name]?.value;

function cgroups(groups: Cgroups['groups'], more: Partial<Cgroups> = {}): Sources {
  return {
    meminfo: { MemTotal: 10 * GIB },
    cgroup: { version: 'v2', mountpoint: '/sys/fs/cgroup', own: null, live: 1, dying: 0, walked: 2, groups, ...more },
  };
}

describe('the own cgroup', () => {
  const inside = cgroups([{ path: '/', current: 3 * GIB, effectiveMax: 4 * GIB }], { own: '/' });

  test('has a limit, a use and a share', () => {
    expect(valueOf('cg.self', inside)).toBe('/');
    expect(valueOf('cg.self_limited', inside)).toBe(true);
    expect(valueOf('cg.self_limit_bytes', inside)).toBe(4 * GIB);
    expect(valueOf('cg.self_usage_pct', inside)).toBe(75);
  });
  test('may have no limit, and may not be known', () => {
    const free = cgroups([{ path: '/', current: 3 * GIB }], { own: '/' });
    expect(valueOf('cg.self_limit', free)).toBe('no limit of its memory is to be seen');
    expect(valueOf('cg.self_limit_bytes', free)).toBeNull();
    expect(valueOf('cg.self', cgroups([]))).toBeNull();
    expect(valueOf('cg.self', cgroups([], { own: '/gone' }))).toBeNull();
  });
});

describe('protections', () => {
  const host = cgroups([
    { path: '/' },
    {
      path: '/db.slice',
      current: 6 * GIB,
      min: 2 * GIB,
      low: 5 * GIB,
      stat: { anon: 2 * GIB, inactive_file: 3 * GIB, active_file: GIB },
    },
    { path: '/db.slice/a', current: 6 * GIB, min: 0, low: 6 * GIB },
    { path: '/web.slice', current: GIB, min: 0, low: 4 * GIB },
  ]);

  test('count for the outermost, up to what they use', () => {
    expect(valueOf('cg.protected_bytes', host)).toBe(6 * GIB);
    expect(valueOf('cg.protected_pct', host)).toBe(60);
    expect(valueOf('cg.min_kept_pct', host)).toBe(20);
    // 4 GiB of cache, of which 1 GiB may be what is not protected
    expect(valueOf('cg.protected_file_pct', host)).toBe(30);
    expect(valueOf('owner.protected', host)).toEqual({ kind: 'cgroup', name: '/db.slice', bytes: 5 * GIB });
  });
  test('version 1 has none; where they were not read they are not known', () => {
    expect(valueOf('cg.protected_bytes', cgroups([{ path: '/a', current: GIB }], { version: 'v1' }))).toBe(0);
    expect(valueOf('cg.protected_bytes', cgroups([{ path: '/a', current: GIB }]))).toBeNull();
  });
});

describe('System V segments', () => {
  const segment = (more: Partial<Segment>): Segment => ({
    key: 0,
    shmid: 1,
    size: 4097,
    creatorPid: 1,
    lastPid: 1,
    attached: 1,
    uid: 0,
    createdAt: 1,
    detachedAt: 0,
    ...more,
  });
  const segments = [segment({ swap: MIB }), segment({ shmid: 2, swap: 0 })];

  test('are measured against both limits, in pages and in number', () => {
    const host: Sources = { 'sysvipc-shm': segments, 'sysctl-vm': { 'kernel.shmall': '8', 'kernel.shmmni': '4' } };
    expect(valueOf('shm.sysv_pages_pct', host)).toBe(50);
    expect(valueOf('shm.sysv_segments_pct', host)).toBe(50);
    expect(valueOf('shm.sysv_swap_bytes', host)).toBe(MIB);
  });
  test('the default of shmall is no number that JavaScript holds exactly, and no limit', () => {
    const host: Sources = { 'sysvipc-shm': segments, 'sysctl-vm': { 'kernel.shmall': '18446744073692774399', 'kernel.shmmni': '0' } };
    expect(valueOf('shm.sysv_pages_pct', host)).toBeLessThan(1e-9);
    expect(valueOf('shm.sysv_segments_pct', host)).toBeNull();
    expect(valueOf('shm.sysv_pages_pct', { 'sysvipc-shm': segments })).toBeNull();
  });
  test('old kernels do not tell what is in swap', () => {
    expect(valueOf('shm.sysv_swap_bytes', { 'sysvipc-shm': [segment({})] })).toBeNull();
    expect(valueOf('shm.sysv_swap_bytes', { 'sysvipc-shm': [] })).toBe(0);
  });
});

describe('databases', () => {
  const process = (more: Partial<Process>): Process => ({
    pid: 7,
    name: 'svc',
    state: 'S',
    startSeconds: 1,
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
    ...more,
  });
  const host = (...top: Process[]): Sources => ({
    processes: {
      visible: top.length,
      threads: 1,
      states: {},
      anon: 0,
      file: 0,
      shmem: 0,
      swap: 0,
      pageTables: 0,
      groups: [],
      top,
    },
  });

  test('count with what they map in small pages', () => {
    const busy = host(process({ name: 'postgres', shmem: 9 * GIB }), process({ name: 'oracle_88_prod', shmem: GIB, hugetlb: 8 * GIB }));
    expect(valueOf('proc.db_shmem_bytes', busy)).toBe(9 * GIB);
    expect(valueOf('owner.database', busy)).toEqual({ kind: 'process', name: 'postgres', pid: 7, bytes: 9 * GIB });
    expect(valueOf('proc.db_shmem_bytes', host(process({ shmem: 9 * GIB })))).toBe(0);
    expect(valueOf('proc.db_shmem_bytes', host(process({ name: 'postgres', shmem: GIB, hugetlb: null })))).toBeNull();
  });
  test('that map each file are known by name or command line', () => {
    const search = process({ name: 'java', anon: 9 * GIB, command: '/usr/bin/java -Des.path=/usr/share/elasticsearch Main' });
    expect(valueOf('proc.maps_files', host(search))).toBe('elasticsearch');
    expect(valueOf('proc.java_bytes', host(search))).toBe(9 * GIB);
    expect(valueOf('proc.maps_files', host(process({ name: 'mongod' })))).toBe('mongod');
    expect(valueOf('proc.maps_files', host(process({})))).toBe('none');
    expect(valueOf('proc.java_bytes', host(process({})))).toBe(0);
  });
});

describe('accounting of kernel memory', () => {
  test('shows in the charge of a cgroup of version 1', () => {
    const groups = [
      { path: '/', kmem: 9 },
      { path: '/docker/a', kmem: 4096 },
      { path: '/b', kmem: 0 },
    ];
    expect(valueOf('cg.kmem_bytes', cgroups(groups, { version: 'v1' }))).toBe(4096);
    expect(valueOf('cg.kmem_bytes', cgroups([{ path: '/a' }]))).toBeNull();
  });
  test.each([
    ['3.10.0-957.27.2.el7.x86_64', true],
    ['3.10.0-862.el7.x86_64', true],
    ['3.10.105', false],
    ['4.18.0-80.el8.x86_64', false],
  ])('the kernel %s', (release, expected) => {
    expect(valueOf('kernel.el7', { version: { release, text: `Linux version ${release}` } })).toBe(expected);
  });
});

describe('evidence that does not fit', () => {
  const vmstat = (pswpin: number, more: Record<string, number> = {}) => ({ pswpin, pswpout: 0, ...more });
  const log = (lastTime: number, kills: number): NonNullable<Sources['kernel-log']> => ({
    from: 'dmesg',
    lines: 1,
    firstTime: 0,
    lastTime,
    events: kills > 0 ? [{ kind: 'oom-kill', time: lastTime, text: 'Out of memory: Killed process 9 (x)', count: kills }] : [],
  });
  const uptime = { uptime: 1000, idle: 0 };

  test('swap traffic without swap', () => {
    const meminfo = { SwapTotal: 0 };
    expect(valueOf('view.conflict', { meminfo, vmstat: vmstat(1) }, { meminfo, vmstat: vmstat(9) })).toMatch(/has no swap/);
    expect(valueOf('view.conflict', { meminfo, vmstat: vmstat(9) }, { meminfo, vmstat: vmstat(9) })).toBe('none');
    // swapoff in the sample is no conflict
    expect(
      valueOf('view.conflict', { meminfo: { SwapTotal: GIB }, vmstat: vmstat(1) }, { meminfo: { SwapTotal: 0 }, vmstat: vmstat(9) }),
    ).toBe('none');
  });
  test('areas of swap that are not those of meminfo', () => {
    const swaps = [{ name: '/dev/sdb2', type: 'partition', size: GIB, used: 0, priority: -2 }];
    expect(valueOf('view.conflict', { meminfo: { SwapTotal: 2 * GIB }, swaps })).toMatch(/do not add up/);
    expect(valueOf('view.conflict', { meminfo: { SwapTotal: GIB }, swaps })).toBe('none');
    expect(valueOf('view.conflict', { meminfo: { SwapTotal: 0 }, swaps: [] })).toBe('none');
    // swapoff is under way
    const emptied = swaps.map((area) => ({ ...area, used: GIB / 4 }));
    expect(valueOf('view.conflict', { meminfo: { SwapTotal: GIB / 4 }, swaps: emptied })).toBe('none');
  });
  test('kills that were not counted, and a log of another boot', () => {
    expect(valueOf('view.conflict', { uptime, 'kernel-log': log(900, 1), vmstat: vmstat(0, { oom_kill: 0 }) })).toMatch(/OOM kills/);
    expect(valueOf('view.conflict', { uptime, 'kernel-log': log(900, 1), vmstat: vmstat(0, { oom_kill: 1 }) })).toBe('none');
    expect(valueOf('view.conflict', { uptime, 'kernel-log': log(5000, 0) })).toMatch(/later than the host has been up/);
    expect(valueOf('view.conflict', { uptime, 'kernel-log': log(1030, 0) })).toBe('none');
  });
  test('nothing to compare', () => {
    expect(valueOf('view.conflict', { uptime })).toBeNull();
  });
});
