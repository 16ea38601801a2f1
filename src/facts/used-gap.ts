import { defineFacts, Unknown } from './fact.js';
import { WHOLE } from './processes.js';
import { hugetlbBytes } from './sums.js';
import type { View } from './view.js';

const FREE = 'https://man7.org/linux/man-pages/man1/free.1.html';

/** Memory in use that neither processes nor cache explain, where no more is known than `free` and a list of processes. */
export default defineFacts({
  'used.gap_bytes': {
    title: 'Memory in use that neither processes nor cache explain',
    unit: 'bytes',
    formula:
      'MemTotal − MemFree − Buffers − Cached − Slab (where known) − Hugetlb − AnonPages, else − Σ RSS of the processes; where only the sums Active and Inactive are known MemTotal − MemFree − Hugetlb − Active − Inactive − Slab (where known)',
    validity:
      'without AnonPages a minimum: shared pages count for each process, and from 40 processes on, or where somebody told their sum; not where acct.unaccounted_bytes tells it better. Without Slab it holds the slab caches',
    reference: FREE,
    value: gap,
  },
  'used.gap_pct': {
    title: 'Memory in use that neither processes nor cache explain, share of MemTotal',
    unit: '%',
    formula: '100 × used.gap_bytes / MemTotal',
    reference: FREE,
    value: (view) => (100 * gap(view)) / view.number('mem.total_bytes'),
  },
});

function gap(view: View): number {
  if (view.maybe(() => view.number('acct.unaccounted_bytes')) !== undefined) throw new Unknown('acct.unaccounted_bytes tells it better');
  const optional = (field: string): number => view.maybe(() => view.meminfo(field)) ?? 0;
  const used = view.meminfo('MemTotal') - view.meminfo('MemFree') - hugetlbBytes(view);
  const lists = listed(view);
  if (lists !== undefined) return used - Math.max(lists, optional('Buffers') + optional('Cached')) - optional('Slab');
  const cache = optional('Buffers') + view.meminfo('Cached') + optional('Slab');
  return used - cache - held(view);
}

/** Pages that processes and files can have are on the LRU lists, save those that are locked; `vmstat -s` tells of these lists and no more. */
function listed(view: View): number | undefined {
  const of = (name: string): number | undefined => view.maybe(() => view.meminfo(name));
  if (of('AnonPages') !== undefined) return undefined;
  const [active, inactive] = [of('Active'), of('Inactive')];
  return active === undefined || inactive === undefined ? undefined : active + inactive + (of('Unevictable') ?? 0);
}

/** What processes hold: their mapped files are in Cached already, which AnonPages leaves out. @throws Unknown */
function held(view: View): number {
  const counted = view.maybe(() => view.meminfo('AnonPages'));
  if (counted !== undefined) return counted;
  const summed = view.readings('told').at(-1)?.data.rss;
  if (summed !== undefined) {
    view.used('Σ RSS, as told');
    return summed;
  }
  const { visible, anon, file, shmem } = view.last('processes');
  view.used('/proc/PID/status VmRSS');
  if (visible < WHOLE) throw new Unknown(`only ${visible} processes are listed`);
  return anon + file + shmem;
}
