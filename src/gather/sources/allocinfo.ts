import { ParseError, quote } from '../../errors.js';
import { boolean, bytes, count, type Infer, list, row, text } from '../../json-schema.js';
import { unsigned } from '../lines.js';
import { eachLine, largest } from '../ranking.js';
import { defineSource } from '../source.js';

const KEPT = 40;
/** What is longer is no path and function of the kernel's. */
const LONGEST = 1000;
/** Since version 2.0 of the file. */
const INACCURATE = ' accurate:no';

const site = row(
  { tag: text('file:line [module] func:name'), bytes: bytes(), calls: count('allocations not freed yet') },
  { inaccurate: boolean('some allocations were not counted') },
);

/** Every place in the kernel that allocates, with what it holds (kernel 6.10 and later with memory allocation profiling). */
export default defineSource({
  title: '/proc/allocinfo',
  docs: 'https://docs.kernel.org/mm/allocation-profiling.html',
  reads: ['proc/allocinfo'],
  cadence: 'last',
  heavy: true,
  limits: { maxBytes: 16 << 20, deadlineMs: 2000 },
  schema: row({
    sites: count('places'),
    bytes: bytes('of all; slab objects are counted beside the slabs they lie in'),
    top: list(site, `the ${KEPT} largest`),
  }),
  parse: (text) => {
    const found: Infer<typeof site>[] = [];
    let [sites, sum] = [0, 0];
    for (const { line, number, whole } of eachLine(text)) {
      if (/^\s*(?:allocinfo\b|#)/.test(line)) continue;
      const each = parseSite(line, `line ${number}`);
      if (each === null && whole) throw new ParseError(`line ${number}: found ${quote(line)}, expected "4096 1 mm/slub.c:1 func:name"`);
      if (each === null) continue;
      sites += 1;
      sum += each.bytes;
      if (each.bytes > 0) found.push(each);
    }
    if (sites === 0) throw new ParseError('no place in it: allocation profiling is off');
    return { sites, bytes: sum, top: largest(found, KEPT) };
  },
});

function parseSite(line: string, where: string): Infer<typeof site> | null {
  const match = /^\s*(-?\d+)\s+(\d+)\s+(\S.*)$/.exec(line);
  if (!match) return null;
  const [, size = '', calls] = match;
  const rest = (match[3] ?? '').slice(0, LONGEST);
  const inaccurate = rest.endsWith(INACCURATE);
  const tag = (inaccurate ? rest.slice(0, -INACCURATE.length) : rest).trimEnd();
  // per-CPU counters are summed while they change: it may be a little below zero
  const bytes = size.startsWith('-') ? 0 : unsigned(size, where);
  return { tag, bytes, calls: unsigned(calls, where), ...(inaccurate ? { inaccurate } : {}) };
}
