/**
 * The balance sheet: every KiB of MemTotal on one line, the rest unaccounted. Built on the sums of the LRU lists, where each page
 * is once; AnonPages + Cached + SwapCached counts mapped pages of the swap cache twice and knows nothing of per-CPU free lists.
 */
import type { Sample } from '../gather/snapshot.js';
import { type ArcPages, arcPages } from './arc-pages.js';
import { balloonHeld } from './balloon-size.js';
import { Unknown } from './fact.js';
import { socketBytes } from './sockets.js';
import { demandOneView, hugetlbBytes } from './sums.js';
import type { View } from './view.js';

const MIB = 1 << 20;

export interface BalanceLine {
  readonly name: string;
  readonly bytes: number;
  /** Files, fields and formula. */
  readonly source: string;
  /** The line that it is a part of: not added again. */
  readonly of?: string;
}

export interface Balance {
  readonly totalBytes: number;
  readonly lines: readonly BalanceLine[];
  /** totalBytes less the lines that are no part of another; may be a little below zero. */
  readonly unaccountedBytes: number;
  /** How far off unaccountedBytes may be. */
  readonly errorBytes: number;
  /** How far to believe it, in a sentence or two. */
  readonly trust: string;
}

/** The figures that a sheet is made of, all of one moment. */
export interface BalanceInput {
  readonly pageSize: number;
  readonly meminfo: Readonly<Record<string, number>>;
  readonly vmstat: Readonly<Record<string, number>> | undefined;
  /** On per-CPU lists, Σ count of /proc/zoneinfo; undefined when it was not read. */
  readonly pcp: number | undefined;
  readonly hugetlb: number;
  /** Ballooned memory that is still in MemTotal. */
  readonly balloon: number;
  /** How far gauges may lag behind; undefined when unknown. */
  readonly drift: number | undefined;
  /** Memory of zram devices, for kernels without nr_zspages. */
  readonly zram?: number;
  /** Memory of zswap by debugfs, for kernels without Zswap. */
  readonly zswap?: number;
  /** The cache of ZFS. */
  readonly arc?: ArcPages;
  /** Memory of vmalloc by /proc/vmallocinfo, kernel stacks left out, for kernels whose /proc/meminfo does not count it. */
  readonly vmalloc?: number;
  /** Memory of TCP and UDP sockets. */
  readonly sockets?: number;
}

/** The sheet of the last sample (or of the first). @throws Unknown when /proc/meminfo is missing, or the view is mixed. */
export function balanceOf(view: View, which: 'first' | 'last' = 'last'): Balance {
  demandOneView(view);
  view.last('meminfo');
  const readings = view.readings('meminfo');
  const reading = which === 'last' ? readings.at(-1) : readings[0];
  if (!reading) throw new Unknown('meminfo was not read');
  const zones = reading.sample.sources.zoneinfo;
  const { vmstat, zram, zswap, arcstats, sockstat } = reading.sample.sources;
  for (const file of [
    '/proc/meminfo',
    ...(vmstat ? ['/proc/vmstat nr_isolated_*, nr_zspages'] : []),
    ...(zones ? ['/proc/zoneinfo count'] : []),
    ...(arcstats ? ['/proc/spl/kstat/zfs/arcstats, abdstats'] : []),
    ...(sockstat ? ['/proc/net/sockstat'] : []),
  ])
    view.used(file);
  return balanceSheet({
    pageSize: view.pageSize,
    meminfo: reading.data,
    vmstat,
    pcp: zones?.reduce((sum, zone) => sum + zone.pcp, 0),
    hugetlb: reading.data['Hugetlb'] ?? hugetlbBytes(view),
    balloon: balloonInside(view, reading.sample.sources),
    drift: view.maybe(() => view.number('drift.bytes')),
    ...(zram ? { zram: zram.reduce((sum, { used }) => sum + used, 0) } : {}),
    ...(zswap?.counters['pool_total_size'] === undefined ? {} : { zswap: zswap.counters['pool_total_size'] }),
    ...(arcstats ? { arc: arcPages(arcstats) } : {}),
    ...(sockstat ? { sockets: socketBytes(sockstat) } : {}),
    ...(reading.data['KReclaimable'] === undefined ? { vmalloc: view.maybe(() => view.number('vmalloc.net_bytes')) ?? 0 } : {}),
  });
}

