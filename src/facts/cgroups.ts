import { defineFacts, type FactDefinition, type Item, Unknown } from './fact.js';
import type { View } from './view.js';

/** What tells of the host, or of the past. */
const OTHERS = [
  'kernel-log',
  'meminfo',
  'vmstat',
  'zoneinfo',
  'buddyinfo',
  'pressure',
  'processes',
  'slabinfo',
  'swaps',
  'loadavg',
] as const;

/** The worst of all cgroups, for rules about the host. */
export default defineFacts({
  'cg.worst_max_delta': worst(
    'count',
    'Most hits of a limit in one limited cgroup, in the sample',
    'max Δ memory.events max',
    'd_max',
    limited,
  ),
  'cg.worst_high_delta': worst(
    'count',
    'Most hits of a brake in one limited cgroup, in the sample',
    'max Δ memory.events high',
    'd_high',
    limited,
  ),
  'cg.worst_oom_kill_delta': worst(
    'count',
    'Most OOM kills in one cgroup, in the sample',
    'max Δ memory.events oom_kill',
    'd_oom_kill',
    every,
  ),
  'cg.worst_oom_kills': worst('count', 'Most OOM kills in one cgroup since its creation', 'max memory.events oom_kill', 'oom_kills', every),
  'cg.only': {
    title: 'Nothing but cgroups is known',
    unit: 'boolean',
    formula: 'cgroups were read, and no file that shows the host or the past; a log without an event shows nothing',
    value: (view) =>
      view.readings('cgroup').length > 0 && OTHERS.every((id) => view.readings(id).length === 0 || (id === 'kernel-log' && !tells(view))),
  },
  'cg.worst_psi_some_pct': worst(
    '%',
    'Highest memory pressure of one cgroup, share of the sample',
    'max 100 × Δ total of “some” of memory.pressure / Δt',
    'psi_some_pct',
    every,
  ),
});

function worst(
  unit: FactDefinition['unit'],
  title: string,
  formula: string,
  field: string,
  among: (groups: readonly Item[]) => readonly Item[],
): FactDefinition {
  return { title, unit, formula, validity: '0 when there is no such cgroup', value: (view) => maximum(view, field, among) };
}

function maximum(view: View, field: string, among: (groups: readonly Item[]) => readonly Item[]): number {
  const groups = among(view.items('cgroups'));
  const values = groups.map((group) => group[field]).filter((value) => typeof value === 'number');
  if (groups.length > 0 && values.length === 0) {
    if (view.readings('cgroup').length < 2) throw new Unknown('only one sample of cgroup, or this kernel does not count it');
    throw new Unknown('this kernel does not count it for cgroups');
  }
  return Math.max(0, ...values);
}

function limited(groups: readonly Item[]): readonly Item[] {
  return groups.filter((group) => group['limited'] === true);
}

function every(groups: readonly Item[]): readonly Item[] {
  return groups;
}

/** True when the kernel log holds anything of memory: the lines of systemd alone do not. */
const tells = (view: View): boolean =>
  view.readings('kernel-log').some(({ data }) => data.events.length > 0 || (data.reports ?? []).length > 0);
