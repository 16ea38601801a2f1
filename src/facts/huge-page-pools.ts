import { defineFacts, Unknown } from './fact.js';
import { hugetlbBytes } from './sums.js';
import type { View } from './view.js';

const HUGETLB = 'https://docs.kernel.org/admin-guide/mm/hugetlbpage.html';

/** Memory that is set aside as huge pages, and how much of it nobody uses. */
export default defineFacts({
  'hp.total_bytes': {
    title: 'All pools of huge pages, used or not',
    unit: 'bytes',
    formula: 'Hugetlb, or Σ nr_hugepages × size',
    validity: 'without Hugetlb (before 4.15) and /sys only the default size',
    value: hugetlbBytes,
  },
  'hp.idle_bytes': {
    title: 'Huge pages that are neither used nor promised',
    unit: 'bytes',
    formula:
      'Σ over sizes (free_hugepages − resv_hugepages) × size; from /proc/meminfo HugePages_Free − HugePages_Rsvd where /sys was not read',
    validity: 'without /sys only the default size; unknown when the counters cannot be true',
    reference: HUGETLB,
    value: idle,
  },
  'hp.idle_pct': {
    title: 'Huge pages that are neither used nor promised, share of MemTotal',
    unit: '%',
    formula: '100 × hp.idle_bytes / MemTotal',
    value: (view) => (100 * view.number('hp.idle_bytes')) / view.meminfo('MemTotal'),
  },
  'hp.untouched_pct': {
    title: 'Huge pages that nobody has touched, promised or not, share of MemTotal',
    unit: '%',
    formula: '100 × Σ free_hugepages × size / MemTotal; from HugePages_Free × Hugepagesize where /sys was not read',
    validity: 'mmap() promises the pages, the first write to each takes it out of the free ones',
    reference: HUGETLB,
    value: (view) => (100 * untouched(view)) / view.meminfo('MemTotal'),
  },
  'hp.idle_share_pct': {
    title: 'Huge pages that are neither used nor promised, share of the pools',
    unit: '%',
    formula: '100 × hp.idle_bytes / hp.total_bytes; without Hugepagesize of the counts',
    validity: 'unknown when there is no pool',
    value: idleShare,
  },
});

function idle(view: View): number {
  const pools = view.readings('hugepages').at(-1)?.data;
  if (!pools) {
    const meminfo = view.last('meminfo');
    if (meminfo['HugePages_Total'] === undefined)
      throw new Unknown('/proc/meminfo has no HugePages_Total, and /sys/kernel/mm/hugepages was not read');
    // HugePages_Rsvd came with 2.6.15; a paste may have lost it
    const reserved = view.maybe(() => view.meminfo('HugePages_Rsvd')) ?? 0;
    return unpromised(view.meminfo('HugePages_Total'), view.meminfo('HugePages_Free'), reserved) * view.meminfo('Hugepagesize');
  }
  view.used('/sys/kernel/mm/hugepages/*/{nr,free,resv}_hugepages');
  return pools.reduce((sum, { size, total, free, reserved }) => sum + unpromised(total, free, reserved) * size, 0);
}

function untouched(view: View): number {
  const pools = view.readings('hugepages').at(-1)?.data;
  if (!pools) return view.meminfo('HugePages_Free') * view.meminfo('Hugepagesize');
  view.used('/sys/kernel/mm/hugepages/*/free_hugepages');
  return pools.reduce((sum, { size, free }) => sum + size * free, 0);
}

function idleShare(view: View): number {
  const idleBytes = view.maybe(() => view.number('hp.idle_bytes'));
  if (idleBytes === undefined) {
    // counts tell the share without the size of a page
    const [total, free] = [view.meminfo('HugePages_Total'), view.meminfo('HugePages_Free')];
    if (total === 0) throw new Unknown('there is no pool of huge pages');
    return (100 * unpromised(total, free, view.maybe(() => view.meminfo('HugePages_Rsvd')) ?? 0)) / total;
  }
  const total = view.number('hp.total_bytes');
  if (total === 0) throw new Unknown('there is no pool of huge pages');
  return Math.min(100, (100 * idleBytes) / total);
}

/** Counters of the pool have wrapped below zero on kernels with accounting bugs: then nothing is said. */
function unpromised(total: number, free: number, reserved: number): number {
  if (free > total || reserved > free)
    throw new Unknown(`the counters of the pool cannot be true: ${total} pages, ${free} free, ${reserved} reserved`);
  return free - reserved;
}
