/** Facts of sockets, open files, mappings, limits and bindings of processes. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pid } from 'node:process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deriveFacts } from '../src/facts/derive.js';
import { parseLimits } from '../src/gather/processes/limits.js';
import { parseMaps } from '../src/gather/processes/maps.js';
import { kindOf, memoryPlaces, parseOpenFiles } from '../src/gather/processes/open-files.js';
import type { Sample, Snapshot } from '../src/gather/snapshot.js';
import { parseNumaMaps, sizeOfList } from '../src/gather/sources/process-numa.js';
import { readOne } from '../src/gather/tree.js';
import { hostTree } from '../src/gather/trees/host.js';
import { ParseError } from '../src/errors.js';

const MIB = 1 << 20;
type Sources = Sample['sources'];
type Process = NonNullable<Sources['processes']>['top'][number];
type Holder = NonNullable<NonNullable<Sources['processes']>['holders']>[number];

function factsOf(...samples: readonly Sources[]) {
  const snapshot: Snapshot = {
    format: 'memdoctor-snapshot',
    schemaVersion: '1.0',
    memdoctorVersion: '0',
    subject: { hostname: null, kernel: '6.1.0', arch: null, capturedAt: null, origin: 'snapshot', pageSize: 4096, clockTicks: 100 },
    samples: samples.map((sources, index) => ({ time: null, monotonic: 100 + 10 * index, sources })),
    sources: {},
  };
  return deriveFacts(snapshot).facts;
}

const process = (more: Partial<Process> = {}): Process => ({
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
const processes = (more: Partial<NonNullable<Sources['processes']>> = {}): NonNullable<Sources['processes']> => ({
  visible: 1,
  threads: 1,
  states: {},
  anon: 0,
  file: 0,
  shmem: 0,
  swap: 0,
  pageTables: 0,
  groups: [],
  top: [],
  ...more,
});

/** A host of 1000 MiB, of which `missing` MiB are on no line. */
const host = (missing: number): Sources => ({
  meminfo: {
    MemTotal: 1e3 * MIB,
    MemFree: (900 - missing) * MIB,
    Active: 60 * MIB,
    Inactive: 20 * MIB,
    Slab: 20 * MIB,
    SReclaimable: 10 * MIB,
    AnonPages: 50 * MIB,
    Cached: 30 * MIB,
    Shmem: 0,
    Buffers: 0,
    KernelStack: 0,
    PageTables: 0,
    HugePages_Total: 0,
    Hugepagesize: 2 * MIB,
    Hugetlb: 0,
  },
  zoneinfo: [],
  mounts: [],
});
const opened = (name: string, kinds: Record<string, number>, more: Partial<Holder> = {}): Holder => ({
  pid: 9,
  name,
  fdSize: 16384,
  pinned: 0,
  open: Object.values(kinds).reduce((sum, each) => sum + each, 0),
  kinds,
  sockets: [],
  ...more,
});

describe('sockets', () => {
  const sources: Sources = {
    ...host(200),
    sockstat: { tcpBytes: 150 * MIB, udpBytes: 10 * MIB, tcpAllocated: 40 },
    'socket-limits': { tcp: { low: 100 * MIB, pressure: 120 * MIB, high: 200 * MIB } },
  };
  test('against their limits, and against what is missing', () => {
    const facts = factsOf(sources);
    expect(facts['tcp.mem_pct']?.value).toBe(75);
    expect(facts['tcp.pressure_pct']?.value).toBe(125);
    expect(facts['udp.mem_pct']?.reason).toContain('udp_mem');
    expect(facts['sock.pct']?.value).toBe(16);
    expect(facts['sock.acct_share_pct']?.value).toBeCloseTo(80, 6);
  });
  test('do not change what is unaccounted for', () => {
    const { sockstat: _, ...without } = sources;
    expect(factsOf(sources)['acct.unaccounted_bytes']?.value).toBe(factsOf(without)['acct.unaccounted_bytes']?.value);
  });
  test('belong to the process that has the longest queues open, not to that with most sockets', () => {
    const queue = { protocol: 'tcp', local: '0100007F:1B9E', inode: 77, uid: 0, receive: 3000, send: 5 };
    const holders = [opened('many', { socket: 900 }, { pid: 1 }), opened('stuck', { socket: 2 }, { sockets: [76, 77] })];
    const owner = factsOf({ processes: processes({ holders }), 'net-sockets': { largest: [queue] } })['owner.socket_holder']?.value;
    expect(owner).toEqual({ kind: 'process', name: 'stuck', pid: 9, bytes: 3005 });
  });
});

