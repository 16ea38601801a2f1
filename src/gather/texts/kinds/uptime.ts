import { defineText } from '../kind.js';

/** What `uptime` prints: the time since boot to the minute, and no file has the load alone. */
export default defineText({
  title: 'uptime',
  docs: 'https://man7.org/linux/man-pages/man1/uptime.1.html',
  origin: 'tool',
  hint: /uptime/,
  span: (lines, at) =>
    Number(/^\s*\d\d:\d\d:\d\d(?: [AP]M)? +up .{1,60}, +load average: [\d.,]{3,8}, [\d.,]{3,8}, [\d.,]{3,8}$/.test(lines[at] ?? '')),
  read: () => [],
});