/** Adds up one sheet. Pure. @throws Unknown when a field is missing without which it makes no sense. */
export function balanceSheet(input: BalanceInput): Balance {
  const totalBytes = need(input, 'MemTotal');
  const errorBytes = (input.drift ?? 8 * MIB) + 4 * MIB + (input.pcp === undefined ? 32 * MIB : 0);
  const counted = [...freeLines(input), ...userLines(input), ...kernelLines(input)];
  const rest = totalBytes - sumOf(counted);
  const lines = [...counted, ...arcLines(input, rest), ...socketLines(input, rest)].filter(
    (line) => line.bytes !== 0 || KEPT.has(line.name),
  );
  const sum = sumOf(lines);
  return { totalBytes, lines, unaccountedBytes: totalBytes - sum, errorBytes, trust: trustOf(input, errorBytes) };
}

const sumOf = (lines: readonly BalanceLine[]): number => lines.reduce((all, { bytes, of }) => all + (of === undefined ? bytes : 0), 0);

/** The cache of ZFS in pages of its own, which no counter of the kernel has: never more than what the counted lines leave over. */
function arcLines({ arc }: BalanceInput, rest: number): BalanceLine[] {
  if (!arc) return [];
  const source = arc.exact
    ? '/proc/spl/kstat/zfs/abdstats scatter_data_size + scatter_chunk_waste'
    : '/proc/spl/kstat/zfs/arcstats size, at most what is left over: some of it lies in slab';
  return [{ name: 'ZFS cache', bytes: Math.min(arc.bytes, Math.max(0, rest)), source }];
}

/** A hint, not a line of the sum: how much of what is left over may be data in sockets, some of which lies in slab. */
function socketLines({ sockets }: BalanceInput, rest: number): BalanceLine[] {
  if (sockets === undefined) return [];
  return [
    {
      name: 'socket buffers, at most',
      bytes: Math.min(sockets, Math.max(0, rest)),
      source: '/proc/net/sockstat TCP mem + UDP mem + FRAG memory; a part of it may lie in slab',
      of: 'unaccounted',
    },
  ];
}

/** Lines that are shown even when there is nothing on them. */
const KEPT = new Set(['free', 'anonymous', 'file cache', 'shared memory', 'slab, reclaimable', 'slab, unreclaimable', 'page tables']);

function freeLines(input: BalanceInput): BalanceLine[] {
  const { pcp } = input;
  const free = need(input, 'MemFree');
  const source = pcp === undefined ? '/proc/meminfo MemFree (per-CPU lists not read)' : '/proc/meminfo MemFree + /proc/zoneinfo count';
  return [{ name: 'free', bytes: free + (pcp ?? 0), source }];
}

