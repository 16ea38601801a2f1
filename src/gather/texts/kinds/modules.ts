import { defineText } from '../kind.js';
import { fileOf, run } from '../shape.js';

const HEADER = /^Module\s+Size\s+Used by/;
const PRINTED = /^(\w{1,60})\s+(\d{1,12})\s+(-?\d{1,6})(?:\s+([\w,[\]]{1,2000}))?$/;
const FILE = /^\w{1,60} \d{1,12} \d{1,6} \S{1,2000} (?:Live|Loading|Unloading) 0x[0-9a-f]{1,16}/;

/** /proc/modules, or what lsmod makes of it. */
export default defineText({
  title: '/proc/modules',
  docs: 'https://man7.org/linux/man-pages/man5/proc_modules.5.html',
  origin: 'kernel',
  hint: /lsmod|modules/,
  span: (lines, at, hinted) => {
    if (HEADER.test(lines[at] ?? '')) return run(lines, at, (line, index) => index === at || PRINTED.test(line), { elided: true });
    // `lsmod | grep` leaves the head out
    return run(lines, at, (line) => FILE.test(line) || (hinted && PRINTED.test(line)));
  },
  read: (lines) =>
    fileOf(
      'proc/modules',
      lines.flatMap((line) => {
        if (FILE.test(line)) return [line];
        const [, name = '', size = '', used = '', by] = PRINTED.exec(line) ?? [];
        return name === '' ? [] : [`${name} ${size} ${used} ${by === undefined ? '-' : `${by},`} Live 0x0000000000000000`];
      }),
    ),
});
