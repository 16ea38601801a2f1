import { ParseError } from '../../errors.js';
import { bytes, number, row } from '../../json-schema.js';
import { lines } from '../lines.js';
import { defineSource } from '../source.js';
import { TOLD_FILE } from '../texts/made/told-figures.js';

const NAMES = ['memoryUsed', 'swapUsed', 'rss'] as const;

/** Shares without sizes, and sums without parts: only somebody who pasted them can tell, a live host has no such file. */
export default defineSource({
  title: 'figures that a tool told without what they are made of',
  docs: 'https://manpages.ubuntu.com/manpages/noble/man1/landscape-sysinfo.1.html',
  reads: [TOLD_FILE],
  cadence: 'pasted',
  schema: row(
    {},
    {
      memoryUsed: number('% of MemTotal, without free memory, buffers and page cache'),
      swapUsed: number('% of SwapTotal'),
      rss: bytes('that all processes have resident together; as a sum of RSS shared pages count for each of them'),
    },
  ),
  parse: (content) => {
    const found: { memoryUsed?: number; swapUsed?: number; rss?: number } = {};
    for (const line of lines(content)) {
      const [, name, value] = /^(\w+) (\d{1,16}(?:\.\d{1,6})?)$/.exec(line) ?? [];
      const known = NAMES.find((other) => other === name);
      if (known === 'rss') found.rss = Math.round(Number(value));
      else if (known !== undefined) found[known] = Math.min(100, Number(value));
    }
    if (Object.keys(found).length === 0) throw new ParseError('found no share of memory or swap, and no sum of RSS');
    return found;
  },
});