/** The pages of the LRU lists, told apart. What is neither file cache nor shared memory nor unmapped swap cache is anonymous. */
function userLines(input: BalanceInput): BalanceLine[] {
  const of = (field: string): number => input.meminfo[field] ?? 0;
  const isolated = ((input.vmstat?.['nr_isolated_anon'] ?? 0) + (input.vmstat?.['nr_isolated_file'] ?? 0)) * input.pageSize;
  const lru = onLists(input) + isolated;
  const shared = Math.min(lru, of('Shmem'));
  const file = Math.min(lru - shared, Math.max(0, of('Buffers') + of('Cached') - of('Shmem')));
  const beyond = lru - of('AnonPages') - of('Buffers') - of('Cached');
  const swapCache = Math.min(Math.max(0, beyond), of('SwapCached'), lru - shared - file);
  const anonymous = lru - shared - file - swapCache;
  const LRU = 'LRU = Active + Inactive + Unevictable + nr_isolated_*';
  return [
    { name: 'anonymous', bytes: anonymous, source: `/proc/meminfo: ${LRU}, less file cache, shared memory and swap cache` },
    { name: 'transparent huge pages', bytes: of('AnonHugePages'), source: '/proc/meminfo AnonHugePages', of: 'anonymous' },
    { name: 'file cache', bytes: file, source: '/proc/meminfo Buffers + Cached − Shmem' },
    { name: 'block device cache', bytes: of('Buffers'), source: '/proc/meminfo Buffers', of: 'file cache' },
    { name: 'shared memory', bytes: shared, source: '/proc/meminfo Shmem (tmpfs, System V, memfd, shared anonymous)' },
    {
      name: 'swap cache, unmapped',
      bytes: swapCache,
      source: `/proc/meminfo: ${LRU} − AnonPages − Buffers − Cached, at most SwapCached`,
    },
    {
      name: 'unevictable',
      bytes: of('Unevictable'),
      source: '/proc/meminfo Unevictable',
      of: 'anonymous, file cache, shared memory',
    },
  ];
}

/**
 * Pages of the LRU lists. Of a paste that was cut: by their halves, else what they hold for sure: a mapped page of the swap cache is
 * in AnonPages and SwapCached, so without the latter.
 */
function onLists(input: BalanceInput): number {
  const { meminfo } = input;
  const list = (name: string): number | undefined => {
    const [anon, file] = [meminfo[`${name}(anon)`], meminfo[`${name}(file)`]];
    return meminfo[name] ?? (anon === undefined || file === undefined ? undefined : anon + file);
  };
  const [active, inactive] = [list('Active'), list('Inactive')];
  if (active !== undefined && inactive !== undefined) return active + inactive + (meminfo['Unevictable'] ?? 0);
  if (meminfo['AnonPages'] === undefined || meminfo['Cached'] === undefined) return need(input, 'Active') + need(input, 'Inactive');
  return meminfo['AnonPages'] + meminfo['Cached'] + (meminfo['Buffers'] ?? 0);
}

function kernelLines(input: BalanceInput): BalanceLine[] {
  const { meminfo } = input;
  const of = (field: string): number => meminfo[field] ?? 0;
  const line = (name: string, field: string): BalanceLine => ({ name, bytes: of(field), source: `/proc/meminfo ${field}` });
  const counted = input.vmstat?.['nr_zspages'];
  const zspages = counted === undefined ? (input.zram ?? 0) : counted * input.pageSize;
  const pool = meminfo['Zswap'] ?? input.zswap ?? 0;
  // zswap on zsmalloc is within nr_zspages; a bigger Zswap is on zbud or z3fold, which nothing else counts
  const zswap = pool > zspages ? pool : 0;
  const halves = meminfo['SUnreclaim'] === undefined ? undefined : of('SReclaimable') + of('SUnreclaim');
  const slab = meminfo['Slab'] ?? halves ?? need(input, 'Slab');
  const reclaimable = Math.min(slab, of('SReclaimable'));
  return [
    { name: 'slab, reclaimable', bytes: reclaimable, source: '/proc/meminfo SReclaimable' },
    { name: 'slab, unreclaimable', bytes: slab - reclaimable, source: '/proc/meminfo Slab − SReclaimable' },
    {
      name: 'other reclaimable kernel memory',
      bytes: meminfo['KReclaimable'] === undefined ? 0 : Math.max(0, of('KReclaimable') - of('SReclaimable')),
      source: '/proc/meminfo KReclaimable − SReclaimable',
    },
    line('kernel stacks', 'KernelStack'),
    line('page tables', 'PageTables'),
    line('secondary page tables', 'SecPageTables'),
    line('per-CPU memory', 'Percpu'),
    {
      name: 'vmalloc',
      bytes: input.vmalloc ?? vmallocNet(meminfo),
      source: '/proc/meminfo VmallocUsed − KernelStack (kernel 5.4 and later); before, Σ pages of /proc/vmallocinfo',
    },
    {
      name: 'huge page pools',
      bytes: input.hugetlb,
      source: '/proc/meminfo Hugetlb, or Σ nr_hugepages × size of /sys/kernel/mm/hugepages',
    },
    {
      name: 'compressed memory (zram, zswap)',
      bytes: zspages + zswap,
      source: '/proc/vmstat nr_zspages (before 4.8 /sys/block/zram*/mem_used_total); /proc/meminfo Zswap where it is more',
    },
    {
      name: 'balloon',
      bytes: input.balloon,
      source: '/proc/meminfo Balloon, or /proc/vmstat balloon_inflate − balloon_deflate, or vmmemctl',
    },
    line('poisoned pages', 'HardwareCorrupted'),
    line('bounce buffers', 'Bounce'),
    line('GPU memory', 'GPUActive'),
    line('GPU memory, reclaimable', 'GPUReclaim'),
  ];
}

