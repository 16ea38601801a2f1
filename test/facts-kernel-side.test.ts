/** Facts from the sources of the kernel's side of memory: compressed swap, merging, caches, devices, hardware, modules. */
import { describe, expect, test } from 'vitest';
import { type BalanceInput, balanceSheet } from '../src/facts/balance-lines.js';
import { deriveFacts } from '../src/facts/derive.js';
import type { Sample } from '../src/gather/snapshot.js';

const [KIB, MIB, GIB] = [1024, 1 << 20, 1 << 30];
type Sources = Sample['sources'];

const derived = (samples: readonly Sources[], pageSize = 4096) =>
  deriveFacts({
    format: 'memdoctor-snapshot',
    schemaVersion: '1.0',
    memdoctorVersion: '0',
    subject: { hostname: null, kernel: '6.1.0', arch: null, capturedAt: null, origin: 'snapshot', pageSize, clockTicks: 100 },
    samples: samples.map((sources, index) => ({ time: null, monotonic: 100 + 10 * index, sources })),
    sources: {},
  });
const valueOf = (name: string, ...samples: Sources[]) => derived(samples).facts[name]?.value;
const reasonOf = (name: string, ...samples: Sources[]) => derived(samples).facts[name]?.reason;

describe('compressed swap', () => {
  const device = (original: number, used: number, more = {}) => ({
    zram: [{ device: 'zram0', disksize: GIB, original, compressed: used, used, ...more }],
    meminfo: { MemTotal: GIB },
  });

  test('zram: what it stores against what it costs', () => {
    expect(valueOf('zram.ratio', device(400 * MIB, 100 * MIB))).toBe(4);
    expect(valueOf('zram.used_pct', device(400 * MIB, 256 * MIB))).toBe(25);
    expect(valueOf('zram.incompressible_pct', device(400 * MIB, 100 * MIB, { hugePages: 51_200 }))).toBe(50);
    expect(reasonOf('zram.incompressible_pct', device(400 * MIB, 100 * MIB))).toContain('no huge_pages');
    expect(reasonOf('zram.ratio', device(MIB, MIB))).toContain('16 MiB');
    expect(valueOf('zram.used_bytes', device(0, 0))).toBe(0);
    expect(valueOf('zram.used_bytes', {})).toBeNull();
    expect(valueOf('zram.failed_writes', device(0, 0, { failedWrites: 2 }), device(0, 0, { failedWrites: 7 }))).toBe(5);
  });

  test('zswap: from /proc/meminfo, else from debugfs, else unknown', () => {
    const parameters = { enabled: 'Y', max_pool_percent: '20' };
    const zswap = (counters: Record<string, number>): Sources => ({ zswap: { parameters, counters }, meminfo: { MemTotal: GIB } });
    const young: Sources = { zswap: { parameters, counters: {} }, meminfo: { MemTotal: GIB, Zswap: 102.4 * MIB, Zswapped: 409.6 * MIB } };
    expect(valueOf('zswap.ratio', young)).toBeCloseTo(4);
    expect(valueOf('zswap.pool_of_limit_pct', young)).toBeCloseTo(50);
    const old = zswap({ pool_total_size: 64 * MIB, stored_pages: 32_768, pool_limit_hit: 3, written_back_pages: 10 });
    expect(valueOf('zswap.ratio', old)).toBe(2);
    expect(valueOf('zswap.limit_hits', zswap({ pool_limit_hit: 1 }), old)).toBe(2);
    expect(valueOf('zswap.wb_rate', zswap({ written_back_pages: 0 }), old)).toBe(1);
    expect(reasonOf('zswap.pool_bytes', zswap({}))).toContain('was not read');
    expect(valueOf('zswap.enabled', { zswap: { parameters: { enabled: 'N' }, counters: {} } })).toBe(false);
    const area = { name: '/dev/zram0', type: 'partition', size: GIB, used: 0, priority: 100 };
    expect(valueOf('zswap.before_zram', { ...young, swaps: [area] })).toBe(true);
    expect(valueOf('zswap.before_zram', { ...young, swaps: [{ ...area, name: '/dev/sda2' }] })).toBe(false);
  });
});

