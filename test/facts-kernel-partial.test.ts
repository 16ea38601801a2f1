/** Facts of the kernel's own memory, from evidence that was pasted in part: one file, a few lines, one sample. */
import { describe, expect, test } from 'vitest';
import { deriveFacts } from '../src/facts/derive.js';
import type { Sample, Snapshot } from '../src/gather/snapshot.js';

const MIB = 1 << 20;
const GIB = 1 << 30;

type Sources = Sample['sources'];

function derived(sources: Sources) {
  const snapshot: Snapshot = {
    format: 'memdoctor-snapshot',
    schemaVersion: '1.0',
    memdoctorVersion: '0',
    subject: { hostname: null, kernel: null, arch: null, capturedAt: null, origin: 'text', pageSize: 4096, clockTicks: 100 },
    samples: [{ time: null, monotonic: 0, sources }],
    sources: {},
  };
  return deriveFacts(snapshot).facts;
}
const valueOf = (name: string, sources: Sources) => derived(sources)[name]?.value;

const cache = (name: string, bytes: number, objects = 1000, used = 1) => ({
  name,
  activeObjects: Math.round(objects * used),
  objects,
  objectSize: 8,
  bytes,
  slabs: 0,
  objectsPerSlab: 0,
});
const many = (count: number) => Array.from({ length: count }, (_, index) => cache(`ext4_thing_${index}`, MIB));

describe('slab from a few lines', () => {
  const slabinfo = [cache('foo_node', 20 * GIB), cache('dentry', GIB), cache('filp', GIB), cache('kmalloc-64', MIB), cache('pid', MIB)];

  test('sizes are those of the caches listed, a minimum', () => {
    expect(valueOf('slab.bytes', { slabinfo })).toBe(22 * GIB + 2 * MIB);
    expect(valueOf('slab.unreclaimable_bytes', { slabinfo })).toBe(21 * GIB + 2 * MIB);
    expect(valueOf('slab.top_bytes', { slabinfo })).toBe(20 * GIB);
    expect(valueOf('slab.listing', { slabinfo })).toBe('part');
    expect(valueOf('view.ram_known', { slabinfo })).toBe(false);
  });

  test('a share needs more than a line or two', () => {
    expect(valueOf('slab.top_share_pct', { slabinfo: slabinfo.slice(0, 2) })).toBeNull();
    expect(valueOf('slab.top_share_pct', { slabinfo })).toBeCloseTo(90.9, 1);
    expect(valueOf('slab.top_share_pct', { slabinfo: slabinfo.slice(0, 1), meminfo: { Slab: 40 * GIB } })).toBe(50);
  });

  test('what a cut list leaves over is no large kmalloc', () => {
    const meminfo = { Slab: 40 * GIB, SUnreclaim: 30 * GIB };
    expect(valueOf('slab.large_kmalloc_bytes', { slabinfo, meminfo })).toBeNull();
    expect(valueOf('slab.large_kmalloc_bytes', { slabinfo: many(50), meminfo })).toBe(40 * GIB - 50 * MIB);
    expect(valueOf('slab.unreclaimable_bytes', { slabinfo, meminfo })).toBe(30 * GIB);
  });

  test('without a word on what can be given up, MemAvailable tells how much of slab that is at most', () => {
    const of = (meminfo: Record<string, number>): unknown => valueOf('slab.unreclaimable_bytes', { meminfo });
    expect(of({ Slab: 30 * GIB, MemAvailable: 2 * GIB })).toBe(26 * GIB);
    expect(of({ Slab: 3 * GIB, MemAvailable: 2 * GIB })).toBe(0);
    expect(of({ Slab: 30 * GIB, SReclaimable: 21 * GIB, MemAvailable: 2 * GIB })).toBe(9 * GIB);
    expect(of({ Slab: 30 * GIB })).toBeNull();
  });

  test('a cache is never smaller than its objects: pages may be larger than 4 KiB', () => {
    const large = { ...cache('task_struct', 4 * MIB), objectSize: 4096, objectsPerSlab: 61, slabs: 100 };
    expect(valueOf('slab.top_bytes', { slabinfo: [large] })).toBe(4096 * 61 * 100);
  });

  test('buffers without a name, and those that come in step', () => {
    const step = [200_000, 201_000, 203_000, 900_000].map((count, index) => cache(`kmalloc-${64 << index}`, 100 * MIB, count));
    const all = [...step, cache('kmalloc-rcl-64', GIB, 200_500), cache('size-128', 100 * MIB, 10)];
    expect(valueOf('slab.generic_bytes', { slabinfo: all })).toBe(500 * MIB);
    expect(valueOf('slab.twins', { slabinfo: all })).toBe(3);
    expect(valueOf('slab.twins', { slabinfo: [] })).toBe(0);
  });

  test('a cache that is mostly empty has a name', () => {
    const half = [cache('foo', 3 * GIB, 1000, 0.4), cache('bar', 9 * GIB, 1000, 0.5)];
    expect(valueOf('slab.sparse_bytes', { slabinfo: half })).toBe(3 * GIB);
    expect(valueOf('owner.slab_sparse', { slabinfo: half })).toEqual({ kind: 'slab-cache', name: 'foo', bytes: 3 * GIB });
    expect(valueOf('slab.sparse_bytes', { slabinfo: half.slice(1) })).toBe(0);
  });

  test('the name of a cache says what is in it', () => {
    const meaning = (name: string) => valueOf('slab.top_meaning', { slabinfo: [cache(name, GIB)] });
    expect(meaning('nf_conntrack')).toMatch(/firewall/);
    expect(meaning('size-64')).toMatch(/no name/);
    expect(meaning('vendor_blob_cache')).toBeNull();
  });

  test.each([
    ['nf_conntrack', 'conntrack'],
    ['file_lock_cache', 'locks'],
    ['kmalloc-cg-2k', 'queues'],
    ['skbuff_head_cache', 'packets'],
    ['task_struct', 'threads'],
    ['TCPv6', 'sockets'],
  ])('%s: a command of its own tells whose they are', (name, kind) => {
    const slabinfo = [cache(name, GIB)];
    expect(valueOf(`slab.top_is_${kind}`, { slabinfo })).toBe(true);
    expect(valueOf('slab.top_special', { slabinfo })).toBe(true);
    expect(valueOf('slab.top_is_keys', { slabinfo })).toBe(false);
  });

  test.each(['filp', 'kmalloc-64', 'vendor_blob_cache'])('%s: the usual commands', (name) => {
    expect(valueOf('slab.top_special', { slabinfo: [cache(name, GIB)] })).toBe(false);
  });

  test('names of files by the count alone', () => {
    expect(valueOf('dentry.bytes', { 'dentry-state': { total: 1_000_000, unused: 1, negative: 900_000 } })).toBe(192_000_000);
    expect(valueOf('slab.names_bytes', { meminfo: { SReclaimable: 7 * GIB }, slabinfo: [cache('dentry', GIB)] })).toBe(7 * GIB);
    expect(valueOf('slab.names_bytes', { slabinfo: [cache('dentry', GIB)] })).toBe(GIB);
  });
});

