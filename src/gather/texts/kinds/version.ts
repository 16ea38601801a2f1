import { defineText, oneSample } from '../kind.js';

/** /proc/version. */
export default defineText({
  title: '/proc/version',
  docs: 'https://man7.org/linux/man-pages/man5/proc_version.5.html',
  origin: 'kernel',
  hint: /version/,
  span: (lines, at) => Number(/^\s*Linux version \d\S* \(/.test(lines[at] ?? '')),
  read: ([line = '']) => oneSample(new Map([['proc/version', `${line.trim()}\n`]])),
});
