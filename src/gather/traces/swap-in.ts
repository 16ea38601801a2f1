import { count, row, text } from '../../json-schema.js';
import { byProcess } from '../tracing/bpftrace-output.js';
import { filesOf, statsOf } from '../tracing/processes.js';
import { pageSizeOf } from '../tracing/readings.js';
import { summed } from '../tracing/symbols.js';
import { readOne } from '../tree.js';
import { defineTrace, type BpfForm, type ProcForm, type Setting } from '../tracing/trace.js';

interface Row {
  comm: string;
  pid: number;
  pages: number;
}

/** The function that reads a page of swap: of the old name until 6.8, of the new from 6.9 on. */
const READERS = ['swap_read_folio', 'swap_readpage'] as const;
const MAJOR_LOSS = 'page faults that had to read from a disk: files are among them, and what was read ahead is not';

/** Who reads its memory back from swap. */
export default defineTrace({
  title: 'Swap-in by process',
  answers: 'Which processes need what was swapped out?',
  docs: 'https://github.com/bpftrace/bpftrace/blob/master/tools/swapin.bt',
  tools: ['swapin'],
  byDefault: true,
  rate: ({ perSecond }) => perSecond('pswpin'),
  cost: 1,
  row: row({ comm: text(), pid: count(), pages: count('read, those read ahead too') }),
  order: ({ pages }) => pages,
  // major faults, which stand for it where nothing better is there, are all of files then
  resolve: async (tree, rows) => {
    const swaps = await readOne(tree, 'proc/swaps');
    return swaps.status === 'ok' && swaps.text.trim().split('\n').length < 2
      ? { rows: [], notes: ['there is no swap: the major faults that were seen are of files'] }
      : { rows };
  },
  forms: [
    ...READERS.map((name): BpfForm<Row> => ({ ...reads('kfunc', name), backend: 'fentry' })),
    ...READERS.map((name): BpfForm<Row> => ({ ...reads('kprobe', name), backend: 'kprobe' })),
    {
      backend: 'software',
      needs: [],
      rate: ({ perSecond }) => perSecond('pgmajfault'),
      loss: MAJOR_LOSS,
      program: ({ pid }) => `software:major-faults:1${only(pid)} { @swap_in_n[pid, comm] = count(); }`,
      read: (output) => ({ rows: rowsOf(byProcess(output, 'swap_in_n')) }),
    },
    {
      backend: 'perf-record',
      needs: [],
      event: 'major-faults',
      rate: ({ perSecond }) => perSecond('pgmajfault'),
      cost: 5,
      loss: MAJOR_LOSS,
      read: (samples) => ({
        rows: summed(
          samples,
          ({ pid, comm }) => `${pid} ${comm}`,
          ({ pid, comm, period }): Row => ({ comm, pid, pages: period }),
          (sum, { period }) => ({ ...sum, pages: sum.pages + period }),
        ),
      }),
    },
    {
      backend: 'proc',
      needs: [],
      loss: 'major faults of each process that has memory in swap: of files too; what was read ahead is not among them',
      reading: async (tree, setting) => {
        const [stats, status, pageSize] = [await statsOf(tree, setting), await filesOf(tree, 'status', setting), await pageSizeOf(tree)];
        return new Map(
          [...stats].map(([pid, { name, startTicks, majflt }]): [number, Taken] => {
            const kib = /^VmSwap:[ \t]{1,20}(\d{1,15}) kB$/m.exec(status.get(pid) ?? '')?.[1] ?? '0';
            return [pid, { name, startTicks, majflt, swapped: (Number(kib) * 1024) / pageSize }];
          }),
        );
      },
      read: (before, after) => ({
        rows: [...after].flatMap(([pid, { name, startTicks, majflt, swapped }]): Row[] => {
          const first = before.get(pid);
          if (first === undefined || first.startTicks !== startTicks || first.swapped + swapped === 0) return [];
          // it may have been swapped in without a fault of its own: then what it has in swap shrank
          const pages = Math.max(majflt - first.majflt, Math.round(first.swapped - swapped), 0);
          return pages === 0 ? [] : [{ comm: name, pid, pages }];
        }),
      }),
    } satisfies ProcForm<Row, ReadonlyMap<number, Taken>>,
  ],
});

interface Taken {
  readonly name: string;
  readonly startTicks: number;
  readonly majflt: number;
  /** Pages. */
  readonly swapped: number;
}

function reads(probe: 'kfunc' | 'kprobe', name: string): Pick<BpfForm<Row>, 'needs' | 'program' | 'read'> {
  return {
    needs: [`function:${name}`],
    program: ({ pid }: Setting) => `${probe}:${name}${only(pid)} { @swap_in_n[pid, comm] = count(); }`,
    read: (output) => ({ rows: rowsOf(byProcess(output, 'swap_in_n')) }),
  };
}

const only = (pid: number | null): string => (pid === null ? '' : ` /pid == ${pid}/`);

const rowsOf = (found: ReadonlyMap<string, { pid: number; comm: string; value: number }>): Row[] =>
  [...found.values()].map(({ pid, comm, value }) => ({ comm, pid, pages: value }));
