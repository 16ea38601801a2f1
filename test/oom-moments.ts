/** Hand-made moments of the kernel log. */
import type { KernelLog, Moment } from '../src/gather/kernel-log/schema.js';

export const [MIB, GIB] = [1 << 20, 1 << 30];

type Zone = Moment['zones'][number];
type Task = NonNullable<Moment['tasks']>['top'][number];

/** A zone with marks of 2 %; sizes in MiB. */
export const zone = (name: string, managed: number, free: number, more: Partial<Zone> = {}): Zone => ({
  node: 0,
  zone: name,
  free: free * MIB,
  min: managed * 0.02 * MIB,
  low: managed * 0.025 * MIB,
  high: managed * 0.03 * MIB,
  present: managed * MIB,
  managed: managed * MIB,
  ...more,
});

export const task = (name: string, pid: number, rss: number, more: Partial<Task> = {}): Task => ({
  name,
  pid,
  rss: rss * MIB,
  swap: 0,
  pageTables: 0,
  oomScoreAdj: 0,
  ...more,
});

export function table(...top: Task[]): NonNullable<Moment['tasks']> {
  const groups = new Map<string, { name: string; count: number; rss: number; anon: null; swap: number; pageTables: number }>();
  for (const { name, rss, swap } of top) {
    const group = groups.get(name) ?? { name, count: 0, rss: 0, anon: null, swap: 0, pageTables: 0 };
    groups.set(name, { ...group, count: group.count + 1, rss: group.rss + rss, swap: group.swap + swap });
  }
  return {
    count: top.length,
    columns: ['pid', 'uid', 'tgid', 'total_vm', 'rss', 'pgtables_bytes', 'swapents', 'oom_score_adj', 'name'],
    top,
    groups: [...groups.values()],
    totals: {
      rss: top.reduce((sum, { rss }) => sum + rss, 0),
      anon: null,
      file: null,
      shmem: null,
      swap: top.reduce((sum, { swap }) => sum + swap, 0),
      pageTables: 0,
    },
    protected: top.filter(({ oomScoreAdj }) => oomScoreAdj === -1000).length,
  };
}

export const victim = (name: string, pid: number, rss: number, oomScoreAdj = 0) => ({
  name,
  pid,
  totalVmBytes: rss * 2 * MIB,
  anonRssBytes: rss * MIB,
  fileRssBytes: 0,
  shmemRssBytes: 0,
  oomScoreAdj,
});

/** A host of 1000 MiB that anonymous memory has filled; no swap. Sizes of `totals` in MiB. */
export function moment(more: Partial<Moment> = {}, totals: Record<string, number> = {}): Moment {
  const sizes = {
    active_anon: 100,
    inactive_anon: 750,
    isolated_anon: 0,
    active_file: 4,
    inactive_file: 6,
    isolated_file: 0,
    unevictable: 2,
    slab_reclaimable: 12,
    slab_unreclaimable: 30,
    shmem: 10,
    pagetables: 8,
    kernel_stack: 5,
    free: 15,
    free_pcp: 1,
    swap_total: 0,
    swap_free: 0,
    ram: 1040,
    reserved: 40,
    ...totals,
  };
  return {
    kind: 'oom-kill',
    time: 500,
    pageSize: 4096,
    trace: [],
    zones: [zone('DMA32', 1000, 15, { reserves: [0, 0, 0, 0, 0] })],
    nodes: [],
    totals: Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, size * MIB])),
    hugepages: [{ node: 0, size: 2 * MIB, total: 0, free: 0, surplus: 0 }],
    slabs: [],
    complete: { head: true, tail: true },
    trigger: { name: 'brewer', pid: 71 },
    order: 0,
    gfpMask: '0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO)',
    gfpFlags: ['GFP_HIGHUSER_MOVABLE', '__GFP_COMP', '__GFP_ZERO'],
    constraint: 'CONSTRAINT_NONE',
    ...more,
  };
}

export const LIMITED: NonNullable<Moment['memcg']> = {
  path: '/system.slice/mill.service',
  unit: 'mill.service',
  usage: 64 * MIB,
  limit: 64 * MIB,
  failcnt: 9,
  swapUsage: 0,
  swapLimit: 0,
  groups: [
    {
      path: '/system.slice/mill.service',
      stats: { anon: 40 * MIB, file: 12 * MIB, shmem: 8 * MIB, kernel: 4 * MIB, pagetables: MIB, slab: 2 * MIB, sock: 0 },
    },
  ],
};

export const log = (reports: Moment[], more: Partial<KernelLog> = {}): KernelLog => ({
  from: 'dmesg',
  lines: 100,
  firstTime: 0,
  lastTime: 600,
  events: [],
  reports,
  ...more,
});
