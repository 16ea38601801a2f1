import { ParseError, quote } from '../../errors.js';
import { count, row } from '../../json-schema.js';
import { unsigned, words } from '../lines.js';
import { defineSource } from '../source.js';

/** Open files of the whole system, and how many may be. */
export default defineSource({
  title: '/proc/sys/fs/file-nr',
  docs: 'https://docs.kernel.org/admin-guide/sysctl/fs.html#file-max-file-nr',
  reads: ['proc/sys/fs/file-nr'],
  cadence: 'full',
  schema: row({
    allocated: count('open files: sockets, pipes and the like as well'),
    free: count('allocated and not in use; 0 since 2.6'),
    max: count('fs.file-max; 9223372036854775807 is as good as no limit'),
  }),
  parse: (text) => {
    const [allocated, free, max, ...rest] = words(text).map((word, index) => unsigned(word, `number ${index + 1}`));
    if (allocated === undefined || free === undefined || max === undefined || rest.length > 0)
      throw new ParseError(`found ${quote(text.trim())}, expected three numbers`);
    return { allocated, free, max };
  },
});
