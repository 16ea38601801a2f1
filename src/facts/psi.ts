import { allocstalls, refaults, riseOfAny } from './counters.js';
import { defineFacts, type FactDefinition, Unknown } from './fact.js';
import type { View } from './view.js';

const RESOURCES = { mem: 'memory', io: 'io', cpu: 'cpu' } as const;
const KINDS = { some: 'Some tasks waited', full: 'All tasks waited' } as const;
const AVERAGES = { avg10: '10 s', avg60: '60 s', avg300: '5 minutes' } as const;
/** Refaults per second that are no sign of thrash. */
const FEW_REFAULTS = 10;
type Resource = (typeof RESOURCES)[keyof typeof RESOURCES];
type Kind = keyof typeof KINDS;
const PSI = 'https://docs.kernel.org/accounting/psi.html';
const FULL = 'before 5.17 “full” leaves out CPUs whose task is itself reclaiming: see psi.full_reliable';

/** Pressure stall information: the share of time lost to waiting. */
export default defineFacts({
  ...Object.fromEntries(
    Object.entries(RESOURCES).flatMap(([short, resource]) =>
      (Object.keys(KINDS) as Kind[]).flatMap((kind) => stallFacts(short, resource, kind)),
    ),
  ),
  'psi.available': {
    title: 'Whether the kernel measures pressure',
    unit: 'text',
    formula:
      'ok; absent: no /proc/pressure (no CONFIG_PSI); unsupported: built but off, needs psi=1 on the kernel command line; unseen: texts that do not show it',
    reference: PSI,
    value: availability,
  },
  'psi.full_reliable': {
    title: 'Memory “full” counts tasks that are reclaiming',
    unit: 'boolean',
    formula:
      'thp_scan_exceed_none_pte or zswpin in /proc/vmstat, or SecPageTables in /proc/meminfo (kernels 5.17 and later); not when cpu pressure has no line “full” (before 5.13); else by the release',
    validity: 'where false, judge severity by “some”',
    reference: 'https://github.com/torvalds/linux/commit/cb0e52b7748737b2cf6481fdd9b920ce7e1ebbdf',
    value: fullIsReliable,
  },
  'psi.mem.trend': {
    title: 'Memory pressure of the last 10 s against that of 5 minutes',
    unit: '1',
    formula: '(avg10 + 0.1) / (avg300 + 0.1) of memory “some”',
    validity: 'rising only where avg10 ≥ 1, falling only where avg300 ≥ 1 and the ratio ≤ 0.5',
    value: (view) => (view.number('psi.mem.some.avg10') + 0.1) / (view.number('psi.mem.some.avg300') + 0.1),
  },
  'psi.mem.full_share': {
    title: 'Share of the memory stalls that stopped all tasks',
    unit: '1',
    formula: 'psi.mem.full.pct / psi.mem.some.pct',
    validity: 'psi.mem.some.pct at least 1 %, and psi.full_reliable',
    value: fullShare,
  },
  'psi.mem.source': {
    title: 'Where memory pressure comes from',
    unit: 'text',
    formula:
      'none: “some” below 0.1 %; memcg: reclaim.memcg_share ≥ 0.8, or limits of cgroups were hit and Δ allocstall = 0; background: no allocstall, refault, swap-in, direct compaction, cgroup reclaim or memory.high event; else global; with one sample unclear',
    validity: 'host pressure holds stalls at cgroup limits, and those of kswapd and kcompactd themselves',
    value: source,
  },
});

function stallFacts(short: string, resource: Resource, kind: Kind): [string, FactDefinition][] {
  const file = `/proc/pressure/${resource}`;
  const validity = resource === 'memory' && kind === 'full' ? { validity: FULL } : {};
  const exact: FactDefinition = {
    title: `${KINDS[kind]} for ${resource}, share of the sample`,
    unit: '%',
    formula: `100 × Δ total of “${kind}” of ${file} / Δt`,
    ...validity,
    reference: PSI,
    value: (view) => stalled(view, resource, kind),
  };
  const averages = Object.entries(AVERAGES).map(([average, span]): [string, FactDefinition] => [
    `psi.${short}.${kind}.${average}`,
    {
      title: `${KINDS[kind]} for ${resource}, share of the last ${span}`,
      unit: '%',
      formula: `${average} of “${kind}” of ${file}`,
      ...validity,
      reference: PSI,
      value: (view) => stallsOf(view, view.last('pressure'), resource, kind)[average as keyof typeof AVERAGES],
    },
  ]);
  return [[`psi.${short}.${kind}.pct`, exact], ...averages];
}

