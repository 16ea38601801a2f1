import type { SourceData } from '../../gather/snapshot.js';
import { fixed, kib, kibTwo, share } from './numbers.js';
import { defineTool, lastOf, MOST_ROWS, notGathered, type ToolTable } from './tool.js';

type Caches = SourceData<'slabinfo'>;

/** Caches by size. Formulas: procps slabtop.c, slabinfo.c: sizes of objects without the waste in a slab, but CACHE SIZE with it. */
export default defineTool({
  place: 90,
  command: 'slabtop -o -s c',
  title: 'slab caches by size',
  table: (snapshot) => {
    const caches = lastOf(snapshot, 'slabinfo');
    if (!caches) return notGathered(snapshot, 'slabinfo', 'slabtop -o -s c', ' as root');
    return slabTable(caches);
  },
});

function slabTable(caches: Caches): ToolTable {
  const add = (value: (cache: Caches[number]) => number): number => caches.reduce((all, cache) => all + value(cache), 0);
  const [objects, active] = [add((cache) => cache.objects), add((cache) => cache.activeObjects)];
  const [slabs, activeSlabs] = [add((cache) => cache.slabs), add((cache) => cache.activeSlabs ?? cache.slabs)];
  const [size, activeSize] = [add((cache) => cache.objects * cache.objectSize), add((cache) => cache.activeObjects * cache.objectSize)];
  const used = caches.filter((cache) => cache.objects > 0);
  const sizes = used.map((cache) => cache.objectSize);
  const least = sizes.reduce((a, b) => Math.min(a, b), sizes[0] ?? 0);
  const most = sizes.reduce((a, b) => Math.max(a, b), 0);
  return {
    lines: [
      `Active / Total Objects (% used)    : ${active} / ${objects} (${of(active, objects)})`,
      `Active / Total Slabs (% used)      : ${activeSlabs} / ${slabs} (${of(activeSlabs, slabs)})`,
      `Active / Total Caches (% used)     : ${used.length} / ${caches.length} (${of(used.length, caches.length)})`,
      `Active / Total Size (% used)       : ${kibTwo(activeSize)} / ${kibTwo(size)} (${of(activeSize, size)})`,
      `Minimum / Average / Maximum Object : ${kibTwo(least)} / ${kibTwo(objects > 0 ? size / objects : 0)} / ${kibTwo(most)}`,
      '',
    ],
    columns: ['OBJS', 'ACTIVE', 'USE', 'OBJ SIZE', 'SLABS', 'OBJ/SLAB', 'CACHE SIZE', 'NAME'],
    rows: caches
      .toSorted((a, b) => b.bytes - a.bytes)
      .slice(0, MOST_ROWS)
      .map((cache) => [
        String(cache.objects),
        String(cache.activeObjects),
        `${Math.floor(share(cache.activeObjects, cache.objects) ?? 0)}%`,
        kibTwo(cache.objectSize),
        String(cache.slabs),
        String(cache.objectsPerSlab),
        `${kib(cache.bytes)}K`,
        cache.name,
      ]),
    notes: [
      ...(caches.length > MOST_ROWS ? [`The largest ${MOST_ROWS} of ${caches.length} caches.`] : []),
      'SLUB counts the objects of per-CPU slabs as active: USE near 100 % does not mean that all are used.',
    ],
  };
}

const of = (part: number, all: number): string => `${fixed(share(part, all) ?? 0, 1)}%`;
