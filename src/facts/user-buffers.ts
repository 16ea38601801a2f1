import { defineFacts, type Entity, Unknown } from './fact.js';
import { holders, nameOf, topBy, widest } from './open-files.js';
import type { View } from './view.js';

/** PIPE_DEF_BUFFERS: a pipe holds 16 pages unless it is told to hold more. */
const PIPE_PAGES = 16;
/** A pipe has two ends. */
const ENDS = 2;
/** Fewer are no explanation, whatever could be in them. */
const FEWEST_FILES = 200;
/** IORING_MAX_ENTRIES (32768) requests of 64 bytes, and twice as many completions of 16. */
const RING_BYTES = 3 << 20;
/** Buffers of perf events beyond perf_event_mlock_kb, half a MiB a CPU, are pinned memory: where that is printed, it tells. */
const MANY_EVENTS = 32;

interface Suspect {
  readonly kind: 'pinned' | 'pipes' | 'charged' | 'files' | 'io_uring' | 'perf';
  readonly owner: Entity;
  /** What it may hold at most; null when nothing tells. */
  readonly most: number | null;
}

/** Who of the users may hold the pages that no counter accounts for: they are charged to nobody, but somebody has the file open. */
export default defineFacts({
  'proc.pinned_top_bytes': {
    title: 'Most pinned memory of one process',
    unit: 'bytes',
    formula: 'max VmPin',
    validity: 'perf buffers beyond perf_event_mlock_kb, io_uring, RDMA and AF_XDP are charged there',
    reference: 'https://man7.org/linux/man-pages/man5/proc_pid_status.5.html',
    value: (view) => Math.max(0, ...pins(view).map(({ pinned }) => pinned ?? 0)),
  },
  'owner.pinner': {
    title: 'The process that has pinned most memory',
    unit: 'entity',
    formula: 'max VmPin',
    value: (view): Entity => {
      const [first] = pins(view).toSorted((a, b) => (b.pinned ?? 0) - (a.pinned ?? 0));
      if (!first?.pinned) throw new Unknown('no process has pinned memory');
      return { ...nameOf(first), bytes: first.pinned };
    },
  },
  'buffers.kind': {
    title: 'What kind of buffers of a user explains the memory that no counter accounts for',
    unit: 'text',
    formula:
      'pinned: max VmPin ≥ half of acct.unaccounted_bytes; pipes: ends of pipes / 2 × 16 pages ≥ half of it; io_uring: rings × 3 MiB ≥ half of it; perf: 32 events or more, where VmPin is not printed; charged: a cgroup was charged for half of it (owner.pages_charged); files: by FDSize, where no open file could be looked at; else none',
    value: (view) => view.maybe(() => suspect(view).kind) ?? none(view),
  },
  'buffers.most_bytes': {
    title: 'The most that these buffers hold',
    unit: 'bytes',
    formula: 'VmPin; of pipes 16 pages each; of io_uring 3 MiB each; what a cgroup was charged for',
    validity: 'a pipe may have been told to hold more, up to fs.pipe-max-size',
    value: (view) => {
      const { most } = suspect(view);
      if (most === null) throw new Unknown('the size of these buffers is not printed');
      return most;
    },
  },
  'owner.buffers': {
    title: 'The process that may hold the memory that no counter accounts for',
    unit: 'entity',
    formula: 'as buffers.kind',
    value: (view) => suspect(view).owner,
  },
});

function pins(view: View): ReturnType<typeof holders> {
  view.used('/proc/PID/status VmPin');
  const known = holders(view).filter(({ pinned }) => pinned !== undefined);
  if (known.length === 0) throw new Unknown('this kernel does not print VmPin');
  return known;
}

/** Nobody fits, provided that somebody was looked at. @throws Unknown */
function none(view: View): string {
  view.number('acct.unaccounted_bytes');
  holders(view);
  return 'none';
}

/** @throws Unknown when nobody fits. */
function suspect(view: View): Suspect {
  const half = view.number('acct.unaccounted_bytes') / 2;
  if (half <= 0) throw new Unknown('no memory is unaccounted for');
  const found = [pinner, piper, ringer, charged, wide]
    .map((look) => view.maybe(() => look(view, half)))
    .find((each) => each !== undefined && each !== null);
  if (!found) throw new Unknown('no process is seen to hold buffers of this size');
  return found;
}

function pinner(view: View, half: number): Suspect | null {
  const owner = view.entity('owner.pinner');
  return (owner.bytes ?? 0) >= half ? { kind: 'pinned', owner, most: owner.bytes } : null;
}

function piper(view: View, half: number): Suspect | null {
  const { holder, files } = topBy(view, 'pipe');
  const most = Math.floor(files / ENDS) * PIPE_PAGES * view.pageSize;
  return files >= FEWEST_FILES && most >= half ? { kind: 'pipes', owner: nameOf(holder), most } : null;
}

function ringer(view: View, half: number): Suspect | null {
  const rings = view.maybe(() => topBy(view, 'io_uring'));
  if (rings && rings.files * RING_BYTES >= half) return { kind: 'io_uring', owner: nameOf(rings.holder), most: rings.files * RING_BYTES };
  if (view.maybe(() => pins(view)) !== undefined) return null;
  const events = view.maybe(() => topBy(view, 'perf_event'));
  return events && events.files >= MANY_EVENTS ? { kind: 'perf', owner: nameOf(events.holder), most: null } : null;
}

/** Pages that the kernel charged to the cgroup of who asked for them, beside all that has a line of its own. */
function charged(view: View): Suspect {
  const owner = view.entity('owner.pages_charged');
  return { kind: 'charged', owner, most: owner.bytes };
}

/** Where the kinds of the files are not known: so many of one process, on a host where few others have any, may be pipes. */
function wide(view: View, half: number): Suspect | null {
  const { holder, files } = widest(view);
  if (holder.kinds !== undefined || files < FEWEST_FILES) return null;
  const most = Math.ceil(files / ENDS) * PIPE_PAGES * view.pageSize;
  return most >= half ? { kind: 'files', owner: nameOf(holder), most } : null;
}
