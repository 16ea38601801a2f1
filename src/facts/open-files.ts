import type { SourceData } from '../gather/snapshot.js';
import { defineFacts, type Entity, type FactDefinition, Unknown } from './fact.js';
import type { View } from './view.js';

export type Holder = NonNullable<SourceData<'processes'>['holders']>[number];

const OF_THOSE = 'of the processes with the largest tables of open files, and the largest in memory';

const owner = (title: string, ...kinds: readonly string[]): FactDefinition => ({
  title,
  unit: 'entity',
  formula: `most open files of the kind ${kinds.join(', ')} in /proc/PID/fd`,
  validity: `${OF_THOSE}; unknown when none has one`,
  value: (view) => nameOf(topBy(view, ...kinds).holder),
});

const most = (title: string, ...kinds: readonly string[]): FactDefinition => ({
  title,
  unit: 'count',
  formula: `max open files of the kind ${kinds.join(', ')} in /proc/PID/fd`,
  validity: OF_THOSE,
  value: (view) => Math.max(0, ...openers(view).map((holder) => kindCount(holder, kinds))),
});

/** Who has what open: pipes, sockets and anonymous files hold memory of the kernel. */
export default defineFacts({
  'proc.fd_top': {
    title: 'Most open files of one process',
    unit: 'count',
    formula: 'max entries of /proc/PID/fd; where they may not be read, file-nr − Σ FDSize of all others',
    validity: OF_THOSE,
    value: (view) => widest(view).files,
  },
  'owner.fd_holder': {
    title: 'The process with most open files',
    unit: 'entity',
    formula: 'max entries of /proc/PID/fd; where they may not be read, file-nr − Σ FDSize of all others',
    validity: OF_THOSE,
    value: (view) => nameOf(widest(view).holder),
  },
  'proc.pipe_top': most('Most ends of pipes of one process', 'pipe'),
  'owner.pipe_holder': owner('The process with most pipes', 'pipe'),
  'proc.socket_top': most('Most sockets of one process', 'socket'),
  'owner.socket_holder': {
    title: 'The process whose sockets hold most',
    unit: 'entity',
    formula:
      'max Σ (rx_queue + tx_queue) of the longest queues whose inode is among its open files; else who was charged for half of sock.bytes; else most sockets',
    validity: OF_THOSE,
    value: socketHolder,
  },
  'proc.eventfd_top': most('Most eventfds of one process', 'eventfd'),
  'owner.eventfd_holder': owner('The process with most eventfds', 'eventfd'),
  'proc.epoll_top': most('Most epoll files of one process', 'eventpoll'),
  'owner.epoll_holder': owner('The process with most epoll files', 'eventpoll'),
  'proc.perf_top': most('Most perf events of one process', 'perf_event'),
  'owner.perf_holder': owner('The process with most perf events', 'perf_event'),
  'proc.io_uring_top': most('Most io_uring rings of one process', 'io_uring'),
  'owner.io_uring_holder': owner('The process with most io_uring rings', 'io_uring'),
  'proc.bpf_top': most('Most BPF maps and programs of one process', 'bpf-map', 'bpf-prog'),
  'owner.bpf_holder': owner('The process with most BPF maps and programs', 'bpf-map', 'bpf-prog'),
  'proc.memfd_top': most('Most memfd files of one process', 'memfd'),
  'proc.memfd_holder': owner('The process with most memfd files', 'memfd'),
  'shm.deleted_top': most('Most deleted files in tmpfs of one process', 'deleted-in-memory'),
  'shm.deleted_holder': owner('The process with most deleted files in tmpfs', 'deleted-in-memory'),
});

export const nameOf = ({ name, pid }: Holder): Entity => ({ kind: 'process', name, pid, bytes: null });

/** @throws Unknown when they were not looked at. */
export function holders(view: View): readonly Holder[] {
  const found = view.last('processes').holders;
  if (found === undefined || found.length === 0) throw new Unknown('the open files of processes were not looked at');
  return found;
}

const kindCount = (holder: Holder, kinds: readonly string[]): number => kinds.reduce((sum, kind) => sum + (holder.kinds?.[kind] ?? 0), 0);

function openers(view: View): readonly Holder[] {
  const found = holders(view).filter(({ kinds }) => kinds !== undefined);
  view.used('/proc/PID/fd');
  if (found.length === 0) throw new Unknown('the open files of processes could not be read');
  return found;
}

/** The process with most open files of some kinds. @throws Unknown when none has any. */
export function topBy(view: View, ...kinds: readonly string[]): { holder: Holder; files: number } {
  const [first] = openers(view)
    .map((holder) => ({ holder, files: kindCount(holder, kinds) }))
    .toSorted((a, b) => b.files - a.files);
  if (!first || first.files === 0) throw new Unknown(`no process has an open file of the kind ${kinds.join(', ')}`);
  return first;
}

/**
 * The process with most open files. Where they could not be counted, FDSize bounds those of all others from above, and file-nr counts
 * the files of all: the rest is its. @throws Unknown
 */
export function widest(view: View): { holder: Holder; files: number } {
  const both = [view.maybe(() => mostCounted(view)), view.maybe(() => mostInferred(view))].filter(
    (each) => each !== undefined && each.files > 0,
  );
  const [first] = both.toSorted((a, b) => (b?.files ?? 0) - (a?.files ?? 0));
  if (!first) throw new Unknown('the open files of processes could not be read');
  return first;
}

function mostCounted(view: View): { holder: Holder; files: number } | undefined {
  return openers(view)
    .map((holder) => ({ holder, files: holder.open ?? 0 }))
    .toSorted((a, b) => b.files - a.files)[0];
}

function mostInferred(view: View): { holder: Holder; files: number } {
  const [largest] = holders(view).toSorted((a, b) => (b.fdSize ?? 0) - (a.fdSize ?? 0));
  const { fdSlots } = view.last('processes');
  if (largest?.fdSize === undefined || fdSlots === undefined) throw new Unknown('this kernel does not print FDSize');
  view.used('/proc/PID/status FDSize');
  view.used('/proc/sys/fs/file-nr');
  const { allocated, free } = view.last('file-nr');
  return { holder: largest, files: Math.min(largest.fdSize, Math.max(0, allocated - free - (fdSlots - largest.fdSize))) };
}

function socketHolder(view: View): Entity {
  const charged = view.maybe(() => view.entity('owner.sock_charged'));
  if (charged && view.maybe(() => openers(view)) === undefined) return charged;
  const queues = view.maybe(() => view.last('net-sockets').largest) ?? [];
  view.used('/proc/net/{tcp,tcp6,udp,udp6}');
  const waiting = openers(view)
    .map((holder) => {
      const own = new Set(holder.sockets);
      return { holder, bytes: queues.filter(({ inode }) => own.has(inode)).reduce((sum, { receive, send }) => sum + receive + send, 0) };
    })
    .toSorted((a, b) => b.bytes - a.bytes)[0];
  if (waiting && waiting.bytes > 0) return { ...nameOf(waiting.holder), bytes: waiting.bytes };
  return charged ?? nameOf(topBy(view, 'socket').holder);
}
