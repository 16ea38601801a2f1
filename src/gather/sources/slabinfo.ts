import { ParseError, quote } from '../../errors.js';
import { bytes, count, list, row, text } from '../../json-schema.js';
import { lines, unsigned, words } from '../lines.js';
import { defineSource } from '../source.js';

/** The caches of the slab allocator. */
export default defineSource({
  title: '/proc/slabinfo',
  docs: 'https://man7.org/linux/man-pages/man5/slabinfo.5.html',
  reads: ['proc/slabinfo'],
  cadence: 'full',
  limits: { maxBytes: 8 << 20, deadlineMs: 2000 },
  paste: 'sudo cat /proc/slabinfo',
  schema: list(
    row(
      {
        name: text('of the cache; allocators merge caches of like size under one name'),
        activeObjects: count('in use; SLUB counts objects on per-CPU slabs as in use'),
        objects: count(),
        objectSize: bytes(),
        bytes: bytes('all pages of the cache'),
        slabs: count(),
        objectsPerSlab: count(),
      },
      { activeSlabs: count('with an object in use, when they are fewer than all: SLUB counts all') },
    ),
  ),
  parse: (text, { pageSize }) => {
    const caches = [];
    for (const { line, where } of records(text)) caches.push(parseCache(line, where, pageSize));
    if (caches.length === 0) throw new ParseError('no cache in it');
    return caches;
  },
});

/** The lines with a cache; one that was wrapped when it was pasted (it has tunables but no slabdata) is put together again. */
function records(text: string): { line: string; where: string }[] {
  const found: { line: string; where: string }[] = [];
  const all = lines(text);
  for (const [index, line] of all.entries()) {
    if (line.trim() === '' || /^\s*(?:slabinfo - version|#)/.test(line)) continue;
    const before = all[index - 1] ?? '';
    const last = found.at(-1);
    if (last && /: tunables\b/.test(before) && !/: slabdata\s+\d+\s+\d+/.test(before)) last.line += ` ${line}`;
    else found.push({ line, where: `line ${index + 1}` });
  }
  return found;
}

/** A line of slabinfo 2.x, or of the 1.x of Linux 2.4: its shape tells, not the header. */
function parseCache(line: string, where: string, pageSize: number) {
  const parts = words(line);
  const colon = parts.indexOf(':');
  const head = colon < 0 ? parts : parts.slice(0, colon);
  const slabdata = parts.lastIndexOf('slabdata');
  const columns = slabdata < 0 ? 6 : 5;
  // a name may hold blanks: a module chose it, or a cgroup before 5.9
  const name = head.slice(0, -columns).join(' ');
  if (name === '') throw new ParseError(`${where}: found ${quote(line)}, expected a cache of slabinfo 2.x or 1.x`);
  const numbers = head.slice(-columns).map((word) => unsigned(word, where));
  const [activeObjects = 0, objects = 0, objectSize = 0] = numbers;
  if (slabdata < 0) {
    const [active = 0, slabs = 0, pages = 0] = numbers.slice(3);
    const objectsPerSlab = slabs === 0 ? 0 : Math.round(objects / slabs);
    return { name, activeObjects, objects, objectSize, bytes: slabs * pages * pageSize, slabs, objectsPerSlab, ...fewer(active, slabs) };
  }
  const [objectsPerSlab = 0, pages = 0] = numbers.slice(3);
  const active = unsigned(parts[slabdata + 1], where);
  const slabs = unsigned(parts[slabdata + 2], where);
  return { name, activeObjects, objects, objectSize, bytes: slabs * pages * pageSize, slabs, objectsPerSlab, ...fewer(active, slabs) };
}

const fewer = (activeSlabs: number, slabs: number): { activeSlabs?: number } => (activeSlabs < slabs ? { activeSlabs } : {});
