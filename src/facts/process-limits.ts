import { defineFacts, type Entity, Unknown } from './fact.js';
import type { Process } from './growth.js';
import type { View } from './view.js';

interface Near {
  readonly process: Process;
  readonly limit: string;
  readonly pct: number;
}

/** What a limit is compared with; a process above a limit is not bound by it (CAP_IPC_LOCK, or the limit was lowered later). */
const KINDS = [
  ['address space (RLIMIT_AS)', (process: Process) => [process.vsize, process.limits?.addressSpace]],
  ['data (RLIMIT_DATA)', (process: Process) => [process.data, process.limits?.data]],
  ['locked memory (RLIMIT_MEMLOCK)', (process: Process) => [process.locked, process.limits?.locked]],
] as const;

const LARGEST = 'of the 30 largest processes whose limits could be read; 0 when none has a limit';

/** Limits of a process at which mmap(), malloc() and mlock() fail though memory is free. */
export default defineFacts({
  'proc.limit_near_pct': {
    title: 'The process that is nearest to one of its memory limits',
    unit: '%',
    formula: 'max 100 × VmSize / RLIMIT_AS, VmData / RLIMIT_DATA, VmLck / RLIMIT_MEMLOCK',
    validity: LARGEST,
    reference: 'https://man7.org/linux/man-pages/man2/getrlimit.2.html',
    value: (view) => nearest(view)?.pct ?? 0,
  },
  'proc.limit_near': {
    title: 'The limit that a process is nearest to',
    unit: 'text',
    formula: 'as proc.limit_near_pct',
    value: (view) => demanded(view).limit,
  },
  'owner.limited': {
    title: 'The process that is nearest to one of its memory limits',
    unit: 'entity',
    formula: 'as proc.limit_near_pct',
    value: (view): Entity => {
      const { process } = demanded(view);
      return { kind: 'process', name: process.name, pid: process.pid, bytes: process.vsize };
    },
  },
});

function demanded(view: View): Near {
  const near = nearest(view);
  if (!near) throw new Unknown('none of the largest processes has a limit of memory');
  return near;
}

function nearest(view: View): Near | undefined {
  const limited = view.last('processes').top.filter(({ limits }) => limits !== undefined);
  view.used('/proc/PID/limits');
  view.used('/proc/PID/status VmSize, VmData, VmLck');
  if (limited.length === 0) throw new Unknown('the limits of no process could be read');
  const all = limited.flatMap((process) =>
    KINDS.flatMap(([limit, figures]): Near[] => {
      const [used, most] = figures(process);
      if (used === undefined || most === undefined || most === 0 || used > most) return [];
      return [{ process, limit, pct: (100 * used) / most }];
    }),
  );
  return all.toSorted((a, b) => b.pct - a.pct)[0];
}
