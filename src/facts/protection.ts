import type { SourceData } from '../gather/snapshot.js';
import { defineFacts, type Entity, Unknown } from './fact.js';
import { ofHostRam } from './host-share.js';
import type { View } from './view.js';

type Group = SourceData<'cgroup'>['groups'][number];

const V2 = 'https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files';
const TOP =
  'of the cgroups directly below the root: theirs bounds what those inside can have (effective_protection() of mm/page_counter.c), and without the mount option memory_recursiveprot less may be protected';

/** Fewer refaults in the sample give no share. */
const FEWEST = 256;

/** What memory.min and memory.low keep from being reclaimed. */
export default defineFacts({
  'cg.protected_bytes': {
    title: 'Memory that protections of cgroups keep from reclaim',
    unit: 'bytes',
    formula: 'Σ min(memory.current, max(memory.min, memory.low))',
    validity: TOP,
    reference: V2,
    value: (view) => tops(view).reduce((sum, group) => sum + kept(group), 0),
  },
  'cg.protected_pct': {
    title: 'Memory that protections of cgroups keep from reclaim, share of MemTotal',
    unit: '%',
    formula: '100 × cg.protected_bytes / MemTotal',
    validity: TOP,
    value: (view) => ofHostRam(view, view.number('cg.protected_bytes')),
  },
  'cg.min_kept_pct': {
    title: 'Memory that memory.min keeps whatever happens, share of MemTotal',
    unit: '%',
    formula: '100 × Σ min(memory.current, memory.min) / MemTotal',
    validity: TOP,
    reference: V2,
    value: (view) =>
      ofHostRam(
        view,
        tops(view).reduce((sum, { current = 0, min = 0 }) => sum + Math.min(current, min), 0),
      ),
  },
  'cg.protected_file_pct': {
    title: 'File cache that protections of cgroups keep, at the least, share of MemTotal',
    unit: '%',
    formula: '100 × Σ max(0, inactive_file + active_file of memory.stat − what is not protected) / MemTotal',
    validity: 'of the cgroups whose memory.stat was read',
    reference: V2,
    value: protectedFile,
  },
  'cg.protected_swap_pct': {
    title: 'Share of what is in swap that belongs to protected cgroups',
    unit: '%',
    formula: '100 × min(1, Σ memory.swap.current of the cgroups with memory.min or memory.low / (SwapTotal − SwapFree))',
    validity: TOP,
    value: (view) => {
      const swapped = guarded(view).map(({ swapCurrent }) => swapCurrent);
      if (swapped.every((bytes) => bytes === undefined)) throw new Unknown('memory.swap.current of no protected cgroup was read');
      const used = view.number('swap.used_bytes');
      if (used <= 0) throw new Unknown('nothing is in swap');
      return Math.min(100, (100 * swapped.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0)) / used);
    },
  },
  'cg.protected_refault_pct': {
    title: 'Share of the refaults that are those of protected cgroups',
    unit: '%',
    formula:
      '100 × min(1, Σ Δ workingset_refault_* of memory.stat of the cgroups with memory.min or memory.low / Δ workingset_refault_* of the host)',
    validity: `${TOP}; below 256 refaults of the host there is no share`,
    value: protectedRefaults,
  },
  'owner.protected': {
    title: 'The cgroup whose protection keeps most',
    unit: 'entity',
    formula: 'max min(memory.current, max(memory.min, memory.low))',
    validity: TOP,
    value: (view): Entity => {
      const [first] = tops(view).toSorted((a, b) => kept(b) - kept(a));
      if (!first || kept(first) === 0) throw new Unknown('no cgroup is protected');
      return { kind: 'cgroup', name: first.path, bytes: kept(first) };
    },
  },
});

const kept = ({ current = 0, min = 0, low = 0 }: Group): number => Math.min(current, Math.max(min, low));

/** The outermost cgroups that can be protected; version 1 has none. @throws Unknown when protections were not read */
function tops(view: View): Group[] {
  const { version, groups } = view.last('cgroup');
  view.used('memory.min, memory.low, memory.current of each cgroup');
  if (version !== 'v2') return [];
  const told = groups.filter(({ min, low }) => min !== undefined || low !== undefined);
  if (told.length === 0) throw new Unknown('memory.min and memory.low of no cgroup were read');
  // only the root of a namespace has them: then it is the container's
  const root = told.filter(({ path }) => path === '/');
  return root.length > 0 ? root : told.filter(({ path }) => path.lastIndexOf('/') === 0);
}

/** Those of them that have a protection. @throws Unknown when there is none */
function guarded(view: View): Group[] {
  const found = tops(view).filter((group) => kept(group) > 0);
  if (found.length === 0) throw new Unknown('no cgroup is protected');
  return found;
}

function protectedRefaults(view: View): number {
  const { first } = view.pair('cgroup');
  const before = new Map(first.groups.map((group) => [group.path, group]));
  const rises = guarded(view).map((group) => {
    const [from, to] = [refaults(before.get(group.path)), refaults(group)];
    return from === undefined || to === undefined || to < from ? undefined : to - from;
  });
  view.used('workingset_refault_anon, workingset_refault_file of memory.stat');
  if (rises.every((rise) => rise === undefined)) throw new Unknown('memory.stat of no protected cgroup was read twice');
  const all = (view.number('refault.file_rate') + view.number('refault.anon_rate')) * view.pair('vmstat').seconds;
  if (all < FEWEST) throw new Unknown('hardly anything was read back');
  return Math.min(100, (100 * rises.reduce<number>((sum, rise) => sum + (rise ?? 0), 0)) / all);
}

function refaults(group: Group | undefined): number | undefined {
  const [anon, file] = [group?.stat?.['workingset_refault_anon'], group?.stat?.['workingset_refault_file']];
  return anon === undefined && file === undefined ? undefined : (anon ?? 0) + (file ?? 0);
}

function protectedFile(view: View): number {
  const groups = tops(view);
  const known = groups.filter(({ stat }) => stat?.['inactive_file'] !== undefined && stat['active_file'] !== undefined);
  view.used('inactive_file, active_file of memory.stat');
  if (groups.length > 0 && known.length === 0) throw new Unknown('memory.stat of no protected cgroup was read');
  const files = known.map((group) => {
    const file = (group.stat?.['inactive_file'] ?? 0) + (group.stat?.['active_file'] ?? 0);
    return Math.max(0, file - ((group.current ?? 0) - kept(group)));
  });
  return ofHostRam(
    view,
    files.reduce((sum, file) => sum + file, 0),
  );
}
