import type { ProcessMemory } from './memory.js';
import type { ProcessStat } from './stat.js';

/** How many processes and groups of one name are kept. */
export const TOP_PROCESSES = 100;
export const TOP_GROUPS = 40;

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
}

const held = ({ memory }: Candidate): number => memory.anon + memory.shmem + memory.swap;
const largestFirst = (a: Candidate, b: Candidate): number => held(b) - held(a) || a.stat.pid - b.stat.pid;

/** Starts an empty tally. */
export function tally(): Tally {
  const sums = { visible: 0, threads: 0, anon: 0, file: 0, shmem: 0, swap: 0, pageTables: 0 };
  const states = new Map<string, number>();
  const groups = new Map<string, Group>();
  let largest: Candidate[] = [];

  function keep(candidate: Candidate): void {
    largest.push(candidate);
    // sorted only when it has grown to four times what is wanted: cheap, and bounded
    if (largest.length >= 4 * TOP_PROCESSES) largest = largest.sort(largestFirst).slice(0, TOP_PROCESSES);
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
    add: (stat, memory) => {
      sums.visible += 1;
      sums.threads += stat.threads;
      sums.anon += memory.anon;
      sums.file += memory.file;
      sums.shmem += memory.shmem;
      sums.swap += memory.swap;
      sums.pageTables += memory.pte;
      states.set(stat.state, (states.get(stat.state) ?? 0) + 1);
      if (stat.kernelThread) return;
      keep({ stat, memory });
      addToGroup(stat.name, memory);
    },
    top: () => largest.sort(largestFirst).slice(0, TOP_PROCESSES),
    groups: () =>
      [...groups.values()]
        .sort((a, b) => b.anon + b.swap - a.anon - a.swap || b.count - a.count || (a.name < b.name ? -1 : 1))
        .slice(0, TOP_GROUPS),
  };
}
