import { bytes, list, row, text } from '../../json-schema.js';
import { lines } from '../lines.js';
import { defineSource } from '../source.js';
import { COURSE_FILE } from '../texts/course.js';

const LINE = /^([\w()]{1,40}):((?: \d{1,15})+)$/;
/** So many readings are kept, the last. */
const MOST = 1000;

/** Readings of /proc/meminfo that were pasted one after the other without a clock; a live host has no such file. */
export default defineSource({
  title: 'readings of /proc/meminfo without a clock',
  docs: 'https://docs.kernel.org/filesystems/proc.html#meminfo',
  reads: [COURSE_FILE],
  cadence: 'pasted',
  schema: list(row({ name: text('of a field of /proc/meminfo'), values: list(bytes(), 'reading by reading') })),
  parse: (content) =>
    [...lines(content)].flatMap((line) => {
      const [, name, digits] = LINE.exec(line) ?? [];
      return name === undefined || digits === undefined
        ? []
        : [
            {
              name,
              values: digits
                .trim()
                .split(' ')
                .slice(-MOST)
                .map((kib) => Number(kib) * 1024),
            },
          ];
    }),
});
