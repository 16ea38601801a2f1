import { defineFacts, Unknown } from './fact.js';

/** What page blocks are used for, and the memory kept for devices that need it in one piece. */
export default defineFacts({
  'frag.unmovable_pct': {
    title: 'Page blocks that hold what cannot be moved',
    unit: '%',
    formula: '100 × (Unmovable + Reclaimable) / all page blocks of /proc/pagetypeinfo',
    validity: 'root only; one page of the kernel marks a whole block',
    reference: 'https://docs.kernel.org/filesystems/proc.html#kernel-data',
    value: (view) => {
      const { blocks } = view.last('pagetypeinfo');
      view.used('/proc/pagetypeinfo Number of blocks');
      const sum = (test: (type: string) => boolean): number =>
        blocks.reduce(
          (all, { types }) => Object.entries(types).reduce((inner, [type, count]) => (test(type) ? inner + count : inner), all),
          0,
        );
      const all = sum(() => true);
      if (all === 0) throw new Unknown('/proc/pagetypeinfo lists no page blocks');
      return (100 * sum((type) => type === 'Unmovable' || type === 'Reclaimable')) / all;
    },
  },
  'cma.total_bytes': {
    title: 'Memory kept for devices that need it in one piece (CMA)',
    unit: 'bytes',
    formula: 'CmaTotal',
    validity: 'movable pages use it until a device asks for it; 0 where the kernel has none, or, before 3.19, does not say',
    value: (view) => {
      const told = view.last('meminfo')['MemTotal'] !== undefined;
      return view.maybe(() => view.meminfo('CmaTotal')) ?? (told ? 0 : view.meminfo('CmaTotal'));
    },
  },
  'cma.free_pct': {
    title: 'Free in the memory kept for devices (CMA)',
    unit: '%',
    formula: '100 × CmaFree / CmaTotal',
    value: (view) => {
      if (view.meminfo('CmaTotal') === 0) throw new Unknown('no memory is kept for devices');
      return (100 * view.meminfo('CmaFree')) / view.meminfo('CmaTotal');
    },
  },
  'cma.alloc_fails': {
    title: 'Requests of devices for memory in one piece that failed, in the sample',
    unit: 'count',
    formula: 'Δ cma_alloc_fail',
    validity: 'kernel 5.13 and later',
    value: (view) => view.delta('cma_alloc_fail'),
  },
  'cma.alloc_fails_boot': {
    title: 'Requests of devices for memory in one piece that failed, since boot',
    unit: 'count',
    formula: 'cma_alloc_fail',
    validity: 'kernel 5.13 and later',
    value: (view) => view.vmstat('cma_alloc_fail'),
  },
});
