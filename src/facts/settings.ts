import { defineFacts, Unknown } from './fact.js';

const KIB = 1024;
const VM = 'https://docs.kernel.org/admin-guide/sysctl/vm.html';

/** What /proc/sys/vm says, as numbers. */
export default defineFacts({
  'config.min_free_bytes': {
    title: 'Reserve that the kernel keeps free',
    unit: 'bytes',
    formula: '1024 × vm.min_free_kbytes',
    reference: VM,
    value: (view) => KIB * view.sysctl('min_free_kbytes'),
  },
  'config.min_free_pct': {
    title: 'Reserve that the kernel keeps free, share of MemTotal',
    unit: '%',
    formula: '100 × 1024 × vm.min_free_kbytes / MemTotal',
    reference: VM,
    value: (view) => (100 * view.number('config.min_free_bytes')) / view.number('mem.total_bytes'),
  },
  'numa.zone_reclaim_mode': {
    title: 'Reclaim on the local node before another is used',
    unit: '1',
    formula: 'vm.zone_reclaim_mode',
    reference: VM,
    value: (view) => view.sysctl('zone_reclaim_mode'),
  },
  'numa.best_node_avail_pct': {
    title: 'Available on the node that has most of it',
    unit: '%',
    formula: 'max (MemFree + Active(file) + Inactive(file) + SReclaimable) / MemTotal of a node',
    validity: 'two nodes with memory at least',
    value: (view) => {
      const shares = view.items('nodes').flatMap((node) => (typeof node['avail_pct'] === 'number' ? [node['avail_pct']] : []));
      if (shares.length < 2) throw new Unknown('there are not two nodes with memory');
      return Math.max(...shares);
    },
  },
});
