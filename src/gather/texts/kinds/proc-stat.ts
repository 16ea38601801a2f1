import { defineText } from '../kind.js';
import { fileOf, run } from '../shape.js';

const LINE =
  /^(?:cpu\d{0,5}(?:\s+\d{1,20}){4,10}|(?:intr|softirq|ctxt|btime|processes|procs_running|procs_blocked|page|swap)(?:\s+\d{1,20}){1,20000}|disk_io:.{0,1000})\s*$/;

/** /proc/stat. */
export default defineText({
  title: '/proc/stat',
  docs: 'https://man7.org/linux/man-pages/man5/proc_stat.5.html',
  origin: 'kernel',
  span: (lines, at) =>
    /^cpu\s/.test(lines[at] ?? '')
      ? run(lines, at, (line, index) => LINE.test(line) && (index === at || !/^cpu\s/.test(line)), { elided: true })
      : 0,
  read: (lines) => fileOf('proc/stat', lines),
});
