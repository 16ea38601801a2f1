import { defineText } from '../kind.js';
import { fileOf, run } from '../shape.js';

const LINE =
  /^\s*(?:Arena \d{1,5}:|Total \(incl\. mmap\):|(?:system|in use) bytes\s*=\s*\d{1,15}|max mmap (?:regions|bytes)\s*=\s*\d{1,15})\s*$/;

const SUMS = ['system bytes', 'in use bytes'];

/** What malloc_stats() of glibc prints: the arenas, and their sum. */
export default defineText({
  title: 'malloc_stats()',
  docs: 'https://man7.org/linux/man-pages/man3/malloc_stats.3.html',
  origin: 'tool',
  hint: /\bmalloc_stats\b/,
  span: (lines, at) => {
    const length = run(lines, at, (line) => LINE.test(line), { elided: true, blanks: 1 });
    const part = lines.slice(at, at + length);
    return SUMS.every((name) => part.some((line) => line.trim().startsWith(name))) ? length : 0;
  },
  read: (lines) => {
    const kept = lines.filter((line) => LINE.test(line));
    return SUMS.every((name) => kept.some((line) => line.trim().startsWith(name))) ? fileOf('malloc-stats.txt', kept) : [];
  },
});
