import { ParseError } from '../../errors.js';
import { count, map } from '../../json-schema.js';
import { keyedCounts } from '../lines.js';
import { defineSource } from '../source.js';

/** Event counters since boot and gauges, as the kernel counts them: pages unless the name says otherwise; pgpgin and pgpgout in KiB. */
export default defineSource({
  title: '/proc/vmstat',
  docs: 'https://docs.kernel.org/admin-guide/mm/concepts.html',
  reads: ['proc/vmstat'],
  cadence: 'every',
  paste: 'for i in 1 2; do date; cat /proc/vmstat; sleep 10; done',
  schema: map(count(), 'counters and gauges by the kernel’s names'),
  parse: (text) => {
    const counters = keyedCounts(text);
    if (Object.keys(counters).length === 0) throw new ParseError('no counter in it');
    return counters;
  },
});