describe('the disk below swap', () => {
  const area = (name: string, type = 'partition', priority = -2) => ({ name, type, size: GIB, used: MIB, priority });
  const disks = { sda: true, nvme0n1: false, 'cciss!c0d0': true, xvda3: false };
  const rotational = (name: string, more: Sources = {}) =>
    valueOf('swap.rotational', { swaps: [area(name)], 'block-queue': disks, ...more });

  test('partitions lie on their disk', () => {
    expect(rotational('/dev/sda2')).toBe(true);
    expect(rotational('/dev/sda')).toBe(true);
    expect(rotational('/dev/nvme0n1p3')).toBe(false);
    expect(rotational('/dev/cciss/c0d0p1')).toBe(true);
    expect(rotational('/dev/xvda3')).toBe(false);
    expect(rotational('/dev/zram0')).toBe(false);
    expect(rotational('/dev/dm-1')).toBeNull();
    expect(valueOf('swap.rotational', { swaps: [area('/dev/sda2')] })).toBeNull();
  });

  test('a swap file lies on the file system with the longest mountpoint', () => {
    const mounts = [
      { device: '259:1', mountpoint: '/', type: 'ext4', source: '/dev/nvme0n1p1' },
      { device: '8:1', mountpoint: '/data', type: 'xfs', source: '/dev/mapper/vg-data' },
      { device: '0:31', mountpoint: '/vol', type: 'btrfs', source: '/dev/sda3' },
    ];
    const diskstats = [{ device: 'sda1', number: '8:1', reads: 0, readBytes: 0, writes: 0, writeBytes: 0 }];
    const file = (name: string) => valueOf('swap.rotational', { swaps: [area(name, 'file')], 'block-queue': disks, mounts, diskstats });
    expect(file('/swap.img')).toBe(false);
    expect(file('/data/swap.img')).toBe(true);
    expect(file('/database/swap.img')).toBe(false);
    expect(file('/vol/swap.img')).toBe(true);
  });

  test('how busy it is', () => {
    const at = (busy: number): Sources => ({
      swaps: [area('/dev/sda2')],
      diskstats: [
        { device: 'sda2', number: '8:2', reads: 0, readBytes: 0, writes: 0, writeBytes: 0, busy: 0 },
        { device: 'sda', number: '8:0', reads: 0, readBytes: 0, writes: 0, writeBytes: 0, busy },
      ],
    });
    expect(valueOf('swap.busy_pct', at(100), at(109))).toBe(90);
    expect(valueOf('swap.busy_pct', at(100), at(110.2))).toBe(100);
    expect(reasonOf('swap.busy_pct', at(100))).toContain('/proc/diskstats');
    expect(valueOf('swap.busy_pct', at(100), at(2))).toBeNull();
  });

  test('a rotating disk before one that does not rotate is a mistake', () => {
    const both = (rotating: number, other: number): Sources => ({
      swaps: [area('/dev/sda2', 'partition', rotating), area('/dev/nvme0n1p3', 'partition', other)],
      'block-queue': disks,
    });
    expect(valueOf('swap.prio_inverted', both(-2, -3))).toBe(true);
    expect(valueOf('swap.prio_inverted', both(-3, -2))).toBe(false);
  });
});

describe('caches and objects', () => {
  test('merged pages', () => {
    const ksm = { run: 1, pages_shared: 256, pages_sharing: 25_600, ksm_zero_pages: 256 };
    expect(valueOf('ksm.saved_bytes', { ksm })).toBe(101 * MIB);
    expect(valueOf('ksm.running', { ksm: { ...ksm, run: 2 } })).toBe(false);
    expect(valueOf('ksm.saved_bytes', { ksm: { run: 0 } })).toBeNull();
  });

  test('names that do not exist', () => {
    expect(valueOf('dentry.negative_pct', { 'dentry-state': { total: 200, unused: 190, negative: 150 } })).toBe(75);
    expect(valueOf('dentry.negative_pct', { 'dentry-state': { total: 200, unused: 190 } })).toBeNull();
    const young = { 'sysctl-vm': { watermark_boost_factor: '15000' } };
    expect(valueOf('dentry.negative_pct', { 'dentry-state': { total: 200, unused: 190 }, ...young })).toBe(0);
    expect(
      valueOf('dentry.growth_rate', { 'dentry-state': { total: 200, unused: 0 } }, { 'dentry-state': { total: 700, unused: 0 } }),
    ).toBe(50);
  });

  test('open files against their limit', () => {
    expect(valueOf('files.used_pct', { 'file-nr': { allocated: 900, free: 0, max: 1000 } })).toBe(90);
    expect(reasonOf('files.used_pct', { 'file-nr': { allocated: 900, free: 0, max: 2 ** 63 } })).toContain('no limit');
  });

  test('huge pages of which a part was given back', () => {
    const sizes = [
      { size: 64 * KIB, stats: { nr_anon_partially_mapped: 16 } },
      { size: 2 * MIB, stats: { nr_anon_partially_mapped: 10, nr_anon: 40 } },
    ];
    expect(valueOf('thp.partially_mapped_bytes', { 'thp-sizes': sizes })).toBe(21 * MIB);
    expect(valueOf('thp.partially_mapped_bytes', { 'thp-sizes': [{ size: 2 * MIB, stats: {} }] })).toBeNull();
    expect(valueOf('thp.collapse_rate', { khugepaged: { pages_collapsed: 5 } }, { khugepaged: { pages_collapsed: 25 } })).toBe(2);
  });

  test('page blocks that cannot be moved', () => {
    const blocks = [
      { node: 0, zone: 'DMA', types: { Unmovable: 1, Movable: 7 } },
      { node: 0, zone: 'Normal', types: { Unmovable: 20, Movable: 60, Reclaimable: 11, HighAtomic: 1 } },
    ];
    expect(valueOf('frag.unmovable_pct', { pagetypeinfo: { pagesPerBlock: 512, free: [], blocks } })).toBe(32);
    expect(valueOf('frag.unmovable_pct', { pagetypeinfo: { pagesPerBlock: 512, free: [], blocks: [] } })).toBeNull();
    expect(valueOf('cma.free_pct', { meminfo: { CmaTotal: 64 * MIB, CmaFree: 16 * MIB } })).toBe(25);
    expect(valueOf('cma.free_pct', { meminfo: { CmaTotal: 0, CmaFree: 0 } })).toBeNull();
  });
});