describe('buffers of users', () => {
  const kind = (missing: number, holders: Holder[], more: Sources = {}, fdSlots = 16384) =>
    factsOf({ ...host(missing), processes: processes({ holders, fdSlots }), ...more })['buffers.kind']?.value;
  test('pinned memory of half of what is missing', () => {
    expect(kind(200, [opened('rdma', { file: 3 }, { pinned: 110 * MIB })])).toBe('pinned');
    expect(kind(200, [opened('rdma', { file: 3 }, { pinned: 90 * MIB })])).toBe('none');
  });
  test('pipes, which hold 64 KiB each', () => {
    expect(kind(200, [opened('relayd', { pipe: 3200 })])).toBe('pipes');
    expect(kind(200, [opened('relayd', { pipe: 3198 })])).toBe('none');
    expect(kind(200, [opened('web', { socket: 9000 })])).toBe('none');
  });
  test('by the number of files where nothing tells what they are', () => {
    const blind: Holder = { pid: 9, name: 'relayd', fdSize: 16384, pinned: 0 };
    const files = { 'file-nr': { allocated: 8000, free: 0, max: 100_000 } };
    expect(kind(200, [blind], files)).toBe('files');
    expect(kind(200, [blind], { 'file-nr': { allocated: 900, free: 0, max: 100_000 } })).toBe('none');
    // the others may have had them all
    expect(kind(200, [blind], files, 40_000)).toBe('none');
  });
  test('nothing is said without the figures', () => {
    const { meminfo: _, ...rest } = host(200);
    expect(factsOf({ ...rest, processes: processes({ holders: [opened('relayd', { pipe: 9000 })] }) })['buffers.kind']?.value).toBeNull();
  });
});

describe('mappings', () => {
  const counted = { heapBytes: 0, arenas: 0, arenaBytes: 0, allocator: null };
  const cut = { ...counted, pid: 3, name: 'search', maps: 100, whole: false, bytes: 400 * 1024, vsize: 400 * MIB };
  const small = { ...counted, pid: 4, name: 'sh', maps: 23, whole: true, bytes: 2 * MIB, vsize: 2 * MIB };
  const areas = (active: number): Sources => ({
    slabinfo: [{ name: 'vm_area_struct', activeObjects: active, objects: active, objectSize: 152, bytes: 0, slabs: 0, objectsPerSlab: 26 }],
    stat: { cpus: 2, btime: 0, ctxt: 0, processes: 0, cpu: {} },
  });
  const sources: Sources = { 'process-maps': { processes: [cut, small], othersAtMost: 77 }, 'sysctl-vm': { max_map_count: '65530' } };
  test('of a list that was cut are what slabinfo has and no other can have', () => {
    const facts = factsOf({ ...sources, ...areas(66_000) });
    expect(facts['proc.maps_max']?.value).toBe(66_000 - 23 - 77 - 2 * 12 * 26);
    expect(facts['owner.mapper']?.value).toMatchObject({ name: 'search', pid: 3 });
  });
  test('never fewer than were counted, never more than its address space has pages', () => {
    expect(factsOf({ ...sources, ...areas(200) })['proc.maps_max']?.value).toBe(100);
    expect(factsOf({ ...sources, ...areas(900_000) })['proc.maps_max']?.value).toBe(102_400);
    expect(factsOf(sources)['proc.maps_max']?.value).toBe(100);
  });
  test('arenas are told by their shape, of glibc only', () => {
    const using = (allocator: string | null) =>
      factsOf({ 'process-maps': { processes: [{ ...small, arenas: 90, allocator }], othersAtMost: 0 }, ...areas(0) });
    expect(using('glibc')['proc.arena_per_cpu']?.value).toBe(45);
    expect(using('jemalloc')['proc.arena_count']?.value).toBe(0);
  });
});

