import type { SourceData } from '../gather/snapshot.js';
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
/** The same where it is not shown whether the limit was ever met. */
const FAR = 80;
/** All that have no limit together, % of RAM: the rest of the host needs some too. */
const SHARED = 66;

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
  'cg.hung': {
    title: 'Cgroups at their limit that wait for good, since the OOM killer is switched off for them',
    unit: 'count',
    formula: 'v1: those with oom_kill_disable 1 and under_oom 1 in memory.oom_control, in all samples',
    validity: '0 in v2, which cannot switch it off',
    reference: 'https://docs.kernel.org/admin-guide/cgroup-v1/memory.html#oom-control',
    value: (view) => hung(view).length,
  },
  'owner.cgroup_hung': {
    title: 'The largest cgroup that waits at its limit for good',
    unit: 'entity',
    formula: 'of those that cg.hung counts, the one with the largest memory.usage_in_bytes',
    value: (view) => {
      const [first] = hung(view).toSorted((a, b) => (b.current ?? 0) - (a.current ?? 0));
      if (!first) throw new Unknown('no cgroup waits at its limit with the OOM killer switched off');
      return { kind: 'cgroup', name: first.path, bytes: first.current ?? null };
    },
  },
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
  'cg.far_below': {
    title: 'Every cgroup that was shown is far below its limit, or all that have none below that of the host',
    unit: 'boolean',
    formula: `memory.current is below ${FAR} % of the limit of each, that of all without a limit below ${SHARED} % of MemTotal, and no hit, brake or kill is told of`,
    validity: 'of this moment: whether a limit was met before need not be known',
    value: farBelow,
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

type Group = SourceData<'cgroup'>['groups'][number];

/** oom_kill_disable is handed down: the limit of one above may be the one that holds. */
function hung(view: View): readonly Group[] {
  const waits = ({ events }: Group): boolean => events?.['oom_kill_disable'] === 1 && events['under_oom'] === 1;
  const { groups } = view.last('cgroup');
  view.used('memory.oom_control of each cgroup');
  const [first] = view.readings('cgroup');
  const before = new Set(first?.data.groups.filter(waits).map(({ path }) => path));
  return groups.filter((group) => waits(group) && before.has(group.path) && group.max !== undefined);
}

function farBelow(view: View): boolean {
  const all = view.items('cgroups');
  const told = ['hits', 'highs', 'ooms', 'oom_kills', 'psi_some_now'] as const;
  if (all.some((group) => told.some((field) => Number(group[field] ?? 0) > 0))) return false;
  // a directory on the way to one that was shown has no figures
  const groups = all.filter(({ own_max: own, current_bytes: current }) => own === true || current !== null);
  if (groups.length === 0) throw new Unknown('of no cgroup it is known how much it uses');
  const [bound, free] = [groups.filter(({ own_max: own }) => own === true), groups.filter(({ own_max: own }) => own !== true)];
  const within = bound.every(
    ({ usage_pct: usage, high_pct: braked }) => typeof usage === 'number' && usage < FAR && Number(braked ?? 0) < FAR,
  );
  if (!within || free.length === 0) return within;
  const total = view.maybe(() => view.meminfo('MemTotal'));
  if (total === undefined) throw new Unknown('of a cgroup no limit is known');
  return free.reduce((sum, { current_bytes: current }) => sum + Number(current), 0) < (SHARED / 100) * total;
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
