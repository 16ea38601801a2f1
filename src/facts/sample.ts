import { defineFacts } from './fact.js';

/** Counters of /proc/vmstat that only ever rise. */
const RISING = ['pgfault', 'pgalloc_normal', 'pgfree', 'pgpgin', 'pgpgout'];

/** What the readings are worth. */
export default defineFacts({
  'sample.count': {
    title: 'Readings of the host',
    unit: 'count',
    formula: 'number of samples',
    value: (view) => view.snapshot.samples.length,
  },
  'sample.single': {
    title: 'No two readings of a counter: there are no rates',
    unit: 'boolean',
    formula: 'fewer than two readings of /proc/vmstat, and fewer than two of /proc/meminfo',
    value: (view) => view.readings('vmstat').length < 2 && view.readings('meminfo').length < 2,
  },
  'view.counter_reset': {
    title: 'Counters went back between the readings',
    unit: 'boolean',
    formula: 'pgfault, pgalloc_normal, pgfree, pgpgin or pgpgout of /proc/vmstat fell',
    value: (view) => {
      const { first, last } = view.pair('vmstat');
      view.used(`/proc/vmstat ${RISING.join(', ')}`);
      return RISING.some((name) => (last[name] ?? Infinity) < (first[name] ?? 0));
    },
  },
});
