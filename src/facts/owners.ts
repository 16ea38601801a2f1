import { defineFacts, type Entity, type Item, Unknown } from './fact.js';
import { fastestGrower, grownProcesses, privateBytes, type Process } from './growth.js';
import { lastKill } from './oom.js';
import { largest, largestGroup, swapHog } from './processes.js';
import type { View } from './view.js';

/** Who it is: the names that findings and diagnoses point at. */
export default defineFacts({
  'owner.process': {
    title: 'The process with the most private memory',
    unit: 'entity',
    formula: 'max RssAnon + VmSwap',
    value: (view) => named(largest(view)),
  },
  'owner.huge_hog': {
    title: 'The process with the most memory in huge pages of the pools, when that is more than any process has of its own',
    unit: 'entity',
    formula: 'max HugetlbPages of /proc/PID/status, shared ones too, when above max RssAnon + VmSwap',
    value: (view): Entity => {
      const { name, pid, hugetlb } = hugeHog(view);
      return { kind: 'process', name, pid, bytes: hugetlb ?? null };
    },
  },
  'proc.huge_hog_of_ram_pct': {
    title: 'What that process has in huge pages of the pools, against MemTotal',
    unit: '%',
    formula: '100 × max HugetlbPages of /proc/PID/status / MemTotal',
    validity: '0 when a process has more of its own memory',
    value: (view) => (100 * (view.maybe(() => hugeHog(view))?.hugetlb ?? 0)) / view.meminfo('MemTotal'),
  },
  'owner.grower': {
    title: 'The fastest growing process',
    unit: 'entity',
    formula: 'max Δ(RssAnon + VmSwap), same pid and start time, at least 2 MiB',
    value: (view) => {
      const { grower } = fastestGrower(view);
      if (!grower) throw new Unknown('no process grew by 2 MiB in the sample');
      return named(grower.process);
    },
  },
  'owner.group': {
    title: 'The largest group of processes of one name',
    unit: 'entity',
    formula: 'max Σ(RssAnon + VmSwap) of at least 5 processes of one name',
    value: (view): Entity => {
      const group = largestGroup(view);
      if (!group) throw new Unknown('no five processes share a name');
      return { kind: 'process-group', name: group.name, bytes: privateBytes(group) };
    },
  },
  'owner.memory': {
    title: 'Who holds the private memory: one process, or a pool of equal workers',
    unit: 'entity',
    formula: 'the largest group, when it holds half of Σ(RssAnon + VmSwap) and no member half of the group; else the largest process',
    value: (view) => {
      const process = largest(view);
      const group = view.maybe(() => largestGroup(view));
      const all = view.last('processes');
      if (!group || privateBytes(group) < privateBytes(all) / 2 || privateBytes(process) > privateBytes(group) / 2) return named(process);
      return { kind: 'process-group', name: group.name, bytes: privateBytes(group) };
    },
  },
  'owner.swap_user': {
    title: 'The process with the most in swap',
    unit: 'entity',
    formula: 'max VmSwap',
    value: (view): Entity => {
      const { name, pid, swap } = swapHog(view);
      if (swap === 0) throw new Unknown('no process has pages in swap');
      return { kind: 'process', name, pid, bytes: swap };
    },
  },
  'owner.faulter': {
    title: 'The process with the most major faults per second',
    unit: 'entity',
    formula: 'max Δ majflt',
    value: (view) => {
      const [top] = grownProcesses(view).grown.toSorted((a, b) => b.majflt - a.majflt);
      if (!top || top.majflt === 0) throw new Unknown('none of the largest processes had a major fault in the sample');
      return named(top.process);
    },
  },
  'owner.cgroup': {
    title: 'The cgroup whose limit binds hardest',
    unit: 'entity',
    formula:
      'of the cgroups with a limit: most kills, then failures, hits of memory.max and memory.high in the sample, then kills since creation, then highest usage, from 90 % up; with one sample the one whose tasks wait most, from 10 % up, else the one with most kills of its own; the deepest of equals',
    validity: 'unknown when no limit was met and none is 90 % used; of one sample also a cgroup whose limits were not shown',
    value: tightest,
  },
  'owner.oom_victim': {
    title: 'The last process that an OOM killer chose',
    unit: 'entity',
    formula: 'last “Killed process” of the kernel log, with its anon-rss + file-rss + shmem-rss',
    value: (view) => victimOf(lastKill(view)),
  },
  'owner.oom_global_victim': {
    title: 'The last process killed because the host had no memory left',
    unit: 'entity',
    formula: 'as owner.oom_victim, of global OOM kills only',
    value: (view) => victimOf(lastKill(view, ['oom-kill'])),
  },
  'owner.oom_memcg_victim': {
    title: 'The last process killed at the memory limit of a cgroup',
    unit: 'entity',
    formula: 'as owner.oom_victim, of memory cgroup OOM kills only',
    value: (view) => victimOf(lastKill(view, ['memcg-oom-kill'])),
  },
});

