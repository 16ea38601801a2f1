import { defineText, oneSample, type TextHost } from '../kind.js';
import { slabinfoText, type SlabRow } from '../made/files.js';
import { fits } from '../made/fits.js';
import { run } from '../shape.js';

const HEAD = /^\s*Cache\s+Num\s+Total\s+Size\s+Pages\s*$/;
const ROW = /^\s*(\S.{0,80}?)\s+(\d{1,15})\s+(\d{1,15})\s+(\d{1,9})\s+(\d{1,6})\s*$/;

/** Caches of the slab allocator; the column "Pages" holds the objects of a slab. */
export default defineText({
  title: 'vmstat -m',
  docs: 'https://man7.org/linux/man-pages/man8/vmstat.8.html',
  origin: 'tool',
  hint: /\bvmstat.{0,6}-?m\b/,
  span: (lines, at) => (fits(HEAD, lines[at] ?? '') ? run(lines, at, (line) => fits(HEAD, line) || fits(ROW, line), { elided: true }) : 0),
  read: (lines, { pageSize }: TextHost) => {
    const rows = lines.flatMap((line) => rowOf(line, pageSize) ?? []);
    return rows.length === 0 ? [] : oneSample(new Map([['proc/slabinfo', slabinfoText(rows)]]));
  },
});

/** Pages of a slab are the fewest, a power of two, that hold its objects. */
function rowOf(line: string, pageSize: number): SlabRow | null {
  const match = fits(HEAD, line) ? null : ROW.exec(line);
  if (!match) return null;
  const [active = 0, objects = 0, size = 0, perSlab = 0] = match.slice(2).map(Number);
  const pages = 2 ** Math.ceil(Math.log2(Math.max(1, (size * perSlab) / pageSize)));
  const slabs = perSlab === 0 ? 0 : Math.ceil(objects / perSlab);
  return { name: match[1] ?? '', active, objects, size, objectsPerSlab: perSlab, pagesPerSlab: pages, slabs };
}
