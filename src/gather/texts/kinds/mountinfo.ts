import { defineText } from '../kind.js';
import { fileOf, run } from '../shape.js';

const LINE = /^\d{1,7} \d{1,7} \d{1,7}:\d{1,7} \S{1,4096} \S{1,4096} .{1,4096} - \S{1,60} /;

/** /proc/PID/mountinfo. */
export default defineText({
  title: '/proc/self/mountinfo',
  docs: 'https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html',
  origin: 'kernel',
  hint: /mountinfo/,
  span: (lines, at) => run(lines, at, (line) => LINE.test(line)),
  read: (lines) => fileOf('proc/self/mountinfo', lines),
});