/** @throws Unknown when the log does not name it. */
function victimOf({ victims }: ReturnType<typeof lastKill>): Entity {
  const victim = victims?.at(-1);
  if (!victim) throw new Unknown('the kernel log does not name the victim of the last OOM kill', 'kernel-log');
  const parts = [victim.anonRssBytes, victim.fileRssBytes, victim.shmemRssBytes].filter((part) => part !== null);
  const bytes = parts.length > 0 ? parts.reduce((sum, part) => sum + part, 0) : null;
  return { kind: 'process', name: victim.name, ...(victim.pid === null ? {} : { pid: victim.pid }), bytes };
}

const named = (process: Process): Entity => ({ kind: 'process', name: process.name, pid: process.pid, bytes: privateBytes(process) });

/** @throws Unknown when no process has any, or one has more of its own */
function hugeHog(view: View): Process {
  const { top } = view.last('processes');
  view.used('/proc/PID/status HugetlbPages');
  const [first] = top.filter(({ hugetlb }) => (hugetlb ?? 0) > 0).toSorted((a, b) => (b.hugetlb ?? 0) - (a.hugetlb ?? 0));
  if (!first || (first.hugetlb ?? 0) <= privateBytes(largest(view)))
    throw new Unknown('no process holds most of its memory in huge pages of the pools');
  return first;
}

function tightest(view: View): Entity {
  const ranked = view
    .items('cgroups')
    .filter((group) => group['limited'] === true || group['single'] === true)
    .map((group) => ({ group, weights: weightsOf(group) }))
    .filter(({ weights }) => weights.some((weight) => weight > 0))
    .toSorted((a, b) => compare(b.weights, a.weights) || depth(b.group) - depth(a.group));
  const [first] = ranked;
  if (!first) throw new Unknown('no limit of a cgroup was met, and none is 90 % used');
  const bytes = first.group['current_bytes'];
  return { kind: 'cgroup', name: first.group.name, bytes: typeof bytes === 'number' ? bytes : null };
}

function weightsOf(group: Item): number[] {
  const of = (field: string): number => Number(group[field] ?? 0);
  const usage = of('usage_pct');
  const waits = group['single'] === true ? of('psi_some_now') : 0;
  const limited = group['limited'] === true;
  const met = limited ? [of('d_oom_kill'), of('d_oom'), of('d_max') + of('d_high'), of('oom_kills') + of('ooms')] : [0, 0, 0, 0];
  // of one whose limit was not shown, that it was met is told by its kills alone
  const unshown = !limited && group['single'] === true ? of('own_kills') : 0;
  return [...met, limited && usage >= 90 ? usage : 0, waits >= 10 ? waits : 0, unshown];
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((weight, index) => weight !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

const depth = ({ name }: Item): number => name.split('/').length;
