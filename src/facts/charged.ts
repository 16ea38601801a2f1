/** Which cgroup the kernel charged memory of its own to: it is the user that asked for it, whatever table it then lies in. */
import { TOP_PROCESSES } from '../gather/processes/tally.js';
import type { SourceData } from '../gather/snapshot.js';
import { defineFacts, type Entity, type FactDefinition, Unknown } from './fact.js';
import type { View } from './view.js';

type Group = SourceData<'cgroup'>['groups'][number];
type Stat = NonNullable<Group['stat']>;

const V2 = 'https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files';
const HALF = 0.5;
/** What `kernel` of memory.stat counts and shows one by one as well. */
const NAMED = ['slab', 'kernel_stack', 'pagetables', 'sec_pagetables', 'percpu', 'vmalloc'] as const;

const holder = (what: string, formula: string, total: string, of: (stat: Stat) => number | undefined): FactDefinition => ({
  title: `Who was charged for most of ${what}`,
  unit: 'entity',
  formula: `the deepest cgroup with half or more of ${total} in ${formula}; its process, when it has only one`,
  validity: 'of the cgroups whose memory.stat was read; memory that the kernel charges to nobody has no such owner',
  reference: V2,
  value: (view) => chargedWith(view, view.number(total), of),
});

/** Owners of kernel memory by what their cgroups were charged. */
export default defineFacts({
  'owner.slab_charged': holder(
    'the slab that only its users can give up',
    'slab_unreclaimable of memory.stat',
    'slab.unreclaimable_bytes',
    (stat) => stat['slab_unreclaimable'],
  ),
  'owner.pinned_charged': holder('slab', 'slab of memory.stat', 'slab.bytes', (stat) => stat['slab']),
  'owner.vmalloc_charged': holder('the memory of vmalloc', 'vmalloc of memory.stat', 'vmalloc.net_bytes', (stat) => stat['vmalloc']),
  'owner.sock_charged': holder('the memory of sockets', 'sock of memory.stat', 'sock.bytes', (stat) => stat['sock']),
  'owner.pages_charged': {
    title: 'Who was charged for most of the memory that no counter accounts for',
    unit: 'entity',
    formula:
      'the deepest cgroup whose kernel − slab − kernel_stack − pagetables − sec_pagetables − percpu − vmalloc of memory.stat is half or more of acct.unaccounted_bytes (v1: memory.kmem.usage_in_bytes − Slab − KernelStack − Percpu − VmallocUsed of the host); its process, when it has only one',
    validity: 'pages that are asked for with __GFP_ACCOUNT: pipes, io_uring, rings and buffers of users; kernel 5.18 and later',
    reference: V2,
    value: (view) => {
      const counted = ['Slab', 'KernelStack', 'Percpu', 'VmallocUsed'].map((name) => view.maybe(() => view.meminfo(name)) ?? 0);
      const most = counted.reduce((sum, bytes) => sum + bytes, 0);
      return chargedWith(
        view,
        view.number('acct.unaccounted_bytes'),
        (stat, { kmem }) => uncounted(stat) ?? (kmem === undefined ? undefined : kmem - most),
      );
    },
  },
});

function uncounted(stat: Stat): number | undefined {
  const kernel = stat['kernel'];
  return kernel === undefined ? undefined : kernel - NAMED.reduce((sum, name) => sum + (stat[name] ?? 0), 0);
}

/** @throws Unknown when no group below the root has half of it */
function chargedWith(view: View, total: number, of: (stat: Stat, group: Group) => number | undefined): Entity {
  const { groups } = view.last('cgroup');
  view.used('memory.stat of each cgroup');
  if (total <= 0) throw new Unknown('there is nothing to charge');
  const [first] = groups
    .filter(({ path }) => path !== '/')
    .map((group) => ({ path: group.path, bytes: of(group.stat ?? {}, group) ?? 0 }))
    .filter(({ bytes }) => bytes >= total * HALF)
    .toSorted((a, b) => b.path.split('/').length - a.path.split('/').length || b.bytes - a.bytes);
  if (!first) throw new Unknown('no cgroup that was read was charged for half of it');
  const only = view.maybe(() => onlyProcess(view, first.path));
  return only ? { kind: 'process', ...only, bytes: first.bytes } : { kind: 'cgroup', name: first.path, bytes: first.bytes };
}

/** The one process of a group and of those below it. @throws Unknown when there are more, or not all processes are listed */
function onlyProcess(view: View, path: string): { name: string; pid: number } {
  const { top } = view.last('processes');
  view.used('/proc/PID/cgroup');
  const inside = top.filter(({ cgroup }) => cgroup === path || cgroup?.startsWith(`${path}/`));
  const [first, second] = inside;
  // the list has the largest: one that is not full is complete
  if (top.length >= TOP_PROCESSES || !first || second) throw new Unknown('it has several processes, or not all were listed');
  return { name: first.name, pid: first.pid };
}
