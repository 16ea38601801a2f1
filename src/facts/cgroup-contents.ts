import { defineFacts, type Entity, Unknown } from './fact.js';
import type { View } from './view.js';

/** Of what the group uses, from where on it is what fills it. */
const MOST = 0.5;

/** Of the limit: with less in use, a kill has just emptied it, and what is left says nothing. */
const FULL = 0.5;

/** What fills the group whose limit binds: it decides whether a kill, a higher limit or a deleted file helps. */
export default defineFacts({
  'cg.filled_by': {
    title: 'What most of the cgroup is filled with whose limit binds',
    unit: 'text',
    formula:
      'of memory.stat of owner.cgroup: shmem, file − shmem, kernel or anon, when it is half of memory.current or more, and that half of the limit; else the same of the last OOM report, when that is of this cgroup (oom.memcg_*_pct)',
    validity: 'memory.stat is read of the largest groups only; a kill may just have emptied the group',
    reference: 'https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files',
    value: (view) => {
      const part = view.maybe(() => contents(view)) ?? atKill(view);
      return TEXTS[part];
    },
  },
  'cg.filled_by_tmpfs': {
    title: 'What fills the cgroup whose limit binds is shared memory and files in tmpfs',
    unit: 'boolean',
    formula: 'as cg.filled_by',
    value: (view) => (view.maybe(() => contents(view)) ?? atKill(view)) === 'shmem',
  },
  'cg.filled_shmem_pct': {
    title: 'Shared memory and tmpfs files in the cgroup whose limit binds',
    unit: '%',
    formula: '100 × shmem of memory.stat / memory.current, of owner.cgroup',
    value: (view) => {
      const { current, stat } = group(view);
      const shmem = stat['shmem'];
      if (shmem === undefined) throw new Unknown('memory.stat of the cgroup does not tell shared memory');
      return (100 * shmem) / current;
    },
  },
});

const TEXTS = {
  shmem: 'shared memory and files in tmpfs, which stay when a process is killed: only deleting or detaching them gives memory back',
  file: 'file cache, which it can drop and read again',
  kernel: 'memory of the kernel for it: slab, page tables, buffers',
  anon: 'private memory of its processes',
} as const;

type Part = keyof typeof TEXTS;

function contents(view: View): Part {
  const { current, stat, limit } = group(view);
  if (limit !== undefined && current < FULL * limit) throw new Unknown('the cgroup is far below its limit now: what filled it is gone');
  const of = (name: string): number => stat[name] ?? 0;
  return largePart({ shmem: of('shmem'), file: of('file') - of('shmem'), kernel: of('kernel') || of('slab'), anon: of('anon') }, current);
}

/** @throws Unknown */
function atKill(view: View): Part {
  const owner = view.fact('owner.cgroup') as Entity;
  if (view.fact('oom.memcg_path') !== owner.name) throw new Unknown('the last OOM report is of another cgroup');
  const share = (name: Part): number => view.maybe(() => view.number(`oom.memcg_${name}_pct`)) ?? 0;
  return largePart({ shmem: share('shmem'), file: share('file'), kernel: share('kernel'), anon: share('anon') }, 100);
}

/** @throws Unknown when none is half of the whole */
function largePart(sizes: Readonly<Record<Part, number>>, whole: number): Part {
  const part = (Object.keys(sizes) as Part[]).find((name) => sizes[name] >= MOST * whole);
  if (part === undefined) throw new Unknown('no kind of memory is half of the cgroup');
  return part;
}

function group(view: View): { current: number; stat: Readonly<Record<string, number>>; limit: number | undefined } {
  const owner = view.fact('owner.cgroup') as Entity;
  const found = view.last('cgroup').groups.find(({ path }) => path === owner.name);
  view.used('memory.current, memory.stat of the cgroup');
  if (found?.current === undefined || found.current === 0 || found.stat === undefined)
    throw new Unknown('memory.stat of the cgroup was not read');
  return { current: found.current, stat: found.stat, limit: found.effectiveMax ?? found.max };
}
