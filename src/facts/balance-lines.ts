/**
 * The balance sheet: every KiB of MemTotal on one line, the rest unaccounted. Built on the sums of the LRU lists, where each page
 * is once; AnonPages + Cached + SwapCached counts mapped pages of the swap cache twice and knows nothing of per-CPU free lists.
 */
import { Unknown } from './fact.js';
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
}

/** The sheet of the last sample (or of the first). @throws Unknown when /proc/meminfo is missing, or the view is mixed. */
export function balanceOf(view: View, which: 'first' | 'last' = 'last'): Balance {
  demandOneView(view);
  view.last('meminfo');
  const readings = view.readings('meminfo');
  const reading = which === 'last' ? readings.at(-1) : readings[0];
  if (!reading) throw new Unknown('meminfo was not read');
  const zones = reading.sample.sources.zoneinfo;
  const vmstat = reading.sample.sources.vmstat;
  for (const file of [
    '/proc/meminfo',
    ...(vmstat ? ['/proc/vmstat nr_isolated_*, nr_zspages'] : []),
    ...(zones ? ['/proc/zoneinfo count'] : []),
  ])
    view.used(file);
  return balanceSheet({
    pageSize: view.pageSize,
    meminfo: reading.data,
    vmstat,
    pcp: zones?.reduce((sum, zone) => sum + zone.pcp, 0),
    hugetlb: reading.data['Hugetlb'] ?? hugetlbBytes(view),
    balloon: vmstat ? balloonInside(view, reading.data, vmstat) : 0,
    drift: view.maybe(() => view.number('drift.bytes')),
  });
}

/** Adds up one sheet. Pure. @throws Unknown when a field is missing without which it makes no sense. */
export function balanceSheet(input: BalanceInput): Balance {
  const lines = [...freeLines(input), ...userLines(input), ...kernelLines(input)].filter((line) => line.bytes !== 0 || KEPT.has(line.name));
  const totalBytes = need(input, 'MemTotal');
  const sum = lines.reduce((all, line) => all + (line.of === undefined ? line.bytes : 0), 0);
  const errorBytes = (input.drift ?? 8 * MIB) + 4 * MIB + (input.pcp === undefined ? 32 * MIB : 0);
  return { totalBytes, lines, unaccountedBytes: totalBytes - sum, errorBytes, trust: trustOf(input, errorBytes) };
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
  const lru = need(input, 'Active') + need(input, 'Inactive') + of('Unevictable') + isolated;
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

function kernelLines(input: BalanceInput): BalanceLine[] {
  const { meminfo } = input;
  const of = (field: string): number => meminfo[field] ?? 0;
  const line = (name: string, field: string): BalanceLine => ({ name, bytes: of(field), source: `/proc/meminfo ${field}` });
  const zspages = (input.vmstat?.['nr_zspages'] ?? 0) * input.pageSize;
  // zswap on zsmalloc is within nr_zspages; a bigger Zswap is on zbud or z3fold, which nothing else counts
  const zswap = of('Zswap') > zspages ? of('Zswap') : 0;
  const slab = need(input, 'Slab');
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
    { name: 'vmalloc', bytes: vmallocNet(meminfo), source: '/proc/meminfo VmallocUsed − KernelStack (kernel 5.4 and later)' },
    {
      name: 'huge page pools',
      bytes: input.hugetlb,
      source: '/proc/meminfo Hugetlb, or Σ nr_hugepages × size of /sys/kernel/mm/hugepages',
    },
    {
      name: 'compressed memory (zram, zswap)',
      bytes: zspages + zswap,
      source: '/proc/vmstat nr_zspages; /proc/meminfo Zswap where it is more',
    },
    { name: 'balloon', bytes: input.balloon, source: '/proc/meminfo Balloon, or /proc/vmstat balloon_inflate − balloon_deflate' },
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
 * which then is short of the present pages by as much.
 */
function balloonInside(view: View, meminfo: Readonly<Record<string, number>>, vmstat: Readonly<Record<string, number>>): number {
  const held = meminfo['Balloon'] ?? Math.max(0, (vmstat['balloon_inflate'] ?? 0) - (vmstat['balloon_deflate'] ?? 0)) * view.pageSize;
  if (held === 0) return 0;
  const hypervisor = view.readings('environment').at(-1)?.data.hypervisor ?? '';
  if (/vmware/i.test(hypervisor)) return held;
  const reserved = view.maybe(() => view.number('mem.reserved_bytes'));
  return reserved !== undefined && reserved < held ? held : 0;
}

function trustOf(input: BalanceInput, errorBytes: number): string {
  const bar = `Good to about ±${Math.round(errorBytes / MIB)} MiB: per-CPU counters lag, and pages on their way to the LRU lists are on no list.`;
  const gaps = [
    ...(input.pcp === undefined ? ['/proc/zoneinfo was not read, so free pages on per-CPU lists count as unaccounted'] : []),
    ...(input.vmstat === undefined ? ['/proc/vmstat was not read, so isolated pages count as unaccounted'] : []),
    ...(input.meminfo['KReclaimable'] === undefined ? ['this kernel does not count vmalloc memory'] : []),
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
