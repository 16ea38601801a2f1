import { defineText } from '../kind.js';
import { fileOf, run } from '../shape.js';

/** What `mount` prints. */
const PRINTED = /^(\S{1,1000}) on (\/.{0,1000}?) type ([\w.-]{1,60}) \(([^)\s]{1,1000})\)(?: \[.{0,100}\])?$/;
/** A line of /proc/mounts. */
const FILE = /^(\S{1,1000}) (\/\S{0,1000}) ([\w.-]{1,60}) ((?:rw|ro)(?:,\S{1,1000})?) \d \d$/;

/** /proc/mounts, or what `mount` makes of it, as mountinfo would say it: the root of each mount is not known. */
export default defineText({
  title: '/proc/mounts',
  docs: 'https://man7.org/linux/man-pages/man5/proc_pid_mounts.5.html',
  origin: 'tool',
  hint: /mount/,
  span: (lines, at) => run(lines, at, (line) => PRINTED.test(line) || FILE.test(line)),
  read: (lines) =>
    fileOf(
      'proc/self/mountinfo',
      lines.flatMap((line, index) => {
        const printed = PRINTED.exec(line);
        const [, source = '', place = '', type = '', options = ''] = printed ?? FILE.exec(line) ?? [];
        // blanks are escaped in the file, and not by the tool
        const target = printed ? place.replaceAll('\\', String.raw`\134`).replaceAll(' ', String.raw`\040`) : place;
        return source === '' ? [] : [`${index + 1} 0 0:${index + 1} / ${target} ${options} - ${type} ${source} ${options}`];
      }),
    ),
});
