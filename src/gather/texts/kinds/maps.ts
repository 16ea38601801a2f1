import { defineText, oneSample } from '../kind.js';
import { fileOf, isPath, run } from '../shape.js';

const MAPPING = /^[0-9a-f]{6,16}-[0-9a-f]{6,16} [rwxsp-]{4} [0-9a-f]{8,16} [0-9a-f]{2,8}:[0-9a-f]{2,8} \d{1,20}(?:\s.*)?$/;
const COUNTED = /^\s*(\d{1,9}) \/proc\/(\d{1,10})\/maps$/;

/** Mappings that stand for those counted: the count is what matters, against vm.max_map_count. */
const MOST = 1_000_000;
/** One page each, the least that a mapping can have. */
const COUNTED_ONE = '1000-2000 ---p 0 0:0 0\n';

/** /proc/PID/maps, or how many lines it has (`wc -l`). */
export default defineText({
  title: '/proc/PID/maps',
  docs: 'https://man7.org/linux/man-pages/man5/proc_pid_maps.5.html',
  origin: 'kernel',
  hint: /maps/,
  span: (lines, at) => {
    const counted = run(lines, at, (line) => COUNTED.test(line));
    if (counted > 0) return counted;
    return MAPPING.test(lines[at + 1] ?? '') ? run(lines, at, (line) => MAPPING.test(line), { elided: true }) : 0;
  },
  read: (lines, { told = '' }) => {
    const files = new Map<string, string>();
    for (const line of lines) {
      const [, count, pid = ''] = COUNTED.exec(line) ?? [];
      if (count === undefined) continue;
      const counted = Math.min(Number(count), MOST);
      files.set(`proc/${pid}/maps`, COUNTED_ONE.repeat(counted));
      files.set(`proc/${pid}/statm`, `${counted} 0 0 0 0 0 0\n`);
    }
    if (files.size > 0) return oneSample(files);
    return isPath(told) && told.endsWith('/maps') ? fileOf(told, lines) : [];
  },
});
