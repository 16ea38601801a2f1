import type { ProcessMemory } from './memory.js';
import type { ProcessStat } from './stat.js';

/** How many processes and groups of one name are kept. */
export const TOP_PROCESSES = 100;
export const TOP_GROUPS = 40;
/** How many of those with the largest tables of open files, and of those that pin most. */
export const WIDEST = 15;
export const PINNERS = 5;
/** Tasks that wait uninterruptibly, of which the reason is asked. */
export const BLOCKED = 32;

/** Daemons that act when memory gets short, or that change settings of it: names as the kernel cuts them, at 15 bytes. */
const WATCHED = new Set(
  'systemd-oomd earlyoom nohang nohang-desktop oomd lmkd low-memory-moni bustd psi-notify memavaild tuned ksmtuned uresourced numad prelockd swapspace'.split(
    ' ',
  ),
);

/** Kernel threads that reclaim and compact memory, by node. */
export const RECLAIMER = /^(?:kswapd\d{0,4}|kcompactd\d{1,4}|khugepaged)$/;
/** Of them, the first: one a node, of each kind. */
export const RECLAIMERS = 64;

/** One process that may be among the largest. */
export interface Candidate {
  readonly stat: ProcessStat;
  readonly memory: ProcessMemory;
}

/** The processes of one name, in bytes. */
export interface Group {
  readonly name: string;
  count: number;
  anon: number;
  swap: number;
}

/** The sums over all processes, and the largest of them: what is kept while the walk goes on. */
export interface Tally {
  readonly add: (stat: ProcessStat, memory: ProcessMemory) => void;
  readonly sums: { visible: number; threads: number; anon: number; file: number; shmem: number; swap: number; pageTables: number };
  readonly states: Map<string, number>;
  readonly top: () => Candidate[];
  readonly groups: () => Group[];
  /** Those that may hold memory of the kernel: with many open files, or with pinned memory. */
  readonly holders: () => Candidate[];
  /** Which of the watched daemons run. */
  readonly daemons: () => string[];
  /** Tasks in state D. */
  readonly blocked: readonly ProcessStat[];
  /** Kernel threads that reclaim and compact memory. */
  readonly reclaimers: readonly ProcessStat[];
  /** Σ FDSize; null when no kernel printed it. */
  readonly slots: () => number | null;
}

const held = ({ memory }: Candidate): number => memory.anon + memory.shmem + memory.swap;
const largestFirst = (a: Candidate, b: Candidate): number => held(b) - held(a) || a.stat.pid - b.stat.pid;

const slotsOf = ({ memory }: Candidate): number => memory.fdSize ?? 0;
const pinnedOf = ({ memory }: Candidate): number => memory.pinned ?? 0;
const best = (all: readonly Candidate[], most: number, size: (candidate: Candidate) => number): Candidate[] =>
  all.toSorted((a, b) => size(b) - size(a) || largestFirst(a, b)).slice(0, most);

/** Starts an empty tally. */
export function tally(): Tally {
  const sums = { visible: 0, threads: 0, anon: 0, file: 0, shmem: 0, swap: 0, pageTables: 0 };
  const states = new Map<string, number>();
  const groups = new Map<string, Group>();
  const blocked: ProcessStat[] = [];
  const reclaimers: ProcessStat[] = [];
  let largest: Candidate[] = [];
  let widest: Candidate[] = [];
  let pinners: Candidate[] = [];
  let slots: number | null = null;
  const daemons = new Set<string>();

  function keep(candidate: Candidate): void {
    largest.push(candidate);
    // sorted only when it has grown to four times what is wanted: cheap, and bounded
    if (largest.length >= 4 * TOP_PROCESSES) largest = largest.sort(largestFirst).slice(0, TOP_PROCESSES);
  }
  function keepHolder(candidate: Candidate): void {
    if (slotsOf(candidate) > 0) {
      slots = (slots ?? 0) + slotsOf(candidate);
      widest.push(candidate);
      if (widest.length >= 8 * WIDEST) widest = best(widest, WIDEST, slotsOf);
    }
    if (pinnedOf(candidate) === 0) return;
    pinners.push(candidate);
    if (pinners.length >= 8 * PINNERS) pinners = best(pinners, PINNERS, pinnedOf);
  }
  function addToGroup(name: string, memory: ProcessMemory): void {
    const group = groups.get(name) ?? { name, count: 0, anon: 0, swap: 0 };
    group.count += 1;
    group.anon += memory.anon;
    group.swap += memory.swap;
    groups.set(name, group);
  }
  return {
    sums,
    states,
    blocked,
    reclaimers,
    slots: () => slots,
    daemons: () => [...daemons].sort(),
    holders: () => [...new Set([...best(widest, WIDEST, slotsOf), ...best(pinners, PINNERS, pinnedOf)])],
    add: (stat, memory) => {
      sums.visible += 1;
      sums.threads += stat.threads;
      sums.anon += memory.anon;
      sums.file += memory.file;
      sums.shmem += memory.shmem;
      sums.swap += memory.swap;
      sums.pageTables += memory.pte;
      states.set(stat.state, (states.get(stat.state) ?? 0) + 1);
      if (stat.state === 'D' && blocked.length < BLOCKED) blocked.push(stat);
      if (stat.kernelThread || stat.vsize === 0) {
        if (RECLAIMER.test(stat.name) && reclaimers.length < RECLAIMERS) reclaimers.push(stat);
        if (stat.kernelThread) return;
      }
      if (WATCHED.has(stat.name)) daemons.add(stat.name);
      keep({ stat, memory });
      keepHolder({ stat, memory });
      addToGroup(stat.name, memory);
    },
    top: () => largest.sort(largestFirst).slice(0, TOP_PROCESSES),
    groups: () =>
      [...groups.values()]
        .sort((a, b) => b.anon + b.swap - a.anon - a.swap || b.count - a.count || (a.name < b.name ? -1 : 1))
        .slice(0, TOP_GROUPS),
  };
}
