import { balanceOf } from './balance-lines.js';
import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

const MIB = 1 << 20;
const FORMULA =
  'MemTotal − MemFree − Σ pcp count − (Active + Inactive + Unevictable) − nr_isolated_* − Slab − (KReclaimable − SReclaimable) − KernelStack − PageTables − SecPageTables − Percpu − max(0, VmallocUsed − KernelStack) − Hugetlb − Bounce − HardwareCorrupted − nr_zspages − balloon inside MemTotal − GPUActive − GPUReclaim − pages of the ZFS cache';

/** Memory that no counter of the kernel owns up to. */
export default defineFacts({
  'acct.unaccounted_bytes': {
    title: 'Memory that no counter accounts for',
    unit: 'bytes',
    formula: FORMULA,
    validity:
      'a few MiB are normal, and may be negative; drivers, socket and pipe buffers, perf buffers and leaks of pages are here. Without /proc/zoneinfo only above 32 MiB × CPUs; never with a mixed view',
    value: unaccounted,
  },
  'acct.unaccounted_pct': {
    title: 'Memory that no counter accounts for, share of memory outside of huge page pools',
    unit: '%',
    formula: '100 × acct.unaccounted_bytes / ram.usable_bytes',
    value: (view) => (100 * view.number('acct.unaccounted_bytes')) / view.number('ram.usable_bytes'),
  },
  'acct.vmalloc_counted': {
    title: 'The kernel’s own large buffers are on a line',
    unit: 'boolean',
    formula: 'KReclaimable is there (VmallocUsed and Percpu count pages then), or /proc/vmallocinfo was read',
    validity: 'where they are not, they show as memory that no counter accounts for',
    value: (view) => view.last('meminfo')['KReclaimable'] !== undefined || view.readings('vmallocinfo').length > 0,
  },
  'acct.unaccounted_growth_bytes_per_second': {
    title: 'Growth of what no counter accounts for',
    unit: 'bytes/s',
    formula: 'Δ acct.unaccounted_bytes / Δt',
    validity: 'a change below drift.bytes + 4 MiB is noise and counts as 0',
    value: growth,
  },
});

function unaccounted(view: View): number {
  const { unaccountedBytes } = balanceOf(view);
  if (cutBeforeHugePages(view)) throw new Unknown('/proc/meminfo was cut before the huge pages: they may be what is missing');
  if (view.readings('zoneinfo').length > 0) return unaccountedBytes;
  const cpus = view.maybe(() => view.last('stat').cpus) ?? 1;
  if (unaccountedBytes < 32 * MIB * cpus)
    throw new Unknown('/proc/zoneinfo was not read, and what per-CPU lists may hold is more than what is missing');
  return unaccountedBytes;
}

/** HugePages_Total comes after Committed_AS and VmallocTotal: where all are missing, the end of the file is. */
function cutBeforeHugePages(view: View): boolean {
  const meminfo = view.last('meminfo');
  const known = ['Hugetlb', 'HugePages_Total', 'Committed_AS', 'VmallocTotal'].some((field) => meminfo[field] !== undefined);
  return !known && view.readings('hugepages').length === 0;
}

function growth(view: View): number {
  const { seconds } = view.pair('zoneinfo');
  const change = balanceOf(view, 'last').unaccountedBytes - balanceOf(view, 'first').unaccountedBytes;
  const noise = view.number('drift.bytes') + 4 * MIB;
  return Math.abs(change) <= noise ? 0 : change / seconds;
}
