import { defineText, oneSample } from '../kind.js';
import { run } from '../shape.js';

const HEADER = /^\s*Filename\s+Type\s+Size\s+Used\s+Priority$/;
const AREA = /^\s*(\S.{0,200}?)\s+(partition|file)\s+(\d{1,15})\s+(\d{1,15})\s+(-?\d{1,6})$/;

/** /proc/swaps, which `swapon -s` prints as it is. */
export default defineText({
  title: '/proc/swaps',
  docs: 'https://man7.org/linux/man-pages/man5/proc_swaps.5.html',
  origin: 'kernel',
  hint: /\bswaps\b|swapon/,
  span: (lines, at) => run(lines, at, (line, index) => (HEADER.test(line) ? index === at : AREA.test(line))),
  read: (lines) => {
    const areas = lines.flatMap((line) => {
      const [, name, type = '', size = '', used = '', priority = ''] = AREA.exec(line) ?? [];
      return name === undefined ? [] : [`${name}\t${type}\t${size}\t${used}\t${priority}`];
    });
    return oneSample(new Map([['proc/swaps', `${['Filename\tType\tSize\tUsed\tPriority', ...areas].join('\n')}\n`]]));
  },
});
