import { ParseError, quote } from '../../errors.js';
import { bytes, count, type Infer, list, row, text } from '../../json-schema.js';
import { lines, unsigned, words } from '../lines.js';
import { defineSource } from '../source.js';

const module = row(
  { name: text(), size: bytes('code and data; not what it allocates') },
  {
    references: count('users; not there when modules cannot be unloaded'),
    usedBy: list(text(), 'modules that need it'),
    taint: text('P proprietary, O out of tree, E unsigned, F forced, C staging'),
  },
);

/** Kernel modules. */
export default defineSource({
  title: '/proc/modules',
  docs: 'https://man7.org/linux/man-pages/man5/proc_modules.5.html',
  reads: ['proc/modules'],
  cadence: 'first',
  paste: 'lsmod',
  schema: list(module, 'the last loaded first'),
  parse: (text) =>
    lines(text)
      .filter((line) => line.trim() !== '')
      .map(parseModule),
});

/** "zram 40960 2 - Live 0xffffffffc0379000 (OE)" */
function parseModule(line: string, index: number): Infer<typeof module> {
  const [name, size, references, users, ...rest] = words(line);
  const where = `line ${index + 1}`;
  if (name === undefined || users === undefined)
    throw new ParseError(`${where}: found ${quote(line)}, expected "name size users by state"`);
  const usedBy = users.split(',').filter((user) => user !== '' && user !== '-' && user !== '[permanent]');
  const taint = rest.map((word) => /^\(([A-Z]{1,20})[+-]?\)$/.exec(word)?.[1]).find((found) => found !== undefined);
  return {
    name,
    size: unsigned(size, where),
    ...(references === '-' ? {} : { references: unsigned(references, where) }),
    ...(usedBy.length === 0 ? {} : { usedBy }),
    ...(taint === undefined ? {} : { taint }),
  };
}
