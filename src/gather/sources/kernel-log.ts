import { count, type Infer, list, nullable, number, oneOf, row, seconds, text } from '../../json-schema.js';
import { readLog } from '../kernel-log/read.js';
import { defineSource } from '../source.js';

const size = nullable(number('bytes'));

const victim = row({
  name: text(),
  pid: nullable(count()),
  totalVmBytes: size,
  anonRssBytes: size,
  fileRssBytes: size,
  shmemRssBytes: size,
  oomScoreAdj: nullable(number()),
});

export const EVENT_KINDS = [
  'oom-kill',
  'memcg-oom-kill',
  'oom-no-victim',
  'allocation-failure',
  'allocation-stall',
  'userspace-kill',
  'hardware-error',
  'vm-enough-memory',
] as const;

const event = row(
  {
    kind: oneOf(EVENT_KINDS),
    time: nullable(seconds('since boot; of the last when several are folded')),
    text: text('the line that says it best, cut'),
    count: count('of alike ones that were folded'),
  },
  {
    order: number('of the allocation: 2^order pages; -1: asked for by SysRq'),
    gfpMask: text('as printed'),
    constraint: text('CONSTRAINT_NONE, CONSTRAINT_MEMCG, …'),
    cgroup: text('whose limit was met'),
    trigger: row({ name: text('whose allocation it was'), pid: nullable(count()) }),
    victims: list(victim),
  },
);

const schema = row({
  from: text('how the lines are written'),
  lines: count(),
  firstTime: nullable(seconds('since boot: the ring may have lost what was before')),
  lastTime: nullable(seconds('since boot')),
  events: list(event, 'in the order of the log, the last 200'),
});

export type KernelLog = Infer<typeof schema>;
export type LogEvent = KernelLog['events'][number];
export type Victim = NonNullable<LogEvent['victims']>[number];

/** The kernel log: what it says happened to memory. It is lossy (a ring that is overwritten): counters outrank it. */
export default defineSource({
  title: 'kernel log',
  docs: 'https://docs.kernel.org/admin-guide/sysctl/kernel.html#printk',
  reads: ['kernel-log.txt'],
  cadence: 'last',
  limits: { maxBytes: 16 * 1024 * 1024, deadlineMs: 3000 },
  schema,
  parse: readLog,
});
