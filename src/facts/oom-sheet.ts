/** Where the memory was at a moment: the figures of its report put on lines that add up. Pure. */
import type { Moment } from '../gather/kernel-log/schema.js';
import { atLimit, ramFrom, ramOf, sizeOf, sum } from './oom-moment.js';

/** The names that facts ask for. */
export type SheetKey =
  | 'anon'
  | 'shmem'
  | 'file'
  | 'unevictable'
  | 'slab_reclaimable'
  | 'slab_unreclaimable'
  | 'pagetables'
  | 'kernel_stack'
  | 'kernel'
  | 'hugetlb'
  | 'free'
  | 'other';

export interface SheetLine {
  readonly key: SheetKey;
  readonly name: string;
  readonly bytes: number;
  /** The fields of the report that it was made from. */
  readonly source: string;
}

/** Sizes in bytes. Of the host, or of the cgroup whose limit was met. */
export interface OomSheet {
  readonly of: 'host' | 'cgroup';
  readonly totalBytes: number;
  readonly totalSource: string;
  readonly lines: readonly SheetLine[];
  /** The total less the lines; below zero when lines share pages. */
  readonly unaccountedBytes: number;
  /** Lines that this kernel does not print, or the log lost: they are part of what is unaccounted. */
  readonly missing: readonly string[];
}

/** The sheet of a moment; null when the log does not show enough of it. */
export function sheetOf(moment: Moment): OomSheet | null {
  return atLimit(moment) ? cgroupSheet(moment) : hostSheet(moment);
}

const SOURCES = {
  pages: 'pages RAM − pages reserved',
  zones: 'Σ managed of the zones',
  counted: 'Σ of the pages that Mem-Info counts (at least that)',
} as const;

type Row = readonly [key: SheetKey, name: string, bytes: number | undefined, source: string];

function balanced(of: OomSheet['of'], totalBytes: number, totalSource: string, rows: readonly Row[]): OomSheet {
  const lines = rows.flatMap(([key, name, bytes, source]) => (bytes === undefined ? [] : [{ key, name, bytes, source }]));
  const missing = rows.filter(([, name, bytes]) => bytes === undefined && !OPTIONAL.has(name)).map(([, name]) => name);
  const held = lines.reduce((total, { bytes }) => total + bytes, 0);
  return { of, totalBytes, totalSource, lines: lines.filter(({ bytes }) => bytes > 0), unaccountedBytes: totalBytes - held, missing };
}

/** Not every kernel has them; a report without them has none. */
const OPTIONAL: ReadonlySet<string> = new Set([
  'other reclaimable kernel memory',
  'hardware-poisoned',
  'bounce buffers',
  'free, on per-CPU lists',
  'compressed swap',
  'vmalloc',
  'other kernel memory',
]);

/**
 * Pages of shmem are swap-backed: they are on the anonymous lists, or on the unevictable one when locked (mm/swap.c), and
 * not on those of files.
 */
function hostSheet(moment: Moment): OomSheet | null {
  const total = ramOf(moment);
  const free = sizeOf(moment, 'free') ?? sum(moment.zones, (zone) => zone.free);
  if (total === undefined || total === 0 || free === undefined) return null;
  const size = (...names: string[]): number | undefined => sizeOf(moment, ...names);
  const anonLists = plus(size('active_anon'), size('inactive_anon'), size('isolated_anon', 'isolated(anon)') ?? 0);
  const shmem = size('shmem');
  const onAnon = Math.min(shmem ?? 0, anonLists ?? 0);
  const unevictable = size('unevictable');
  const lists = plus(size('active'), size('inactive'));
  const cached = moment.totals['pagecache'];
  const old = anonLists === undefined && lists !== undefined;
  // the zones of a log that was cut, or of the nodes allowed, are not all of RAM
  const partial = moment.totals['ram'] === undefined && ((anonLists ?? lists ?? 0) + free > total || bound(moment));
  if (partial) return null;
  const tables = size('pagetables');
  const pools = moment.hugepages.length > 0 ? moment.hugepages.reduce((all, pool) => all + pool.size * pool.total, 0) : undefined;
  const source = SOURCES[ramFrom(moment) ?? 'zones'];
  const rows: Row[] = [
    old
      ? cached === undefined
        ? ['other', 'anonymous and file pages', lists, 'active + inactive']
        : ['anon', 'anonymous', less(lists, cached), 'active + inactive − pagecache']
      : ['anon', 'anonymous', less(anonLists, onAnon), 'active_anon + inactive_anon + isolated_anon − shmem'],
    ['shmem', 'shared memory and tmpfs', shmem, 'shmem'],
    ...(old
      ? [['file', 'file cache', cached, 'pagecache'] as const].filter(() => cached !== undefined)
      : [
          [
            'file',
            'file cache',
            plus(size('active_file'), size('inactive_file'), size('isolated_file', 'isolated(file)') ?? 0),
            'active_file + inactive_file + isolated_file',
          ] as const,
        ]),
    [
      'unevictable',
      'unevictable (locked)',
      less(unevictable, (shmem ?? 0) - onAnon),
      'unevictable, less the shmem that no anonymous list can hold',
    ],
    ['slab_reclaimable', 'slab, reclaimable', size('slab_reclaimable'), 'slab_reclaimable'],
    ['slab_unreclaimable', 'slab, unreclaimable', size('slab_unreclaimable', 'slab'), 'slab_unreclaimable'],
    ['other', 'other reclaimable kernel memory', size('kernel_misc_reclaimable'), 'kernel_misc_reclaimable'],
    ['pagetables', 'page tables', tables === undefined ? undefined : tables + (size('sec_pagetables') ?? 0), 'pagetables + sec_pagetables'],
    ['kernel_stack', 'kernel stacks', size('kernel_stack'), 'kernel_stack of the nodes or zones'],
    ['hugetlb', 'huge page pools', pools, 'Σ hugepages_total × hugepages_size'],
    ['other', 'bounce buffers', size('bounce'), 'bounce'],
    ['other', 'hardware-poisoned', size('hwpoisoned'), 'pages hwpoisoned'],
    ['free', 'free', free, 'free'],
    ['free', 'free, on per-CPU lists', size('free_pcp'), 'free_pcp'],
  ];
  return balanced('host', total, source, rows);
}