describe('limits, waits and bindings', () => {
  test('the nearest limit; one that is exceeded does not bind', () => {
    const top = [
      process({ pid: 1, vsize: 95, limits: { addressSpace: 100, openFiles: 10 } }),
      process({ pid: 2, locked: 900, limits: { locked: 100 } }),
      process({ pid: 3, vsize: 1 }),
    ];
    const facts = factsOf({ processes: processes({ top }) });
    expect(facts['proc.limit_near_pct']?.value).toBe(95);
    expect(facts['owner.limited']?.value).toMatchObject({ pid: 1 });
    expect(factsOf({ processes: processes({ top: [process()] }) })['proc.limit_near_pct']?.reason).toContain('limits');
  });
  test('tasks that wait for memory in both samples', () => {
    const blocked = (pid: number, wchan?: string) => ({ pid, name: 'w', kernelThread: false, ...(wchan === undefined ? {} : { wchan }) });
    const first = { processes: processes({ blocked: [blocked(1), blocked(2), blocked(3)] }) };
    const last = {
      processes: processes({ blocked: [blocked(1, 'reclaim_throttle'), blocked(2, 'pipe_wait'), blocked(4, 'reclaim_throttle')] }),
    };
    expect(factsOf(first, last)['proc.dstate_memory']?.value).toBe(1);
    expect(factsOf(last, first)['proc.dstate_memory']?.value).toBeNull();
    expect(factsOf({ processes: processes() }, { processes: processes() })['proc.dstate_memory']?.value).toBe(0);
  });
  test('a process that may use one of two nodes', () => {
    const node = (id: number) => ({ node: id, meminfo: { MemTotal: 1000 }, numastat: {}, vmstat: {}, cpulist: '' });
    const asked = (more: object) => factsOf({ node: [node(0), node(1)], 'process-numa': [{ pid: 5, name: 'db', ...more }] });
    expect(asked({ memoryNodes: '1' })['numa.bound_nodes']?.value).toBe('1');
    expect(asked({ memoryNodes: '0-1', policies: { 'bind:0': 90, default: 10 } })['numa.bound_nodes']?.value).toBe('0');
    expect(asked({ memoryNodes: '0-1', policies: { 'interleave:0-1': 90 } })['numa.process_bound']?.value).toBe(false);
  });
});

describe('parsers of files of a process, with any text', () => {
  const line = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.constantFrom(
      '3 pipe:[1]',
      '4 anon_inode:[eventfd]',
      'total 99',
      '7f00 bind:0 N0=3',
      '00400000-00500000 rw-p 00000000 00:00 0 ',
      'Max data size 5 5 bytes',
    ),
  );
  const text = fc.array(line, { maxLength: 30 }).map((lines) => lines.join('\n'));
  test('give figures that make sense, or say why not', () => {
    fc.assert(
      fc.property(text, text, (body, mountinfo) => {
        const files = parseOpenFiles(body, memoryPlaces(mountinfo));
        const seen = Object.values(files?.kinds ?? {}).reduce((sum, each) => sum + each, 0);
        expect(files?.open ?? 0).toBeGreaterThanOrEqual(seen);
        expect(parseMaps(body)?.count ?? 1).toBeGreaterThan(0);
        for (const limit of Object.values(parseLimits(body))) expect(limit).toBeGreaterThanOrEqual(0);
        expect(sizeOfList(body)).toBeGreaterThanOrEqual(0);
        try {
          parseNumaMaps(body, 4096);
        } catch (error) {
          expect(error).toBeInstanceOf(ParseError);
        }
      }),
      { numRuns: 300 },
    );
  });
  test.each([
    ['anon_inode:[io_uring]', 'io_uring'],
    ['anon_inode:bpf-map', 'bpf-map'],
    ['/memfd:x (deleted)', 'memfd'],
    ['/SYSV00000000 (deleted)', 'sysv-shm'],
    ['/dev/shm/a (deleted)', 'deleted-in-memory'],
    ['/home/a (deleted)', 'deleted-file'],
    ['net:[4026531840]', 'namespace'],
    ['', 'other'],
  ])('%s is of the kind %s', (target, kind) => expect(kindOf(target, memoryPlaces(''))).toBe(kind));
});

describe('the open files of a live process', () => {
  test('are read as links, by the host and below another root', async () => {
    const host = hostTree('/');
    const dir = mkdtempSync(path.join(tmpdir(), 'memdoctor-links-'));
    const rooted = hostTree(dir);
    try {
      const own = await readOne(host, `proc/${pid}/fd.links`);
      expect(own.status).toBe('ok');
      expect(parseOpenFiles(own.text, () => false)?.open).toBeGreaterThan(2);
      expect((await readOne(host, 'proc/4194305/fd.links')).status).toBe('absent');
      mkdirSync(path.join(dir, 'proc/5/fd'), { recursive: true });
      symlinkSync('/nowhere/a\nb', path.join(dir, 'proc/5/fd/3'));
      expect(await readOne(rooted, 'proc/5/fd.links')).toMatchObject({ status: 'ok', text: String.raw`3 /nowhere/a\nb` + '\n' });
      expect(readdirSync(path.join(dir, 'proc/5'))).toEqual(['fd']);
    } finally {
      await host.close();
      await rooted.close();
      rmSync(dir, { recursive: true });
    }
  });
});
