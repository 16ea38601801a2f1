import type { SourceData } from '../gather/snapshot.js';
import { defineFacts, type FactDefinition, Unknown } from './fact.js';
import type { View } from './view.js';

type Threads = NonNullable<SourceData<'processes'>['reclaimers']>;

/** Less uptime than this makes no average. */
const SHORTEST = 600;

/** How much CPU the kernel threads use that reclaim and compact memory: the busiest of each kind. */
export default defineFacts({
  'reclaim.kswapd_cpu_pct': now('kswapd', 'kswapd'),
  'reclaim.kswapd_cpu_boot_pct': sinceBoot('kswapd', 'kswapd'),
  'reclaim.khugepaged_cpu_pct': now('khugepaged', 'khugepaged'),
  'reclaim.khugepaged_cpu_boot_pct': sinceBoot('khugepaged', 'khugepaged'),
  'compact.kcompactd_cpu_pct': now('kcompactd', 'kcompactd'),
  'reclaim.kswapd_waits': {
    title: 'A kswapd waits uninterruptibly',
    unit: 'boolean',
    formula: 'state D of a kswapd, in all samples',
    validity: 'for a disk, mostly',
    value: (view) =>
      threads(view, -1, 'kswapd').some(
        ({ pid, state }) => state === 'D' && threads(view, 0, 'kswapd').some((before) => before.pid === pid && before.state === 'D'),
      ),
  },
});

function now(prefix: string, name: string): FactDefinition {
  return {
    title: `CPU time of ${name}, the busiest one`,
    unit: '%',
    formula: `100 × Δ(utime + stime) of ${name} / Δt; of one screen of top or ps: %CPU`,
    validity: '100 is one CPU; ps prints the average since boot',
    reference: 'https://docs.kernel.org/filesystems/proc.html#process-specific-subdirectories',
    value: (view) => Math.max(...shares(view, prefix)),
  };
}

function sinceBoot(prefix: string, name: string): FactDefinition {
  return {
    title: `CPU time of ${name} since boot, the busiest one`,
    unit: '%',
    formula: `100 × (utime + stime) of ${name} / uptime`,
    validity: 'at least 10 minutes of uptime; 100 is one CPU',
    value: (view) => {
      const uptime = view.number('sample.uptime');
      if (uptime < SHORTEST) throw new Unknown(`the host is up for ${uptime} s only`);
      const times = threads(view, -1, prefix).map(({ cpu }) => cpu);
      return Math.min(100, (100 * Math.max(...times)) / uptime);
    },
  };
}

/** The share of each thread, by two samples where there are two, else as a tool printed it. @throws Unknown */
function shares(view: View, prefix: string): number[] {
  const last = threads(view, -1, prefix);
  const pair = view.maybe(() => view.pair('processes'));
  const before = new Map((pair?.first.reclaimers ?? []).map((thread) => [thread.pid, thread]));
  const found = last.flatMap(({ pid, cpu, cpuPct }) => {
    const earlier = before.get(pid);
    if (pair && earlier && cpu >= earlier.cpu) return [(100 * (cpu - earlier.cpu)) / pair.seconds];
    return cpuPct === undefined ? [] : [cpuPct];
  });
  if (found.length === 0) throw new Unknown(`the CPU time of ${prefix} is known at one moment only`);
  return found;
}

function threads(view: View, at: number, prefix: string): Threads {
  view.last('processes');
  const found = (view.readings('processes').at(at)?.data.reclaimers ?? []).filter(({ name }) => name.startsWith(prefix));
  view.used(`/proc/PID/stat of ${prefix}`);
  if (found.length === 0) throw new Unknown(`${prefix} is not among the processes that were read`);
  return found;
}
