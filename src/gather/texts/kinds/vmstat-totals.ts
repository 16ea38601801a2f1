import { defineText, oneSample } from '../kind.js';
import { unitOf } from '../made/figures.js';
import { countersText, filesFrom, meminfoText } from '../made/files.js';
import { fits } from '../made/fits.js';
import { run } from '../shape.js';

const ROW =
  /^\s*(\d{1,20})\s+([kKmM]\s+)?((?:total|used|active|inactive|free|buffer) memory|swap cache|(?:total|used|free) swap|(?:pages )?(?:paged|swapped) (?:in|out)|(?:non-nice |nice )?(?:user|system|idle|IO-wait|IRQ|softirq|stolen|guest)(?: (?:user|guest))? cpu ticks|interrupts|CPU context switches|boot time|forks)\s*$/;

/** Event counts and memory since boot, in words. */
export default defineText({
  title: 'vmstat -s',
  docs: 'https://man7.org/linux/man-pages/man8/vmstat.8.html',
  origin: 'tool',
  hint: /\bvmstat.{0,6}-?s\b/,
  span: (lines, at) => {
    const length = run(lines, at, (line) => fits(ROW, line), { elided: true });
    return length > 1 ? length : 0;
  },
  read: (lines) => {
    const values = new Map<string, { value: number; bytes: number }>();
    for (const line of lines) {
      const [, digits = '', unit = '', name = ''] = ROW.exec(line) ?? [];
      values.set(name, { value: Number(digits), bytes: Number(digits) * (unit.trim() === 'k' ? 1000 : (unitOf(unit.trim()) ?? 1024)) });
    }
    const bytes = (name: string): number | undefined => values.get(name)?.bytes;
    const count = (name: string): number | undefined => values.get(name)?.value;
    return oneSample(
      filesFrom({
        'proc/meminfo': meminfoText({
          MemTotal: bytes('total memory'),
          MemFree: bytes('free memory'),
          Buffers: bytes('buffer memory'),
          // so it is called: it is the page cache, and reclaimable slab
          Cached: bytes('swap cache'),
          Active: bytes('active memory'),
          Inactive: bytes('inactive memory'),
          SwapTotal: bytes('total swap'),
          SwapFree: bytes('free swap'),
        }),
        'proc/vmstat': countersText({
          // KiB, though older versions call them pages
          pgpgin: count('paged in') ?? count('pages paged in'),
          pgpgout: count('paged out') ?? count('pages paged out'),
          pswpin: count('pages swapped in'),
          pswpout: count('pages swapped out'),
        }),
      }),
    );
  },
});
