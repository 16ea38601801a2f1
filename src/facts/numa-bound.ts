import type { SourceData } from '../gather/snapshot.js';
import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

type Asked = SourceData<'process-numa'>[number];

const MEMPOLICY = 'https://docs.kernel.org/admin-guide/mm/numa_memory_policy.html';
/** Of the pages that are told apart by policy. */
const MOSTLY = 0.5;

/** Processes that may take memory from some of the nodes only. */
export default defineFacts({
  'numa.process_bound': {
    title: 'A large process is bound to some of the NUMA nodes',
    unit: 'boolean',
    formula: 'Mems_allowed_list names fewer nodes than the host has, or half of its pages are under a policy bind:… of fewer',
    validity: 'of the 30 largest for Mems_allowed_list, of the 3 largest for policies',
    reference: MEMPOLICY,
    value: (view) => bound(view) !== undefined,
  },
  'numa.bound_nodes': {
    title: 'The nodes that the largest bound process may use',
    unit: 'text',
    formula: 'Mems_allowed_list, or the nodes of its policy bind:…',
    value: (view) => demanded(view).nodes,
  },
  'owner.numa_bound': {
    title: 'The largest process that is bound to some of the nodes',
    unit: 'entity',
    formula: 'the first of the bound ones, the largest first',
    value: (view) => {
      const { process } = demanded(view);
      return { kind: 'process', name: process.name, pid: process.pid, bytes: pagesOf(process) };
    },
  },
});

function demanded(view: View): { process: Asked; nodes: string } {
  const found = bound(view);
  if (!found) throw new Unknown('none of the largest processes is bound to some of the nodes');
  return found;
}

function bound(view: View): { process: Asked; nodes: string } | undefined {
  const asked = view.last('process-numa');
  const nodes = view.last('node').filter(({ meminfo }) => (meminfo['MemTotal'] ?? 0) > 0).length;
  view.used('/proc/PID/status Mems_allowed_list');
  view.used('/proc/PID/numa_maps');
  const found = asked.flatMap((process) => {
    const names = [process.memoryNodes, policyOf(process)].find((list) => list !== undefined && sizeOf(list) < nodes);
    return names === undefined ? [] : [{ process, nodes: names }];
  });
  return found[0];
}

/** On all nodes; null when they were not told apart. */
const pagesOf = ({ nodes }: Asked): number | null =>
  nodes === undefined ? null : Object.values(nodes).reduce((sum, bytes) => sum + bytes, 0);

function policyOf({ policies = {} }: Asked): string | undefined {
  const all = Object.values(policies).reduce((sum, bytes) => sum + bytes, 0);
  const [name] = Object.entries(policies).find(([policy, bytes]) => /^bind[:=]/.test(policy) && bytes >= MOSTLY * all) ?? [];
  return name === undefined ? undefined : /[\d,-]+$/.exec(name)?.[0];
}

const sizeOf = (list: string): number =>
  list.split(',').reduce((sum, part) => {
    const [from = '0', to = from] = part.split('-');
    return sum + Math.max(0, Number(to) - Number(from) + 1);
  }, 0);
