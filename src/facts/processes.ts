import { defineFacts, Unknown } from './fact.js';
import { fastestGrower, grownProcesses, type Grown, privateBytes, type Process } from './growth.js';
import type { View } from './view.js';

const GROUP_MEMBERS = 5;
/** A list of all processes has kernel threads and daemons, and is longer; what is shorter was cut. */
export const WHOLE = 40;

/** Processes of one name. */
export interface Group {
  /** The name without numbers at its end. */
  readonly stem: string;
  readonly name: string;
  readonly count: number;
  readonly anon: number;
  readonly swap: number;
}

const stemOf = (name: string): string => /^(.*?[^\d\s])[-_:/#]?\d+$/.exec(name)?.[1] ?? name;
const NOISE = 'changes below 2 MiB are noise and count as 0; only processes among the largest in both samples';

/** Which processes hold private memory, and whose grows. Private memory is RssAnon + VmSwap: RSS counts shared pages once for each process. */
export default defineFacts({
  'proc.coverage': {
    title: 'Share of anonymous memory that the visible processes explain',
    unit: '1',
    formula: 'Σ RssAnon of all visible processes / AnonPages',
    validity: 'below 0.6 processes are hidden (hidepid, PID namespace); above 1 is normal, forked children share',
    value: (view) => {
      view.used('/proc/PID/status RssAnon');
      return view.last('processes').anon / view.meminfo('AnonPages');
    },
  },
  'proc.list_partial': {
    title: 'Only some of the processes were shown',
    unit: 'boolean',
    formula: `pasted, fewer than ${WHOLE} processes, and either none is the first (pid 1), or kernel threads are among them, or “Tasks:” of top counts more`,
    validity: 'then what the shown ones hold together is a minimum',
    value: (view) => {
      if (view.snapshot.texts === undefined) return false;
      const { visible, top } = view.last('processes');
      view.used('number of processes');
      if (visible >= WHOLE) return false;
      const counted = view.maybe(() => view.number('tasks.total')) ?? 0;
      return !top.some(({ pid }) => pid === 1) || top.some(({ name }) => name === 'kthreadd') || counted > visible;
    },
  },
  'proc.rss_only': {
    title: 'Of the processes only RSS is known',
    unit: 'boolean',
    formula: 'pasted, and none of those with memory has a file or shared page: the list does not tell them apart',
    validity: 'then private memory is at most what is shown: libraries, files and shared memory are in it',
    value: (view) => {
      if (view.snapshot.texts === undefined) return false;
      const holders = view.last('processes').top.filter(({ anon }) => anon > 0);
      view.used('/proc/PID/statm');
      return holders.length > 0 && holders.every(({ file, shmem }) => file === 0 && shmem === 0);
    },
  },
  'proc.top1_pct': {
    title: 'The largest process, share of all private memory',
    unit: '%',
    formula: '100 × (RssAnon + VmSwap) of the largest / (AnonPages + SwapTotal − SwapFree)',
    validity: 'at most 100: the process is read a moment later than the sum',
    value: (view) => Math.min(100, (100 * privateBytes(largest(view))) / view.number('mem.anon_and_swap_bytes')),
  },
  'proc.top1_of_ram_pct': {
    title: 'The largest process, against MemTotal',
    unit: '%',
    formula: '100 × (RssAnon + VmSwap + HugetlbPages) of the largest / MemTotal',
    validity: 'above 100 % part of it is in swap',
    value: (view) => {
      const process = largest(view);
      return (100 * (privateBytes(process) + (process.hugetlb ?? 0))) / view.meminfo('MemTotal');
    },
  },
  'proc.top1_growth_bytes_per_second': {
    title: 'Growth of the largest process',
    unit: 'bytes/s',
    formula: 'Δ(RssAnon + VmSwap) of the largest / Δt',
    validity: NOISE,
    value: (view) => {
      const { grown, seconds } = grownProcesses(view);
      const { pid } = largest(view);
      const found = grown.find(({ process }) => process.pid === pid);
      if (!found) throw new Unknown('the largest process was not among the largest in the first sample');
      return found.bytes / seconds;
    },
  },
  'proc.growth_bytes': {
    title: 'Growth of the fastest growing process in the sample',
    unit: 'bytes',
    formula: 'max Δ(RssAnon + VmSwap), same pid and start time',
    validity: NOISE,
    value: (view) => fastestGrower(view).grower?.bytes ?? 0,
  },
  'proc.growth_bytes_per_second': {
    title: 'Growth of the fastest growing process',
    unit: 'bytes/s',
    formula: 'max Δ(RssAnon + VmSwap) / Δt, same pid and start time',
    validity: NOISE,
    value: (view) => {
      const { grower, seconds } = fastestGrower(view);
      return (grower?.bytes ?? 0) / seconds;
    },
  },
  'proc.growth_of_ram_pct': {
    title: 'Growth of the fastest growing process in the sample, share of MemTotal',
    unit: '%',
    formula: '100 × proc.growth_bytes / MemTotal',
    validity: NOISE,
    value: (view) => (100 * view.number('proc.growth_bytes')) / view.meminfo('MemTotal'),
  },
  'proc.growth_share': {
    title: 'Share of the fastest growing process in all growth',
    unit: '1',
    formula: 'max Δ(RssAnon + VmSwap) / Σ positive Δ(RssAnon + VmSwap)',
    value: (view) => grower(view).bytes / fastestGrower(view).allBytes,
  },
  'proc.grower_age_s': {
    title: 'Age of the fastest growing process',
    unit: 's',
    formula: 'uptime − starttime',
    validity: 'below 300 s it may be warming up',
    value: (view) => Math.max(0, view.number('sample.uptime') - grower(view).process.startSeconds),
  },
  'proc.group_pct': {
    title: 'The largest group of processes of one name, share of all private memory',
    unit: '%',
    formula:
      '100 × Σ(RssAnon + VmSwap) of the largest group of at least 5 of one name, numbers at its end left out / (AnonPages + SwapTotal − SwapFree)',
    validity: '0 when no five processes share a name; pages shared since a fork count in each',
    value: (view) => (100 * groupBytes(view)) / view.number('mem.anon_and_swap_bytes'),
  },
  'proc.group_of_ram_pct': {
    title: 'The largest group of processes of one name, against MemTotal',
    unit: '%',
    formula: '100 × Σ(RssAnon + VmSwap) of the largest group of at least 5 of one name, numbers at its end left out / MemTotal',
    validity: '0 when no five processes share a name; pages shared since a fork count in each',
    value: (view) => (100 * groupBytes(view)) / view.meminfo('MemTotal'),
  },
  'proc.group_count': {
    title: 'Processes in the largest group',
    unit: 'count',
    formula: 'processes of that name, numbers at its end left out',
    validity: '0 when no five processes share a name',
    value: (view) => largestGroup(view)?.count ?? 0,
  },
  'proc.group_top1_pct': {
    title: 'The largest process of the largest group, share of the group',
    unit: '%',
    formula: '100 × max(RssAnon + VmSwap) / Σ(RssAnon + VmSwap) of the group',
    value: (view) => {
      const group = largestGroup(view);
      if (!group) throw new Unknown('no five processes share a name');
      const members = view.last('processes').top.filter(({ name }) => stemOf(name) === group.stem);
      if (members.length === 0) throw new Unknown('none of the group is among the largest processes');
      return (100 * Math.max(...members.map(privateBytes))) / privateBytes(group);
    },
  },
  'proc.hog_swap_pct': {
    title: 'The largest swap user: share of its private memory that is in swap',
    unit: '%',
    formula: '100 × VmSwap / (RssAnon + VmSwap) of the process with the largest VmSwap',
    validity: '0 when no process has pages in swap',
    value: (view) => {
      const hog = swapHog(view);
      return hog.swap === 0 ? 0 : (100 * hog.swap) / privateBytes(hog);
    },
  },
  'proc.hog_swap_of_ram_pct': {
    title: 'The largest swap user: what it has in swap, against MemTotal',
    unit: '%',
    formula: '100 × max VmSwap / MemTotal',
    value: (view) => (100 * swapHog(view).swap) / view.meminfo('MemTotal'),
  },
  'proc.protected_hog': {
    title: 'The largest process may not be chosen by the OOM killer',
    unit: 'boolean',
    formula: 'oom_score_adj = −1000 of the largest, with (RssAnon + VmSwap) ≥ 25 % of AnonPages + SwapTotal − SwapFree',
    value: (view) => largest(view).oomScoreAdj === -1000 && view.number('proc.top1_pct') >= 25,
  },
});

/** The process with the most private memory. @throws Unknown */
export function largest(view: View): Process {
  return most(view, privateBytes);
}

/** The process with the most in swap. @throws Unknown */
export function swapHog(view: View): Process {
  return most(view, ({ swap }) => swap);
}

/**
 * The largest group of at least five processes of one name, numbers at its end left out: worker1, worker2 are one pool (`worker*`).
 * @throws Unknown when no processes were read.
 */
export function largestGroup(view: View): Group | undefined {
  const merged = new Map<string, Group>();
  for (const { name, count, anon, swap } of view.last('processes').groups) {
    const stem = stemOf(name);
    const known = merged.get(stem);
    merged.set(
      stem,
      known
        ? {
            stem,
            name: known.name === name ? name : `${stem}*`,
            count: known.count + count,
            anon: known.anon + anon,
            swap: known.swap + swap,
          }
        : { stem, name, count, anon, swap },
    );
  }
  view.used('/proc/PID/status Name, RssAnon, VmSwap');
  const big = [...merged.values()].filter((group) => group.count >= GROUP_MEMBERS && privateBytes(group) > 0);
  return big.toSorted((a, b) => privateBytes(b) - privateBytes(a))[0];
}

function groupBytes(view: View): number {
  const group = largestGroup(view);
  return group ? privateBytes(group) : 0;
}

function most(view: View, size: (process: Process) => number): Process {
  const [top] = view.last('processes').top.toSorted((a, b) => size(b) - size(a));
  view.used('/proc/PID/status RssAnon, VmSwap');
  if (!top) throw new Unknown('no process is visible');
  return top;
}

function grower(view: View): Grown {
  const { grower: found } = fastestGrower(view);
  if (!found) throw new Unknown('no process grew by 2 MiB in the sample');
  return found;
}
