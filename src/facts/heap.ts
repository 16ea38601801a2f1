import { defineFacts, Unknown } from './fact.js';

const STATS = 'https://man7.org/linux/man-pages/man3/malloc_stats.3.html';

/** What the malloc of glibc says of itself. */
export default defineFacts({
  'heap.system_bytes': {
    title: 'Memory that malloc has from the kernel',
    unit: 'bytes',
    formula: 'system bytes of malloc_stats(), with single large blocks',
    validity: 'of one program, which somebody asked; until glibc 2.26 counted in 32 bits: above 4 GiB it starts anew',
    reference: STATS,
    value: (view) => {
      view.used('malloc_stats() system bytes');
      return view.last('malloc-stats').system;
    },
  },
  'heap.kept_bytes': {
    title: 'Memory that the program has freed and malloc keeps',
    unit: 'bytes',
    formula: 'system bytes − in use bytes of malloc_stats()',
    reference: STATS,
    value: (view) => {
      const { system, inUse } = view.last('malloc-stats');
      view.used('malloc_stats() in use bytes');
      if (inUse > system) throw new Unknown('more is in use than malloc has: a sum went over its 32 bits');
      return system - inUse;
    },
  },
  'heap.kept_share_pct': {
    title: 'Memory that the program has freed and malloc keeps, share of what it has from the kernel',
    unit: '%',
    formula: '100 × heap.kept_bytes / heap.system_bytes',
    reference: STATS,
    value: (view) => {
      const system = view.number('heap.system_bytes');
      if (system === 0) throw new Unknown('malloc has nothing from the kernel');
      return (100 * view.number('heap.kept_bytes')) / system;
    },
  },
});
