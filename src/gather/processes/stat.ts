import { ParseError, quote } from '../../errors.js';
import { unsigned } from '../lines.js';

/** PF_KTHREAD, the flag of a kernel thread since 2.6.27. */
const KERNEL_THREAD = 0x20_00_00;

/** What is kept of /proc/PID/stat; times in clock ticks since boot, vsize in bytes. */
export interface ProcessStat {
  readonly pid: number;
  readonly name: string;
  readonly state: string;
  readonly kernelThread: boolean;
  readonly minflt: number;
  readonly majflt: number;
  readonly threads: number;
  readonly startTicks: number;
  readonly vsize: number;
}

/**
 * Reads /proc/PID/stat. The name is chosen by the process and may hold spaces, parentheses and newlines: it ends at the
 * last `)`, since nothing after it can hold one.
 * @throws ParseError
 */
export function parseStat(text: string): ProcessStat {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) throw new ParseError(`found ${quote(text)}, expected "pid (name) state …"`);
  const fields = text
    .slice(close + 1)
    .trim()
    .split(/\s+/);
  // fields are numbered from 1 in proc(5); the state, field 3, is the first after the name
  const field = (index: number, name: string): number => unsigned(fields[index - 3], name);
  const state = fields[0] ?? '';
  if (!/^[A-Za-z]$/.test(state)) throw new ParseError(`state: found ${quote(state)}, expected a letter`);
  return {
    pid: unsigned(text.slice(0, open).trim(), 'pid'),
    name: text.slice(open + 1, close),
    state,
    // a bit operation on a wider number would wrap: flags are 32 bits
    kernelThread: (field(9, 'flags') & KERNEL_THREAD) !== 0,
    minflt: field(10, 'minflt'),
    majflt: field(12, 'majflt'),
    threads: field(20, 'num_threads'),
    startTicks: field(22, 'starttime'),
    vsize: field(23, 'vsize'),
  };
}
