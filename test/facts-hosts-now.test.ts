/** Facts of what grows, who is many, what a limit is filled with, and which zones the kernel has left. */
import { describe, expect, test } from 'vitest';
import { deriveFacts } from '../src/facts/derive.js';
import type { Sample } from '../src/gather/snapshot.js';
import { GIB, log, MIB, moment, table, task, victim } from './oom-moments.js';

type Sources = Sample['sources'];
type Processes = NonNullable<Sources['processes']>;
type Process = Processes['top'][number];
type Group = NonNullable<Sources['cgroup']>['groups'][number];
type Zone = NonNullable<Sources['zoneinfo']>[number];

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
  const head = { format: 'memdoctor-snapshot', schemaVersion: '1.0', memdoctorVersion: '0' } as const;
  const all = samples.map((sources, at) => ({ time: null, monotonic: 1000 + 10 * at, sources }));
  const set = deriveFacts({ ...head, subject, samples: all, sources: {} });
  return (name: string) => set.facts[name]?.value;
}

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
  hugetlb: null,
  hwm: 0,
  vsize: 0,
  minflt: 0,
  majflt: 0,
  oomScoreAdj: null,
  cgroup: null,
  ...more,
});
const processes = (top: readonly Process[], more: Partial<Processes> = {}): Processes => ({
  visible: top.length,
  threads: top.reduce((sum, { threads }) => sum + threads, 0),
  states: {},
  anon: 0,
  file: 0,
  shmem: 0,
  swap: 0,
  pageTables: 0,
  groups: [],
  top: [...top],
  ...more,
});

describe('a fall of available memory', () => {
  const reading = (available: number, anon: number, one: Partial<Process>): Sources => ({
    meminfo: { MemTotal: 1000 * MIB, MemAvailable: available * MIB, SwapFree: 0, AnonPages: anon * MIB },
    processes: processes([process(one)]),
  });
  const size = (mib: number, peak = mib): Partial<Process> => ({ anon: mib * MIB, hwm: peak * MIB });

  test('a small one counts where processes account for it', () => {
    expect(facts(reading(200, 300, size(100)), reading(188, 312, size(112)))('mem.falling')).toBe(true);
    expect(facts(reading(200, 300, size(100)), reading(188, 300, size(100)))('mem.falling')).toBe(false);
  });

  test('processes were read at other moments than AnonPages', () => {
    expect(facts(reading(200, 300, size(100)), reading(180, 319, size(109)))('mem.falling')).toBe(true);
    expect(facts(reading(200, 300, size(100)), reading(180, 302, size(109)))('mem.falling')).toBe(false);
  });

  test('what a process had before is no fall', () => {
    expect(facts(reading(600, 100, size(80, 420)), reading(280, 420, size(400, 420)))('mem.falling')).toBe(false);
    expect(facts(reading(600, 100, size(80)), reading(280, 420, size(400)))('mem.falling')).toBe(true);
  });
});

describe('who is many', () => {
  test('the threads of one process', () => {
    const of = facts({ processes: processes([process({ name: 'pool', pid: 40, threads: 900 }), process({ name: 'web', threads: 20 })]) });
    expect(of('tasks.top_count')).toBe(900);
    expect(of('owner.tasks')).toEqual({ kind: 'process', name: 'pool', pid: 40, bytes: null });
  });

  test('processes of one name, of which a few were read one by one', () => {
    const of = facts({
      processes: processes([process({ name: 'hook', threads: 1 })], {
        visible: 2000,
        threads: 2100,
        groups: [{ name: 'hook', count: 1900, anon: 0, swap: 0 }],
      }),
    });
    expect(of('owner.tasks')).toEqual({ kind: 'process-group', name: 'hook', bytes: null });
  });

  test('nobody', () => {
    const of = facts({ processes: processes([process({}), process({ name: 'b' })], { visible: 80, threads: 300 }) });
    expect(of('owner.tasks')).toBeNull();
  });
});

