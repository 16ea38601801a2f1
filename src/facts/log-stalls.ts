import { defineFacts, Unknown } from './fact.js';
import { COSTLY, untold } from './log-failure-events.js';
import { eventsOf, logOf, type LogEvent, LOSSY, timesOf, younger } from './log-lines.js';
import { heldBy, sheetOf } from './oom-sheet.js';
import type { View } from './view.js';

const DAY = 86_400;

/** Page allocations of the kernel log that took seconds. */
export default defineFacts({
  'log.stalls_harmful_day': {
    title: 'Stalled page allocations that may need action, within 24 hours',
    unit: 'count',
    formula: 'page allocation stalls of order 0 to 3, or of an order that is not told, not older than 86400 s',
    validity: LOSSY,
    value: (view) =>
      timesOf(
        younger(
          view,
          stalls(view).filter((event) => !aTry(event)),
          DAY,
        ),
      ),
  },
  'log.stalls_harmless': {
    title: 'Stalled page allocations that need no action',
    unit: 'count',
    formula: 'page allocation stalls of order 4 and more: for a huge page, or a try',
    validity: LOSSY,
    value: (view) => timesOf(stalls(view).filter(aTry)),
  },
  'log.stall_of_many_pages': {
    title: 'The last stalled allocation was of several pages',
    unit: 'boolean',
    formula: 'order above 0, or more bytes than two pages',
    value: (view) => {
      const event = stalls(view).findLast((stall) => !aTry(stall));
      return (event?.order ?? 0) > 0 || (event?.bytes ?? 0) > 2 * view.pageSize;
    },
  },
  'log.stall_anon_pct': {
    title: 'Private memory of processes at the last stalled allocation, share',
    unit: '%',
    formula: '100 × (active_anon + inactive_anon + isolated_anon − shmem) / total; total: RAM, or Σ of the pages that Mem-Info counts',
    value: (view) => atStall(view, 'anon'),
  },
  'log.stall_file_pct': {
    title: 'File cache at the last stalled allocation, share',
    unit: '%',
    formula: '100 × (active_file + inactive_file + isolated_file) / total, as log.stall_anon_pct',
    value: (view) => atStall(view, 'file'),
  },
});

/** A stall of an order above 3 is that of somebody who would like a huge page. */
const aTry = ({ harmless, order }: LogEvent): boolean => harmless !== undefined || (order ?? 0) > COSTLY;
const stalls = (view: View): LogEvent[] => eventsOf(view, 'allocation-stall');

/** What Mem-Info shows below the last stall that may need action. */
function atStall(view: View, key: 'anon' | 'file'): number {
  const event = stalls(view).findLast((stall) => !aTry(stall)) ?? untold('the kernel log holds no stalled allocation');
  const reports = logOf(view).reports ?? [];
  const moment = event.report === undefined ? reports.findLast(({ kind }) => kind === 'allocation-stall') : reports[event.report];
  const sheet = moment === undefined ? null : sheetOf(moment);
  if (sheet === null || sheet.missing.some((name) => name === 'anonymous' || name === 'file cache'))
    throw new Unknown('the kernel log does not show the memory at that moment', 'kernel-log');
  return (100 * heldBy(sheet, key)) / sheet.totalBytes;
}
