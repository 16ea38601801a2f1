import type { SourceData } from '../gather/snapshot.js';
import { defineItems, type Item } from './fact.js';

type Group = SourceData<'cgroup'>['groups'][number];

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
      hits: { title: 'Times the limit was met since its creation', unit: 'count', formula: 'memory.events max (v1: failcnt)' },
      d_max: { title: 'Times the limit was met in the sample', unit: 'count', formula: 'Δ memory.events max (v1: failcnt)' },
      d_high: { title: 'Times the brake was met in the sample', unit: 'count', formula: 'Δ memory.events high' },
      d_oom: { title: 'Allocations that failed at the limit in the sample', unit: 'count', formula: 'Δ memory.events oom' },
      d_oom_kill: { title: 'Processes killed in the sample', unit: 'count', formula: 'Δ memory.events oom_kill' },
      oom_kills: { title: 'Processes killed since its creation, by any OOM killer', unit: 'count', formula: 'memory.events oom_kill' },
      ooms: { title: 'Allocations that failed at the limit since its creation', unit: 'count', formula: 'memory.events oom' },
      max_rate: { title: 'Times the limit was met, per second', unit: '1/s', formula: 'Δ memory.events max / Δt' },
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
      single: { title: 'It was read once only', unit: 'boolean', formula: 'no reading of it in the first sample' },
      high_pct: { title: 'In use, share of the brake', unit: '%', formula: '100 × memory.current / memory.high' },
      highs: { title: 'Times the brake was met since its creation', unit: 'count', formula: 'memory.events high' },
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
        formula: '100 × Δ workingset_refault_* / Δ pgsteal of memory.stat; null below 256 reclaimed pages',
      },
    },
    items: (view) => {
      const { groups } = view.last('cgroup');
      view.used('memory.current, memory.max, memory.high, memory.events, memory.stat, memory.pressure of each cgroup');
      const pair = view.maybe(() => view.pair('cgroup'));
      const before = new Map((pair?.first.groups ?? []).map((group) => [group.path, group]));
      const total = view.maybe(() => view.meminfo('MemTotal'));
      return groups.filter(isOne).map((group) => describe(group, before.get(group.path), pair?.seconds, total));
    },
  },
});

/** The root has no limit and no events, but where it is the root of a container's namespace. */
function isOne(group: Group): boolean {
  return group.path !== '/' || group.max !== undefined || group.events !== undefined;
}

function describe(group: Group, before: Group | undefined, seconds: number | undefined, total: number | undefined): Item {
  const limit = group.effectiveMax ?? group.max;
  const share = (bytes: number | undefined): number | null =>
    bytes === undefined || limit === undefined || limit === 0 ? null : (100 * bytes) / limit;
  const risen = (read: (group: Group) => number | undefined): number | null => {
    const [from, to] = [before && read(before), read(group)];
    return from === undefined || to === undefined || to < from ? null : to - from;
  };
  const perSecond = (amount: number | null): number | null => (amount === null || seconds === undefined ? null : amount / seconds);
  const stall = (kind: 'some' | 'full'): number | null => {
    const share = perSecond(risen(({ pressure }) => pressure?.[kind]?.total));
    return share === null ? null : Math.min(100, 100 * share);
  };
  const inactive = group.stat?.['inactive_file'];
  const d_max = risen(hits);
  const kernel = kernelOf(group);
  return {
    name: group.path,
    limited: group.max !== undefined || group.high !== undefined,
    current_bytes: group.current ?? null,
    limit_bytes: limit ?? null,
    high_bytes: group.high ?? null,
    usage_pct: share(group.current),
    workingset_pct: group.current === undefined || inactive === undefined ? null : share(Math.max(0, group.current - inactive)),
    hits: hits(group) ?? null,
    d_max,
    d_high: risen(({ events }) => events?.['high']),
    d_oom: risen(({ events }) => events?.['oom']),
    d_oom_kill: risen(({ events }) => events?.['oom_kill']),
    oom_kills: group.events?.['oom_kill'] ?? null,
    ooms: group.events?.['oom'] ?? null,
    max_rate: perSecond(d_max),
    psi_some_pct: stall('some'),
    psi_full_pct: stall('full'),
    psi_some_now: stall('some') ?? group.pressure?.some?.avg10 ?? null,
    psi_full_now: stall('full') ?? group.pressure?.full?.avg10 ?? null,
    top: group.path === '/',
    single: before === undefined || seconds === undefined,
    high_pct: group.current === undefined || group.high === undefined || group.high === 0 ? null : (100 * group.current) / group.high,
    highs: group.events?.['high'] ?? null,
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
      risen(({ stat }) => stat?.['pgsteal']),
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

const hits = ({ events }: Group): number | undefined => events?.['max'] ?? events?.['failcnt'];

function refaults({ stat }: Group): number | undefined {
  const split = ['workingset_refault_anon', 'workingset_refault_file'].map((name) => stat?.[name]);
  const [anon, file] = split;
  if (anon === undefined && file === undefined) return stat?.['workingset_refault'];
  return (anon ?? 0) + (file ?? 0);
}
