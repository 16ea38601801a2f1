import { defineFacts, type Entity, Unknown } from './fact.js';
import { bytesOf, type Cache, caches, isGeneric, largeKmalloc } from './slab-caches.js';
import type { View } from './view.js';

/** Fewer objects than this pile up by themselves. */
const MANY = 100_000;
/** Counts so near to each other are no accident. */
const ALIKE = 1.02;
/** Below it a cache has room that it does not use. */
const HALF = 0.5;

/** Slab by kind of cache: buffers that have no name, objects that come in step, slabs that are mostly empty. */
export default defineFacts({
  'slab.generic_bytes': {
    title: 'Slab memory of buffers without a name',
    unit: 'bytes',
    formula: 'Σ size of kmalloc-*, kmalloc-cg-*, kmalloc-rnd-*, size-* of /proc/slabinfo, and slab.large_kmalloc_bytes',
    validity: 'a minimum where only some caches are listed',
    value: generic,
  },
  'slab.generic_share_pct': {
    title: 'Slab memory of buffers without a name, share of unreclaimable slab',
    unit: '%',
    formula: '100 × min(1, slab.generic_bytes / slab.unreclaimable_bytes)',
    value: (view) => Math.min(100, (100 * generic(view)) / view.number('slab.unreclaimable_bytes')),
  },
  'slab.twins': {
    title: 'Caches of buffers without a name that hold the same number of objects',
    unit: 'count',
    formula: 'most kmalloc-* or size-* caches with active_objs within 2 % of each other, from 100000 objects on',
    validity: 'one of each for every object of one and the same user: whoever made them did it together',
    value: twins,
  },
  'slab.util_pct': {
    title: 'Slab memory that objects use',
    unit: '%',
    formula: '100 × Σ active_objs × objsize / Σ size of /proc/slabinfo',
    validity: 'too high: free objects on the lists of CPUs count as used',
    value: (view) => {
      const all = caches(view);
      return (100 * all.reduce((sum, cache) => sum + cache.activeObjects * cache.objectSize, 0)) / bytesOf(all);
    },
  },
  'slab.sparse_bytes': {
    title: 'The largest slab cache of which less than half is used',
    unit: 'bytes',
    formula: 'max size of a cache with active_objs / num_objs < 0.5',
    validity: 'there is more than that: free objects on the lists of CPUs count as used',
    value: (view) => sparse(view)?.bytes ?? 0,
  },
  'slab.sparse_pct': {
    title: 'The largest slab cache of which less than half is used, share of memory outside of huge page pools',
    unit: '%',
    formula: '100 × slab.sparse_bytes / ram.usable_bytes',
    value: (view) => (100 * view.number('slab.sparse_bytes')) / view.number('ram.usable_bytes'),
  },
  'owner.slab_sparse': {
    title: 'The largest slab cache of which less than half is used',
    unit: 'entity',
    formula: 'max size of a cache with active_objs / num_objs < 0.5',
    value: (view): Entity => {
      const cache = sparse(view);
      if (!cache) throw new Unknown('all slab caches are half full at least');
      return { kind: 'slab-cache', name: cache.name, bytes: cache.bytes };
    },
  },
});

function generic(view: View): number {
  return bytesOf(caches(view).filter(isGeneric)) + (view.maybe(() => largeKmalloc(view)) ?? 0);
}

function sparse(view: View): Cache | undefined {
  const [first] = caches(view)
    .filter(({ activeObjects, objects }) => objects > 0 && activeObjects / objects < HALF)
    .toSorted((a, b) => b.bytes - a.bytes);
  return first;
}

/** The longest run of sorted counts whose last is within 2 % of its first. */
function twins(view: View): number {
  const counts = caches(view)
    .filter(isGeneric)
    .map(({ activeObjects }) => activeObjects)
    .filter((count) => count >= MANY)
    .toSorted((a, b) => a - b);
  const runs = counts.map((first, index) => counts.slice(index).filter((count) => count <= first * ALIKE).length);
  return Math.max(0, ...runs);
}
