import { defineFacts, type FactDefinition, Unknown } from './fact.js';
import { privateMemory } from './lru.js';
import { WHOLE } from './processes.js';
import type { View } from './view.js';

/** Who may hold what is in use, and how much at most, where that was not shown: for suspicions, never for findings. */
export default defineFacts({
  'held.untold_bytes': most(
    'Memory in use of which nothing tells who holds it',
    'acct.unaccounted_bytes, else used.gap_bytes; where neither AnonPages nor the processes are known MemTotal − MemFree − Buffers − Cached − Slab − PageTables − KernelStack − Hugetlb (each where known), less what the processes shown hold',
    untold,
  ),
  'held.processes_bytes': most(
    'Private memory of processes, at most',
    'AnonPages; where it is not known held.untold_bytes and what the processes shown hold',
    processes,
  ),
  'held.names_bytes': most(
    'Cached names and inodes, at most',
    'SReclaimable; else Slab − SUnreclaim; else held.untold_bytes, where reclaimable slab is not counted as cache (versions of free without the column available)',
    (view) => maybe(view, 'SReclaimable') ?? slabRest(view, 'SUnreclaim') ?? untoldSlab(view, false),
  ),
  'held.objects_bytes': most(
    'Objects of the kernel that cannot be dropped, at most',
    'SUnreclaim; else Slab − SReclaimable; else held.untold_bytes, where reclaimable slab is counted as cache',
    (view) => maybe(view, 'SUnreclaim') ?? slabRest(view, 'SReclaimable') ?? untoldSlab(view, true),
  ),
  'held.pages_bytes': most(
    'Pages of drivers, or lost ones, which nothing counts, at most',
    'held.untold_bytes, where it is less than half of MemTotal: buffers are as large as devices need, not a share of RAM as pools and balloons are',
    (view) => {
      const bytes = view.number('held.untold_bytes');
      if (bytes >= view.number('mem.total_bytes') / 2) throw new Unknown('drivers rarely take half of RAM');
      return bytes;
    },
  ),
  'held.pools_bytes': most('Pools of huge pages that were not shown, at most', 'held.untold_bytes', (view) => {
    if (maybe(view, 'HugePages_Total') !== undefined || maybe(view, 'Hugetlb') !== undefined) throw new Unknown('the pools are known');
    return view.number('held.untold_bytes');
  }),
});

const maybe = (view: View, field: string): number | undefined => view.maybe(() => view.meminfo(field));

function most(title: string, formula: string, value: (view: View) => number): FactDefinition {
  return { title, unit: 'bytes', formula, validity: 'an upper bound', value: (view) => Math.max(0, value(view)) };
}

/** @throws Unknown when too little is known of the whole. */
function untold(view: View): number {
  const told = view.maybe(() => view.number('acct.unaccounted_bytes')) ?? view.maybe(() => view.number('used.gap_bytes'));
  if (told !== undefined) return told;
  const { bytes, bound } = privateMemory(view);
  if (!bound) throw new Unknown('the private memory of processes is known, but not the rest');
  return bytes - shown(view);
}

function processes(view: View): number {
  const { bytes, bound } = privateMemory(view);
  if (!bound) return bytes;
  return whole(view) ? shown(view) : bytes;
}

const shown = (view: View): number => view.readings('processes').at(-1)?.data.anon ?? 0;
const whole = (view: View): boolean => (view.readings('processes').at(-1)?.data.visible ?? 0) >= WHOLE;

/** What Slab holds beside a part of it that is known, or may not be. */
function slabRest(view: View, other: string): number | undefined {
  const slab = maybe(view, 'Slab');
  return slab === undefined ? undefined : slab - (maybe(view, other) ?? 0);
}

/**
 * What is in use and may be slab: cached names and inodes, by far the most common, where they count as used; the other objects of the
 * kernel where names count as cache, as in versions of free that tell what is available.
 */
function untoldSlab(view: View, namesAreCache: boolean): number {
  if ((maybe(view, 'MemAvailable') !== undefined) !== namesAreCache)
    throw new Unknown(namesAreCache ? 'cached names and inodes are more likely' : 'reclaimable slab is counted as cache');
  return view.number('held.untold_bytes');
}
