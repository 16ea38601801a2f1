/** Processes seen in both samples, paired by pid and start time: a pid alone may have been given away again. */
import type { SourceData } from '../gather/snapshot.js';
import type { View } from './view.js';

const MIB = 1 << 20;
/** Resident sizes are summed up from per-task caches: a smaller change is noise (SPLIT_RSS_COUNTING, percpu rss_stat). */
export const RSS_NOISE = 2 * MIB;

export type Process = SourceData<'processes'>['top'][number];

export interface Grown {
  readonly process: Process;
  /** The same in the first sample. */
  readonly before: Process;
  /** Change of anon + swap in bytes; 0 within the noise. */
  readonly bytes: number;
  readonly majflt: number;
}

/** Private memory of a process, in memory and in swap. */
export const privateBytes = ({ anon, swap }: { readonly anon: number; readonly swap: number }): number => anon + swap;

/** The processes listed in both samples, and the seconds between. @throws Unknown with fewer than two samples. */
export function grownProcesses(view: View): { grown: Grown[]; seconds: number } {
  const { first, last, seconds } = view.pair('processes');
  view.used('/proc/PID/status RssAnon, VmSwap');
  view.used('/proc/PID/stat majflt, starttime');
  const before = new Map(first.top.map((process) => [keyOf(process), process]));
  const grown = last.top.flatMap((process) => {
    const earlier = before.get(keyOf(process));
    if (!earlier) return [];
    const change = privateBytes(process) - privateBytes(earlier);
    return [
      { process, before: earlier, bytes: Math.abs(change) < RSS_NOISE ? 0 : change, majflt: Math.max(0, process.majflt - earlier.majflt) },
    ];
  });
  return { grown, seconds };
}

/** The process that grew most, undefined when none grew beyond the noise. @throws Unknown with fewer than two samples. */
export function fastestGrower(view: View): { grower: Grown | undefined; seconds: number; allBytes: number } {
  const { grown, seconds } = grownProcesses(view);
  const rising = grown.filter(({ bytes }) => bytes > 0).toSorted((a, b) => b.bytes - a.bytes);
  return { grower: rising[0], seconds, allBytes: rising.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** It grew to no more than it had been before the first sample: work that comes in waves. */
export const isBack = ({ process, before, bytes }: Grown): boolean =>
  bytes > 0 && before.hwm >= process.anon + process.file + process.shmem + process.swap;

const keyOf = ({ pid, startSeconds }: Process): string => `${pid} ${startSeconds}`;