type Pressure = ReturnType<typeof pressureOf>;
const pressureOf = (view: View) => view.last('pressure');

function stallsOf(view: View, pressure: Pressure, resource: Resource, kind: Kind) {
  view.used(`/proc/pressure/${resource} ${kind}`);
  const stalls = pressure[resource]?.[kind];
  if (!stalls) throw new Unknown(`/proc/pressure/${resource} ${pressure[resource] ? `has no line “${kind}”` : 'was not read'}`);
  return stalls;
}

function stalled(view: View, resource: Resource, kind: Kind): number {
  const { first, last, seconds } = view.pair('pressure');
  const rise = stallsOf(view, last, resource, kind).total - stallsOf(view, first, resource, kind).total;
  if (rise < 0) throw new Unknown(`the total of /proc/pressure/${resource} went back: counters were reset between the samples`);
  return Math.min(100, (100 * rise) / seconds);
}

function availability(view: View): string {
  view.used('/proc/pressure');
  if (view.readings('pressure').at(-1)?.data.memory) return 'ok';
  const status = view.snapshot.sources['pressure']?.status;
  // what nobody pasted may be there all the same
  if (status === 'absent' && view.snapshot.subject.origin === 'text') return 'unseen';
  if (status === 'absent' || status === 'unsupported') return status;
  view.last('pressure');
  throw new Unknown('/proc/pressure/memory was not read');
}

function fullIsReliable(view: View): boolean {
  const vmstat = view.readings('vmstat').at(-1)?.data ?? {};
  const meminfo = view.readings('meminfo').at(-1)?.data ?? {};
  const cpu = view.last('pressure').cpu;
  view.used('/proc/vmstat thp_scan_exceed_none_pte, zswpin');
  view.used('/proc/meminfo SecPageTables');
  if ((vmstat['thp_scan_exceed_none_pte'] ?? vmstat['zswpin'] ?? meminfo['SecPageTables']) !== undefined) return true;
  view.used('/proc/pressure/cpu full');
  if (cpu && !cpu.full) return false;
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(view.snapshot.subject.kernel ?? '') ?? [];
  if (major === undefined || minor === undefined) throw new Unknown('neither the counters nor a release tell how old the kernel is');
  return Number(major) > 5 || (Number(major) === 5 && Number(minor) >= 17);
}

function fullShare(view: View): number {
  if (view.fact('psi.full_reliable') === false) throw new Unknown('this kernel’s “full” leaves out tasks that are reclaiming');
  const some = view.number('psi.mem.some.pct');
  if (some < 1) throw new Unknown('memory stalls are below 1 % of the sample: too few for a ratio');
  return view.number('psi.mem.full.pct') / some;
}

function source(view: View): string {
  const stalled = view.maybe(() => view.number('psi.mem.some.pct'));
  if (stalled === undefined) return view.number('psi.mem.some.avg10') < 0.1 ? 'none' : 'unclear';
  if (stalled < 0.1) return 'none';
  const stalls = allocstalls(view);
  if ((view.maybe(() => view.number('reclaim.memcg_share')) ?? 0) >= 0.8) return 'memcg';
  if (stalls > 0) return 'global';
  const atLimits = view.maybe(() => view.number('reclaim.memcg_scan')) ?? 0;
  const waits = riseOfAny(view, ['pswpin', 'compact_stall']);
  const refaulted = (view.maybe(() => refaults(view)) ?? 0) / view.seconds;
  const quiet = waits === 0 && atLimits === 0 && refaulted < FEW_REFAULTS;
  const hits = limitHits(view, quiet);
  if (hits > 0) return 'memcg';
  return quiet ? 'background' : 'global';
}

/** Hits of cgroup limits and brakes; a host without cgroups has none. @throws Unknown when it matters and they could not be read. */
function limitHits(view: View, matters: boolean): number {
  if (view.snapshot.sources['cgroup']?.status === 'absent') return 0;
  const read = (): number => view.number('cg.worst_max_delta') + view.number('cg.worst_high_delta');
  return matters ? read() : (view.maybe(read) ?? 0);
}