describe('memory on no line', () => {
  const meminfo = { MemTotal: 16 * GIB, MemFree: GIB, Cached: GIB, Buffers: 0, AnonPages: 2 * GIB, Slab: GIB, VmallocTotal: 2 ** 45 };

  test('without the LRU lists it is what processes and cache leave over', () => {
    expect(valueOf('acct.unaccounted_bytes', { meminfo })).toBe(11 * GIB);
    const halves = { ...meminfo, 'Active(anon)': GIB, 'Active(file)': GIB, 'Inactive(anon)': 2 * GIB, 'Inactive(file)': GIB };
    expect(valueOf('acct.unaccounted_bytes', { meminfo: halves })).toBe(9 * GIB);
  });

  test('a paste that ends before the huge pages tells nothing', () => {
    const { VmallocTotal: _, ...cut } = meminfo;
    expect(valueOf('acct.unaccounted_bytes', { meminfo: cut })).toBeNull();
    expect(valueOf('acct.unaccounted_bytes', { meminfo: { ...cut, HugePages_Total: 0 } })).toBe(11 * GIB);
  });

  test('vmallocinfo stands in for a kernel that does not count vmalloc', () => {
    const callers = [
      { caller: 'load_table [foo]', bytes: 3 * GIB, areas: 1 },
      { caller: 'copy_process', bytes: GIB, areas: 900 },
    ];
    const vmallocinfo = { areas: 901, bytes: 4 * GIB, mapped: 5 * GIB, callers };
    expect(valueOf('vmalloc.net_bytes', { meminfo, vmallocinfo })).toBe(3 * GIB);
    expect(valueOf('acct.unaccounted_bytes', { meminfo, vmallocinfo })).toBe(8 * GIB);
    expect(valueOf('acct.vmalloc_counted', { meminfo })).toBe(false);
  });

  test('free and a list of processes, when the list is whole', () => {
    const processes = {
      visible: 200,
      threads: 200,
      states: {},
      anon: GIB,
      file: GIB,
      shmem: 0,
      swap: 0,
      pageTables: 0,
      groups: [],
      top: [],
    };
    const free = { MemTotal: 16 * GIB, MemFree: 2 * GIB, Cached: 2 * GIB };
    expect(valueOf('used.gap_bytes', { meminfo: free, processes })).toBe(10 * GIB);
    expect(valueOf('used.gap_bytes', { meminfo: free, processes: { ...processes, visible: 12 } })).toBeNull();
  });
});

