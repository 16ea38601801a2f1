import { ParseError, quote } from '../../errors.js';
import { number, row, seconds } from '../../json-schema.js';
import { lines } from '../lines.js';
import { defineSource } from '../source.js';

const stall = row({
  avg10: number('% of the last 10 s, as averaged by the kernel every 2 s'),
  avg60: number(),
  avg300: number(),
  total: seconds('stalled since boot, exact at the moment of the read'),
});
const resource = row({ some: stall }, { full: stall });

/** PSI: the share of time in which some, or all, tasks waited for a resource. */
export default defineSource({
  title: '/proc/pressure',
  docs: 'https://docs.kernel.org/accounting/psi.html',
  reads: ['proc/pressure/memory', 'proc/pressure/io', 'proc/pressure/cpu'],
  cadence: 'every',
  paste: 'grep . /proc/pressure/*',
  schema: row({}, { memory: resource, io: resource, cpu: resource }),
  parseFiles: (files) => Object.fromEntries([...files].map(([path, text]) => [path.slice(path.lastIndexOf('/') + 1), parsePressure(text)])),
});

/** One pressure file, of the host or of a cgroup; totals in seconds. @throws ParseError with the line number. */
export function parsePressure(text: string) {
  const stalls: Partial<Record<'some' | 'full', { avg10: number; avg60: number; avg300: number; total: number }>> = {};
  for (const [index, line] of lines(text).entries()) {
    const match = /^(some|full) avg10=(\d{1,9}\.\d+) avg60=(\d{1,9}\.\d+) avg300=(\d{1,9}\.\d+) total=(\d{1,20})$/.exec(line.trim());
    if (!match) throw new ParseError(`line ${index + 1}: found ${quote(line)}, expected "some avg10=… avg60=… avg300=… total=…"`);
    stalls[match[1] as 'some' | 'full'] = {
      avg10: Number(match[2]),
      avg60: Number(match[3]),
      avg300: Number(match[4]),
      total: Number(match[5]) / 1e6,
    };
  }
  if (!stalls.some) throw new ParseError('no line "some …"');
  return { ...stalls, some: stalls.some };
}
