import { defineText } from '../kind.js';
import { fileOf, run } from '../shape.js';

const LINE = /^\s*(?:sockets: used \d{1,10}|(?:TCP|UDP|UDPLITE|RAW|FRAG)(6?): inuse \d{1,10}(?: \w+ \d{1,12}){0,6})$/;

/** /proc/net/sockstat, or that of IPv6. */
export default defineText({
  title: '/proc/net/sockstat',
  docs: 'https://man7.org/linux/man-pages/man5/proc_pid_net.5.html',
  origin: 'kernel',
  hint: /sockstat/,
  span: (lines, at) => {
    const six = LINE.exec(lines[at] ?? '')?.[1] === '6';
    return run(lines, at, (line, index) => LINE.test(line) && (index === at || (LINE.exec(line)?.[1] === '6') === six));
  },
  read: (lines) =>
    fileOf(
      lines.some((line) => /^\s*\w+6: inuse/.test(line)) ? 'proc/net/sockstat6' : 'proc/net/sockstat',
      lines.map((line) => line.trim()),
    ),
});
