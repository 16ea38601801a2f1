import { boolean, bytes, count, type Infer, list, map, nullable, number, row, seconds, text } from '../../json-schema.js';
import { PROCESS_READS, walkProcesses } from '../processes/walk.js';
import { defineSource } from '../source.js';

const group = row(
  { name: text('chosen by the process'), count: count(), anon: bytes(), swap: bytes() },
  { pss: bytes('when it was read for all of them') },
);

const process = row(
  {
    pid: count(),
    name: text('chosen by the process'),
    state: text('R S D Z T …'),
    startSeconds: seconds('since boot'),
    threads: count(),
    anon: bytes(),
    file: bytes('with shared memory on kernels that do not tell them apart'),
    shmem: bytes(),
    swap: bytes(),
    pte: bytes('page tables'),
    locked: bytes(),
    hugetlb: nullable(bytes('null before 4.4')),
    hwm: bytes('the most RSS it ever had'),
    vsize: bytes(),
    minflt: count('since it began'),
    majflt: count('since it began'),
    oomScoreAdj: nullable(number('-1000..1000')),
    cgroup: nullable(text('path in the hierarchy of the memory controller')),
  },
  {
    command: text('cut at 200 characters, secrets masked; of the largest only'),
    pss: bytes('of the largest only'),
    pinned: bytes('VmPin, since 3.1'),
    data: bytes('VmData: address space for data, touched or not'),
    limits: row(
      {},
      { addressSpace: bytes(), data: bytes(), locked: bytes(), resident: bytes('without effect since 2.4'), openFiles: count() },
      'soft limits; one that is not set is missing',
    ),
  },
);

const holder = row(
  { pid: count(), name: text('chosen by the process') },
  {
    fdSize: count('slots in its table of open files: no fewer than are open'),
    pinned: bytes('VmPin'),
    open: count('open files'),
    kinds: map(
      count(),
      'open files by kind: pipe, socket, eventfd, eventpoll, io_uring, perf_event, bpf-map, memfd, deleted-in-memory, file …',
    ),
    sockets: list(count('inode'), 'the first 200'),
  },
);

const schema = row(
  {
    visible: count('processes that could be read, kernel threads with them'),
    threads: count(),
    states: map(count(), 'processes by state'),
    anon: bytes('sum over all; pages shared after a fork count in each'),
    file: bytes(),
    shmem: bytes(),
    swap: bytes(),
    pageTables: bytes(),
    groups: list(group, 'of one name, the 40 largest by anon + swap'),
    top: list(process, 'the 100 largest by anon + shmem + swap, without kernel threads'),
  },
  {
    daemons: list(text(), 'of those that act when memory gets short, or change its settings: systemd-oomd, earlyoom, tuned …'),
    fdSlots: count('Σ FDSize of all processes'),
    holders: list(holder, 'the largest, and those with most open files or pinned memory: they may hold memory of the kernel'),
    blocked: list(
      row({ pid: count(), name: text('chosen by the process'), kernelThread: boolean() }, { wchan: text('the function it waits in') }),
      'that wait uninterruptibly, the first 32',
    ),
    reclaimers: list(
      row(
        { pid: count(), name: text('kswapd0, kcompactd0, khugepaged …'), state: text('R S D …'), cpu: seconds('CPU time since it began') },
        { cpuPct: number('of one CPU, as top said it of its last interval, or ps of all the time since it began') },
      ),
      'kernel threads that reclaim and compact memory',
    ),
    estimated: { type: 'boolean', const: true, description: 'anon is resident − shared: the kernel has no RssAnon' } as const,
  },
);

export type Processes = Infer<typeof schema>;
export type ProcessEntry = Processes['top'][number];

/** Every process: sums, groups of one name, and the largest. The command line and Pss of the very largest are read last: they may block. */
export default defineSource({
  title: '/proc/PID',
  docs: 'https://docs.kernel.org/filesystems/proc.html#process-specific-subdirectories',
  reads: [
    'proc/*/stat',
    'proc/*/status',
    'proc/*/statm',
    'proc/*/oom_score_adj',
    'proc/*/cgroup',
    'proc/*/limits',
    'proc/*/fd.links',
    'proc/*/wchan',
    'proc/*/cpu.pct',
    'proc/*/cmdline',
    'proc/*/smaps_rollup',
  ],
  cadence: 'full',
  paste: 'ps aux --sort=-rss',
  collector: PROCESS_READS,
  schema,
  collect: walkProcesses,
});
