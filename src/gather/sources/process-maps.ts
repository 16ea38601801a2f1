import { boolean, bytes, count, type Infer, list, nullable, row, text } from '../../json-schema.js';
import { failures } from '../failures.js';
import { nameOf, type Sized, sizedProcesses } from '../processes/choose.js';
import { parseMaps } from '../processes/maps.js';
import { type Collected, defineSource, type HostContext } from '../source.js';
import { readable, type ReadLimits, readOne, type Tree } from '../tree.js';

/** Of each: those with most address space, most memory. */
const CHOSEN = { pages: 15, resident: 15 } as const;
const RANKS = { pages: 'vsize', resident: 'rss' } as const;
/** 65530 mappings are about 6 MB of text. */
const LIMITS: ReadLimits = { maxBytes: 8 << 20, deadlineMs: 1000 };
/** All of it may take so long. */
const BUDGET_MS = 3000;

const schema = row({
  processes: list(
    row({
      pid: count(),
      name: text('chosen by the process'),
      maps: count('mappings that were counted'),
      whole: boolean('false: there are more'),
      bytes: bytes('address space of those'),
      vsize: bytes('of all'),
      heapBytes: bytes('the main heap'),
      arenas: count('further heaps of the malloc of glibc'),
      arenaBytes: bytes('taken into use in them'),
      allocator: nullable(text('glibc, musl, jemalloc, tcmalloc, mimalloc')),
    }),
    'by mappings',
  ),
  othersAtMost: count('mappings that all other processes can have: Σ address space / page size'),
});
type Data = Infer<typeof schema>;

/** The mappings of the processes that are likely to have most of them. Reading them takes the lock that page faults wait for. */
export default defineSource({
  title: '/proc/PID/maps',
  docs: 'https://docs.kernel.org/filesystems/proc.html#process-specific-subdirectories',
  reads: ['proc/*/statm', 'proc/*/stat', 'proc/*/maps'],
  cadence: 'last',
  heavy: true,
  collector: {
    processes: [
      { file: 'statm', of: 'all' },
      { file: 'stat', of: 'all' },
      ...(Object.keys(RANKS) as (keyof typeof CHOSEN)[]).map((key) => ({ file: 'maps', of: RANKS[key], most: CHOSEN[key], alone: true })),
    ],
  },
  schema,
  collect: countMaps,
});

async function countMaps(tree: Tree, host: HostContext): Promise<Collected<Data>> {
  const failed = failures('proc/*/maps');
  const all = await sizedProcesses(tree, failed);
  const counted: Data['processes'] = [];
  const until = performance.now() + BUDGET_MS;
  for (const { pid, pages } of chosen(all)) {
    if (performance.now() > until) break;
    const read = await readOne(tree, `proc/${pid}/maps`, LIMITS);
    failed.note(read.status === 'truncated' ? { ...read, status: 'ok' } : read, 'proc/*/maps');
    const maps = readable(read) ? parseMaps(read.text) : null;
    if (!maps) continue;
    const { count, whole, bytes: mapped, ...rest } = maps;
    // what was cut between two lines does not show by itself: the mappings of a process add up to VmSize
    const vsize = pages * host.pageSize;
    const complete = whole && read.status === 'ok' && mapped >= 0.9 * vsize;
    counted.push({ pid, name: await nameOf(tree, pid), maps: count, whole: complete, bytes: mapped, vsize, ...rest });
  }
  if (counted.length === 0) return { data: null, reads: failed.results() };
  const known = new Set(counted.map(({ pid }) => pid));
  const othersAtMost = all.filter(({ pid }) => !known.has(pid)).reduce((sum, { pages }) => sum + pages, 0);
  return { data: { processes: counted.toSorted((a, b) => b.maps - a.maps || a.pid - b.pid), othersAtMost }, reads: failed.results() };
}

function chosen(all: readonly Sized[]): Set<Sized> {
  const most = (key: keyof typeof CHOSEN): Sized[] => all.toSorted((a, b) => b[key] - a[key] || a.pid - b.pid).slice(0, CHOSEN[key]);
  return new Set([...most('pages'), ...most('resident')]);
}
