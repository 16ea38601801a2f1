/** System V shared memory segments that nobody has attached. */
import type { SourceData } from '../gather/snapshot.js';
import { Unknown } from './fact.js';
import type { View } from './view.js';

export type Segment = SourceData<'sysvipc-shm'>[number];

/** A segment may be left alone for a moment between two users of it. */
const RESTING_S = 60;
/** The list of processes is cut off here; kernel threads and others without memory are not on it. */
const LISTED = 100;
/** Below this share of AnonPages, processes are hidden from us. */
const COVERED = 0.6;

/** What a segment holds, in memory and in swap. @throws Unknown on kernels that do not print it (before 2.6.36). */
export function segmentBytes({ rss, swap }: Segment): number {
  if (rss === undefined) throw new Unknown('/proc/sysvipc/shm does not say how much of a segment is in memory');
  return rss + (swap ?? 0);
}

/** Segments without a user for a minute, or whose creator and last user are gone, the largest first. @throws Unknown */
export function orphans(view: View): Segment[] {
  const idle = view.last('sysvipc-shm').filter((segment) => segment.attached === 0 && segmentBytes(segment) > 0);
  view.used('/proc/sysvipc/shm');
  return idle.filter((segment) => abandoned(view, segment)).toSorted((a, b) => segmentBytes(b) - segmentBytes(a));
}

function abandoned(view: View, { createdAt, detachedAt, creatorPid, lastPid }: Segment): boolean {
  // pid 0 as creator is somebody of another PID namespace; as last user it is nobody
  const gone = isGone(view, creatorPid) && (lastPid === 0 || isGone(view, lastPid));
  return gone || now(view) - Math.max(createdAt, detachedAt) >= RESTING_S;
}

/** Only a list that was not cut off, and that explains most private memory, shows that a process is not there. */
function isGone(view: View, pid: number): boolean {
  const processes = view.readings('processes').at(-1)?.data;
  const coverage = view.maybe(() => view.number('proc.coverage')) ?? 0;
  if (pid === 0 || !processes || processes.top.length >= LISTED || coverage < COVERED) return false;
  view.used('/proc/PID');
  return !processes.top.some((process) => process.pid === pid);
}

/** Seconds since the epoch by the clock of the host. @throws Unknown */
function now(view: View): number {
  const boot = view.last('stat').btime;
  view.used('/proc/stat btime');
  return boot + view.number('sample.uptime');
}
