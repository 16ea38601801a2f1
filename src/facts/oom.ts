import type { SourceData } from '../gather/snapshot.js';
import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

export type LogEvent = SourceData<'kernel-log'>['events'][number];

const LOSSY = 'the kernel log is a ring: earlier kills may be gone, so the counters outrank it';

/** What the OOM killer did. */
export default defineFacts({
  'oom.kills_boot': {
    title: 'Processes killed by the OOM killers since boot',
    unit: 'count',
    formula: 'oom_kill',
    validity: 'kernel 4.13 and later; kills at cgroup limits included',
    value: (view) => view.vmstat('oom_kill'),
  },
  'oom.d_kills': {
    title: 'Processes killed by the OOM killers in the sample',
    unit: 'count',
    formula: 'Δ oom_kill',
    validity: 'kernel 4.13 and later; kills at cgroup limits included',
    value: (view) => view.delta('oom_kill'),
  },
  'oom.log_kills': {
    title: 'Kills for want of memory on the host, in the kernel log',
    unit: 'count',
    formula: 'events “Out of memory: Killed process” of the kernel log',
    validity: LOSSY,
    value: (view) => countOf(view, 'oom-kill'),
  },
  'oom.log_memcg_kills': {
    title: 'Kills at cgroup limits, in the kernel log',
    unit: 'count',
    formula: 'events “Memory cgroup out of memory: Killed process” of the kernel log',
    validity: LOSSY,
    value: (view) => countOf(view, 'memcg-oom-kill'),
  },
  'oom.last_kill_age_s': {
    title: 'Time since the last OOM kill',
    unit: 's',
    formula: 'uptime − time stamp of the last OOM kill in the kernel log',
    validity: LOSSY,
    value: (view) => {
      const { time } = lastKill(view);
      if (time === null) throw new Unknown('the kernel log has no time stamp for the last OOM kill');
      return Math.max(0, view.number('sample.uptime') - time);
    },
  },
});

const KILLS = ['oom-kill', 'memcg-oom-kill'] as const;
/** Of the host as a whole, or at the limit of a cgroup. */
export type Kill = (typeof KILLS)[number];

/** The last OOM kill of the kernel log, of these kinds. @throws Unknown when it holds none. */
export function lastKill(view: View, kinds: readonly Kill[] = KILLS): LogEvent {
  const wanted = new Set<string>(kinds);
  const last = events(view)
    .filter(({ kind }) => wanted.has(kind))
    .at(-1);
  if (!last) throw new Unknown(`the kernel log holds no ${kinds.length > 1 ? 'OOM kill' : kinds.join()}`);
  return last;
}

function countOf(view: View, kind: LogEvent['kind']): number {
  return events(view)
    .filter((event) => event.kind === kind)
    .reduce((sum, event) => sum + event.count, 0);
}

function events(view: View): readonly LogEvent[] {
  const log = view.last('kernel-log');
  view.used(`kernel log (${log.from})`);
  return log.events;
}
