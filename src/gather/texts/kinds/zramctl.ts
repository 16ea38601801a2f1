import { defineText, oneSample } from '../kind.js';
import { size } from '../made/figures.js';
import { fits } from '../made/fits.js';
import { run } from '../shape.js';

const HEAD = /^\s*NAME\s+ALGORITHM\s+DISKSIZE\s+DATA\s+COMPR\s+TOTAL\b/;
const ROW = /^\s*\/dev\/(zram\d{1,4})\s+([\w-]{1,20})\s+(\d\S{0,15})\s+(\d\S{0,15})\s+(\d\S{0,15})\s+(\d\S{0,15})(?:\s|$)/;

/** Compressed block devices in memory, in the columns that are shown by default. */
export default defineText({
  title: 'zramctl',
  docs: 'https://man7.org/linux/man-pages/man8/zramctl.8.html',
  origin: 'tool',
  hint: /\bzramctl\b/,
  span: (lines, at) => {
    if (!fits(HEAD, lines[at] ?? '')) return 0;
    const length = run(lines, at, (line, index) => index === at || fits(ROW, line));
    return length > 1 ? length : 0;
  },
  read: (lines) => {
    const files = new Map<string, string>();
    for (const line of lines) {
      const [, device, algorithm = '', ...words] = ROW.exec(line) ?? [];
      const [disk, data, compressed, total] = words.map((word) => size(word));
      if (device === undefined || typeof disk !== 'number' || typeof data !== 'number') continue;
      if (typeof compressed !== 'number' || typeof total !== 'number') continue;
      files.set(`sys/block/${device}/disksize`, `${disk}\n`);
      files.set(`sys/block/${device}/mm_stat`, `${data} ${compressed} ${total}\n`);
      files.set(`sys/block/${device}/comp_algorithm`, `[${algorithm}]\n`);
    }
    return files.size === 0 ? [] : oneSample(files);
  },
});
