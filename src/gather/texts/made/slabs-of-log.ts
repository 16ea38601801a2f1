import { takePrefix } from '../../kernel-log/prefix.js';
import { slabinfoText, type SlabRow } from './files.js';

/** What mm/slub.c, slab_out_of_memory(), prints of a cache for which it found no page: its sizes, then its slabs on each node. */
const CACHE = /^ {0,8}cache: (.{1,64}?), object size: \d{1,10}, buffer size: (\d{1,10}), default order: \d{1,2}, min order: (\d{1,2})$/;
const NODE = /^ {0,8}node \d{1,4}: slabs: (\d{1,12}), objs: (\d{1,15}), free: (\d{1,15})$/;
const PAGE = 4096;
/** A cache that holds less is not worth being told of. */
const LEAST = 256 * 1024 * 1024;

interface Held {
  readonly size: number;
  readonly order: number;
  slabs: number;
  objects: number;
  free: number;
}

/** The caches that a kernel log tells the size of, as /proc/slabinfo, a lower bound: each as it was last; null when none is large. */
export function slabinfoOfLog(lines: readonly string[], pageSize = PAGE): string | null {
  const caches = new Map<string, Held>();
  let open: Held | null = null;
  for (const line of lines) {
    if (open === null && !line.includes(', min order: ')) continue;
    const { text } = takePrefix(line);
    const [, name, size, order] = CACHE.exec(text) ?? [];
    if (name !== undefined) {
      open = { size: Number(size), order: Number(order), slabs: 0, objects: 0, free: 0 };
      caches.set(name, open);
      continue;
    }
    const node = open === null ? null : NODE.exec(text);
    if (open === null || node === null) {
      open = null;
      continue;
    }
    open.slabs += Number(node[1]);
    open.objects += Number(node[2]);
    open.free += Number(node[3]);
  }
  const rows = [...caches].flatMap(([name, held]) => rowOf(name, held, pageSize) ?? []);
  return rows.length === 0 ? null : slabinfoText(rows);
}

/** A slab has the pages of the least order, and those that its objects take. */
function rowOf(name: string, { size, order, slabs, objects, free }: Held, pageSize: number): SlabRow | null {
  if (slabs === 0 || objects < slabs || order > 20) return null;
  const objectsPerSlab = Math.max(1, Math.floor(objects / slabs));
  const pagesPerSlab = Math.max(2 ** order, Math.floor((objectsPerSlab * size) / pageSize));
  if (slabs * pagesPerSlab * pageSize < LEAST) return null;
  return { name, active: Math.max(0, objects - free), objects, size, objectsPerSlab, pagesPerSlab, slabs };
}
