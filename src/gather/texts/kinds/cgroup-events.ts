import { defineText } from '../kind.js';
import { fileOf, isPath, run } from '../shape.js';

const EVENT = /^\s*(?:low|high|max|oom|oom_kill|oom_group_kill|sock_throttled)\s+\d{1,20}$/;

/** memory.events of a cgroup. */
export default defineText({
  title: 'memory.events',
  docs: 'https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files',
  origin: 'kernel',
  hint: /memory\.events|cgroup/,
  span: (lines, at, hinted) => {
    const length = run(lines, at, (line) => EVENT.test(line));
    return length >= (hinted ? 1 : 3) ? length : 0;
  },
  read: (lines, { told = '' }) =>
    fileOf(
      isPath(told) && /memory\.events/.test(told) ? told : 'sys/fs/cgroup/memory.events',
      lines.map((line) => line.trim()),
    ),
});