describe('who holds what cannot be taken back', () => {
  const memory = { MemTotal: 1000 * MIB, AnonPages: 200 * MIB, SwapTotal: 0, SwapFree: 0, Committed_AS: 800 * MIB, CommitLimit: 900 * MIB };
  const of = (...top: Partial<Process>[]) => {
    const shown = processes(top.map((one, index) => process({ pid: 10 + index, ...one })));
    return facts({ processes: shown, meminfo: memory, 'sysctl-vm': { overcommit_memory: '2', overcommit_ratio: '90' } });
  };

  test('huge pages of a pool', () => {
    const held = of({ name: 'vm', anon: MIB, hugetlb: 600 * MIB }, { name: 'sh', anon: 90 * MIB });
    expect(held('owner.huge_hog')).toMatchObject({ name: 'vm', bytes: 600 * MIB });
    expect(held('proc.huge_hog_of_ram_pct')).toBe(60);
    const small = of({ name: 'vm', anon: MIB, hugetlb: 60 * MIB }, { name: 'java', anon: 190 * MIB });
    expect(small('owner.huge_hog')).toBeNull();
    expect(small('proc.huge_hog_of_ram_pct')).toBe(0);
  });

  test('locked by one, or by several of one name', () => {
    expect(of({ name: 'rt', locked: 300 * MIB }, { name: 'x', locked: MIB })('owner.locker')).toMatchObject({
      kind: 'process',
      name: 'rt',
    });
    const pool = Array.from({ length: 5 }, () => ({ name: 'rt', locked: 60 * MIB }));
    expect(of(...pool)('owner.locker')).toEqual({ kind: 'process-group', name: 'rt', bytes: 300 * MIB });
  });

  test('promised and never touched', () => {
    const held = of({ name: 'sim', anon: MIB, data: 601 * MIB }, { name: 'db', anon: 90 * MIB, data: 100 * MIB });
    expect(held('owner.reserver')).toMatchObject({ name: 'sim', bytes: 600 * MIB });
    expect(of({ name: 'db', anon: 90 * MIB, data: 100 * MIB })('owner.reserver')).toBeNull();
  });
});

describe('a cgroup at its limit', () => {
  const group = (more: Partial<Group>): Group => ({
    path: '/a.service',
    current: 100 * MIB,
    max: 100 * MIB,
    effectiveMax: 100 * MIB,
    ...more,
  });
  const cgroup = (one: Group): Sources => ({
    cgroup: { version: 'v2', mountpoint: '/sys/fs/cgroup', own: null, live: 1, dying: null, walked: 1, groups: [one] },
  });

  test('what fills it', () => {
    const stat = (values: Record<string, number>): unknown => facts(cgroup(group({ stat: values })))('cg.filled_by');
    expect(stat({ anon: MIB, file: 98 * MIB, shmem: 97 * MIB })).toMatch(/tmpfs/);
    expect(stat({ anon: MIB, file: 98 * MIB, shmem: 0 })).toMatch(/file cache/);
    expect(stat({ anon: 90 * MIB, file: MIB, shmem: 0 })).toMatch(/private/);
    expect(stat({ anon: 10 * MIB, file: MIB, shmem: 0, kernel: 80 * MIB })).toMatch(/kernel/);
    expect(stat({ anon: 40 * MIB, file: 40 * MIB, shmem: 0 })).toBeNull();
  });

  test('what filled it, when a kill has emptied it', () => {
    const emptied = group({ current: MIB, stat: { anon: 0, file: 0, shmem: 0, kernel: MIB } });
    expect(facts(cgroup(emptied))('cg.filled_by')).toBeNull();
    expect(facts(cgroup(group({ stat: { anon: MIB, file: 98 * MIB, shmem: 97 * MIB } })))('cg.filled_by_tmpfs')).toBe(true);
    expect(facts(cgroup(group({ stat: { anon: 90 * MIB, file: MIB, shmem: 0 } })))('cg.filled_by_tmpfs')).toBe(false);
  });

  test('it waits for good, the OOM killer switched off', () => {
    const at = (under: number, disabled: number): Sources =>
      cgroup(group({ events: { max: 9, under_oom: under, oom_kill_disable: disabled } }));
    expect(facts(at(1, 1), at(1, 1))('cg.hung')).toBe(1);
    expect(facts(at(1, 1), at(1, 1))('owner.cgroup_hung')).toMatchObject({ kind: 'cgroup', name: '/a.service' });
    expect(facts(at(0, 1), at(1, 1))('cg.hung')).toBe(0);
    expect(facts(at(1, 0), at(1, 0))('cg.hung')).toBe(0);
  });

  test('it ran out, and nobody was killed', () => {
    const at = (oom: number, kills: number): Sources => cgroup(group({ events: { max: 900 + oom, oom, oom_kill: kills } }));
    expect(facts(at(5, 0), at(305, 0))('cg.futile_ooms')).toBe(300);
    expect(facts(at(5, 0), at(6, 1))('cg.futile_ooms')).toBe(0);
  });
});

