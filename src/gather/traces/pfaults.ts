import { nullable, number, oneOf, row, text } from '../../json-schema.js';
import type { BpfOutput } from '../tracing/bpftrace-output.js';
import { defineTrace, type Seen, type Setting } from '../tracing/trace.js';

/** Faults that are printed, a line each. */
const MOST = 200;
/** FAULT_FLAG_WRITE and VM_FAULT_MAJOR (include/linux/mm_types.h; bits 0x01 and 0x04 since 2.6.23). */
const FLAG_WRITE = 1;
const FAULT_MAJOR = 4;
/** PF_WRITE of the error code (arch/x86/include/asm/trap_pf.h). */
const ERROR_WRITE = 2;
const USER = 'exceptions:page_fault_user';

const SCRATCH = ['@pfaults_since', '@pfaults_address', '@pfaults_flags', '@pfaults_shown'];

interface Row {
  address: string;
  access: 'read' | 'write';
  kind: 'minor' | 'major' | null;
  microseconds: number | null;
  comm: string;
}

const entered = (address: string, flags: string): string =>
  `@pfaults_since[tid] = nsecs; @pfaults_address[tid] = (uint64)${address}; @pfaults_flags[tid] = (uint64)${flags};`;

const left = `$u = (nsecs - @pfaults_since[tid]) / 1000; $major = (uint64)retval & ${FAULT_MAJOR};
  @pfaults_n = count(); @pfaults_us[$major] = hist($u);
  if (@pfaults_shown < ${MOST}) { @pfaults_shown++; printf("%lx %d %d %d %s\\n", @pfaults_address[tid], @pfaults_flags[tid] & ${FLAG_WRITE}, $major, $u, comm); }
  delete(@pfaults_since[tid]); delete(@pfaults_address[tid]); delete(@pfaults_flags[tid]);`;

/** Each page fault of one process, as pfaults.stp of SystemTap prints them. */
export default defineTrace({
  title: 'Each page fault of one process',
  answers: 'Which addresses does it touch, to read or to write, and how long does each fault take?',
  docs: 'https://sourceware.org/systemtap/examples/#memory/pfaults.stp',
  tools: ['pfaults.stp'],
  byDefault: false,
  onlyByName: 'it prints each page fault of one process: --pid',
  needsPid: true,
  mostRows: MOST,
  rate: ({ perSecond }) => perSecond('pgfault'),
  // of faults of other processes, which are passed over
  cost: 0.3,
  row: row({
    address: text('of the access, hexadecimal'),
    access: oneOf(['read', 'write']),
    kind: nullable(oneOf(['minor', 'major'], 'major: it had to read from a disk')),
    microseconds: nullable(number('in the handler')),
    comm: text('the thread'),
  }),
  // in the order in which they were
  order: () => 0,
  forms: [
    {
      backend: 'fentry',
      needs: ['function:handle_mm_fault'],
      program: ({ pid }) => `kfunc:handle_mm_fault /pid == ${pid ?? 0}/ { ${entered('args->address', 'args->flags')} }
kretfunc:handle_mm_fault /@pfaults_since[tid]/ { ${left} }`,
      scratch: SCRATCH,
      read: timed,
    },
    {
      // not at its return: a kretprobe there was seen to bring down kernel 6.12 (the trampoline of rethook returned to 0)
      backend: 'kprobe',
      needs: ['function:handle_mm_fault'],
      loss: 'neither how long each took nor whether it had to read from a disk',
      // the first argument is the mapping since 4.8, where it was the mm before; bpftrace needs 4.9
      program: ({ pid }) => shown('kprobe:handle_mm_fault', pid, 'arg1', `arg2 & ${FLAG_WRITE}`),
      scratch: ['@pfaults_shown'],
      read: untimed,
    },
    {
      backend: 'tracepoint',
      needs: [`${USER}#address`, `${USER}#error_code`],
      loss: 'neither how long each took nor whether it had to read from a disk; x86 only',
      program: ({ pid }) => shown(`tracepoint:${USER}`, pid, 'args->address', `args->error_code & ${ERROR_WRITE}`),
      scratch: ['@pfaults_shown'],
      read: untimed,
    },
  ],
});

/** The first faults of a process, a line each, and how many there were. */
function shown(probe: string, pid: number | null, address: string, write: string): string {
  const own = `pid == ${pid ?? 0}`;
  return `${probe} /${own} && @pfaults_shown < ${MOST}/ { @pfaults_shown++; printf("%lx %d %s\\n", ${address}, ${write}, comm); }
${probe} /${own}/ { @pfaults_n = count(); }`;
}

function untimed(output: BpfOutput): Seen<Row> {
  return {
    rows: output.printed.flatMap((line): Row[] => {
      const [, address, write, comm] = /^([0-9a-f]{1,16}) (\d+) (.*)$/s.exec(line) ?? [];
      if (address === undefined || comm === undefined) return [];
      return [{ address, access: write === '0' ? 'read' : 'write', kind: null, microseconds: null, comm }];
    }),
    ...counted(output),
  };
}

function timed(output: BpfOutput, _setting: Setting): Seen<Row> {
  const of = (major: number) => output.histograms.get('pfaults_us')?.get(String(major));
  const [minor, major] = [of(0), of(FAULT_MAJOR)];
  return {
    rows: output.printed.flatMap((line): Row[] => {
      const [, address, write, slow, took, comm] = /^([0-9a-f]{1,16}) (\d+) (\d+) (\d{1,15}) (.*)$/s.exec(line) ?? [];
      if (address === undefined || comm === undefined) return [];
      return [
        {
          address,
          access: write === '0' ? 'read' : 'write',
          kind: slow === '0' ? 'minor' : 'major',
          microseconds: Number(took),
          comm,
        },
      ];
    }),
    ...counted(output),
    histograms: { ...(minor ? { 'minor microseconds': minor } : {}), ...(major ? { 'major microseconds': major } : {}) },
  };
}

function counted(output: BpfOutput): { totals: Record<string, number>; notes: string[] } {
  const faults = output.maps.get('pfaults_n')?.[0]?.value ?? 0;
  return { totals: { faults }, notes: faults > MOST ? [`the first ${MOST} of ${faults} faults are shown`] : [] };
}
