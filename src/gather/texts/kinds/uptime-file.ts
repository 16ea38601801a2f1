import { defineText } from '../kind.js';
import { fileOf } from '../shape.js';

/** /proc/uptime: two numbers, which a name or a prompt must vouch for. */
export default defineText({
  title: '/proc/uptime',
  docs: 'https://man7.org/linux/man-pages/man5/proc_uptime.5.html',
  origin: 'kernel',
  hint: /uptime/,
  span: (lines, at, hinted) => Number(hinted && /^\s*\d{1,12}\.\d\d\s+\d{1,15}\.\d\d$/.test(lines[at] ?? '')),
  read: (lines) => fileOf('proc/uptime', lines),
});
