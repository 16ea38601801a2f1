import { ParseError, quote } from '../../errors.js';
import { count, row } from '../../json-schema.js';
import { numeral, words } from '../lines.js';
import { defineSource } from '../source.js';

const [STATE, NUMBER] = ['proc/sys/fs/inode-state', 'proc/sys/fs/inode-nr'] as const;

/** Inodes in memory, of all file systems. */
export default defineSource({
  title: '/proc/sys/fs/inode-state',
  docs: 'https://docs.kernel.org/admin-guide/sysctl/fs.html#inode-nr-inode-state',
  reads: [STATE, NUMBER],
  cadence: 'full',
  schema: row({ total: count('inodes in memory'), unused: count('that nobody uses: reclaim may drop them') }),
  parseFiles: (files) => {
    // the two begin with the same two numbers
    const text = files.get(STATE) ?? files.get(NUMBER) ?? '';
    const [total, unused] = words(text).map((word, index) => Math.max(0, numeral(word, `number ${index + 1}`)));
    if (total === undefined || unused === undefined) throw new ParseError(`found ${quote(text.trim())}, expected two numbers or more`);
    return { total, unused };
  },
});
