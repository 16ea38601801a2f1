import { defineText } from '../kind.js';
import { fits } from '../made/fits.js';
import { run } from '../shape.js';

const FIRST = /^\s*Architecture:\s+[a-z]\w{2,12}\s*$/;
const ROW = /^\s*[A-Z][\w() /,.+-]{2,60}:\s+\S.*$/;
const NUMBERS = /^\s*(?:NUMA node\d+ CPU\(s\)|CPU\(s\)|On-line CPU\(s\) list):\s+[\d,-]+\s*$/;

/** Processors: nothing of memory, known in order not to be taken for anything else. */
export default defineText({
  title: 'lscpu (says nothing of memory)',
  docs: 'https://man7.org/linux/man-pages/man1/lscpu.1.html',
  origin: 'tool',
  hint: /\blscpu\b/,
  span: (lines, at) => {
    const first = lines[at] ?? '';
    return fits(FIRST, first) || fits(NUMBERS, first) ? run(lines, at, (line) => line.length < 4000 && fits(ROW, line)) : 0;
  },
  read: () => [],
});
