import { defineFacts } from './fact.js';
import { listing } from './slab-caches.js';

/** What a paste leaves out: some conclusions need to know that a figure is not there. */
export default defineFacts({
  'view.ram_known': {
    title: 'The size of the memory is known',
    unit: 'boolean',
    formula: 'MemTotal was read',
    value: (view) => view.maybe(() => view.meminfo('MemTotal')) !== undefined,
  },
  'view.available_known': {
    title: 'It is known how much memory is available',
    unit: 'boolean',
    formula: 'mem.available_bytes can be told',
    value: (view) => view.maybe(() => view.number('mem.available_pct')) !== undefined,
  },
  'slab.listing': {
    title: 'How much of the list of slab caches there is',
    unit: 'text',
    formula: 'none; part: fewer than 40 caches (the largest by slabtop, a few lines of /proc/slabinfo); else whole',
    value: listing,
  },
});
