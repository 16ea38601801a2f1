import { defineText } from '../kind.js';
import { fileOf, run } from '../shape.js';

const AREA = /^0x[0-9a-f]{4,16}-0x[0-9a-f]{4,16}\s+\d{1,20}(?:\s.*)?$/;

/** /proc/vmallocinfo. */
export default defineText({
  title: '/proc/vmallocinfo',
  docs: 'https://docs.kernel.org/filesystems/proc.html',
  origin: 'kernel',
  hint: /vmalloc_?info/,
  span: (lines, at) => run(lines, at, (line) => AREA.test(line), { elided: true }),
  read: (lines) => fileOf('proc/vmallocinfo', lines),
});
