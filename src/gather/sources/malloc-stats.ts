import { ParseError } from '../../errors.js';
import { bytes, count, row } from '../../json-schema.js';
import { lines } from '../lines.js';
import { defineSource } from '../source.js';

/** What malloc_stats() of glibc writes on the standard error of a program: only somebody who pasted it can tell. */
export default defineSource({
  title: 'malloc_stats() of a program',
  docs: 'https://man7.org/linux/man-pages/man3/malloc_stats.3.html',
  reads: ['malloc-stats.txt'],
  cadence: 'pasted',
  schema: row(
    { system: bytes('that malloc has from the kernel'), inUse: bytes('of them that the program holds') },
    { arenas: count(), mapped: bytes('most that single large blocks had at once') },
  ),
  parse: (content) => {
    const found = new Map<string, number[]>();
    for (const line of lines(content)) {
      const [, name = '', digits = ''] = /^\s*(Arena|system bytes|in use bytes|max mmap bytes)\s*=?\s*(\d{1,15}):?\s*$/.exec(line) ?? [];
      if (name !== '') found.set(name, [...(found.get(name) ?? []), Number(digits)]);
    }
    // the sums stand last
    const [system, inUse] = [found.get('system bytes')?.at(-1), found.get('in use bytes')?.at(-1)];
    if (system === undefined || inUse === undefined) throw new ParseError('found no sum of “system bytes” and “in use bytes”');
    const [arenas, mapped] = [found.get('Arena')?.length, found.get('max mmap bytes')?.at(-1)];
    return { system, inUse, ...(arenas === undefined ? {} : { arenas }), ...(mapped === undefined ? {} : { mapped }) };
  },
});
