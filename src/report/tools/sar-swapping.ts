import { rateIn } from './intervals.js';
import { sarRates } from './sar.js';
import { defineTool } from './tool.js';

/** Pages a second. */
export default defineTool({
  place: 160,
  command: 'sar -W 1',
  title: 'swapping',
  table: (snapshot) =>
    sarRates(snapshot, 'vmstat', 'sar -W 1 10', [
      ['pswpin/s', (interval) => rateIn(interval, ({ sources }) => sources.vmstat?.['pswpin'])],
      ['pswpout/s', (interval) => rateIn(interval, ({ sources }) => sources.vmstat?.['pswpout'])],
    ]),
});
