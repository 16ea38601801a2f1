import { defineText } from '../kind.js';
import { fileOf } from '../shape.js';

/** /proc/loadavg. */
export default defineText({
  title: '/proc/loadavg',
  docs: 'https://man7.org/linux/man-pages/man5/proc_loadavg.5.html',
  origin: 'kernel',
  hint: /load_?avg/,
  span: (lines, at) => Number(/^\s*\d{1,6}\.\d\d \d{1,6}\.\d\d \d{1,6}\.\d\d \d{1,7}\/\d{1,8} \d{1,10}$/.test(lines[at] ?? '')),
  read: (lines) => fileOf('proc/loadavg', lines),
});
