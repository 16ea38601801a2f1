import { bytes, count, type Infer, row, text } from '../../json-schema.js';
import { failures } from '../failures.js';
import { sizedProcesses } from '../processes/choose.js';
import { parseMaps } from '../processes/maps.js';
import { byProcess } from '../tracing/bpftrace-output.js';
import { statsOf } from '../tracing/processes.js';
import { defineTrace, type ProcForm, type Setting } from '../tracing/trace.js';
import { readable, readOne, type Tree } from '../tree.js';

/** Of each: those with most address space, most memory. */
const CHOSEN = 15;
const BUDGET_MS = 2000;
const LIMITS = { maxBytes: 8 << 20, deadlineMs: 1000 };
const PROBES = { arena_new: 'count()', arena_reuse: 'count()', heap_new: 'sum(arg1)', sbrk_more: 'sum(arg1)' } as const;

const shape = row(
  { comm: text(), pid: count(), arenas: count('beside the main one') },
  { newArenas: count('while it was traced'), heapBytes: bytes('address space in use in them, and in the main heap') },
);
type Row = Infer<typeof shape>;

/** Heaps that the malloc of glibc makes for threads: what is freed in one stays in it. */
export default defineTrace({
  title: 'Arenas of malloc',
  answers: 'Which processes have many heaps of malloc, and who makes new ones?',
  docs: 'https://sourceware.org/glibc/manual/latest/html_node/Memory-Allocation-Probes.html',
  tools: ['glibc-malloc', 'glibc-malloc.stp', 'mallocstacks'],
  byDefault: true,
  row: shape,
  order: ({ arenas, newArenas, heapBytes }) => (newArenas ?? 0) * 1e6 + arenas + (heapBytes ?? 0) / 1e15,
  resolve: async (tree, rows) => ({
    rows: await Promise.all(
      rows.map(async (each): Promise<Row> => {
        if (each.heapBytes !== undefined) return each;
        const now = await arenasOf(tree, each.pid);
        return now === null ? each : { ...each, ...now };
      }),
    ),
  }),
  forms: [
    {
      backend: 'usdt',
      needs: Object.keys(PROBES).map((name) => `usdt:memory_${name}`),
      loss: 'only processes with the C library of the host, not of containers, and only those that made or reused an arena, or grew a heap',
      program: ({ kernel, pid }) => {
        const own = pid === null ? '' : ` /pid == ${pid}/`;
        return Object.entries(PROBES)
          .map(
            ([name, value]) =>
              `usdt:${kernel.usdt?.('memory_arena_new') ?? 'libc'}:libc:memory_${name}${own} { @malloc_arenas_${name}[pid, comm] = ${value}; }`,
          )
          .join('\n');
      },
      read: (output) => {
        const of = (what: keyof typeof PROBES) => byProcess(output, `malloc_arenas_${what}`);
        const made = of('arena_new');
        const rows = new Map<number, Row>();
        // threads of one process have names of their own
        for (const { pid, comm } of [...made.values(), ...of('heap_new').values(), ...of('sbrk_more').values()])
          rows.set(pid, rows.get(pid) ?? { comm, pid, arenas: 0, newArenas: 0 });
        for (const { pid, value } of made.values()) {
          const known = rows.get(pid);
          // before /proc/PID/maps is looked at, those that were seen to be made are all that is known
          if (known) rows.set(pid, { ...known, arenas: known.arenas + value, newArenas: (known.newArenas ?? 0) + value });
        }
        const sum = (what: keyof typeof PROBES): number => [...of(what).values()].reduce((total, { value }) => total + value, 0);
        return {
          rows: [...rows.values()],
          totals: { newArenas: sum('arena_new'), reused: sum('arena_reuse'), heapBytes: sum('heap_new'), sbrkBytes: sum('sbrk_more') },
        };
      },
    },
    {
      backend: 'proc',
      needs: [],
      loss: `arenas as the mappings show them, of the ${CHOSEN} processes with most address space and the ${CHOSEN} with most memory`,
      reading: taken,
      read: (before, after) => ({
        rows: [...after].flatMap(([pid, now]): Row[] => {
          const first = before.get(pid);
          const newArenas = first !== undefined && first.startTicks === now.startTicks ? Math.max(0, now.arenas - first.arenas) : 0;
          return now.arenas === 0 ? [] : [{ comm: now.name, pid, arenas: now.arenas, newArenas, heapBytes: now.heapBytes }];
        }),
      }),
    } satisfies ProcForm<Row, ReadonlyMap<number, Taken>>,
  ],
});

interface Taken {
  readonly name: string;
  readonly startTicks: number;
  readonly arenas: number;
  readonly heapBytes: number;
}

async function taken(tree: Tree, setting: Setting): Promise<Map<number, Taken>> {
  const stats = await statsOf(tree, setting);
  const found = new Map<number, Taken>();
  const until = performance.now() + BUDGET_MS;
  for (const pid of setting.pid === null ? await largest(tree) : [setting.pid]) {
    if (performance.now() > until) break;
    const stat = stats.get(pid);
    const now = stat === undefined ? null : await arenasOf(tree, pid);
    if (stat && now) found.set(pid, { name: stat.name, startTicks: stat.startTicks, ...now });
  }
  return found;
}

async function largest(tree: Tree): Promise<number[]> {
  const all = await sizedProcesses(tree, failures('proc/*/statm'));
  const most = (key: 'pages' | 'resident') => all.toSorted((a, b) => b[key] - a[key]).slice(0, CHOSEN);
  return [...new Set([...most('pages'), ...most('resident')].map(({ pid }) => pid))];
}

/** Null when its mappings cannot be read, or its malloc is another than that of glibc. */
async function arenasOf(tree: Tree, pid: number): Promise<{ arenas: number; heapBytes: number } | null> {
  const read = await readOne(tree, `proc/${pid}/maps`, LIMITS);
  const maps = readable(read) ? parseMaps(read.text) : null;
  if (maps === null || (maps.allocator !== 'glibc' && maps.allocator !== null)) return null;
  return { arenas: maps.arenas, heapBytes: maps.arenaBytes + maps.heapBytes };
}
