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

/** In use, % of a limit: below it there is room. */
const ROOMY = 90;

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
  'cg.futile_ooms': worst(
    'count',
    'Most times that one cgroup ran out of its own limit, and nobody was killed, in the sample',
    'max Δ memory.events oom, of limited groups with Δ oom_kill = 0',
    'd_oom',
    spared,
  ),
  'cg.killed_limited': {
    title: 'The cgroup with most kills has a limit, as far as was shown',
    unit: 'boolean',
    formula: 'memory.max or memory.high of that with the largest oom_kill of memory.events',
    value: (view) => {
      const killed = view.items('cgroups').filter(({ oom_kills: kills }) => Number(kills ?? 0) > 0);
      if (killed.length === 0) throw new Unknown('no cgroup that was read tells of a kill');
      const most = Math.max(...killed.map(({ oom_kills: kills }) => Number(kills)));
      return killed.some(({ oom_kills: kills, limited: own }) => Number(kills) === most && own === true);
    },
  },
  'cg.only': {
    title: 'Nothing but cgroups is known',
    unit: 'boolean',
    formula: 'cgroups were read, and no file that shows the host or the past; a log without an event shows nothing',
    value: (view) =>
      view.readings('cgroup').length > 0 && OTHERS.every((id) => view.readings(id).length === 0 || (id === 'kernel-log' && !tells(view))),
  },
  'cg.untouched': {
    title: 'No cgroup that is limited was ever short',
    unit: 'boolean',
    formula: `of each with a limit or a brake: memory.current below ${ROOMY} % of it, and no hit (memory.events max, v1: failcnt) or no page looked at to be taken back (pgscan of memory.stat)`,
    validity: 'since each was made; pgscan counts reclaim for the whole host as well',
    value: untouched,
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

function untouched(view: View): boolean {
  const groups = limited(view.items('cgroups'));
  if (groups.length === 0) throw new Unknown('no cgroup that was read has a limit');
  const scanned = new Map(view.last('cgroup').groups.map(({ path, stat }) => [path, stat?.['pgscan']]));
  const verdicts = groups.map(({ name, usage_pct: usage, high_pct: braked, hits, highs }) => {
    if (Number(usage ?? 0) >= ROOMY || Number(braked ?? 0) >= ROOMY || Number(hits ?? 0) > 0 || Number(highs ?? 0) > 0) return false;
    const quiet = scanned.get(name) === 0 || hits === 0;
    return quiet && typeof usage === 'number' ? true : null;
  });
  if (verdicts.includes(false)) return false;
  if (verdicts.includes(null)) throw new Unknown('of a cgroup it is not shown how much it uses, or whether it was ever short');
  return true;
}

function limited(groups: readonly Item[]): readonly Item[] {
  return groups.filter((group) => group['limited'] === true);
}

/** An oom is counted where the killer was asked; each time it kills one, or finds nobody. */
function spared(groups: readonly Item[]): readonly Item[] {
  const counted = limited(groups).filter((group) => typeof group['d_oom'] === 'number');
  return counted.filter((group) => group['d_oom_kill'] === 0);
}

function every(groups: readonly Item[]): readonly Item[] {
  return groups;
}

/** True when the kernel log holds anything of memory: the lines of systemd alone do not. */
const tells = (view: View): boolean =>
  view.readings('kernel-log').some(({ data }) => data.events.length > 0 || (data.reports ?? []).length > 0);
