import type { SourceData } from '../gather/snapshot.js';
import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

type Node = SourceData<'node'>[number];

/** Interleaved pages that make no pattern. */
const FEW = 100_000;

/** How the nodes compare at one moment. */
export default defineFacts({
  'numa.nodes_with_memory': {
    title: 'NUMA nodes with memory',
    unit: 'count',
    formula: 'nodes with MemTotal above 0',
    value: (view) => nodesOf(view).filter(hasMemory).length,
  },
  'numa.memoryless_nodes': {
    title: 'NUMA nodes with CPUs and without memory',
    unit: 'count',
    formula: 'nodes with a cpulist and MemTotal 0',
    value: (view) => nodesOf(view).filter((node) => !hasMemory(node) && (node.cpulist ?? '') !== '').length,
  },
  'numa.least_free_pct': {
    title: 'Free on the node that has least of it',
    unit: '%',
    formula: 'min 100 × MemFree / MemTotal of a node',
    validity: 'file cache fills the node of those who read: little free alone is no shortage',
    value: (view) => Math.min(...shares(view)),
  },
  'numa.most_free_pct': {
    title: 'Free on the node that has most of it',
    unit: '%',
    formula: 'max 100 × MemFree / MemTotal of a node',
    value: (view) => Math.max(...shares(view)),
  },
  'numa.cache_known': {
    title: 'The file cache of each node was read',
    unit: 'boolean',
    formula: 'Active(file) and Inactive(file) of all nodes',
    validity: 'numactl -H tells free memory alone',
    value: (view) =>
      nodesOf(view)
        .filter(hasMemory)
        .every(({ meminfo }) => meminfo['Active(file)'] !== undefined && meminfo['Inactive(file)'] !== undefined),
  },
  'numa.free_ratio': {
    title: 'Free on the node that has most of it, against the one that has least',
    unit: '1',
    formula: 'max (MemFree / MemTotal) / min (MemFree / MemTotal)',
    validity: 'two nodes with memory at least',
    value: (view) => Math.max(...shares(view)) / Math.max(0.01, Math.min(...shares(view))),
  },
  'numa.least_avail_pct': {
    title: 'Available on the node that has least of it',
    unit: '%',
    formula: 'min (MemFree + Active(file) + Inactive(file) + SReclaimable) / MemTotal of a node',
    validity: 'two nodes with memory at least',
    value: (view) => {
      const all = view.items('nodes').flatMap((node) => (typeof node['avail_pct'] === 'number' ? [node['avail_pct']] : []));
      if (all.length < 2) throw new Unknown('there are not two nodes with memory');
      return Math.min(...all);
    },
  },
  'numa.interleave_ratio': {
    title: 'Interleaved pages of the node that got most, against the one that got least',
    unit: '1',
    formula: 'max interleave_hit / min interleave_hit, since boot',
    validity: 'two nodes; 1 when fewer than 100000 pages are interleaved: the kernel does so with some of its own at boot',
    reference: 'https://docs.kernel.org/admin-guide/numastat.html',
    value: (view) => {
      const hits = nodesOf(view)
        .filter(hasMemory)
        .flatMap(({ numastat }) => numastat['interleave_hit'] ?? []);
      view.used('/sys/devices/system/node/node*/numastat interleave_hit');
      if (hits.length < 2) throw new Unknown('there are not two nodes with memory');
      if (hits.reduce((sum, hit) => sum + hit, 0) < FEW) return 1;
      return Math.max(...hits) / Math.max(1, Math.min(...hits));
    },
  },
});

function nodesOf(view: View): readonly Node[] {
  view.used('/sys/devices/system/node/node*/meminfo');
  return view.last('node');
}

const hasMemory = ({ meminfo }: Node): boolean => (meminfo['MemTotal'] ?? 0) > 0;

/** MemFree of each node in percent of its MemTotal. @throws Unknown */
function shares(view: View): number[] {
  const found = nodesOf(view).flatMap(({ meminfo }) => {
    const [total, free] = [meminfo['MemTotal'], meminfo['MemFree']];
    return total === undefined || total === 0 || free === undefined ? [] : [(100 * free) / total];
  });
  if (found.length < 2) throw new Unknown('there are not two nodes with memory');
  return found;
}
