import { clock, rateIn, timeline } from './intervals.js';
import { two } from './numbers.js';
import { defineTool, notGathered } from './tool.js';

const COLUMNS = (['memory', 'io', 'cpu'] as const).flatMap((resource) => (['some', 'full'] as const).map((kind) => ({ resource, kind })));

/** Stalled time in each interval in percent, from the totals: exact, where the averages lag. */
export default defineTool({
  place: 35,
  command: 'while sleep 1; do cat /proc/pressure/*; done',
  title: 'stalled time by interval, from the totals (%)',
  table: (snapshot) => {
    const { intervals, samples, notes } = timeline(snapshot, ['pressure']);
    if (samples.length === 0) return notGathered(snapshot, 'pressure', 'cat /proc/pressure/*', ' twice');
    if (intervals.length === 0) return { notes };
    return {
      columns: ['time', ...COLUMNS.map(({ resource, kind }) => `${resource} ${kind}`)],
      rows: intervals.map((interval) => [
        clock(interval.after, samples[0]),
        ...COLUMNS.map(({ resource, kind }) => {
          const stalled = rateIn(interval, ({ sources }) => sources.pressure?.[resource]?.[kind]?.total);
          return two(stalled === null ? null : 100 * stalled);
        }),
      ]),
      notes: ['Times are in UTC.', ...notes],
    };
  },
});
