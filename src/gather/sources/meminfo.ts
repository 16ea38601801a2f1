import { ParseError } from '../../errors.js';
import { bytes, map } from '../../json-schema.js';
import { keyedSizes } from '../lines.js';
import { defineSource } from '../source.js';

/** Memory by class, in the kernel's names; sizes in bytes, HugePages_* in pages of Hugepagesize. */
export default defineSource({
  title: '/proc/meminfo',
  docs: 'https://docs.kernel.org/filesystems/proc.html#meminfo',
  reads: ['proc/meminfo'],
  cadence: 'every',
  paste: 'cat /proc/meminfo',
  schema: map(bytes(), 'fields by the kernel’s names, in bytes; HugePages_* are counts'),
  parse: (text) => {
    // 2.4 kernels begin with a table of the same numbers in bytes
    const fields = keyedSizes(text, /^\s*(total:|Mem:\s+\d+\s+\d+|Swap:\s+\d+\s+\d+)/);
    // pasted in part, it may lack any line
    if (Object.keys(fields).length === 0) throw new ParseError('no line "Name: number kB" in it');
    return fields;
  },
});
