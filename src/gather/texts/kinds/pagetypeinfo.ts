import { defineText } from '../kind.js';
import { fileOf, run, unwrapped } from '../shape.js';

const HEADER =
  /^(?:Page block order:\s+\d|Pages per block:\s+\d|Free pages count per migrate type at order|Number of (?:mixed )?blocks (?:type|per)|Number of blocks type|Number of mixed blocks)/;
const ROW = /^\s*Node\s+\d{1,5},\s+zone\s+\w{1,20}(?:,\s+type\s+\w{1,20})?(?:\s+>?\d{1,12}){1,20}$/;
const TYPED = /^\s*Node\s+\d{1,5},\s+zone\s+\w{1,20},\s+type\s/;
const REST = /^\s*(?:>?\d{1,12}|[A-Z]\w{3,20})(?:\s+(?:>?\d{1,12}|[A-Z]\w{3,20})){0,15}$/;

/** /proc/pagetypeinfo, wrapped by mail or not. */
export default defineText({
  title: '/proc/pagetypeinfo',
  docs: 'https://docs.kernel.org/filesystems/proc.html',
  origin: 'kernel',
  hint: /pagetype_?info/,
  span: (lines, at) => {
    const first = lines[at] ?? '';
    if (!HEADER.test(first) && !TYPED.test(first)) return 0;
    return run(lines, at, (line) => HEADER.test(line) || ROW.test(line) || REST.test(line), { elided: true, blanks: 1 });
  },
  read: (lines) => fileOf('proc/pagetypeinfo', unwrapped(lines, new RegExp(`${HEADER.source}|^\\s*Node\\s`))),
});