describe('memory below the page allocator', () => {
  const iomem = { ranges: 9, systemRam: 8 * GIB, crashKernel: 256 * MIB, reserved: 0, persistent: 0 };

  test('what the firmware hands over, and what is kept for a crash', () => {
    expect(valueOf('mem.physical_bytes', { iomem, 'memory-blocks': { blockSize: GIB, blocks: 9 } })).toBe(8 * GIB);
    expect(valueOf('mem.physical_bytes', { 'memory-blocks': { blockSize: GIB, blocks: 9 } })).toBe(9 * GIB);
    expect(valueOf('mem.physical_bytes', { 'memory-blocks': { blockSize: GIB } })).toBeNull();
    expect(valueOf('mem.crashkernel_bytes', { iomem })).toBe(256 * MIB);
    expect(valueOf('mem.crashkernel_bytes', { iomem, kexec: { crashSize: 0 } })).toBe(0);
    expect(valueOf('mem.crashkernel_idle', { kexec: { crashSize: MIB, crashLoaded: false } })).toBe(true);
    expect(valueOf('mem.crashkernel_idle', { kexec: { crashSize: 0, crashLoaded: false } })).toBe(false);
  });

  test('what is switched off', () => {
    expect(valueOf('vm.offline_bytes', { 'memory-blocks': { blockSize: 128 * MIB, blocks: 8, online: 6, offline: 2 } })).toBe(256 * MIB);
    expect(valueOf('vm.offline_bytes', { 'memory-blocks': { blockSize: 128 * MIB, blocks: 5000 } })).toBeNull();
    const unread = { 'memory-blocks': { blockSize: 128 * MIB }, iomem };
    const zone = { node: 0, zone: 'Normal', free: 0, min: 0, low: 0, high: 0, pcp: 0, managed: 5 * GIB };
    expect(valueOf('vm.offline_bytes', { ...unread, zoneinfo: [{ ...zone, present: 6 * GIB - MIB }] })).toBe(2 * GIB);
    expect(valueOf('vm.offline_bytes', { ...unread, zoneinfo: [{ ...zone, present: 8 * GIB - MIB }] })).toBe(0);
    expect(valueOf('vm.offline_pct', { ...unread, zoneinfo: [{ ...zone, present: 6 * GIB }], meminfo: { MemTotal: 6 * GIB } })).toBe(25);
  });

  test('errors of memory modules', () => {
    const dimms = [
      { name: 'dimm0', ce: 5, ue: 0, label: 'A1' },
      { name: 'dimm3', ce: 1, ue: 1 },
    ];
    const edac = (ce: number): Sources => ({ edac: [{ controller: 'mc0', ce, ue: 1, dimms, sinceReset: 7200 }] });
    expect(valueOf('edac.d_ce', edac(6), edac(9))).toBe(3);
    expect(reasonOf('edac.d_ce', edac(6), edac(0))).toContain('reset');
    expect(valueOf('edac.ce_per_day', edac(6))).toBe(72);
    expect(valueOf('edac.worst_module', edac(6))).toBe('mc0 dimm3');
    expect(valueOf('edac.ce', {})).toBeNull();
    const node = { node: 0, total: 4, ignored: 1, failed: 1, delayed: 0, recovered: 2 };
    expect(valueOf('hw.poison_not_recovered', { 'memory-failure': [node] })).toBe(2);
  });
});

