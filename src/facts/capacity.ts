import { defineFacts } from './fact.js';

/** How much memory there is, and how much can still be handed out. */
export default defineFacts({
  'mem.total_bytes': { title: 'MemTotal', unit: 'bytes', formula: 'MemTotal', value: (view) => view.meminfo('MemTotal') },
  'mem.free_pct': {
    title: 'MemFree, share of MemTotal',
    unit: '%',
    formula: '100 × MemFree / MemTotal',
    validity: 'never a sign of pressure by itself: free memory is unused memory',
    value: (view) => (100 * view.meminfo('MemFree')) / view.meminfo('MemTotal'),
  },
});