describe('zones for movable pages only', () => {
  const zone = (name: string, free: number, managed: number): Zone => ({
    node: 0,
    zone: name,
    free: free * MIB,
    min: (managed / 80) * MIB,
    low: (managed / 64) * MIB,
    high: (managed / 50) * MIB,
    pcp: 0,
    managed: managed * MIB,
  });

  test('the kernel has little left, and they are free', () => {
    const of = facts({ zoneinfo: [zone('DMA', 15, 15), zone('DMA32', 8, 320), zone('Movable', 600, 665)] });
    expect(of('movable.zone_pct')).toBeCloseTo(66.5);
    expect(of('movable.free_pct')).toBeCloseTo(90.2, 1);
    expect(of('movable.kernel_free_pct')).toBeCloseTo(2.5);
    expect(of('movable.kernel_free_of_low')).toBeCloseTo(1.6);
  });

  test('there is none', () => {
    const of = facts({ zoneinfo: [zone('DMA32', 8, 320), zone('Normal', 100, 600)] });
    expect(of('movable.zone_pct')).toBe(0);
    expect(of('movable.free_pct')).toBeNull();
  });
});

test('huge pages that are promised are not touched yet', () => {
  const meminfo = {
    MemTotal: GIB,
    HugePages_Total: 256,
    HugePages_Free: 250,
    HugePages_Rsvd: 250,
    Hugepagesize: 2 * MIB,
    Hugetlb: 512 * MIB,
  };
  expect(facts({ meminfo })('hp.untouched_pct')).toBeCloseTo(48.8, 1);
  expect(facts({ meminfo })('hp.idle_bytes')).toBe(0);
});

describe('after an OOM of the host', () => {
  const killed = { kind: 'oom-kill', time: 900, text: 'Out of memory', count: 1, report: 0 } as const;
  const past = log([moment({ tasks: table(task('mill', 41, 800), task('db', 12, 100)), victims: [victim('mill', 41, 800)] })], {
    lastTime: 900,
    events: [{ ...killed, victims: [victim('mill', 41, 800)] }],
  });
  const now = (available: number, anon: number): Sources => ({
    'kernel-log': past,
    uptime: { uptime: 1000, idle: 0 },
    meminfo: { MemTotal: 1000 * MIB, MemAvailable: available * MIB },
    processes: processes([process({ name: 'db', pid: 12, anon: anon * MIB })]),
  });

  test('the one that held the memory is gone', () => {
    expect(facts(now(700, 100))('oom.hog_gone')).toBe(true);
    expect(facts(now(700, 100))('owner.hog')).toMatchObject({ name: 'mill', pid: 41 });
  });

  test('memory is short again, or the one of now is as large', () => {
    expect(facts(now(40, 100))('owner.hog')).toMatchObject({ name: 'db', pid: 12 });
    expect(facts(now(700, 500))('owner.hog')).toMatchObject({ name: 'db', pid: 12 });
  });
});

