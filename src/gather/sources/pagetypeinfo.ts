import { ParseError, quote } from '../../errors.js';
import { boolean, count, list, map, row, text } from '../../json-schema.js';
import { lines, unsigned, words } from '../lines.js';
import { defineSource } from '../source.js';

const free = row(
  { node: count(), zone: text(), type: text('Unmovable, Movable, Reclaimable, …'), free: list(count(), 'free blocks by order') },
  { capped: boolean('the kernel stopped counting a list at 100000') },
);

/** Free memory, and all memory in page blocks, by what may lie in it. */
export default defineSource({
  title: '/proc/pagetypeinfo',
  docs: 'https://docs.kernel.org/filesystems/proc.html#kernel-data',
  reads: ['proc/pagetypeinfo'],
  cadence: 'last',
  heavy: true,
  limits: { deadlineMs: 2000 },
  schema: row({
    pagesPerBlock: count('pages that go under one type'),
    free: list(free),
    blocks: list(row({ node: count(), zone: text(), types: map(count(), 'page blocks by type') })),
  }),
  parse: (text) => {
    const all = lines(text);
    const pagesPerBlock = /^[ \t]*Pages per block:[ \t]+(\d+)[ \t]*\r?$/m.exec(text)?.[1];
    if (pagesPerBlock === undefined) throw new ParseError('no line "Pages per block:  512"');
    const frees = all.flatMap(parseFree);
    const head = all.findIndex((line) => /^\s*Number of blocks type\s/.test(line));
    const types = words((all[head] ?? '').replace('Number of blocks type', ''));
    // with page_owner=on another table follows, of mixed blocks
    const rest = head < 0 ? [] : all.slice(head + 1);
    const end = rest.findIndex((line) => !/^\s*Node\s/.test(line));
    const blocks = (end < 0 ? rest : rest.slice(0, end)).map((line) => parseBlocks(line, types));
    if (frees.length === 0 && blocks.length === 0) throw new ParseError('no line "Node 0, zone Normal, type Movable 1 2 3"');
    return { pagesPerBlock: unsigned(pagesPerBlock, 'Pages per block'), free: frees, blocks };
  },
});

function parseFree(line: string) {
  const match = /^\s*Node\s+(\d{1,9}), zone\s+(\S+), type\s+(\S+)\s+(.*)$/.exec(line);
  if (!match) return [];
  const [, node = '', zone = '', type = '', counts = ''] = match;
  const where = `node ${node} ${zone} ${type}`;
  const capped = counts.includes('>');
  // ">100000" when the list is longer
  const blocks = words(counts).map((word) => unsigned(word.replace(/^>/, ''), where));
  return [{ node: Number(node), zone, type, free: blocks, ...(capped ? { capped } : {}) }];
}

function parseBlocks(line: string, types: readonly string[]) {
  const match = /^\s*Node\s+(\d{1,9}), zone\s+(\S+)\s+(.*)$/.exec(line);
  const [, node = '', zone = '', counts = ''] = match ?? [];
  const numbers = words(counts).map((word) => unsigned(word, `blocks of node ${node} ${zone}`));
  if (!match || numbers.length !== types.length)
    throw new ParseError(`found ${quote(line)}, expected a number for each of ${types.join(', ')}`);
  return { node: Number(node), zone, types: Object.fromEntries(types.map((type, index) => [type, numbers[index] ?? 0])) };
}
