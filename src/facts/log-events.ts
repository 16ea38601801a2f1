import { defineFacts, Unknown } from './fact.js';
import type { LogEvent } from './oom.js';
import type { View } from './view.js';

const DAY = 86_400;
const LOSSY = 'the kernel log is a ring, and the kernel limits how often it says the same: there may have been more';

/** Events of the kernel log, by kind and age. */
export default defineFacts({
  'log.atomic_failures': {
    title: 'Failed single-page allocations that could not wait',
    unit: 'count',
    formula: 'events “page allocation failure: order:0” with GFP_ATOMIC',
    validity: LOSSY,
    value: (view) => counted(atomic(view)),
  },
  'log.atomic_failures_day': {
    title: 'Failed single-page allocations that could not wait, within 24 hours',
    unit: 'count',
    formula: 'log.atomic_failures with a time stamp not older than 86400 s',
    validity: LOSSY,
    value: (view) => counted(younger(view, DAY)),
  },
  'log.atomic_failures_sample': {
    title: 'Failed single-page allocations that could not wait, in the sample',
    unit: 'count',
    formula: 'log.atomic_failures with a time stamp within the sample',
    validity: LOSSY,
    value: (view) => counted(younger(view, view.number('sample.seconds'))),
  },
  'oom.last_global_kill_age_s': {
    title: 'Time since the host last ran out of memory',
    unit: 's',
    formula: 'uptime − time stamp of the last “Out of memory: Killed process”',
    validity: LOSSY,
    value: (view) => age(view, 'oom-kill'),
  },
  'oom.last_memcg_kill_age_s': {
    title: 'Time since the last kill at a cgroup limit',
    unit: 's',
    formula: 'uptime − time stamp of the last “Memory cgroup out of memory: Killed process”',
    validity: LOSSY,
    value: (view) => age(view, 'memcg-oom-kill'),
  },
});

function events(view: View): readonly LogEvent[] {
  const log = view.last('kernel-log');
  view.used(`kernel log (${log.from})`);
  return log.events;
}

const counted = (found: readonly LogEvent[]): number => found.reduce((sum, event) => sum + event.count, 0);

/** GFP_ATOMIC is printed by name since 4.6; before it the mask of it alone is 0x20. */
const atomic = (view: View): LogEvent[] =>
  events(view).filter(
    ({ kind, order, gfpMask }) => kind === 'allocation-failure' && order === 0 && /GFP_ATOMIC|^0x20$/.test(gfpMask ?? ''),
  );

function younger(view: View, seconds: number): LogEvent[] {
  const found = atomic(view);
  if (found.length === 0) return [];
  const since = view.number('sample.uptime') - seconds;
  return found.filter(({ time }) => time !== null && time >= since);
}

function age(view: View, kind: LogEvent['kind']): number {
  const last = events(view).findLast((event) => event.kind === kind);
  if (!last) throw new Unknown('the kernel log holds none');
  if (last.time === null) throw new Unknown('the kernel log has no time stamp for it');
  return Math.max(0, view.number('sample.uptime') - last.time);
}
