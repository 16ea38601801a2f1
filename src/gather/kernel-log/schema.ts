import { boolean, bytes, count, type Infer, list, map, nullable, number, oneOf, row, seconds, text } from '../../json-schema.js';

/** What the kernel log says happened. The first eight names are a contract of the report. */
export const EVENT_KINDS = [
  'oom-kill',
  'memcg-oom-kill',
  'oom-no-victim',
  'allocation-failure',
  'allocation-stall',
  'userspace-kill',
  'hardware-error',
  'vm-enough-memory',
  'slub-failure',
  'vmalloc-failure',
  'percpu-failure',
  'cma-failure',
  'eviction',
  'tcp-out-of-memory',
  'hung-task',
  'soft-lockup',
  'reaper-stuck',
  'drop-caches',
  'hotplug',
  'balloon',
  'swap-error',
  'bad-page',
  'kmemleak',
  'kernel-bug',
] as const;

const size = nullable(number('bytes; null: not printed'));

const victim = row({
  name: text(),
  pid: nullable(count()),
  totalVmBytes: size,
  anonRssBytes: size,
  fileRssBytes: size,
  shmemRssBytes: size,
  oomScoreAdj: nullable(number()),
});

const event = row(
  {
    kind: oneOf(EVENT_KINDS),
    time: nullable(seconds('since boot; of the last when several are folded')),
    text: text('the line that says it best, cut'),
    count: count('of alike ones that were folded'),
  },
  {
    wallTime: text('ISO 8601, with the zone when the log names it: of the last when several are folded'),
    firstTime: seconds('since boot: of the first of those folded'),
    order: number('of the allocation: 2^order pages; -1: asked for by SysRq'),
    gfpMask: text('as printed'),
    constraint: text('CONSTRAINT_NONE, CONSTRAINT_MEMCG, …'),
    cgroup: text('whose limit was met, or that was killed'),
    trigger: row({ name: text('whose allocation it was'), pid: nullable(count()) }),
    victims: list(victim),
    program: text('the user-space program that acted: earlyoom, systemd-oomd, kubelet, …'),
    subsystem: text('of the kernel that asked, by the call trace: net, xfs, usb, …'),
    device: text('driver and device that the line names'),
    bytes: bytes('asked for, lost or freed'),
    seconds: seconds('that it was stalled or blocked'),
    harmless: text('why it needs no action; absent: it may'),
    report: count('index into reports: the memory at that moment'),
  },
);

const zone = row(
  { node: count(), zone: text(), free: bytes(), min: bytes(), low: bytes(), high: bytes() },
  {
    boost: bytes(),
    present: bytes(),
    managed: bytes(),
    unreclaimable: boolean('all_unreclaimable'),
    values: map(bytes(), 'the other sizes of the line, by name: active_anon, writepending, free_cma, …'),
    reserves: list(bytes(), 'lowmem_reserve: what an allocation that could use zone i must leave here'),
    freeLists: list(
      row({
        size: bytes('of a block'),
        blocks: count(),
        types: text('M movable, U unmovable, E reclaimable, H highatomic, C CMA, I isolated'),
      }),
    ),
  },
);

const task = row(
  { name: text(), pid: nullable(count()), rss: bytes(), swap: bytes('swap entries') },
  {
    uid: nullable(count()),
    tgid: nullable(count()),
    totalVm: bytes(),
    anon: bytes(),
    file: bytes(),
    shmem: bytes(),
    pageTables: bytes(),
    oomScoreAdj: number('oom_score_adj, or oom_adj scaled to it where the table has that only'),
  },
);

const taskTable = row({
  count: count('rows read'),
  columns: list(text(), 'the names of its columns'),
  top: list(task, 'the largest by rss + swap, at most 40'),
  groups: list(
    row({ name: text(), count: count(), rss: bytes(), anon: nullable(bytes()), swap: bytes(), pageTables: bytes() }),
    'by name, the largest 20 by rss + swap',
  ),
  totals: row({
    rss: bytes(),
    anon: nullable(bytes()),
    file: nullable(bytes()),
    shmem: nullable(bytes()),
    swap: bytes(),
    pageTables: bytes(),
  }),
  protected: count('rows with oom_score_adj −1000'),
});

const cgroupUse = row(
  { path: text() },
  { stats: map(number(), 'memory.stat in bytes (v2) or the line “Memory cgroup stats for” (v1) in bytes; counters as counted') },
);

