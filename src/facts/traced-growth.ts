import { bytes, count } from '../format.js';
import { defineFacts, type Entity, Unknown } from './fact.js';
import { byWho, entityOf, type Group, stackText, tellWho, tracedRows, whoName } from './traced-rows.js';
import type { View } from './view.js';

/** Traced: whose heap grows, and from where; who asks for huge pages, shared segments, arenas. */
export default defineFacts({
  'traced.growth_bytes_per_second': {
    title: 'How fast the fastest process takes address space for its heap',
    unit: 'bytes/s',
    formula: 'max by process (growth by brk + anonymous mmap − munmap) / time traced',
    validity: 'address space, not yet memory: what is mapped and not touched counts too',
    value: (view) => (growers(view)[0]?.sum ?? 0) / tracedRows(view, 'heap-growth').seconds,
  },
  'traced.growth_who': {
    title: 'Whose heap grew, in the trace',
    unit: 'text',
    formula: 'growth by brk + anonymous mmap − munmap, by process, the fastest first',
    value: (view) =>
      tellWho(
        growers(view),
        (who) => `${whoName(who)} ${bytes(who.sum / tracedRows(view, 'heap-growth').seconds)}/s`,
        'no heap grew while it was traced',
      ),
  },
  'traced.grower': {
    title: 'The process whose heap grew fastest, in the trace',
    unit: 'entity',
    formula: 'max by process (growth by brk + anonymous mmap − munmap)',
    value: (view): Entity => {
      const [first] = growers(view);
      if (!first) throw new Unknown('no heap grew while it was traced');
      return entityOf(view, first);
    },
  },
  'traced.growth_stack': {
    title: 'What the fastest growing process was doing when its heap grew',
    unit: 'text',
    formula: 'its most frequent stack of brk and mmap: the innermost frames, the outer first',
    validity: 'frames of programs without frame pointers or symbols are missing',
    value: (view) => {
      const [first] = growers(view);
      const { stacks = [] } = tracedRows(view, 'heap-growth');
      if (!first) throw new Unknown('no heap grew while it was traced');
      const [most] = stacks.filter(({ stack }) => stack.split(';', 1)[0] === first.name).toSorted((a, b) => b.count - a.count);
      const text = most ? stackText(most.stack) : '';
      if (text === '') throw new Unknown(`the trace heap-growth has no stack with names of ${first.name}`);
      return text;
    },
  },
  'traced.thp_who': {
    title: 'Who asked for huge pages, or against them',
    unit: 'text',
    formula: 'madvise(MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_COLLAPSE) by process, the largest first',
    value: (view) =>
      tellWho(
        tracedRows(view, 'thp').rows.toSorted((a, b) => b.bytes - a.bytes),
        ({ comm, pid, advice, bytes: size }) => `${comm}[${pid}] ${advice} for ${bytes(size)}`,
        'nobody asked for huge pages while it was traced',
      ),
  },
  'traced.shm_who': {
    title: 'Who made System V segments',
    unit: 'text',
    formula: 'shmget() by process, the largest sum of sizes first',
    value: (view) => {
      const made = tracedRows(view, 'shm').rows.filter(({ call }) => call.includes('shmget'));
      return tellWho(
        byWho(made, ({ bytes: size, count: times }) => Math.max(size ?? 0, times)),
        (who) => {
          const size = who.rows.reduce((sum, row) => sum + (row.bytes ?? 0), 0);
          return `${whoName(who)} ${count(who.rows.reduce((sum, row) => sum + row.count, 0))} times${size > 0 ? ` (${bytes(size)})` : ''}`;
        },
        'nobody called shmget while it was traced',
      );
    },
  },
  'traced.arena_who': {
    title: 'Who has the most malloc arenas, and who made new ones',
    unit: 'text',
    formula: 'arenas by process, the most first',
    value: (view) =>
      tellWho(
        tracedRows(view, 'malloc-arenas').rows.toSorted((a, b) => b.arenas - a.arenas),
        ({ comm, pid, arenas, newArenas }) => `${comm}[${pid}] ${count(arenas)}${newArenas ? ` (${count(newArenas)} new)` : ''}`,
        'no process has arenas',
      ),
  },
});

/** By process, the fastest first; who gave back more than it took is not one. */
const growers = (view: View): Group<{ comm: string; pid: number }>[] =>
  byWho(tracedRows(view, 'heap-growth').rows, ({ brkBytes = 0, mmapBytes, munmapBytes }) => brkBytes + mmapBytes - munmapBytes);
