import { ParseError } from '../../errors.js';
import { bytes, count, list, map, row, text } from '../../json-schema.js';
import { keyedCounts, keyedSizes, unsigned, words } from '../lines.js';
import { defineSource } from '../source.js';

/** Memory by NUMA node; a map is empty where its file is not there. */
export default defineSource({
  title: '/sys/devices/system/node',
  docs: 'https://docs.kernel.org/admin-guide/abi-stable.html',
  reads: ['meminfo', 'numastat', 'vmstat', 'cpulist', 'distance'].map((name) => `sys/devices/system/node/node*/${name}`),
  cadence: 'full',
  limits: { deadlineMs: 1000 },
  paste: 'numastat -m',
  schema: list(
    row(
      {
        node: count('number of the node'),
        meminfo: map(bytes(), 'fields by the kernel’s names without "Node 0", in bytes; HugePages_* are counts'),
        numastat: map(count(), 'allocations since boot, in pages'),
        vmstat: map(count(), 'counters and gauges of the node'),
        cpulist: text('its CPUs, "0-3,8"; empty for memory alone'),
      },
      { distance: list(count(), 'to each node that is online, 10 is the node itself') },
    ),
    'by number',
  ),
  parseFiles: (files) => {
    const nodes = new Map<number, Map<string, string>>();
    for (const [path, content] of files) {
      const match = /\/node(\d{1,9})\/(\w+)$/.exec(path);
      if (!match) continue;
      const node = Number(match[1]);
      nodes.set(node, (nodes.get(node) ?? new Map<string, string>()).set(match[2] ?? '', content));
    }
    return [...nodes].sort(([a], [b]) => a - b).map(([node, parts]) => parseNode(node, parts));
  },
});

function parseNode(node: number, parts: ReadonlyMap<string, string>) {
  const of = (name: string): string => parts.get(name) ?? '';
  try {
    const distance = words(of('distance')).map((word) => unsigned(word, 'distance'));
    return {
      node,
      meminfo: keyedSizes(of('meminfo').replaceAll(/^[ \t]*Node[ \t]+\d+[ \t]+/gm, '')),
      numastat: keyedCounts(of('numastat')),
      // kernels with more counters than names print some without one
      vmstat: keyedCounts(of('vmstat').replaceAll(/^ \d+$/gm, '')),
      cpulist: of('cpulist').trim(),
      ...(distance.length > 0 ? { distance } : {}),
    };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new ParseError(`node ${node}: ${error.message}`);
  }
}
