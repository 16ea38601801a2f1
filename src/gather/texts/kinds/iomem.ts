import { defineText } from '../kind.js';
import { fileOf, run } from '../shape.js';

const RANGE = /^\s{0,16}[0-9a-f]{4,16}-[0-9a-f]{4,16} : \S.*$/;

/** /proc/iomem. */
export default defineText({
  title: '/proc/iomem',
  docs: 'https://docs.kernel.org/filesystems/proc.html',
  origin: 'kernel',
  hint: /iomem/,
  span: (lines, at) => {
    const length = run(lines, at, (line) => RANGE.test(line), { elided: true });
    return length >= 2 ? length : 0;
  },
  read: (lines) => fileOf('proc/iomem', lines),
});
