import { defineText, oneSample } from '../kind.js';
import { isPath, run } from '../shape.js';

const LINE = /^[A-Za-z][\w-]{1,40}:(?:\s.*)?$/;
const NAME = /^Name:\s+\S/;
/** Lines picked out of it, or the same as top calls it, with or without a unit of top's. */
const SIZE =
  /^\s*(Vm[A-Z][A-Za-z]{1,4}|Rss(?:Anon|File|Shmem)|HugetlbPages|VIRT|RES|SWAP):\s+(\d{1,15})(?:[.,](\d{1,3}))?(?: kB|([kmgtp]))?(?:\s{1,8}[(#].{0,80})?$/;
const NAMES: Readonly<Record<string, string>> = { VIRT: 'VmSize', RES: 'VmRSS', SWAP: 'VmSwap' };
const UNITS = 'kmgtp';

/** /proc/PID/status of a process, or lines of it; `Pid: 0` where nothing tells whose it is. */
export default defineText({
  title: '/proc/PID/status',
  docs: 'https://man7.org/linux/man-pages/man5/proc_pid_status.5.html',
  origin: 'kernel',
  span: (lines, at) => {
    if (SIZE.test(lines[at] ?? '')) {
      const picked = run(lines, at, (line) => SIZE.test(line) || /^Threads:\s+\d{1,7}$/.test(line), { elided: true });
      return lines.slice(at, at + picked).some((line) => /^\s*(?:Vm|Rss)/.test(line)) ? picked : 0;
    }
    if (!NAME.test(lines[at] ?? '')) return 0;
    const length = run(lines, at, (line, index) => LINE.test(line) && (index === at || !NAME.test(line)), { elided: true });
    const found = lines.slice(at, at + length);
    const whose = found.some((line) => /^(?:Pid|Tgid|State|Umask):\s/.test(line));
    return whose && found.some((line) => /^(?:Vm|Threads|Pid)\w*:\s/.test(line)) ? length : 0;
  },
  read: (lines, { told = '' }) => {
    const pid =
      /^proc\/(\d{1,10})\/status$/.exec(isPath(told) ? told : '')?.[1] ??
      lines.map((line) => /^Pid:\s+(\d{1,10})$/.exec(line)?.[1]).find(Boolean);
    const kept = lines.map(kernels).filter((line) => LINE.test(line));
    if (kept.length === 0) return [];
    if (!kept.some((line) => line.startsWith('Name:'))) kept.unshift('Name:\t(not told)');
    if (!kept.some((line) => line.startsWith('Pid:'))) kept.push(`Pid:\t${pid ?? '0'}`);
    return oneSample(new Map([[`proc/${pid ?? '0'}/status`, `${kept.join('\n')}\n`]]));
  },
});

/** The line as the kernel writes it. */
function kernels(line: string): string {
  const [, name = '', whole = '', fraction, unit] = SIZE.exec(line) ?? [];
  if (name === '') return line;
  const value = Number(fraction === undefined ? whole : `${whole}.${fraction}`) * 1024 ** Math.max(0, UNITS.indexOf(unit ?? 'k'));
  return `${NAMES[name] ?? name}:\t${Math.round(value)} kB`;
}
