import { count, list, row, text } from '../../json-schema.js';
import { lines } from '../lines.js';
import { defineSource } from '../source.js';
import { type ErrorLine, errorLineOf } from '../texts/errors-of-programs.js';

/** So many different messages are kept. */
const MOST = 50;

/** What programs wrote when they were refused memory: only somebody who pasted it can tell, a live host has no such file. */
export default defineSource({
  title: 'messages of programs that were refused memory',
  docs: 'https://man7.org/linux/man-pages/man3/errno.3.html',
  reads: ['errors.txt'],
  cadence: 'pasted',
  schema: list(
    row({
      program: text('who wrote it; empty when the line does not say'),
      operation: text(
        'fork, thread, mmap, mlock, swapoff, exec, malloc, heap (a runtime met a limit of its own), tasks (no further process or thread), cgroup (no further memory cgroup), or allocate when it does not say',
      ),
      text: text('the line, cut at 200 characters'),
      count: count('lines that say the same'),
    }),
  ),
  parse: (content) => {
    const found = new Map<string, ErrorLine & { count: number }>();
    for (const line of lines(content)) {
      const error = errorLineOf(line);
      if (error === null) continue;
      const key = `${error.program} ${error.operation}`;
      const known = found.get(key);
      if (known) known.count += 1;
      else if (found.size < MOST) found.set(key, { ...error, count: 1 });
    }
    return [...found.values()];
  },
});