describe('figures that cannot be true', () => {
  const named = (meminfo: Record<string, number>) => valueOf('acct.impossible', { meminfo });

  test('a counter below zero, and a part larger than the whole', () => {
    expect(named({ MemTotal: GIB, Mlocked: 2 ** 64 - 4096 })).toBe('Mlocked');
    expect(named({ MemTotal: GIB, MemFree: 2 * GIB })).toBe('MemFree');
    expect(named({ MemTotal: GIB, HugePages_Total: 8, HugePages_Rsvd: 2 ** 64 - 1 })).toBe('HugePages_Rsvd');
    expect(named({ MemTotal: GIB, Committed_AS: 2 ** 64 - 4096 })).toBe('Committed_AS');
  });

  test('a counter of 32 bits below zero', () => {
    const cached = (2 ** 32 - 27_076) * 1024;
    expect(named({ MemTotal: GIB, LowTotal: GIB, MemFree: 1, Cached: cached })).toBe('Cached');
    expect(named({ MemTotal: GIB, Cached: cached })).toBeNull();
    expect(named({ MemTotal: 4096 * GIB, LowTotal: GIB, Cached: cached })).toBeNull();
    expect(
      valueOf('mem.available_bytes', { meminfo: { MemTotal: GIB, LowTotal: GIB, MemFree: 1, Buffers: 1, Cached: cached } }),
    ).toBeNull();
  });

  test('fields of the host in a container are no proof', () => {
    expect(named({ MemTotal: GIB, Mlocked: 2 * GIB, DirectMap4k: 0, DirectMap2M: 0 })).toBeNull();
    expect(named({ MemTotal: GIB, Mlocked: 2 * GIB, DirectMap1G: 64 * GIB })).toBeNull();
    expect(named({ MemTotal: GIB, Mlocked: 2 * GIB, DirectMap2M: GIB })).toBe('Mlocked');
  });

  test('address space and promises may be larger than memory', () => {
    expect(named({ MemTotal: GIB, VmallocTotal: 2 ** 57, Committed_AS: 2 ** 54, DirectMap1G: 4 * GIB })).toBeNull();
    expect(named({ MemTotal: GIB, DirectMap2M: 2 ** 64 - 4096 })).toBeNull();
    expect(valueOf('acct.impossible_count', { meminfo: { MemTotal: GIB, MemFree: GIB } })).toBe(0);
    expect(valueOf('acct.impossible_count', {})).toBeNull();
  });
});

describe('page tables and addresses', () => {
  const status = {
    pid: 7,
    name: 'db',
    state: 'S',
    startSeconds: 0,
    threads: 1,
    file: 0,
    shmem: 0,
    swap: 0,
    locked: 0,
    hugetlb: null,
  } as const;
  const top = [{ ...status, anon: 10 * GIB, pte: GIB, hwm: 0, vsize: 0, minflt: 0, majflt: 0, oomScoreAdj: null, cgroup: null }];
  const processes = { visible: 1, threads: 1, states: {}, anon: 10 * GIB, file: 0, shmem: 0, swap: 0, pageTables: GIB, groups: [], top };

  test('of one process, where nothing else is known', () => {
    expect(valueOf('pt.bytes', { processes })).toBe(GIB);
    expect(valueOf('pt.per_rss_pct', { processes })).toBe(10);
    expect(valueOf('pt.bytes', { processes: { ...processes, pageTables: 0 } })).toBeNull();
    expect(valueOf('pt.bytes', { processes, meminfo: { PageTables: 3 * GIB } })).toBe(3 * GIB);
  });

  test('the window of a 32-bit kernel, and none of a 64-bit one', () => {
    const meminfo = { VmallocTotal: 120 * MIB, VmallocUsed: 30 * MIB };
    expect(valueOf('vmalloc.window_used_pct', { meminfo })).toBe(25);
    expect(valueOf('vmalloc.window_used_pct', { meminfo, vmallocinfo: { areas: 9, bytes: 0, mapped: 108 * MIB, callers: [] } })).toBe(90);
    expect(valueOf('vmalloc.window_used_pct', { meminfo: { VmallocTotal: 2 ** 45, VmallocUsed: MIB } })).toBeNull();
  });
});

describe('who may hold it', () => {
  test('marks of ZFS, VMware and graphics', () => {
    const module = (name: string) => ({ name, size: 1, users: 0, by: [] });
    expect(valueOf('zfs.in_use', { slabinfo: [cache('dmu_buf_impl_t', MIB)] })).toBe(true);
    expect(valueOf('zfs.in_use', {})).toBe(false);
    const modules = (...names: string[]) => ({ modules: names.map(module) }) as unknown as Sources;
    expect(valueOf('vm.vmware', modules('vmw_balloon'))).toBe(true);
    expect(valueOf('gpu.likely', modules('amdgpu', 'ext4'))).toBe(true);
    expect(valueOf('gpu.likely', modules('amdgpu', 'mlx5_core'))).toBe(false);
  });

  test('the cache of ZFS shrinks to a 32nd of RAM where its least size was not read', () => {
    const arcstats = { arc: { size: 10 * GIB } };
    expect(valueOf('arc.shrinkable_bytes', { arcstats, meminfo: { MemTotal: 32 * GIB } })).toBe(9 * GIB);
  });

  test('debugging that the kernel was booted with', () => {
    const cmdline = { text: 'root=/dev/sda1 slub_debug=U,kmalloc-64 page_owner=on quiet' };
    expect(valueOf('boot.debugging', { cmdline })).toBe('slub_debug=U,kmalloc-64 page_owner=on');
    expect(valueOf('boot.debugging_count', { cmdline: { text: 'page_owner=off' } })).toBe(0);
  });
});
