import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

const CGROUP = 'https://docs.kernel.org/admin-guide/cgroup-v2.html';

/** Removed cgroups that live on because memory is still charged to them. */
export default defineFacts({
  'cgroups.dying': {
    title: 'Removed cgroups that memory still belongs to',
    unit: 'count',
    formula:
      'nr_dying_descendants of the root; v1: memory of /proc/cgroups − directories; where these were not shown, − the most of any controller in another hierarchy',
    validity: 'v2 since 4.14; they go when the last page is freed or reclaimed',
    reference: CGROUP,
    value: (view) => {
      const counted = view.readings('cgroup').length === 0 ? byControllers(view) : null;
      if (counted) return counted.dying;
      const { dying } = view.last('cgroup');
      view.used('/sys/fs/cgroup cgroup.stat, /proc/cgroups');
      if (dying === null) throw new Unknown('this kernel does not tell removed cgroups apart');
      return dying;
    },
  },
  'cgroups.live': {
    title: 'Cgroups',
    unit: 'count',
    formula: 'nr_descendants of the root; else directories; else the most of any v1 controller outside the hierarchy of memory',
    reference: CGROUP,
    value: (view) => {
      const counted = view.readings('cgroup').length === 0 ? byControllers(view) : null;
      if (counted) return counted.live;
      view.used('/sys/fs/cgroup cgroup.stat');
      return view.last('cgroup').live;
    },
  },
  'cgroups.dying_per_live': {
    title: 'Removed cgroups that live on, for each that is there',
    unit: '1',
    formula: 'cgroups.dying / max(1, cgroups.live)',
    value: (view) => view.number('cgroups.dying') / Math.max(1, view.number('cgroups.live')),
  },
  'slab.caches': {
    title: 'Slab caches that exist',
    unit: 'count',
    formula: 'active_objs of kmem_cache in /proc/slabinfo: one for each cache',
    validity:
      'some hundreds; until 5.8 each cgroup had caches of its own, which a removed one keeps as long as an object of it lives (one line of slabinfo for all of them)',
    reference: 'https://man7.org/linux/man-pages/man5/slabinfo.5.html',
    value: (view) => {
      const cache = view.last('slabinfo').find(({ name }) => name === 'kmem_cache');
      view.used('/proc/slabinfo kmem_cache');
      if (cache === undefined) throw new Unknown('/proc/slabinfo does not list the cache of caches');
      return cache.activeObjects;
    },
  },
  'percpu.pct': {
    title: 'Per-CPU memory of the kernel, share of MemTotal',
    unit: '%',
    formula: '100 × Percpu / MemTotal',
    validity: 'kernel 4.20 and later',
    value: (view) => (100 * view.meminfo('Percpu')) / view.number('mem.total_bytes'),
  },
});

/**
 * Only the memory controller holds removed cgroups for long, as memory stays charged to them: in v1, where each hierarchy has its
 * own number, the others show how many there are. Null when nothing can be told so.
 */
function byControllers(view: View): { live: number; dying: number } | null {
  const controllers = view.readings('cgroup-controllers').at(-1)?.data ?? [];
  const memory = controllers.find(({ name }) => name === 'memory');
  if (memory === undefined || memory.hierarchy === 0) return null;
  const others = controllers.filter(({ hierarchy }) => hierarchy !== 0 && hierarchy !== memory.hierarchy);
  if (others.length === 0) return null;
  view.used('/proc/cgroups');
  const live = Math.max(...others.map(({ cgroups }) => cgroups));
  return { live, dying: Math.max(0, memory.cgroups - live) };
}
