import { defineFacts, type Entity, Unknown } from './fact.js';
import type { View } from './view.js';

const MALLOPT = 'https://man7.org/linux/man-pages/man3/mallopt.3.html';

/** Heaps of the malloc of glibc: threads get their own, and what is freed in one stays in it. */
export default defineFacts({
  'proc.arena_count': {
    title: 'Most malloc arenas of one process',
    unit: 'count',
    formula: 'pairs of mappings of 64 MiB together, at a multiple of it: the first may be written, the second not',
    validity: '0 for programs with another malloc than that of glibc; 64-bit only',
    reference: MALLOPT,
    value: (view) => arenas(view)?.arenas ?? 0,
  },
  'proc.arena_bytes': {
    title: 'In use in the arenas of the process that has most of them',
    unit: 'bytes',
    formula: 'Σ of the mappings that may be written',
    validity: 'address space: parts of it may have been given back',
    value: (view) => arenas(view)?.arenaBytes ?? 0,
  },
  'proc.arena_per_cpu': {
    title: 'Most malloc arenas of one process, for each CPU',
    unit: '1',
    formula: 'proc.arena_count / CPUs',
    validity: 'glibc makes 8 for each CPU at most, unless MALLOC_ARENA_MAX says otherwise',
    reference: MALLOPT,
    value: (view) => view.number('proc.arena_count') / view.last('stat').cpus,
  },
  'proc.arena_anon_bytes': {
    title: 'Private memory of the process with most malloc arenas',
    unit: 'bytes',
    formula: 'RssAnon + VmSwap',
    value: (view) => {
      const { anon, swap } = row(view);
      return anon + swap;
    },
  },
  'proc.arena_hwm_gap_pct': {
    title: 'How far the process with most malloc arenas is below its peak',
    unit: '%',
    formula: '100 × (VmHWM − VmRSS) / VmHWM',
    value: (view) => {
      const { hwm, anon, file, shmem } = row(view);
      if (hwm === 0) throw new Unknown('its VmHWM was not read');
      return Math.max(0, (100 * (hwm - anon - file - shmem)) / hwm);
    },
  },
  'owner.arenas': {
    title: 'The process with most malloc arenas',
    unit: 'entity',
    formula: 'as proc.arena_count',
    value: (view): Entity => {
      const top = arenas(view);
      if (!top) throw new Unknown('no process has arenas of the malloc of glibc');
      return { kind: 'process', name: top.name, pid: top.pid, bytes: top.arenaBytes };
    },
  },
});

/** Arenas count where the C library is glibc, or cannot be told (linked statically). */
function arenas(view: View) {
  view.used('/proc/PID/maps');
  return view
    .last('process-maps')
    .processes.filter(({ arenas: found, allocator }) => found > 0 && (allocator === 'glibc' || allocator === null))
    .toSorted((a, b) => b.arenas - a.arenas)[0];
}

function row(view: View) {
  const { pid } = view.entity('owner.arenas');
  view.used('/proc/PID/status');
  const found = view.last('processes').top.find((process) => process.pid === pid);
  if (!found) throw new Unknown('it is not among the largest processes');
  return found;
}