describe('a balloon', () => {
  const meminfo = { MemTotal: GIB };
  const counters = { balloon_inflate: 512, balloon_deflate: 256 };

  test('counters, or what the driver says when it is more', () => {
    expect(valueOf('vm.balloon_bytes', { meminfo, vmstat: counters })).toBe(MIB);
    expect(valueOf('vm.balloon_bytes', { meminfo, vmstat: counters, balloon: { vmware: { bytes: 64 * MIB } } })).toBe(64 * MIB);
    expect(valueOf('vm.balloon_bytes', { meminfo, balloon: { xen: { current: GIB, bytes: 2 * MIB } } })).toBe(2 * MIB);
    expect(valueOf('vm.balloon_pct', { meminfo, balloon: { vmware: { bytes: GIB / 4 } } })).toBe(25);
    expect(valueOf('vm.balloon_pct', { meminfo, balloon: { xen: { current: GIB, bytes: GIB } } })).toBe(50);
    expect(valueOf('vm.balloon_bytes', { meminfo: { ...meminfo, Balloon: 0 }, balloon: { hyperv: { bytes: GIB } } })).toBe(GIB);
    expect(reasonOf('vm.balloon_bytes', { meminfo, balloon: { xen: { current: GIB } } })).toContain('no driver tells');
  });

  test('whether it is still inside MemTotal, by the features of the driver', () => {
    const sheet = { MemTotal: GIB, MemFree: 0, Active: 0, Inactive: 0, Slab: 0, HugePages_Total: 0 };
    const left = (balloon: NonNullable<Sources['balloon']>) =>
      valueOf('acct.unaccounted_bytes', { meminfo: sheet, vmstat: counters, balloon, zoneinfo: [] });
    expect(left({ virtio: [{ device: 'virtio0', deflateOnOom: true }] })).toBe(GIB - MIB);
    expect(left({ virtio: [{ device: 'virtio0', deflateOnOom: false }] })).toBe(GIB);
    expect(left({ vmware: { bytes: 64 * MIB } })).toBe(GIB - 64 * MIB);
    expect(left({ hyperv: { bytes: 64 * MIB } })).toBe(GIB);
  });
});

describe('the balance sheet', () => {
  const input: BalanceInput = {
    pageSize: 4096,
    meminfo: { MemTotal: 1000 * MIB, MemFree: 300 * MIB, Active: 100 * MIB, Inactive: 100 * MIB, Slab: 50 * MIB },
    vmstat: { nr_zspages: 256 },
    pcp: 0,
    hugetlb: 0,
    balloon: 0,
    drift: MIB,
  };
  const amount = (name: string, more: Partial<BalanceInput>): number | undefined => {
    const { lines, totalBytes, unaccountedBytes } = balanceSheet({ ...input, ...more });
    expect(lines.reduce((sum, { bytes, of }) => (of === undefined ? sum + bytes : sum), unaccountedBytes)).toBe(totalBytes);
    expect(lines.filter(({ bytes }) => bytes < 0)).toEqual([]);
    return lines.find((line) => line.name === name)?.bytes;
  };

  test('the ZFS cache has a line, and never more than is left over', () => {
    expect(amount('ZFS cache', {})).toBeUndefined();
    expect(amount('ZFS cache', { arc: { bytes: 200 * MIB, exact: true } })).toBe(200 * MIB);
    // 1000 − 300 − 200 − 50 − 1 of zspages
    expect(amount('ZFS cache', { arc: { bytes: 600 * MIB, exact: false } })).toBe(449 * MIB);
    expect(amount('ZFS cache', { arc: { bytes: 600 * MIB, exact: true }, balloon: 900 * MIB })).toBeUndefined();
  });

  test('zram and zswap count themselves where the kernel does not', () => {
    const name = 'compressed memory (zram, zswap)';
    expect(amount(name, { zram: 64 * MIB })).toBe(MIB);
    expect(amount(name, { vmstat: {}, zram: 64 * MIB })).toBe(64 * MIB);
    expect(amount(name, { vmstat: {}, zswap: 32 * MIB })).toBe(32 * MIB);
  });

  test('the share of the ZFS cache in what nobody accounts for', () => {
    const meminfo = { ...input.meminfo, HugePages_Total: 0 };
    const arcstats = { arc: { size: 300 * MIB, c_min: 50 * MIB, c_max: 400 * MIB }, abd: { scatter_data_size: 225 * MIB } };
    const sources: Sources = { meminfo, vmstat: { nr_zspages: 256 }, zoneinfo: [], arcstats };
    expect(valueOf('acct.unaccounted_bytes', sources)).toBe(224 * MIB);
    expect(valueOf('arc.acct_share_pct', sources)).toBeCloseTo(50.1, 1);
    expect(valueOf('arc.shrinkable_bytes', sources)).toBe(250 * MIB);
    expect(valueOf('arc.pct', sources)).toBe(30);
  });
});

