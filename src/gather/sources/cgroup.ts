import { bytes, count, type Infer, list, map, nullable, oneOf, row, text } from '../../json-schema.js';
import { CGROUP_READS, collectCgroups } from '../cgroup/collect.js';
import { defineSource } from '../source.js';
import pressure from './pressure.js';

const group = row(
  { path: text('below the mount point; / is its root') },
  {
    current: bytes(),
    max: bytes('absent: no limit'),
    high: bytes('absent: no limit'),
    low: bytes('protected while others have unprotected memory'),
    min: bytes('never reclaimed'),
    swapCurrent: bytes('v1: memsw.usage − usage'),
    swapMax: bytes('absent: no limit; v1: memsw.limit − limit'),
    peak: bytes('since it was created'),
    kmem: bytes('v1: memory.kmem.usage_in_bytes; before 4.5 it is 0 unless the accounting was switched on for the group'),
    events: map(count(), 'since it was created, descendants with it; v1: max is failcnt'),
    stat: map(count(), 'memory.stat in v2 names: bytes, then event counts'),
    pressure: pressure.schema.properties.memory,
    effectiveMax: bytes('the least max of itself and its ancestors'),
  },
);

const schema = row({
  version: oneOf(['v1', 'v2', 'hybrid'], 'hybrid: the memory controller is in v1, and v2 is mounted as well'),
  mountpoint: text('of the hierarchy of the memory controller'),
  own: nullable(text('path of the cgroup that memdoctor is in')),
  live: count('cgroups below the root'),
  dying: nullable(count('removed cgroups that memory still belongs to')),
  walked: count('cgroups read, the root with them'),
  groups: list(group, 'those with a limit or a kill, the 50 largest, and the own chain: 300 at most'),
});

export type Cgroups = Infer<typeof schema>;
export type CgroupEntry = Cgroups['groups'][number];

/** Control groups of the memory controller, of either version: limits, usage, events, pressure; memory.stat of the largest only. */
export default defineSource({
  title: '/sys/fs/cgroup',
  docs: 'https://docs.kernel.org/admin-guide/cgroup-v2.html#memory',
  reads: ['proc/self/mountinfo', 'proc/self/cgroup', 'proc/cgroups', 'sys/fs/cgroup/*/memory.*'],
  cadence: 'full',
  paste: 'grep -r . /sys/fs/cgroup --include=memory.max --include=memory.high --include=memory.current --include=memory.events',
  collector: CGROUP_READS,
  schema,
  collect: collectCgroups,
});
