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
  /** utime + stime. */
  readonly cpuTicks: number;
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
    cpuTicks: field(14, 'utime') + field(15, 'stime'),
    threads: field(20, 'num_threads'),
    startTicks: field(22, 'starttime'),
    vsize: field(23, 'vsize'),
  };
}

/**
 * What /proc/PID/status tells of the same, where there is no stat: not when the process began, nor its faults and its CPU time (0).
 * @throws ParseError
 */
export function statOfStatus(text: string): ProcessStat {
  const field = (name: string): string | undefined => new RegExp(`^${name}:[ \\t]+([^\\n]{1,200})$`, 'm').exec(text)?.[1]?.trim();
  const size = field('VmSize')?.split(' ')[0];
  return {
    pid: unsigned(field('Pid'), 'Pid'),
    name: field('Name') ?? '',
    state: /^[A-Za-z]/.exec(field('State') ?? '')?.[0] ?? 'S',
    // a thread of the kernel has no memory of its own
    kernelThread: field('State') !== undefined && size === undefined,
    minflt: 0,
    majflt: 0,
    cpuTicks: 0,
    threads: unsigned(field('Threads') ?? '1', 'Threads'),
    startTicks: 0,
    vsize: unsigned(size ?? '0', 'VmSize') * 1024,
  };
}