describe('code of the kernel', () => {
  test('who has memory of vmalloc, stacks left out', () => {
    const callers = [
      { caller: 'kernel_clone', bytes: 90 * MIB, areas: 5000 },
      { caller: 'ttm_bo_vmap [ttm]', bytes: 40 * MIB, areas: 3 },
    ];
    const vmallocinfo = { areas: 5003, bytes: 130 * MIB, mapped: 150 * MIB, callers };
    expect(valueOf('owner.vmalloc_caller', { vmallocinfo })).toEqual({ kind: 'kernel-code', name: 'ttm_bo_vmap [ttm]', bytes: 40 * MIB });
    expect(valueOf('vmalloc.top_caller', { vmallocinfo: { ...vmallocinfo, callers: callers.slice(0, 1) } })).toBeNull();
  });

  test('who allocates for himself', () => {
    const site = (tag: string, bytes: number) => ({ tag, bytes, calls: 1 });
    const top = [
      site('mm/filemap.c:1919 func:__filemap_get_folio', GIB),
      site('mm/slub.c:2325 func:alloc_slab_page', 90),
      site('net/core/page_pool.c:531 func:f', 80),
    ];
    expect(valueOf('owner.kernel_allocator', { allocinfo: { sites: 3, bytes: GIB + 170, top } })).toMatchObject({ bytes: 80 });
    const listed = (tag: string) => ({
      allocinfo: {
        sites: 3,
        bytes: 4 * GIB,
        top: [
          { tag: 'user: handle_mm_fault', bytes: 3 * GIB, calls: 9 },
          { tag, bytes: GIB, calls: 3 },
        ],
      },
    });
    expect(valueOf('alloc.top_of_listed_pct', listed('heron_ring_fill [heron]'))).toBe(25);
    expect(valueOf('alloc.top_kind', listed('heron_ring_fill [heron]'))).toBe('other');
    expect(valueOf('alloc.top_kind', listed('ttm_pool_alloc [ttm]'))).toBe('graphics');
    expect(valueOf('alloc.graphics_bytes', listed('drivers/gpu/drm/ttm/ttm_pool.c:91 func:ttm_pool_alloc_page'))).toBe(GIB);
    expect(valueOf('alloc.graphics_bytes', listed('net/core/skbuff.c:700 func:__alloc_skb'))).toBeNull();
    expect(valueOf('alloc.top_kind', listed('net/core/page_pool.c:500 func:page_pool_alloc'))).toBe('network');
  });

  test('modules that hold pages without telling', () => {
    const modules = [
      { name: 'ext4', size: 1 },
      { name: 'nvidia', size: 1, taint: 'POE' },
      { name: 'mlx5_core', size: 1 },
      { name: 'mlx5_ib', size: 1, taint: 'E' },
    ];
    expect(valueOf('modules.suspects', { modules })).toBe('nvidia (GPU), mlx5_core (network card), mlx5_ib (RDMA)');
    expect(valueOf('modules.out_of_tree', { modules })).toBe('nvidia');
    expect(valueOf('modules.suspect_count', { modules: modules.slice(0, 1) })).toBe(0);
    expect(valueOf('modules.suspects', { modules: modules.slice(0, 1) })).toBeNull();
  });

  test('monitors of data access', () => {
    const damon = (state: string, enabled: string) => ({
      damon: { kdamonds: [{ id: 0, state }], modules: { damon_reclaim: { enabled } } },
    });
    expect(valueOf('damon.active', damon('off', 'N'))).toBe(false);
    expect(valueOf('damon.active', damon('on', 'N'))).toBe(true);
    expect(valueOf('damon.active', damon('off', 'Y'))).toBe(true);
    expect(valueOf('damon.reclaims', damon('on', 'N'))).toBe(false);
  });
});