/**
 * VmallocUsed is a count of pages since 5.4 (where KReclaimable came as well), 0 from 4.4 to 4.19, and address space before; with
 * VMAP_STACK it holds the kernel stacks.
 */
function vmallocNet(meminfo: Readonly<Record<string, number>>): number {
  if (meminfo['KReclaimable'] === undefined) return 0;
  return Math.max(0, (meminfo['VmallocUsed'] ?? 0) - (meminfo['KernelStack'] ?? 0));
}

/**
 * A balloon that still is inside MemTotal: VMware’s, and virtio’s with deflate-on-oom. The others take the pages out of MemTotal,
 * which then is short of the present pages by as much: that decides where the driver’s features were not read.
 */
function balloonInside(view: View, sources: Sample['sources']): number {
  const held = balloonHeld(sources, view.pageSize) ?? 0;
  if (held === 0) return 0;
  const hypervisor = view.readings('environment').at(-1)?.data.hypervisor ?? '';
  if (sources.balloon?.vmware !== undefined || /vmware/i.test(hypervisor)) return held;
  if (sources.balloon?.hyperv !== undefined || sources.balloon?.xen !== undefined) return 0;
  const devices = sources.balloon?.virtio;
  if (devices) return devices.every(({ deflateOnOom }) => deflateOnOom) ? held : 0;
  const reserved = view.maybe(() => view.number('mem.reserved_bytes'));
  return reserved !== undefined && reserved < held ? held : 0;
}

function trustOf(input: BalanceInput, errorBytes: number): string {
  const bar = `Good to about ±${Math.round(errorBytes / MIB)} MiB: per-CPU counters lag, and pages on their way to the LRU lists are on no list.`;
  const gaps = [
    ...(input.pcp === undefined ? ['/proc/zoneinfo was not read, so free pages on per-CPU lists count as unaccounted'] : []),
    ...(input.vmstat === undefined ? ['/proc/vmstat was not read, so isolated pages count as unaccounted'] : []),
    ...(input.meminfo['KReclaimable'] === undefined && !input.vmalloc ? ['this kernel does not count vmalloc memory'] : []),
    ...(input.meminfo['Percpu'] === undefined ? ['nor per-CPU memory'] : []),
  ];
  if (gaps.length === 0) return bar;
  const [first = '', ...rest] = gaps;
  return `${bar} ${[first.charAt(0).toUpperCase() + first.slice(1), ...rest].join('; ')}.`;
}

function need({ meminfo }: Pick<BalanceInput, 'meminfo'>, field: string): number {
  const value = meminfo[field];
  if (value === undefined) throw new Unknown(`/proc/meminfo has no ${field}`);
  return value;
}
