import { ParseError, quote } from '../../errors.js';
import { bytes, list, number, row, text } from '../../json-schema.js';
import { lines, numeral, unescapeOctal, unsigned, words } from '../lines.js';
import { defineSource } from '../source.js';

/** Swap areas in use; an empty list when there is none. */
export default defineSource({
  title: '/proc/swaps',
  docs: 'https://man7.org/linux/man-pages/man5/proc_swaps.5.html',
  reads: ['proc/swaps'],
  cadence: 'full',
  paste: 'cat /proc/swaps',
  schema: list(
    row({
      name: text('path of the device or file, "… (deleted)" when it was removed'),
      type: text('partition or file'),
      size: bytes(),
      used: bytes(),
      priority: number('the highest is used first'),
    }),
  ),
  parse: (text) => {
    const [head = '', ...rest] = lines(text).filter((line) => line.trim() !== '');
    const headed = /^\s*Filename\s+Type\s+Size\s+Used\s+Priority\s*$/.test(head);
    return (headed ? rest : [head, ...rest]).map(parseArea);
  },
});

function parseArea(line: string) {
  const parts = words(line);
  // from the end: kernels before 2.6.12 do not escape the blanks of a name
  const name = parts.slice(0, -4).join(' ');
  const [type = '', size, used, priority] = parts.slice(-4);
  if (name === '' || !/^(partition|file)$/.test(type))
    throw new ParseError(`found ${quote(line)}, expected a name, partition or file, size, used and priority`);
  const where = `area ${quote(name)}`;
  return {
    name: unescapeOctal(name),
    type,
    size: unsigned(size, where) * 1024,
    used: unsigned(used, where) * 1024,
    priority: numeral(priority, where),
  };
}
