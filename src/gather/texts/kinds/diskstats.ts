import { defineText } from '../kind.js';
import { fileOf, run } from '../shape.js';

const LINE = /^\s*\d{1,5}\s+\d{1,8} [\w!:.-]{1,60}(?: \d{1,20}){4,20}\s*$/;

/** /proc/diskstats. */
export default defineText({
  title: '/proc/diskstats',
  docs: 'https://docs.kernel.org/admin-guide/iostats.html',
  origin: 'kernel',
  hint: /diskstats/,
  span: (lines, at) => {
    const length = run(lines, at, (line) => LINE.test(line));
    return length >= 2 ? length : 0;
  },
  read: (lines) => fileOf('proc/diskstats', lines),
});
