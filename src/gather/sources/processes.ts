import { bytes, count, type Infer, list, map, nullable, number, row, seconds, text } from '../../json-schema.js';
import { walkProcesses } from '../processes/walk.js';
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
  { command: text('cut at 200 characters, secrets masked; of the largest only'), pss: bytes('of the largest only') },
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
  { estimated: { type: 'boolean', const: true, description: 'anon is resident − shared: the kernel has no RssAnon' } as const },
);

export type Processes = Infer<typeof schema>;
export type ProcessEntry = Processes['top'][number];

/** Every process: sums, groups of one name, and the largest. The command line and Pss of the very largest are read last: they may block. */
export default defineSource({
  title: '/proc/PID',
  docs: 'https://docs.kernel.org/filesystems/proc.html#process-specific-subdirectories',
  reads: ['proc/*/stat', 'proc/*/status', 'proc/*/statm', 'proc/*/oom_score_adj', 'proc/*/cgroup', 'proc/*/cmdline', 'proc/*/smaps_rollup'],
  cadence: 'full',
  schema,
  collect: walkProcesses,
});
