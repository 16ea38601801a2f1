import { ParseError, quote } from '../../errors.js';
import { map, number, row } from '../../json-schema.js';
import { lines, numeral, words } from '../lines.js';
import { defineSource } from '../source.js';

const [ARC, ABD] = ['proc/spl/kstat/zfs/arcstats', 'proc/spl/kstat/zfs/abdstats'] as const;

/** The cache of ZFS: neither page cache nor, for the most part, slab. */
export default defineSource({
  title: '/proc/spl/kstat/zfs/arcstats',
  docs: 'https://openzfs.github.io/openzfs-docs/man/master/4/zfs.4.html',
  reads: [ARC, ABD],
  cadence: 'full',
  schema: row(
    { arc: map(number(), 'by name; sizes in bytes, memory_available_bytes may be negative') },
    { abd: map(number(), 'of abdstats: scatter_data_size is in pages of its own, the rest of the cache lies in slab and vmalloc') },
  ),
  parseFiles: (files) => {
    const [arc, abd] = [files.get(ARC), files.get(ABD)];
    if (arc === undefined) throw new ParseError(`no ${ARC}`);
    return { arc: parseTable(arc, 'arcstats'), ...(abd === undefined ? {} : { abd: parseTable(abd, 'abdstats') }) };
  },
});

/** A kstat of named values: a line of its own, the heads "name type data", then the values; text ones (type 7) are left out. */
function parseTable(text: string, where: string): Record<string, number> {
  const all = lines(text);
  const head = all.findIndex((line) => /^\s*name\s+type\s+data\s*$/.test(line));
  if (head < 0) throw new ParseError(`${where}: no line "name type data"`);
  const found = all.slice(head + 1).flatMap((line): [string, number][] => {
    if (line.trim() === '') return [];
    const [name, type, data] = words(line);
    if (name === undefined || data === undefined)
      throw new ParseError(`${where}: found ${quote(line)}, expected a name, a type and a number`);
    return type === '7' ? [] : [[name, numeral(data, `${where} ${name}`)]];
  });
  return Object.fromEntries(found);
}
