import type { SourceData } from '../gather/snapshot.js';
import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

type Group = SourceData<'cgroup'>['groups'][number];

const V2 = 'https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files';
const OWN = 'of memdoctor itself: what it says of the host may be said of its container';

/** The cgroup that memdoctor ran in. */
export default defineFacts({
  'cg.self': {
    title: 'The cgroup that memdoctor ran in',
    unit: 'text',
    formula: '/proc/self/cgroup, below the mount point of the memory controller',
    reference: V2,
    value: (view) => own(view).path,
  },
  'cg.self_limited': {
    title: 'A limit of memory holds for the cgroup that memdoctor ran in',
    unit: 'boolean',
    formula: 'memory.max of it or its ancestors is set',
    validity: 'a limit above the root of the namespace of a container is not seen',
    reference: V2,
    value: (view) => limitOf(own(view)) !== undefined,
  },
  'cg.self_limit': {
    title: 'Whether memory is limited for the cgroup that memdoctor ran in, in words',
    unit: 'text',
    formula: 'as cg.self_limited',
    value: (view) => (view.fact('cg.self_limited') === true ? 'its memory is limited' : 'no limit of its memory is to be seen'),
  },
  'cg.self_limit_bytes': {
    title: 'The limit that holds for the cgroup that memdoctor ran in',
    unit: 'bytes',
    formula: 'least memory.max of it and its ancestors',
    validity: OWN,
    reference: V2,
    value: limit,
  },
  'cg.self_current_bytes': {
    title: 'In use in the cgroup that memdoctor ran in',
    unit: 'bytes',
    formula: 'memory.current (v1: memory.usage_in_bytes)',
    validity: OWN,
    reference: V2,
    value: current,
  },
  'cg.self_usage_pct': {
    title: 'In use in the cgroup that memdoctor ran in, share of its limit',
    unit: '%',
    formula: '100 × memory.current / limit',
    validity: 'file cache that would be given up counts as well',
    value: (view) => (100 * current(view)) / limit(view),
  },
});

/** @throws Unknown */
function own(view: View): Group {
  const { own: path, groups } = view.last('cgroup');
  view.used('/proc/self/cgroup');
  if (path === null) throw new Unknown('which cgroup memdoctor ran in was not read');
  const group = groups.find((each) => each.path === path);
  if (!group) throw new Unknown('the cgroup that memdoctor ran in was not read');
  return group;
}

const limitOf = ({ effectiveMax, max }: Group): number | undefined => effectiveMax ?? max;

function limit(view: View): number {
  const bytes = limitOf(own(view));
  view.used('memory.max of the own cgroup');
  if (bytes === undefined || bytes === 0) throw new Unknown('the cgroup that memdoctor ran in has no limit');
  return bytes;
}

function current(view: View): number {
  const bytes = own(view).current;
  view.used('memory.current of the own cgroup');
  if (bytes === undefined) throw new Unknown('memory.current of the own cgroup was not read');
  return bytes;
}
