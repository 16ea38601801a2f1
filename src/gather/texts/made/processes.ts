/** The files of one process, made from a row of ps, top, smem or pmap. Pure. */
import { RECLAIMER } from '../../processes/tally.js';
import { meminfoText } from './files.js';

/** USER_HZ: the unit of times in /proc/PID/stat. */
const TICKS = 100;
/** PF_KTHREAD. */
const KERNEL_THREAD = 0x20_00_00;
/** The longest name that the kernel keeps (TASK_COMM_LEN). */
const COMM = 15;

/** What a row says of a process; absent: its tool does not print it. Sizes in bytes, times in seconds. */
export interface ProcessRow {
  readonly pid: number;
  readonly ppid?: number;
  /** As the kernel has it. */
  readonly name?: string;
  /** The command line; kernel threads have their name in brackets there. */
  readonly args?: string;
  readonly state?: string;
  readonly threads?: number;
  readonly vsize?: number;
  readonly rss?: number;
  /** The part of rss that is shared: file pages and shared memory. */
  readonly shared?: number;
  readonly anon?: number;
  readonly swap?: number;
  readonly pss?: number;
  readonly locked?: number;
  readonly cpuSeconds?: number;
  /** Of one CPU: in the last interval of top; for ps, since it began. */
  readonly cpuPct?: number;
  readonly minflt?: number;
  readonly majflt?: number;
  readonly oomScoreAdj?: number;
  readonly cgroup?: string;
}

/** stat, status, statm and, where the row tells them, cmdline, smaps_rollup, oom_score_adj and cgroup of one process; cpu.pct of one that reclaims. */
export function processFiles(row: ProcessRow, pageSize: number): [path: string, text: string][] {
  const { pid, args, pss, oomScoreAdj, cgroup } = row;
  const inBrackets = /^\[([^\]]{1,64})\](?: <defunct>)?$/.exec(args ?? '')?.[1];
  const rss = whole(row.rss);
  // VSZ is never less than RSS
  const vsize = Math.max(whole(row.vsize), rss);
  const state = /^[A-Za-z]/.exec(row.state ?? '')?.[0] ?? 'S';
  // nothing but a kernel thread, or what is left of a process, has no memory of its own
  const bare = rss === 0 && vsize === 0;
  const kernelThread = bare && state !== 'Z';
  const name = clean(row.name ?? inBrackets ?? (kernelThread ? (args ?? '') : nameOf(args ?? ''))).slice(0, 64) || '?';
  const ticks = Math.round(Math.min(row.cpuSeconds ?? 0, 1e12) * TICKS);
  const threads = Math.max(1, whole(row.threads));
  const pages = (bytes: number): number => Math.round(bytes / pageSize);
  const stat = [
    `${pid} (${name}) ${state} ${whole(row.ppid)} 0 0 0 -1 ${kernelThread ? KERNEL_THREAD : 0} ${whole(row.minflt)} 0 ${whole(row.majflt)} 0`,
    `${ticks} 0 0 0 20 0 ${threads} 0 0 ${vsize} ${pages(rss)}`,
  ].join(' ');
  const own = `proc/${pid}`;
  const files: [string, string][] = [[`${own}/stat`, `${stat}\n`]];
  const sizes = bare
    ? null
    : meminfoText({ VmSize: vsize, VmLck: row.locked, VmRSS: rss, RssAnon: row.anon, ...divided(row, rss), VmSwap: row.swap });
  files.push([`${own}/status`, `Name:\t${name}\nState:\t${state}\nPid:\t${pid}\n${sizes ?? ''}Threads:\t${threads}\n`]);
  // without the shared part the whole of RSS counts as anonymous: the most that it can be
  if (!bare && row.anon === undefined)
    files.push([`${own}/statm`, `${pages(vsize)} ${pages(rss)} ${pages(Math.min(rss, whole(row.shared)))} 0 0 0 0\n`]);
  // a single word may be the name only
  if (args !== undefined && !kernelThread && inBrackets === undefined && /[ /]/.test(args)) {
    files.push([`${own}/cmdline`, `${clean(args).split(' ').join('\0')}\0`]);
  }
  if (kernelThread && RECLAIMER.test(name) && row.cpuPct !== undefined) files.push([`${own}/cpu.pct`, `${row.cpuPct}\n`]);
  if (pss !== undefined) files.push([`${own}/smaps_rollup`, `Rss: ${Math.round(rss / 1024)} kB\nPss: ${Math.round(pss / 1024)} kB\n`]);
  if (oomScoreAdj !== undefined) files.push([`${own}/oom_score_adj`, `${oomScoreAdj}\n`]);
  if (cgroup !== undefined && /\/\S/.test(cgroup)) files.push([`${own}/cgroup`, `${cgroup.split(/[,;](?=\d+:)/).join('\n')}\n`]);
  return files;
}

const divided = ({ anon }: ProcessRow, rss: number) => (anon === undefined ? {} : { RssFile: Math.max(0, rss - anon) });

const whole = (value: number | undefined): number =>
  value === undefined || !Number.isFinite(value) || value < 0 ? 0 : Math.round(Math.min(value, Number.MAX_SAFE_INTEGER));

// oxlint-disable-next-line no-control-regex -- a name is chosen by the process
const clean = (text: string): string => text.replaceAll(/[\u0000-\u001F\u007F]/g, ' ').trim();

/** The name that the kernel gave a process that did not choose another: the program's, cut. `postgres: writer` and `-bash` are titles. */
function nameOf(args: string): string {
  const program = args.trimStart().split(/\s/, 1)[0] ?? '';
  const bare = program
    .slice(program.lastIndexOf('/') + 1)
    .replace(/^-(?=\w)/, '')
    .replace(/:$/, '');
  return bare.slice(0, COMM);
}