const limit = row(
  {},
  {
    path: text('whose limit was met; /-rooted'),
    taskPath: text('of the task that was chosen, or that asked'),
    unit: text('the systemd unit or scope in the path'),
    pod: text('the Kubernetes pod’s uid'),
    container: text('the container’s id'),
    usage: bytes(),
    limit: bytes(),
    failcnt: count(),
    swapUsage: bytes('v2: swap, v1: memory+swap'),
    swapLimit: bytes(),
    kmemUsage: bytes(),
    kmemLimit: bytes(),
    groups: list(cgroupUse, 'the group itself first, then those below that were printed, at most 50'),
  },
);

/** The memory at the moment of an OOM kill, an allocation failure or a stall, as show_mem() and dump_tasks() print it. */
const moment = row(
  {
    kind: oneOf(['oom-kill', 'memcg-oom-kill', 'oom-no-victim', 'allocation-failure', 'allocation-stall', 'memory-dump']),
    time: nullable(seconds('since boot')),
    pageSize: nullable(bytes('by the smallest block of the free lists')),
    trace: list(text(), 'functions of the call trace, innermost first, at most 40'),
    zones: list(zone),
    nodes: list(row({ node: count(), values: map(bytes()), unreclaimable: nullable(boolean()) }), 'the per-node lines since 4.8'),
    totals: map(
      bytes(),
      'the host’s sizes: of Mem-Info (active_anon, slab_unreclaimable, pagetables, shmem, …), pagecache, swap_cache, swap_free, swap_total, ram, highmem, reserved, cma, hwpoisoned',
    ),
    hugepages: list(row({ node: count(), size: bytes(), total: count(), free: count(), surplus: count() })),
    slabs: list(row({ name: text(), used: bytes(), total: bytes() }), '“Unreclaimable slab info”, the largest 40'),
    complete: row({ head: boolean('its first line is there'), tail: boolean('its last line is there') }),
  },
  {
    asked: boolean('somebody asked for it: SysRq m'),
    wallTime: text(),
    kernel: text('release, by the line “CPU: … Comm: …”'),
    hardware: text('“Hardware name”'),
    bits: count('of an address in the call trace: 32 or 64'),
    trigger: row({ name: text(), pid: nullable(count()) }, { oomScoreAdj: number(), cgroup: text('cpuset=') }),
    order: number(),
    gfpMask: text('as printed'),
    gfpFlags: list(text(), 'by name: as printed, or decoded by the bits of that kernel’s era'),
    constraint: text(),
    constraintFrom: oneOf(['line', 'nodemask', 'call trace', 'cgroup lines']),
    nodemask: text(),
    cpuset: text(),
    memsAllowed: text(),
    globalOom: boolean('oom-kill: line says global_oom'),
    memcg: limit,
    tasks: taskTable,
    victims: list(victim),
    chosenScore: number('score of “Kill process P (C) score S”'),
    sacrificed: boolean('a child was killed in place of the one chosen: “or sacrifice child”, and the kill names another'),
    groupKill: boolean('memory.oom.group'),
    allocatingTask: boolean('vm.oom_kill_allocating_task'),
    reaped: list(row({ name: text(), pid: count() }, { anonRssBytes: bytes(), fileRssBytes: bytes(), shmemRssBytes: bytes() })),
    panic: text('the line of the panic that followed'),
  },
);

export const kernelLogSchema = row(
  {
    from: text('how the lines are written'),
    lines: count(),
    firstTime: nullable(seconds('since boot: the ring may have lost what was before')),
    lastTime: nullable(seconds('since boot')),
    events: list(event, 'in the order of the log, the last 200'),
  },
  {
    firstWallTime: text('ISO 8601'),
    lastWallTime: text('ISO 8601'),
    bootWallTime: text('ISO 8601: when lines with both clocks tell it'),
    boots: count('that the log holds, when more than one'),
    dropped: count('events before the 200 kept'),
    kernel: text('release, by “Linux version” or a “CPU: … PID:” line'),
    kills: map(count(), 'kills by the kernel in all of the log, by name of the victim'),
    totals: map(count(), 'events in all of the log, by kind'),
    reports: list(moment, 'the last 12 of the moments for which the log shows the memory'),
  },
);

export type KernelLog = Infer<typeof kernelLogSchema>;
export type LogEvent = KernelLog['events'][number];
export type Victim = NonNullable<LogEvent['victims']>[number];
export type Moment = NonNullable<KernelLog['reports']>[number];
export type EventKind = LogEvent['kind'];
