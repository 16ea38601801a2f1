import { count, row, text } from '../../json-schema.js';
import { byProcess, foldedStacks } from '../tracing/bpftrace-output.js';
import { statsOf } from '../tracing/processes.js';
import type { ProcessStat } from '../processes/stat.js';
import { sampledStacks, summed } from '../tracing/symbols.js';
import { defineTrace, type ProcForm, type Setting } from '../tracing/trace.js';

interface Row {
  comm: string;
  pid: number;
  faults: number;
  majorFaults?: number;
  writes?: number;
  reads?: number;
}

const USER = 'exceptions:page_fault_user';
/** PF_WRITE of the error code (arch/x86/include/asm/trap_pf.h). */
const WRITE = 2;
/** Each fault costs some 0.3 µs more when its error code is looked at. */
const MOST_LOOKED_AT = 50_000;
/**
 * A fault with a page takes about a microsecond and a sample with a stack some five: one in 200 is a cost of 2–3 % at any rate of faults,
 * also of work that begins after the rate was measured.
 */
const LEAST_PERIOD = 200;

/** A process with fewer samples is left out. */
const LEAST_SAMPLES = 2;

/** Who takes page faults, and in which code: touching memory for the first time, or again after it was reclaimed. */
export default defineTrace({
  title: 'Page faults by process and by stack',
  answers: 'Who touches new memory, or memory that had been taken away, and where in its code?',
  docs: 'https://man7.org/linux/man-pages/man2/perf_event_open.2.html',
  tools: ['faults', 'stackcount', 'page_fault_user'],
  byDefault: true,
  samples: true,
  leastPeriod: LEAST_PERIOD,
  rate: ({ perSecond }) => perSecond('pgfault'),
  row: row(
    { comm: text(), pid: count(), faults: count('of both kinds') },
    { majorFaults: count('that had to read from a disk'), writes: count('for a write'), reads: count('for a read') },
  ),
  order: ({ faults, majorFaults }) => faults + (majorFaults ?? 0),
  forms: [
    {
      backend: 'software',
      needs: [],
      program: (setting) => {
        const own = setting.pid === null ? '' : ` /pid == ${setting.pid}/`;
        return [
          `software:page-faults:${setting.period}${own} { @page_faults_n[pid, comm] = count(); @page_faults_stack[ustack(16), comm] = count(); }`,
          `software:major-faults:1${own} { @page_faults_major[pid, comm] = count(); }`,
          lookedAt(setting)
            ? `tracepoint:${USER}${own} { if (args->error_code & ${WRITE}) { @page_faults_writes[pid, comm] = count(); } else { @page_faults_reads[pid, comm] = count(); } }`
            : '',
        ].join('\n');
      },
      stackMaps: ['@page_faults_stack'],
      read: (output, setting) => {
        const of = (what: string) => byProcess(output, `page_faults_${what}`);
        const [all, major, writes, reads] = [of('n'), of('major'), of('writes'), of('reads')];
        const looked = lookedAt(setting);
        return {
          rows: [...new Set([...all.keys(), ...major.keys(), ...writes.keys(), ...reads.keys()])].flatMap((key): Row[] => {
            const { pid, comm } = (all.get(key) ?? major.get(key) ?? writes.get(key) ?? reads.get(key)) as { pid: number; comm: string };
            const [samples, majorFaults] = [all.get(key)?.value ?? 0, major.get(key)?.value ?? 0];
            const [written, got] = [writes.get(key)?.value ?? 0, reads.get(key)?.value ?? 0];
            // one sample of many says of a process next to nothing
            if (setting.period > 1 && samples < LEAST_SAMPLES && majorFaults + written + got === 0) return [];
            // a process with few faults has no sample, and yet those that were counted one by one
            const faults = Math.max(samples * setting.period, majorFaults, written + got);
            return [{ comm, pid, faults, majorFaults, ...(looked ? { writes: written, reads: got } : {}) }];
          }),
          stacks: foldedStacks(output, 'page_faults_stack', setting.period),
        };
      },
    },
    {
      backend: 'tracefs',
      needs: [`${USER}#error_code`],
      rate: ({ perSecond }) => perSecond('pgfault'),
      cost: 0.5,
      loss: 'no stacks, and not which faults had to read from a disk; x86 only; each fault of a thread stands under the name of the thread',
      triggers: () => ({ faults: { event: USER, hist: 'keys=common_pid.execname,error_code:vals=hitcount:size=4096' } }),
      read: ({ faults }) => ({
        rows: summed(
          (faults?.rows ?? []).map(({ keys, values }): Required<Omit<Row, 'majorFaults'>> => {
            const [times, write] = [values['hitcount'] ?? 0, (Number(keys['error_code']) & WRITE) !== 0];
            const [writes, reads] = write ? [times, 0] : [0, times];
            return { comm: keys['common_pid'] ?? '', pid: Number(keys['pid'] ?? 0), faults: times, writes, reads };
          }),
          ({ pid, comm }) => `${pid} ${comm}`,
          (first) => first,
          (sum, more) => ({
            ...sum,
            faults: sum.faults + more.faults,
            writes: sum.writes + more.writes,
            reads: sum.reads + more.reads,
          }),
        ),
      }),
    },
    {
      backend: 'perf-record',
      needs: [],
      event: 'page-faults',
      loss: 'one fault in many, and not which had to read from a disk',
      read: (samples) => ({
        rows: summed(
          samples,
          ({ pid, comm }) => `${pid} ${comm}`,
          ({ pid, comm, period }): Row => ({ comm, pid, faults: period }),
          (sum, { period }) => ({ ...sum, faults: sum.faults + period }),
        ),
        stacks: sampledStacks(samples),
      }),
    },
    {
      backend: 'proc',
      needs: [],
      loss: 'no stacks; not the faults of processes that began or ended meanwhile',
      reading: statsOf,
      read: (before, after) => ({
        rows: [...after].flatMap(([pid, { name, startTicks, minflt, majflt }]): Row[] => {
          const first = before.get(pid);
          if (first === undefined || first.startTicks !== startTicks) return [];
          const majorFaults = Math.max(0, majflt - first.majflt);
          const faults = Math.max(0, minflt - first.minflt) + majorFaults;
          return faults === 0 ? [] : [{ comm: name, pid, faults, majorFaults }];
        }),
      }),
    } satisfies ProcForm<Row, ReadonlyMap<number, ProcessStat>>,
  ],
});

/** Whether each fault is looked at for what it was: of one process, when there are not too many on the host. */
const lookedAt = ({ kernel, pid, rate }: Setting): boolean =>
  pid !== null && rate !== undefined && rate <= MOST_LOOKED_AT && kernel.fields(USER)?.includes('error_code') === true;
