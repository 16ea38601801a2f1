import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

const HUGETLB = 'https://docs.kernel.org/admin-guide/mm/hugetlbpage.html';
const MIB = 2 ** 20;

interface Pool {
  readonly total: number;
  readonly free: number;
  readonly reserved: number;
  readonly surplus: number;
}

/** Whether the pools of huge pages suffice for those who use them. */
export default defineFacts({
  'hp.pages': {
    title: 'Huge pages in all pools',
    unit: 'count',
    formula: 'Σ nr_hugepages; else HugePages_Total',
    value: (view) => sum(view, 'total'),
  },
  'hp.unpromised_pages': {
    title: 'Huge pages that are neither used nor promised',
    unit: 'count',
    formula: 'Σ (free_hugepages − resv_hugepages); else HugePages_Free − HugePages_Rsvd',
    validity: 'never below 0',
    reference: HUGETLB,
    value: (view) => Math.max(0, sum(view, 'free') - sum(view, 'reserved')),
  },
  'hp.surplus_pages': {
    title: 'Huge pages beyond the pool, by nr_overcommit_hugepages',
    unit: 'count',
    formula: 'Σ surplus_hugepages; else HugePages_Surp',
    reference: HUGETLB,
    value: (view) => sum(view, 'surplus'),
  },
  'hp.failed_in_sample': {
    title: 'Huge pages that could not be had, in the sample',
    unit: 'count',
    formula: 'Δ htlb_buddy_alloc_fail',
    value: (view) => view.delta('htlb_buddy_alloc_fail'),
  },
  'hp.failed_boot': {
    title: 'Huge pages that could not be had, since boot',
    unit: 'count',
    formula: 'htlb_buddy_alloc_fail',
    validity: 'a pool that is grown by hand stops at the first that fails',
    value: (view) => view.vmstat('htlb_buddy_alloc_fail'),
  },
  'hp.asked_pages': {
    title: 'Huge pages that the kernel command line asks for',
    unit: 'count',
    formula: 'hugepages= of /proc/cmdline, when it asks for one size only and for no single node',
    reference: HUGETLB,
    value: (view) => {
      view.used('/proc/cmdline hugepages=');
      const asked = [...view.last('cmdline').text.matchAll(/(?:^|\s)hugepages=(\S{1,40})/g)].map(([, number = '']) => number);
      const [only] = asked;
      if (only === undefined || asked.length > 1 || !/^\d{1,9}$/.test(only))
        throw new Unknown('the kernel command line asks for no one number of huge pages');
      return Number(only);
    },
  },
  'hp.numa_ratio': {
    title: 'Huge pages of the node that has most, against the one that has least',
    unit: '1',
    formula: 'max HugePages_Total / max(1, min HugePages_Total) of the nodes with memory',
    validity: 'two nodes with memory at least, whose sizes differ by less than a quarter, and a pool of 256 MiB at least',
    value: (view) => {
      const nodes = view.last('node').filter(({ meminfo }) => (meminfo['MemTotal'] ?? 0) > 0);
      view.used('/sys/devices/system/node/node*/meminfo HugePages_Total');
      const sizes = nodes.map(({ meminfo }) => meminfo['MemTotal'] ?? 0);
      if (nodes.length < 2 || Math.max(...sizes) > 1.25 * Math.min(...sizes)) throw new Unknown('there are not two nodes of one size');
      if (view.number('hp.total_bytes') < 256 * MIB) throw new Unknown('there is hardly a pool of huge pages');
      const pages = nodes.map(({ meminfo }) => meminfo['HugePages_Total'] ?? 0);
      return Math.max(...pages) / Math.max(1, Math.min(...pages));
    },
  },
});

function sum(view: View, field: keyof Pool): number {
  const pools = view.readings('hugepages').at(-1)?.data;
  if (pools) {
    view.used('/sys/kernel/mm/hugepages/*/{nr,free,resv,surplus}_hugepages');
    return pools.reduce((all, pool) => all + pool[field], 0);
  }
  const names = { total: 'HugePages_Total', free: 'HugePages_Free', reserved: 'HugePages_Rsvd', surplus: 'HugePages_Surp' } as const;
  return view.meminfo(names[field]);
}
