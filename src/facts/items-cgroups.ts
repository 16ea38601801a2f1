import type { SourceData } from '../gather/snapshot.js';
import { defineItems, type Item } from './fact.js';

type Group = SourceData<'cgroup'>['groups'][number];

const OWN = 'memory.events less that of the groups below:';

/** The cgroups that were walked: all with a limit, and the largest. Null where the kernel does not tell, or there is one sample only. */
export default defineItems({
  cgroups: {
    title: 'Control groups: all with a limit, and the largest',
    fields: {
      limited: { title: 'Has a limit of its own', unit: 'boolean', formula: 'memory.max or memory.high is set' },
      current_bytes: { title: 'In use', unit: 'bytes', formula: 'memory.current' },
      limit_bytes: { title: 'The limit that holds', unit: 'bytes', formula: 'least memory.max of it and its ancestors' },
      high_bytes: { title: 'The brake', unit: 'bytes', formula: 'memory.high' },
      usage_pct: { title: 'In use, share of the limit', unit: '%', formula: '100 × memory.current / limit' },
      workingset_pct: {
        title: 'In use without inactive file cache, share of the limit',
        unit: '%',
        formula: '100 × (memory.current − inactive_file) / limit',
      },
      met_unread: {
        title: 'It has filled its limit, and what fills it was not shown',
        unit: 'boolean',
        formula: 'memory.peak (v1: max_usage_in_bytes) ≥ memory.max, and memory.stat was not read',
      },
      hits: { title: 'Times its own limit was met since its creation', unit: 'count', formula: `${OWN} max (v1: failcnt)` },
      d_max: { title: 'Times its own limit was met in the sample', unit: 'count', formula: `Δ ${OWN} max (v1: failcnt)` },
      d_high: { title: 'Times its own brake was met in the sample', unit: 'count', formula: `Δ ${OWN} high` },
      d_oom: { title: 'Allocations that failed at its own limit in the sample', unit: 'count', formula: `Δ ${OWN} oom` },
      d_oom_kill: { title: 'Processes killed in the sample', unit: 'count', formula: 'Δ memory.events oom_kill' },
      oom_kills: { title: 'Processes killed since its creation, by any OOM killer', unit: 'count', formula: 'memory.events oom_kill' },
      own_kills: {
        title: 'Processes killed in it since its creation, those of groups below left out',
        unit: 'count',
        formula: `${OWN} oom_kill`,
      },
      ooms: { title: 'Allocations that failed at its own limit since its creation', unit: 'count', formula: `${OWN} oom` },
      max_rate: { title: 'Times its own limit was met, per second', unit: '1/s', formula: 'd_max / Δt' },
      psi_some_pct: {
        title: 'Some of its tasks waited for memory, share of the sample',
        unit: '%',
        formula: '100 × Δ total of “some” of memory.pressure / Δt',
      },
      psi_full_pct: {
        title: 'All of its tasks waited for memory, share of the sample',
        unit: '%',
        formula: '100 × Δ total of “full” of memory.pressure / Δt',
      },
      psi_some_now: {
        title: 'Some of its tasks waited for memory',
        unit: '%',
        formula: 'psi_some_pct; with one sample avg10 of “some” of memory.pressure',
      },
      psi_full_now: {
        title: 'All of its tasks waited for memory',
        unit: '%',
        formula: 'psi_full_pct; with one sample avg10 of “full” of memory.pressure',
      },
      top: { title: 'It is the root of the tree', unit: 'boolean', formula: 'its path is /' },
      passed_on: {
        title: 'Its stalls are those of one group below it',
        unit: 'boolean',
        formula:
          'it meets no limit or brake of its own, and a group below it has 0.9 or more of its “some” of memory.pressure (where that is not known: of its refaults)',
      },
      single: { title: 'It was read once only', unit: 'boolean', formula: 'no reading of it in the first sample' },
      high_pct: { title: 'In use, share of the brake', unit: '%', formula: '100 × memory.current / memory.high' },
      highs: { title: 'Times its own brake was met since its creation', unit: 'count', formula: `${OWN} high` },
      d_low: { title: 'Times it was reclaimed below its memory.low, in the sample', unit: 'count', formula: 'Δ memory.events low' },
      swap_of_max_pct: {
        title: 'In swap, share of what it may have there',
        unit: '%',
        formula: '100 × memory.swap.current / memory.swap.max',
      },
      kernel_bytes: {
        title: 'Charged to it for the kernel',
        unit: 'bytes',
        formula: 'kernel of memory.stat; else slab + kernel_stack + pagetables + percpu + sock',
      },
      kernel_pct: { title: 'Charged to it for the kernel, share of its use', unit: '%', formula: '100 × kernel_bytes / memory.current' },
      of_ram_pct: { title: 'In use, against MemTotal', unit: '%', formula: '100 × memory.current / MemTotal' },
      own_max: { title: 'It, or a group above it, has a limit', unit: 'boolean', formula: 'memory.max of it or its ancestors' },
      refault_rate: { title: 'Refaults, per second', unit: 'pages/s', formula: 'Δ workingset_refault_* of memory.stat / Δt' },
      swap_bytes: { title: 'In swap', unit: 'bytes', formula: 'memory.swap.current' },
      anon_pct: { title: 'Process memory, share of the limit', unit: '%', formula: '100 × anon of memory.stat / limit' },
      refault_share_pct: {
        title: 'Share of the reclaimed pages that came back',
        unit: '%',
        formula:
          '100 × Δ workingset_refault_* / Δ pgsteal of memory.stat (v1: pgpgout, which counts freed pages too: a minimum); null below 256 reclaimed pages',
      },
    },
    items: (view) => {
      const { groups } = view.last('cgroup');
      view.used('memory.current, memory.max, memory.high, memory.events, memory.stat, memory.pressure of each cgroup');
      const pair = view.maybe(() => view.pair('cgroup'));
      const before = new Map((pair?.first.groups ?? []).map((group) => [group.path, group]));
      const total = view.maybe(() => view.meminfo('MemTotal'));
      const below = nearestBelow(groups);
      return groups.filter(isOne).map((group) => {
        const inside = (below.get(group.path) ?? []).map((inner) => ({ now: inner, before: before.get(inner.path) }));
        return describe({ now: group, before: before.get(group.path) }, { seconds: pair?.seconds, total, inside });
      });
    },
  },
});

