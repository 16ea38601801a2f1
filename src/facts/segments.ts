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

/** Segments that are not told by their memory are taken by their size when all shared memory is at least this share of it. */
const FILLED = 0.8;

/**
 * What a segment holds, in memory and in swap. ipcs, and kernels before 2.6.36, tell its size only, of which any part may never
 * have been touched: that is taken where the shared memory of the host is about as much as all segments together.
 * @throws Unknown otherwise
 */
export function segmentBytes(view: View, { rss, swap, size }: Segment): number {
  if (rss !== undefined) return rss + (swap ?? 0);
  const sizes = view.last('sysvipc-shm').reduce((sum, segment) => sum + segment.size, 0);
  const shared = view.maybe(() => view.meminfo('Shmem')) ?? 0;
  if (shared < FILLED * sizes) throw new Unknown('what was read does not say how much of a segment is in memory');
  view.used('/proc/meminfo Shmem');
  return size;
}

/** Segments without a user for a minute, or whose creator and last user are gone, the largest first. @throws Unknown */
export function orphans(view: View): Segment[] {
  const idle = view.last('sysvipc-shm').filter((segment) => segment.attached === 0 && segmentBytes(view, segment) > 0);
  view.used('/proc/sysvipc/shm');
  return idle.filter((segment) => abandoned(view, segment)).toSorted((a, b) => segmentBytes(view, b) - segmentBytes(view, a));
}

function abandoned(view: View, { createdAt, detachedAt, creatorPid, lastPid }: Segment): boolean {
  // every segment has a time of creation; ipcs does not show it, and nobody has it at that moment
  if (createdAt === 0 && detachedAt === 0) return true;
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
