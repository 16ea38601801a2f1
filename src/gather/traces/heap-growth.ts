import { bytes, count, row, text } from '../../json-schema.js';
import { byProcess, foldedStacks } from '../tracing/bpftrace-output.js';
import type { HistTable } from '../tracing/hist.js';
import { filesOf, statsOf } from '../tracing/processes.js';
import { pageSizeOf } from '../tracing/readings.js';
import { words } from '../lines.js';
import { defineTrace, type Form, type ProcForm, type Setting } from '../tracing/trace.js';

interface Row {
  comm: string;
  pid: number;
  brkBytes?: number;
  mmapBytes: number;
  munmapBytes: number;
  calls?: number;
}

/** MAP_ANONYMOUS and PROT_WRITE (include/uapi/asm-generic/mman-common.h; mips has its own). */
const ANONYMOUS = process.arch.startsWith('mips') ? 0x8_00 : 0x20;
const WRITE = 2;
const SLOWER = 'while it runs, each system call of the host is a little slower';
const NOT_SEEN =
  'not the arenas of threads, which grow by mprotect, nor 32-bit programs; munmap gives back files too; the first brk of each process is not counted';

/** statm: size resident shared text lib data dt; data is VmData + VmStk in pages. */
const DATA = 5;

/** Whose heap grows, by bytes: counts of calls say nothing of how much. */
export default defineTrace({
  title: 'Growth of heaps by brk and mmap',
  answers: 'Which process takes more and more address space for its heap, and where in its code?',
  docs: 'https://man7.org/linux/man-pages/man2/brk.2.html',
  tools: ['brkstack', 'brkstack.bt', 'sys_enter_brk'],
  byDefault: false,
  row: row(
    {
      comm: text(),
      pid: count(),
      mmapBytes: bytes('anonymous memory that may be written, by mmap and mremap'),
      munmapBytes: bytes('given back by munmap, mremap and brk'),
    },
    {
      brkBytes: bytes('by which brk moved the end of the heap up; absent where that is not known'),
      calls: count('that grew it'),
    },
  ),
  order: ({ brkBytes, mmapBytes, munmapBytes }) => (brkBytes ?? 0) + mmapBytes - munmapBytes,
  forms: [
    {
      backend: 'tracepoint',
      needs: ['syscalls:sys_enter_brk#brk', 'syscalls:sys_exit_brk#ret', 'syscalls:sys_enter_mmap#flags', 'syscalls:sys_enter_munmap#len'],
      loss: `${NOT_SEEN}; ${SLOWER}`,
      program,
      scratch: ['@heap_growth_end'],
      stackMaps: ['@heap_growth_stack'],
      read: (output) => {
        const of = (what: string) => byProcess(output, `heap_growth_${what}`);
        const [up, down, mapped, unmapped, calls] = [of('brk'), of('brk_down'), of('mmap'), of('munmap'), of('calls')];
        return {
          rows: [...new Set([up, down, mapped, unmapped].flatMap((map) => [...map.keys()]))].map((key): Row => {
            const { pid, comm } = (up.get(key) ?? mapped.get(key) ?? unmapped.get(key) ?? down.get(key)) as { pid: number; comm: string };
            return {
              comm,
              pid,
              brkBytes: positive(up.get(key)?.value),
              mmapBytes: positive(mapped.get(key)?.value),
              munmapBytes: positive(unmapped.get(key)?.value) + positive(down.get(key)?.value),
              calls: calls.get(key)?.value ?? 0,
            };
          }),
          stacks: foldedStacks(output, 'heap_growth_stack'),
        };
      },
    },
    {
      backend: 'tracefs',
      needs: ['syscalls:sys_enter_brk#brk', 'syscalls:sys_exit_brk#ret', 'syscalls:sys_enter_mmap#flags', 'syscalls:sys_enter_munmap#len'],
      loss: `no stacks; by thread, under the name that it had first; how often brk was called, not by how much; ${NOT_SEEN}; ${SLOWER}`,
      // the kernel takes a difference (brk-$end) as a value, but never prints it; brk(0) only asks where the end is
      triggers: () => ({
        brk: { event: 'syscalls:sys_enter_brk', hist: 'keys=common_pid.execname:vals=hitcount:size=2048 if brk != 0' },
        mmap: {
          event: 'syscalls:sys_enter_mmap',
          hist: `keys=common_pid.execname:vals=hitcount,len:size=2048 if flags & ${ANONYMOUS} && prot & ${WRITE}`,
        },
        munmap: { event: 'syscalls:sys_enter_munmap', hist: 'keys=common_pid.execname:vals=hitcount,len:size=2048' },
      }),
      read: (tables) => {
        const rows = new Map<string, Row>();
        const add = (table: HistTable | undefined, value: string, put: (row: Row, sum: number, times: number) => void): void => {
          for (const { keys, values } of table?.rows ?? []) {
            const key = `${keys['pid'] ?? ''} ${keys['common_pid'] ?? ''}`;
            const made = { comm: keys['common_pid'] ?? '', pid: Number(keys['pid'] ?? 0), mmapBytes: 0, munmapBytes: 0 };
            const found = rows.get(key) ?? { ...made, calls: 0 };
            put(found, values[value] ?? 0, values['hitcount'] ?? 0);
            rows.set(key, found);
          }
        };
        add(tables['brk'], 'hitcount', (found, _, times) => (found.calls = (found.calls ?? 0) + times));
        add(tables['mmap'], 'len', (found, sum, times) => {
          found.mmapBytes += sum;
          found.calls = (found.calls ?? 0) + times;
        });
        add(tables['munmap'], 'len', (found, sum) => (found.munmapBytes += sum));
        return { rows: [...rows.values()] };
      },
    },
    {
      backend: 'proc',
      needs: [],
      loss: 'by how much VmData of each process changed: brk and mmap are not told apart, all stands under mmap; no stacks',
      reading: async (tree, setting) => {
        const [stats, sizes, pageSize] = [await statsOf(tree, setting), await filesOf(tree, 'statm', setting), await pageSizeOf(tree)];
        return new Map(
          [...stats].flatMap(([pid, { name, startTicks }]): [number, Taken][] => {
            const pages = Number(words(sizes.get(pid) ?? '')[DATA]);
            return Number.isSafeInteger(pages) && pages >= 0 ? [[pid, { name, startTicks, bytes: pages * pageSize }]] : [];
          }),
        );
      },
      read: (before, after) => ({
        rows: [...after].flatMap(([pid, { name, startTicks, bytes: size }]): Row[] => {
          const first = before.get(pid);
          if (first === undefined || first.startTicks !== startTicks || first.bytes === size) return [];
          const change = size - first.bytes;
          return [{ comm: name, pid, mmapBytes: Math.max(0, change), munmapBytes: Math.max(0, -change) }];
        }),
      }),
    } satisfies ProcForm<Row, ReadonlyMap<number, Taken>>,
  ] satisfies Form<Row>[],
});

