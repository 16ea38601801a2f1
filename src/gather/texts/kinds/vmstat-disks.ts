import { defineText } from '../kind.js';
import { fits } from '../made/fits.js';
import { run } from '../shape.js';

const HEAD =
  /^\s*disk-\s+-+reads-+\s+-+writes-+|^\s*total\s+merged\s+sectors\s+ms\b|^\s*\S+\s+reads\s+read sectors\s+writes\s+requested writes\s*$/;
const ROW = /^\s*(?:\S{1,64}\s+)?\d{1,20}(?:\s+\d{1,20}){3,11}(?:\s+\d{4}-\d\d-\d\d\s+\d\d:\d\d:\d\d)?\s*$/;
const SUMMARY =
  /^\s*\d{1,20} (?:disks|partitions|(?:total|merged|partition) reads|(?:read|written|partition) (?:sectors|writes)|milli (?:reading|writing|spent IO)|(?:total|merged)? ?writes|inprogress IO|writing|milli weighted IO|forks)\s*$/;

/** vmstat -d, -D, -p, -f: they say nothing of memory, and are known in order not to be taken for anything else. */
export default defineText({
  title: 'vmstat -d (says nothing of memory)',
  docs: 'https://man7.org/linux/man-pages/man8/vmstat.8.html',
  origin: 'tool',
  hint: /\bvmstat.{0,6}-?[dDpf]\b/,
  span: (lines, at) => {
    const first = lines[at] ?? '';
    if (fits(SUMMARY, first)) return run(lines, at, (line) => fits(SUMMARY, line));
    return fits(HEAD, first) ? run(lines, at, (line) => fits(HEAD, line) || fits(ROW, line), { elided: true }) : 0;
  },
  read: () => [],
});
