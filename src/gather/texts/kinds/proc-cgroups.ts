import { defineText } from '../kind.js';
import { fileOf, run } from '../shape.js';

const HEAD = /^\s*#?\s?subsys_name\s+hierarchy\s+num_cgroups\s+enabled\s*$/;
const ROW = /^\s*[a-z_][a-z0-9_]{2,30}\s+\d{1,3}\s+\d{1,9}\s+[01]\s*$/;

/** The controllers of cgroups; a row of memory alone is what grep leaves of it. */
export default defineText({
  title: '/proc/cgroups',
  docs: 'https://man7.org/linux/man-pages/man7/cgroups.7.html',
  origin: 'kernel',
  hint: /proc\/cgroups/,
  span: (lines, at, hinted) => {
    const first = lines[at] ?? '';
    if (!HEAD.test(first) && !(hinted && ROW.test(first))) return 0;
    return run(lines, at, (line, index) => (index === at && HEAD.test(line)) || ROW.test(line), { elided: true });
  },
  read: (lines) =>
    fileOf(
      'proc/cgroups',
      lines.filter((line) => ROW.test(line)),
    ),
});
