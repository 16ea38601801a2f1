import { defineText } from '../kind.js';
import { fileOf, run, unwrapped } from '../shape.js';

const ZONE = /^\s*Node\s+\d{1,5},\s+zone\s+\w{1,20}(?:\s+\d{1,12}){1,20}$/;
const NUMBERS = /^\s*\d{1,12}(?:\s+\d{1,12}){0,15}$/;

/** /proc/buddyinfo. */
export default defineText({
  title: '/proc/buddyinfo',
  docs: 'https://docs.kernel.org/filesystems/proc.html#kernel-data',
  origin: 'kernel',
  hint: /buddy_?info/,
  span: (lines, at) => {
    if (!ZONE.test(lines[at] ?? '')) return 0;
    const seen = new Set<string>();
    return run(
      lines,
      at,
      (line) => {
        const zone = /^\s*(Node\s+\d+,\s+zone\s+\w+)/.exec(line)?.[1]?.replaceAll(/\s+/g, ' ');
        if (zone === undefined) return NUMBERS.test(line);
        // a zone that comes again is the next reading
        if (seen.has(zone)) return false;
        seen.add(zone);
        return ZONE.test(line);
      },
      { elided: true },
    );
  },
  read: (lines) => fileOf('proc/buddyinfo', unwrapped(lines, ZONE)),
});
