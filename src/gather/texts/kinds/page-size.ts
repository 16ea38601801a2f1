import { defineText, oneSample } from '../kind.js';

/** What `getconf PAGESIZE` prints. */
export default defineText({
  title: 'getconf PAGESIZE',
  docs: 'https://man7.org/linux/man-pages/man1/getconf.1.html',
  origin: 'kernel',
  hint: /getconf (?:-a \| grep )?["']?PAGE_?SIZE/,
  span: (lines, at, hinted) => Number(hinted && /^(?:PAGE_?SIZE\s+)?(?:4096|8192|16384|65536)$/.test(lines[at] ?? '')),
  read: ([line = '']) => oneSample(new Map([[PAGE_SIZE_FILE, `${/\d+/.exec(line)?.[0] ?? ''}\n`]])),
});

/** A path of its own: no file of the kernel tells it. */
export const PAGE_SIZE_FILE = 'page-size.txt';