interface Taken {
  readonly name: string;
  readonly startTicks: number;
  readonly bytes: number;
}
const positive = (value: number | undefined): number => Math.max(0, value ?? 0);

/** brk(0) asks where the end is, as a new program does at its start: what was known of the one before it is forgotten. Newer bpftrace complains of a key that is not there, each time. */
function program({ pid, kernel }: Setting): string {
  const own = (condition = ''): string => {
    const all = [...(pid === null ? [] : [`pid == ${pid}`]), ...(condition === '' ? [] : [condition])];
    return all.length === 0 ? '' : ` /${all.join(' && ')}/`;
  };
  const grew = '@heap_growth_calls[pid, comm] = count(); @heap_growth_stack[ustack(16), comm] = count();';
  const moved = ['old_len', 'new_len'].every((field) => kernel.fields('syscalls:sys_enter_mremap')?.includes(field));
  const end = '@heap_growth_end[pid]';
  return `tracepoint:syscalls:sys_enter_brk${own(`args->brk == 0 && ${end} != 0`)} { delete(${end}); }
tracepoint:syscalls:sys_exit_brk${own(`${end} != 0 && (uint64)args->ret > ${end}`)} { @heap_growth_brk[pid, comm] = sum((uint64)args->ret - ${end}); ${grew} }
tracepoint:syscalls:sys_exit_brk${own(`${end} != 0 && (uint64)args->ret < ${end}`)} { @heap_growth_brk_down[pid, comm] = sum(${end} - (uint64)args->ret); }
tracepoint:syscalls:sys_exit_brk${own()} { ${end} = (uint64)args->ret; }
tracepoint:syscalls:sys_enter_mmap${own(`(args->flags & ${ANONYMOUS}) != 0 && (args->prot & ${WRITE}) != 0`)} { @heap_growth_mmap[pid, comm] = sum((uint64)args->len); ${grew} }
${
  moved
    ? `tracepoint:syscalls:sys_enter_mremap${own('args->new_len > args->old_len')} { @heap_growth_mmap[pid, comm] = sum((uint64)args->new_len - (uint64)args->old_len); ${grew} }
tracepoint:syscalls:sys_enter_mremap${own('args->new_len < args->old_len')} { @heap_growth_munmap[pid, comm] = sum((uint64)args->old_len - (uint64)args->new_len); }`
    : ''
}
tracepoint:syscalls:sys_enter_munmap${own()} { @heap_growth_munmap[pid, comm] = sum((uint64)args->len); }`;
}
