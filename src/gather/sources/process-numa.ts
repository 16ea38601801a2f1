import { ParseError, quote } from '../../errors.js';
import { bytes, count, type Infer, list, map, row, text } from '../../json-schema.js';
import { failures } from '../failures.js';
import { unsigned, words } from '../lines.js';
import { nameOf, sizedProcesses } from '../processes/choose.js';
import { eachLine } from '../ranking.js';
import { type Collected, defineSource, type HostContext } from '../source.js';
import { readable, type ReadLimits, readOne, type Tree } from '../tree.js';

/** The largest are asked what they are bound to; of so many of them the pages are told apart by node. */
const ASKED = 30;
const DETAILED = 3;
const LIMITS: ReadLimits = { maxBytes: 4 << 20, deadlineMs: 1000 };
const POLICIES = 40;

const schema = list(
  row(
    { pid: count(), name: text('chosen by the process') },
    {
      memoryNodes: text('that its cpuset allows: 0-3,5'),
      cpus: text('that it may run on'),
      policies: map(bytes(), 'pages by policy: default, bind:0, prefer:1, interleave:0-1 …'),
      nodes: map(bytes(), 'pages by node'),
    },
  ),
  'the largest first, but those with fewer nodes than the host before all others; policies and nodes of the first ones only',
);
type Data = Infer<typeof schema>;
type Bound = Data[number];

/** The nodes that the largest processes may take memory from, and where it is. numa_maps walks all their page tables. */
export default defineSource({
  title: '/proc/PID/numa_maps',
  docs: 'https://man7.org/linux/man-pages/man7/numa.7.html',
  reads: [
    'sys/devices/system/node/has_memory',
    'sys/devices/system/node/online',
    'proc/*/statm',
    'proc/*/stat',
    'proc/*/status',
    'proc/*/numa_maps',
  ],
  cadence: 'last',
  heavy: true,
  collector: {
    processes: [
      { file: 'statm', of: 'all' },
      { file: 'stat', of: 'all' },
      { file: 'status', of: 'all' },
      { file: 'numa_maps', of: 'narrow', most: DETAILED, alone: true, where: 'sys/devices/system/node/node1' },
    ],
  },
  schema,
  collect: collectBound,
});

async function collectBound(tree: Tree, host: HostContext): Promise<Collected<Data>> {
  const failed = failures('proc/*/numa_maps');
  const nodes = await nodesOf(tree);
  if (nodes < 2) return { data: null, reads: [{ ...(await readOne(tree, 'sys/devices/system/node/node1')), status: 'absent' }] };
  const largest = (await sizedProcesses(tree, failed)).toSorted((a, b) => b.resident - a.resident || a.pid - b.pid).slice(0, ASKED);
  const rows: Bound[] = [];
  for (const { pid } of largest) {
    const status = await readOne(tree, `proc/${pid}/status`, { maxBytes: 16_384 });
    failed.note(status, 'proc/*/status');
    rows.push({ pid, name: await nameOf(tree, pid), ...allowed(status.text) });
  }
  const order = rows.toSorted((a, b) => Number(isNarrow(b, nodes)) - Number(isNarrow(a, nodes)));
  for (const [index, bound] of order.slice(0, DETAILED).entries()) {
    const read = await readOne(tree, `proc/${bound.pid}/numa_maps`, LIMITS);
    failed.note(read, 'proc/*/numa_maps');
    if (!readable(read) || read.text === '') continue;
    try {
      order[index] = { ...bound, ...parseNumaMaps(read.text, host.pageSize) };
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      failed.garbled(read, 'proc/*/numa_maps', error.message);
    }
  }
  return { data: order.length > 0 ? order : null, reads: failed.results() };
}

async function nodesOf(tree: Tree): Promise<number> {
  for (const file of ['has_memory', 'online']) {
    const read = await readOne(tree, `sys/devices/system/node/${file}`);
    if (readable(read)) return sizeOfList(read.text.trim());
  }
  return (await tree.list('sys/devices/system/node')).filter((name) => /^node\d{1,4}$/.test(name)).length;
}

/** How many numbers a list like "0-3,8" names; 0 for one that is none. */
export function sizeOfList(text: string): number {
  if (!/^\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?){0,200}$/.test(text)) return 0;
  return text.split(',').reduce((sum, part) => {
    const [from = '0', to = from] = part.split('-');
    return sum + Math.max(0, Number(to) - Number(from) + 1);
  }, 0);
}

const isNarrow = ({ memoryNodes }: Bound, nodes: number): boolean => memoryNodes !== undefined && sizeOfList(memoryNodes) < nodes;

function allowed(status: string): Pick<Bound, 'memoryNodes' | 'cpus'> {
  const of = (name: string): string | undefined => new RegExp(`^${name}:[ \\t]+([\\d,-]{1,400})$`, 'm').exec(status)?.[1];
  const [memoryNodes, cpus] = [of('Mems_allowed_list'), of('Cpus_allowed_list')];
  return { ...(memoryNodes === undefined ? {} : { memoryNodes }), ...(cpus === undefined ? {} : { cpus }) };
}

/** "7f00… bind:0 anon=12 dirty=12 N0=12 kernelpagesize_kB=4". @throws ParseError */
export function parseNumaMaps(body: string, pageSize: number): Pick<Required<Bound>, 'policies' | 'nodes'> {
  const policies = new Map<string, number>();
  const nodes = new Map<string, number>();
  for (const { line, number, whole } of eachLine(body)) {
    const [address = '', policy = '', ...rest] = words(line);
    if (!/^[0-9a-f]{5,16}$/.test(address) || policy === '') {
      if (!whole) continue;
      throw new ParseError(`line ${number}: found ${quote(line)}, expected "address policy …"`);
    }
    const size = rest.find((word) => word.startsWith('kernelpagesize_kB='));
    const unit = size === undefined ? pageSize : unsigned(size.slice('kernelpagesize_kB='.length), `line ${number}`) * 1024;
    for (const word of rest) {
      const [, node, pages] = /^N(\d{1,5})=(\d{1,15})$/.exec(word) ?? [];
      if (node === undefined || pages === undefined) continue;
      const held = Number(pages) * unit;
      nodes.set(node, (nodes.get(node) ?? 0) + held);
      if (policies.has(policy) || policies.size < POLICIES) policies.set(policy, (policies.get(policy) ?? 0) + held);
    }
  }
  return { policies: Object.fromEntries(policies), nodes: Object.fromEntries(nodes) };
}
