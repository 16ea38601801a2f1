import { count, list, number, row, text } from '../../json-schema.js';
import { ParseError, quote } from '../../errors.js';
import { lines, numeral, words } from '../lines.js';
import { defineSource } from '../source.js';

const [INDEX, UNUSABLE] = ['sys/kernel/debug/extfrag/extfrag_index', 'sys/kernel/debug/extfrag/unusable_index'] as const;

/** The kernel's own measures of fragmentation, by order; /proc/buddyinfo gives the same where debugfs cannot be read. */
export default defineSource({
  title: '/sys/kernel/debug/extfrag',
  docs: 'https://docs.kernel.org/admin-guide/sysctl/vm.html#extfrag-threshold',
  reads: [INDEX, UNUSABLE],
  cadence: 'full',
  schema: list(
    row(
      { node: count(), zone: text() },
      {
        index: list(number(), 'by order: -1 when a block of it is to be had, else from 0 (want of memory) to 1 (fragmentation)'),
        unusable: list(number(), 'by order: share of the free memory that is in smaller blocks'),
      },
    ),
  ),
  parseFiles: (files) => {
    const zones = new Map<string, { node: number; zone: string; index?: number[]; unusable?: number[] }>();
    for (const [path, name] of [[INDEX, 'index'] as const, [UNUSABLE, 'unusable'] as const])
      for (const { node, zone, values } of parseTable(files.get(path) ?? ''))
        zones.set(`${node} ${zone}`, { ...zones.get(`${node} ${zone}`), node, zone, [name]: values });
    return [...zones.values()];
  },
});

function parseTable(text: string) {
  return lines(text)
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const match = /^\s*Node\s+(\d{1,9}), zone\s+(\S+)\s+(.*)$/.exec(line);
      if (!match) throw new ParseError(`found ${quote(line)}, expected "Node 0, zone Normal -1.000 …"`);
      const [, node = '', zone = '', values = ''] = match;
      return { node: Number(node), zone, values: words(values).map((word) => numeral(word, `node ${node} ${zone}`)) };
    });
}
