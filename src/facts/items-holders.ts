import { defineItems } from './fact.js';
import { holders } from './open-files.js';

/** The kinds of open files that hold memory of the kernel, by the name of the field. */
const KINDS = {
  pipes: 'pipe',
  sockets: 'socket',
  eventfds: 'eventfd',
  epolls: 'eventpoll',
  io_urings: 'io_uring',
  perf_events: 'perf_event',
  bpf_maps: 'bpf-map',
  memfds: 'memfd',
  deleted_in_memory: 'deleted-in-memory',
} as const;

/** Processes that may hold memory of the kernel, one by one. */
export default defineItems({
  holders: {
    title: 'Processes with many open files or pinned memory, and the largest',
    fields: {
      pid: { title: 'Process id', unit: 'count', formula: 'pid' },
      open_files: { title: 'Open files', unit: 'count', formula: 'entries of /proc/PID/fd; null when they could not be read' },
      fd_size: { title: 'Slots for open files', unit: 'count', formula: 'FDSize' },
      pinned_bytes: { title: 'Pinned memory', unit: 'bytes', formula: 'VmPin' },
      ...(Object.fromEntries(
        Object.entries(KINDS).map(([field, kind]) => [
          field,
          { title: `Open files of the kind ${kind}`, unit: 'count', formula: 'links in /proc/PID/fd' },
        ]),
      ) as Record<keyof typeof KINDS, { title: string; unit: 'count'; formula: string }>),
    },
    items: (view) => {
      view.used('/proc/PID/fd');
      view.used('/proc/PID/status FDSize, VmPin');
      return holders(view).map(({ pid, name, open, fdSize, pinned, kinds }) => ({
        name: `${name}[${pid}]`,
        pid,
        open_files: open ?? null,
        fd_size: fdSize ?? null,
        pinned_bytes: pinned ?? null,
        ...Object.fromEntries(Object.entries(KINDS).map(([field, kind]) => [field, kinds === undefined ? null : (kinds[kind] ?? 0)])),
      }));
    },
  },
});