/** The root has no limit and no events, but where it is the root of a container's namespace. */
function isOne(group: Group): boolean {
  return group.path !== '/' || group.max !== undefined || group.events !== undefined;
}

/** A group, and what it was in the first sample. */
interface Reading {
  readonly now: Group;
  readonly before: Group | undefined;
}

interface Around {
  readonly seconds: number | undefined;
  readonly total: number | undefined;
  /** The groups below it that were read, without those below them. */
  readonly inside: readonly Reading[];
}

function describe({ now: group, before }: Reading, { seconds, total, inside }: Around): Item {
  const limit = group.effectiveMax ?? group.max;
  const share = (bytes: number | undefined): number | null =>
    bytes === undefined || limit === undefined || limit === 0 ? null : (100 * bytes) / limit;
  const risen = (read: (group: Group) => number | undefined): number | null => rise({ now: group, before }, read);
  const own = (name: string): number | null => ownTotal(group, inside, name);
  const ownRisen = (name: string): number | null => ownRise({ now: group, before }, inside, name);
  const perSecond = (amount: number | null): number | null => (amount === null || seconds === undefined ? null : amount / seconds);
  const stall = (kind: 'some' | 'full'): number | null => {
    const share = perSecond(risen(({ pressure }) => pressure?.[kind]?.total));
    return share === null ? null : Math.min(100, 100 * share);
  };
  const inactive = group.stat?.['inactive_file'];
  const [d_max, d_high] = [ownRisen('max'), ownRisen('high')];
  const kernel = kernelOf(group);
  return {
    name: group.path,
    limited: group.max !== undefined || group.high !== undefined,
    current_bytes: group.current ?? null,
    limit_bytes: limit ?? null,
    high_bytes: group.high ?? null,
    usage_pct: share(group.current),
    workingset_pct: group.current === undefined || inactive === undefined ? null : share(Math.max(0, group.current - inactive)),
    met_unread: group.stat === undefined && group.peak !== undefined && group.max !== undefined && group.peak >= group.max,
    hits: own('max'),
    d_max,
    d_high,
    d_oom: ownRisen('oom'),
    d_oom_kill: risen(({ events }) => events?.['oom_kill']),
    oom_kills: group.events?.['oom_kill'] ?? null,
    own_kills: own('oom_kill'),
    ooms: own('oom'),
    max_rate: perSecond(d_max),
    psi_some_pct: stall('some'),
    psi_full_pct: stall('full'),
    psi_some_now: stall('some') ?? group.pressure?.some?.avg10 ?? null,
    psi_full_now: stall('full') ?? group.pressure?.full?.avg10 ?? null,
    top: group.path === '/',
    passed_on: (d_max ?? 0) === 0 && (d_high ?? 0) === 0 && inside.some((inner) => isTheSame({ now: group, before }, inner)),
    single: before === undefined || seconds === undefined,
    high_pct: group.current === undefined || group.high === undefined || group.high === 0 ? null : (100 * group.current) / group.high,
    highs: own('high'),
    d_low: risen(({ events }) => events?.['low']),
    swap_of_max_pct: pctOf(group.swapCurrent, group.swapMax),
    kernel_bytes: kernel ?? null,
    kernel_pct: pctOf(kernel, group.current),
    of_ram_pct: pctOf(group.current, total),
    own_max: limit !== undefined,
    refault_rate: perSecond(risen(refaults)),
    swap_bytes: group.swapCurrent ?? null,
    anon_pct: share(group.stat?.['anon']),
    refault_share_pct: shareBack(
      risen(refaults),
      risen(({ stat }) => stat?.['pgsteal'] ?? stat?.['pgpgout']),
    ),
  };
}