describe('who was charged for memory of the kernel', () => {
  const groups = (...all: readonly Group[]): NonNullable<Sources['cgroup']> => ({
    version: 'v2',
    mountpoint: '/sys/fs/cgroup',
    own: null,
    live: all.length,
    dying: null,
    walked: all.length,
    groups: [...all],
  });
  const charged = (bytes: number, ...top: readonly Process[]): Sources => ({
    meminfo: { MemTotal: GIB, Slab: 300 * MIB, SReclaimable: 0, SUnreclaim: 300 * MIB },
    cgroup: groups(
      { path: '/', current: GIB, stat: { slab_unreclaimable: 300 * MIB } },
      { path: '/app.slice', current: GIB, stat: { slab_unreclaimable: bytes } },
      { path: '/app.slice/mq.service', current: GIB, stat: { slab_unreclaimable: bytes } },
    ),
    processes: processes(top),
  });

  test('the deepest group that has half of it', () => {
    const of = facts(
      charged(200 * MIB, process({ name: 'a', cgroup: '/app.slice/mq.service' }), process({ name: 'b', cgroup: '/app.slice/mq.service' })),
    );
    expect(of('owner.slab_charged')).toEqual({ kind: 'cgroup', name: '/app.slice/mq.service', bytes: 200 * MIB });
  });

  test('its process, when it has only one', () => {
    const of = facts(charged(200 * MIB, process({ name: 'mq', pid: 9, cgroup: '/app.slice/mq.service' }), process({ name: 'b' })));
    expect(of('owner.slab_charged')).toEqual({ kind: 'process', name: 'mq', pid: 9, bytes: 200 * MIB });
  });

  test('nobody that has less than half of it', () => {
    expect(facts(charged(149 * MIB))('owner.slab_charged')).toBeNull();
  });
});

describe('file cache that cannot be dropped', () => {
  const host = (unevictable: number, mlocked: number, shmem: number, ...types: readonly string[]): Sources => ({
    meminfo: { MemTotal: GIB, Unevictable: unevictable * MIB, Mlocked: mlocked * MIB, Shmem: shmem * MIB },
    mounts: types.map((type, index) => ({
      device: 'none',
      mountpoint: index === 0 ? '/run/credentials/a.service' : `/mnt/${index}`,
      type,
    })),
  });

  test('is what is neither locked nor shared memory, in the only ramfs of note', () => {
    const of = facts(host(300, 80, 20, 'ramfs', 'ramfs', 'tmpfs'));
    expect(of('ramfs.bytes')).toBe(200 * MIB);
    expect(of('owner.ramfs')).toEqual({ kind: 'mount', name: '/mnt/1', bytes: 200 * MIB });
  });

  test('is nobody’s with two of them, and nothing where all is locked', () => {
    expect(facts(host(300, 80, 20, 'ramfs', 'ramfs', 'ramfs'))('owner.ramfs')).toBeNull();
    expect(facts(host(80, 80, 20, 'ramfs', 'ramfs'))('ramfs.bytes')).toBe(0);
  });
});

describe('names and inodes that are held', () => {
  const cache = (name: string, objects: number, bytes: number) => ({
    name,
    activeObjects: objects,
    objects,
    objectSize: 1000,
    bytes,
    slabs: 1,
    objectsPerSlab: 1,
  });
  const host = (open: number, marks: number): Sources => ({
    meminfo: { MemTotal: GIB },
    'file-nr': { allocated: open, free: 0, max: 1_000_000 },
    'dentry-state': { total: 100_000, unused: 100_000 - open },
    slabinfo: [cache('dentry', 100_000, 20 * MIB), cache('ext4_inode_cache', 100_000, 100 * MIB), cache('inotify_inode_mark', marks, MIB)],
  });

  test('by open files and by watches, from twenty thousand on', () => {
    expect(facts(host(50_000, 0))('slab.pinned_bytes')).toBeCloseTo(10 * MIB + 50 * MIB);
    expect(facts(host(1000, 80_000))('slab.pinned_bytes')).toBeCloseTo(0.2 * MIB + 80 * MIB);
    expect(facts(host(1000, 80_000))('slab.watches')).toBe(80_000);
    expect(facts(host(19_000, 0))('slab.pinned_bytes')).toBe(0);
  });
});
