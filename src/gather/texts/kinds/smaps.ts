import { defineText, oneSample } from '../kind.js';
import { isPath, run } from '../shape.js';

const MAPPING = /^[0-9a-f]{6,16}-[0-9a-f]{6,16} [rwxsp-]{4} [0-9a-f]{8,16} [0-9a-f]{2,8}:[0-9a-f]{2,8} \d{1,20}(?:\s.*)?$/;
const FIELD = /^(?:([A-Z]\w{1,30}):\s+(\d{1,15}) kB|VmFlags:.*|THPeligible:\s+\d|ProtectionKey:\s+\d+)$/;

/** smaps or smaps_rollup of a process; smaps is summed up to what its rollup would say. */
export default defineText({
  title: '/proc/PID/smaps',
  docs: 'https://man7.org/linux/man-pages/man5/proc_pid_smaps.5.html',
  origin: 'kernel',
  hint: /smaps/,
  span: (lines, at) => {
    if (!MAPPING.test(lines[at] ?? '') || !FIELD.test(lines[at + 1] ?? '')) return 0;
    const rollup = (lines[at] ?? '').includes('[rollup]');
    return run(lines, at, (line, index) => FIELD.test(line) || (MAPPING.test(line) && (index === at || !rollup)), { elided: true });
  },
  read: (lines, { told = '' }) => {
    const pid = /^proc\/(\d{1,10}|self)\/smaps/.exec(isPath(told) ? told : '')?.[1];
    const sums = new Map<string, number>();
    for (const line of lines) {
      const [, name, digits] = FIELD.exec(line) ?? [];
      if (name !== undefined && !/PageSize$|^Size$/.test(name)) sums.set(name, (sums.get(name) ?? 0) + Number(digits));
    }
    // whose it is must be told: nothing in it says so
    if (pid === undefined || sums.size === 0) return [];
    const body = [...sums].map(([name, value]) => `${`${name}:`.padEnd(16)}${String(value).padStart(8)} kB`);
    return oneSample(
      new Map([[`proc/${pid}/smaps_rollup`, `${['00000000-ffffffff ---p 00000000 00:00 0 [rollup]', ...body].join('\n')}\n`]]),
    );
  },
});