/** Fewer reclaimed pages than this give no share. */
const FLOOR_STOLEN = 256;
const shareBack = (back: number | null, stolen: number | null): number | null =>
  back === null || stolen === null || stolen < FLOOR_STOLEN ? null : (100 * back) / stolen;

const pctOf = (part: number | undefined, whole: number | undefined): number | null =>
  part === undefined || whole === undefined || whole === 0 ? null : (100 * part) / whole;

/** Kernels up to 6.0 do not print the sum. */
function kernelOf({ stat }: Group): number | undefined {
  if (stat?.['kernel'] !== undefined || stat?.['slab'] === undefined) return stat?.['kernel'];
  return ['slab', 'kernel_stack', 'pagetables', 'percpu', 'sock'].reduce((sum, name) => sum + (stat[name] ?? 0), 0);
}

function rise({ now, before }: Reading, read: (group: Group) => number | undefined): number | null {
  const [from, to] = [before && read(before), read(now)];
  return from === undefined || to === undefined || to < from ? null : to - from;
}

/** The groups below each that were read, without those below them. */
function nearestBelow(groups: readonly Group[]): Map<string, Group[]> {
  const known = new Set(groups.map(({ path }) => path));
  const below = new Map<string, Group[]>();
  for (const group of groups) {
    let above = group.path;
    do above = above.slice(0, above.lastIndexOf('/'));
    while (above !== '' && !known.has(above));
    if (above !== '') below.set(above, [...(below.get(above) ?? []), group]);
  }
  return below;
}

/** Further below its limit than this a group never met it: a charge that is refused is of two huge pages at most, and batches are kept aside. */
const SLACK = { share: 0.02, bytes: 4_194_304 };

/** In v2 an event counts in all groups above as well: memcg_memory_event() of memcontrol.h. In v1 failcnt is a group's own. */
function ownTotal(group: Group, inside: readonly Reading[], name: string): number | null {
  const all = eventOf(group, name);
  if (all === undefined) return null;
  return neverMet(group, name) ? 0 : Math.max(0, all - sumOf(inside, ({ now }) => now.events?.[name]));
}

function ownRise(reading: Reading, inside: readonly Reading[], name: string): number | null {
  const all = rise(reading, (group) => eventOf(group, name));
  if (all === null) return null;
  if (neverMet(reading.now, name)) return 0;
  // one that is new began at 0
  const ofInner = (inner: Reading): number => (inner.before ? rise(inner, ({ events }) => events?.[name]) : inner.now.events?.[name]) ?? 0;
  return Math.max(0, all - sumOf(inside, ofInner));
}

const eventOf = ({ events }: Group, name: string): number | undefined =>
  events?.[name] ?? (name === 'max' ? events?.['failcnt'] : undefined);

const sumOf = (inside: readonly Reading[], read: (reading: Reading) => number | undefined): number =>
  inside.reduce((sum, reading) => sum + (read(reading) ?? 0), 0);

/** Groups that are gone have left their events with those above them: the peak tells whether those were ever at a limit of their own. */
const neverMet = ({ peak, max, high }: Group, name: string): boolean => {
  // a process may be killed in it for a limit of a group above
  const mark = name === 'oom_kill' ? undefined : name === 'high' ? high : max;
  return peak !== undefined && mark !== undefined && peak < mark - Math.max(SLACK.share * mark, SLACK.bytes);
};

/** So much of a group's stalls is all of them. */
const ALL = 0.9;

function isTheSame(outer: Reading, inner: Reading): boolean {
  const stall = (reading: Reading): number | null =>
    rise(reading, ({ pressure }) => pressure?.some?.total) ?? reading.now.pressure?.some?.avg10 ?? null;
  const known = stall(outer) !== null && stall(inner) !== null;
  const [all, part] = [outer, inner].map((reading) => (known ? stall(reading) : rise(reading, refaults)) ?? 0);
  return all !== undefined && part !== undefined && all > 0 && part >= ALL * all;
}

function refaults({ stat }: Group): number | undefined {
  const split = ['workingset_refault_anon', 'workingset_refault_file'].map((name) => stat?.[name]);
  const [anon, file] = split;
  if (anon === undefined && file === undefined) return stat?.['workingset_refault'];
  return (anon ?? 0) + (file ?? 0);
}
