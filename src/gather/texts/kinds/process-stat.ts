import { defineText, oneSample } from '../kind.js';
import { run } from '../shape.js';

const LINE = /^(\d{1,10}) \(.{1,64}\) [A-Za-z](?: -?\d{1,20}){30,60}$/;

/** /proc/PID/stat of one process or several. */
export default defineText({
  title: '/proc/PID/stat',
  docs: 'https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html',
  origin: 'kernel',
  span: (lines, at) => run(lines, at, (line) => LINE.test(line)),
  read: (lines) =>
    oneSample(
      new Map(
        lines.flatMap((line): [string, string][] => {
          const pid = LINE.exec(line)?.[1];
          return pid === undefined ? [] : [[`proc/${pid}/stat`, `${line}\n`]];
        }),
      ),
    ),
});