const bound = ({ constraint }: Moment): boolean => constraint === 'CONSTRAINT_CPUSET' || constraint === 'CONSTRAINT_MEMORY_POLICY';

/** Of the cgroup by its statistics: v2 (memory.stat), or v1, whose lines each tell of one group alone when not of its total. */
function cgroupSheet({ memcg }: Moment): OomSheet | null {
  const total = memcg?.limit ?? memcg?.usage;
  const stats = memcg === undefined ? undefined : statsOf(memcg);
  if (memcg === undefined || total === undefined || total === 0 || stats === undefined) return null;
  const v1 = stats['anon'] === undefined;
  const shmem = stats['shmem'];
  const cache = v1 ? stats['cache'] : stats['file'];
  const parts = ['slab', 'kernel_stack', 'pagetables', 'percpu', 'vmalloc'] as const;
  const known = parts.reduce((all, part) => all + (stats[part] ?? 0), 0);
  const kernel = stats['kernel'] ?? (v1 ? memcg.kmemUsage : undefined);
  const rows: Row[] = [
    ['anon', 'anonymous', v1 ? stats['rss'] : stats['anon'], v1 ? 'rss' : 'anon'],
    ['shmem', 'shared memory and tmpfs', shmem, 'shmem'],
    ['file', 'file cache', less(cache, shmem ?? 0), v1 ? 'cache − shmem' : 'file − shmem'],
    ['slab_reclaimable', 'slab, reclaimable', stats['slab_reclaimable'], 'slab_reclaimable'],
    ['slab_unreclaimable', 'slab, unreclaimable', stats['slab_unreclaimable'] ?? stats['slab'], 'slab_unreclaimable'],
    ['kernel_stack', 'kernel stacks', stats['kernel_stack'], 'kernel_stack'],
    ['pagetables', 'page tables', plus(stats['pagetables'], stats['sec_pagetables'] ?? 0), 'pagetables + sec_pagetables'],
    ['kernel', 'per-CPU data', stats['percpu'], 'percpu'],
    ['kernel', 'vmalloc', stats['vmalloc'], 'vmalloc'],
    ['kernel', 'other kernel memory', less(kernel, known), v1 ? 'kmem usage' : 'kernel, less its parts above'],
    ['kernel', 'socket buffers', stats['sock'], 'sock'],
    ['other', 'compressed swap', stats['zswap'], 'zswap'],
    ['free', 'not used', Math.max(0, total - (memcg.usage ?? total)), 'limit − usage'],
  ];
  return balanced('cgroup', total, memcg.limit === undefined ? 'usage' : 'limit', rows);
}

/** The statistics of the whole cgroup: its own when they are hierarchical, else the sum of all that were printed (v1 before 5.2). */
function statsOf({ groups = [] }: NonNullable<Moment['memcg']>): Record<string, number> | undefined {
  const first = groups[0]?.stats;
  if (first === undefined || Object.keys(first).length === 0) return undefined;
  if (first['anon'] !== undefined) return first;
  if (first['total_rss'] !== undefined)
    return Object.fromEntries(
      Object.entries(first)
        .filter(([name]) => name.startsWith('total_'))
        .map(([name, value]) => [name.slice(6), value]),
    );
  const all: Record<string, number> = {};
  for (const { stats = {} } of groups) for (const [name, value] of Object.entries(stats)) all[name] = (all[name] ?? 0) + value;
  return all;
}

const plus = (...parts: readonly (number | undefined)[]): number | undefined => sum(parts, (part) => part);

const less = (whole: number | undefined, part: number): number | undefined =>
  whole === undefined ? undefined : Math.max(0, whole - Math.max(0, part));

/** What the lines of these keys hold; undefined when the sheet has none of them and says that one is missing. */
export function heldBy(sheet: OomSheet, ...keys: readonly SheetKey[]): number {
  return sheet.lines.filter(({ key }) => keys.includes(key)).reduce((total, { bytes }) => total + bytes, 0);
}
