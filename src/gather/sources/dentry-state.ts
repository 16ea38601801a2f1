import { ParseError, quote } from '../../errors.js';
import { count, row } from '../../json-schema.js';
import { numeral, words } from '../lines.js';
import { defineSource } from '../source.js';

/** Cached names of files. */
export default defineSource({
  title: '/proc/sys/fs/dentry-state',
  docs: 'https://docs.kernel.org/admin-guide/sysctl/fs.html#dentry-state',
  reads: ['proc/sys/fs/dentry-state'],
  cadence: 'full',
  schema: row(
    { total: count('names in the cache'), unused: count('that nobody uses: reclaim may drop them') },
    {
      negative: count('unused names of files that do not exist, when there are any; since 5.0, and in some older kernels of distributions'),
    },
  ),
  parse: (text) => {
    const numbers = words(text).map((word, index) => Math.max(0, numeral(word, `number ${index + 1}`)));
    const [total, unused, , , negative] = numbers;
    if (total === undefined || unused === undefined || numbers.length !== 6)
      throw new ParseError(`found ${quote(text.trim())}, expected six numbers`);
    // kernels that do not count them print 0 in this place
    return { total, unused, ...(negative ? { negative } : {}) };
  },
});
