import { ParseError, quote } from '../../errors.js';
import { count, list, row, text } from '../../json-schema.js';
import { lines, unsigned, words } from '../lines.js';
import { defineSource } from '../source.js';

/** Free blocks by zone and order. */
export default defineSource({
  title: '/proc/buddyinfo',
  docs: 'https://docs.kernel.org/filesystems/proc.html#kernel-data',
  reads: ['proc/buddyinfo'],
  cadence: 'full',
  paste: 'cat /proc/buddyinfo',
  schema: list(row({ node: count(), zone: text(), free: list(count(), 'free blocks of 2^order pages, by order from 0') })),
  parse: (text) => {
    // a line of numbers alone belongs to the one before: pasted text is often wrapped
    const zones = lines(text.replaceAll(/\r?\n(?=[\d\t ]+(?:\r?\n|$))/g, ' '))
      .filter((line) => line.trim() !== '')
      .map(parseZone);
    if (zones.length === 0) throw new ParseError('no zone in it');
    return zones;
  },
});

function parseZone(line: string, index: number) {
  const match = /^\s*Node\s+(\d+),\s+zone\s+(\S+)((?:\s+\d+)+)\s*$/.exec(line);
  if (!match) throw new ParseError(`line ${index + 1}: found ${quote(line)}, expected "Node 0, zone Normal" and counts`);
  const where = `line ${index + 1}`;
  return { node: unsigned(match[1], where), zone: match[2] ?? '', free: words(match[3] ?? '').map((digits) => unsigned(digits, where)) };
}
