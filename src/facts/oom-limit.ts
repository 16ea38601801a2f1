/** The cgroup whose limit was met at the last OOM. */
import type { Moment } from '../gather/kernel-log/schema.js';
import { defineFacts, Unknown } from './fact.js';
import { atLimit, lastMoment, unwritten } from './oom-moment.js';
import { heldBy, type SheetKey, sheetOf } from './oom-sheet.js';
import type { View } from './view.js';

const LAST = 'of the last OOM that the kernel log shows, when it was at the limit of a cgroup';

export default defineFacts({
  'oom.memcg_path': {
    title: 'The cgroup whose limit was met',
    unit: 'text',
    formula: `path; ${LAST}`,
    value: (view) => known(limit(view).path, 'the path of the cgroup'),
  },
  'oom.memcg_limit_bytes': {
    title: 'The limit that was met',
    unit: 'bytes',
    formula: `“memory: … limit”; ${LAST}`,
    value: (view) => known(limit(view).limit, 'the limit'),
  },
  'oom.memcg_usage_pct': {
    title: 'Usage of the cgroup whose limit was met',
    unit: '%',
    formula: `100 × usage / limit; ${LAST}`,
    value: (view) => {
      const most = known(limit(view).limit, 'the limit');
      return (100 * known(limit(view).usage, 'the usage')) / most;
    },
  },
  'oom.memcg_failcnt': {
    title: 'How often the cgroup met its limit',
    unit: 'count',
    formula: `failcnt; ${LAST}`,
    value: (view) => known(limit(view).failcnt, 'failcnt'),
  },
  'oom.memcg_anon_pct': {
    title: 'Private memory of the cgroup, share of its limit',
    unit: '%',
    formula: `100 × anon (v1: rss) / limit; ${LAST}`,
    value: (view) => share(view, ['anon'], 'anonymous'),
  },
  'oom.memcg_file_pct': {
    title: 'File cache of the cgroup, share of its limit',
    unit: '%',
    formula: `100 × (file − shmem) / limit (v1: cache − shmem); ${LAST}`,
    value: (view) => share(view, ['file'], 'file cache'),
  },
  'oom.memcg_unwritten_pct': {
    title: 'File pages of the cgroup that waited to be written, share of its limit',
    unit: '%',
    formula: `100 × (file_dirty + file_writeback) / limit; ${LAST}`,
    value: (view) => {
      const most = known(limit(view).limit, 'the limit');
      const waiting = unwritten(limit(view));
      if (waiting === undefined) throw new Unknown('the statistics of the cgroup have no figure for dirty pages');
      return (100 * waiting) / most;
    },
  },
  'oom.memcg_shmem_pct': {
    title: 'Shared memory and tmpfs of the cgroup, share of its limit',
    unit: '%',
    formula: `100 × shmem / limit; ${LAST}`,
    value: (view) => share(view, ['shmem'], 'shared memory and tmpfs'),
  },
  'oom.memcg_kernel_pct': {
    title: 'Kernel memory of the cgroup, share of its limit',
    unit: '%',
    formula: `100 × (kernel + sock) / limit, or its parts slab, kernel_stack, pagetables, percpu, vmalloc (v1: kmem usage); ${LAST}`,
    value: (view) => share(view, ['slab_reclaimable', 'slab_unreclaimable', 'kernel_stack', 'pagetables', 'kernel'], 'slab, unreclaimable'),
  },
  'oom.memcg_swapcached_pct': {
    title: 'Pages of the cgroup that lie in RAM and in swap at once, share of its limit',
    unit: '%',
    formula: `100 × swapcached / limit; ${LAST}`,
    validity: 'kernel 5.13 and later',
    value: (view) => {
      const most = known(limit(view).limit, 'the limit');
      const { swapcached, total_swapcached } = limit(view).groups?.[0]?.stats ?? {};
      const found = total_swapcached ?? swapcached;
      if (found === undefined) throw new Unknown('the statistics of the cgroup have no figure for swapcached');
      return (100 * found) / most;
    },
  },
  'oom.memcg_swap_limit_met': {
    title: 'The cgroup used all the swap that it may have',
    unit: 'boolean',
    formula: `swap usage ≥ 0.99 × its limit; ${LAST}`,
    value: (view) => known(limit(view).swapUsage, 'the swap of the cgroup') >= 0.99 * (limit(view).swapLimit ?? Infinity),
  },
});

function limit(view: View): NonNullable<Moment['memcg']> {
  view.used(`kernel log (${view.last('kernel-log').from})`);
  const found = lastMoment(view);
  if (!atLimit(found)) throw new Unknown('the last OOM was not at the limit of a cgroup');
  return found.memcg ?? {};
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined || value === 0) throw new Unknown(`the kernel log does not tell ${what} of the last OOM`, 'kernel-log');
  return value;
}

function share(view: View, keys: readonly SheetKey[], line: string): number {
  limit(view);
  const sheet = sheetOf(lastMoment(view));
  if (!sheet) throw new Unknown('the kernel log does not show the statistics of the cgroup', 'kernel-log');
  const held = heldBy(sheet, ...keys);
  if (held === 0 && sheet.missing.includes(line)) throw new Unknown(`the statistics of the cgroup have no figure for ${line}`);
  return (100 * held) / sheet.totalBytes;
}
