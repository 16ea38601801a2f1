import { ParseError, quote } from '../../errors.js';
import { bytes, count, type Infer, row } from '../../json-schema.js';
import { lines } from '../lines.js';
import { defineSource } from '../source.js';
import { readable, readOne, type ReadResult } from '../tree.js';

const PATH = 'proc/iomem';
const HIDDEN = 'all addresses read 0: only root sees them';

const schema = row({
  ranges: count('lines'),
  systemRam: bytes('Σ System RAM, that of kexec and of hot-added devices included; not its aliases'),
  crashKernel: bytes('Σ Crash kernel: kept for the kernel that writes the dump'),
  reserved: bytes('Σ address ranges between System RAM that the firmware reserves; not all of it is memory'),
  persistent: bytes('Σ Persistent Memory that is not in use as System RAM'),
});

interface Range {
  readonly depth: number;
  readonly end: number;
  readonly bytes: number;
  readonly name: string;
}

/** What lies where in the physical address space. */
export default defineSource({
  title: '/proc/iomem',
  docs: 'https://docs.kernel.org/filesystems/proc.html#kernel-data',
  reads: [PATH],
  cadence: 'first',
  schema,
  collect: async (tree) => {
    const read = await readOne(tree, PATH);
    const usable = readable(read) && read.text.trim() !== '';
    const reads: ReadResult[] = [usable || !readable(read) ? read : { ...read, status: 'failed', reason: 'is empty' }];
    if (!usable) return { data: null, reads };
    const ranges = lines(read.text)
      .filter((line) => line.trim() !== '')
      .map(parseRange);
    if (ranges.every((range) => range === null)) return { data: null, reads: [{ ...read, status: 'denied', reason: HIDDEN }] };
    return { data: add(ranges.filter((range) => range !== null)), reads };
  },
});

/** "  01000000-01e01d31 : Kernel code"; null when the kernel hides the addresses. */
function parseRange(line: string, index: number): Range | null {
  const match = /^( *)([0-9a-f]{1,16})-([0-9a-f]{1,16}) : (.*)$/.exec(line);
  if (!match) throw new ParseError(`line ${index + 1}: found ${quote(line)}, expected "00001000-0009fbff : System RAM"`);
  const [, indent = '', from = '', to = '', name = ''] = match;
  const [start, end] = [Number.parseInt(from, 16), Number.parseInt(to, 16)];
  if (start === 0 && end === 0) return null;
  if (end < start) throw new ParseError(`line ${index + 1}: found ${quote(line)}, which ends before it begins`);
  return { depth: indent.length, end, bytes: Math.max(0, end - start + 1), name: name.trim() };
}

const isPersistent = ({ depth, name }: Range): boolean => depth === 0 && name.startsWith('Persistent Memory');
const isRam = ({ name }: Range): boolean => /^System RAM(?! \(boot alias\))/.test(name);

function add(ranges: readonly Range[]): Infer<typeof schema> {
  const sum = (test: (range: Range) => boolean): number => ranges.reduce((all, range) => (test(range) ? all + range.bytes : all), 0);
  const top = ranges.reduce((most, range) => (isRam(range) ? Math.max(most, range.end) : most), 0);
  // persistent memory given to the kernel as RAM is a range of its own inside the persistent one
  let inPersistent = false;
  let asRam = 0;
  for (const range of ranges) {
    if (range.depth === 0) inPersistent = isPersistent(range);
    else if (inPersistent && isRam(range)) asRam += range.bytes;
  }
  return {
    ranges: ranges.length,
    systemRam: sum(isRam),
    crashKernel: sum(({ name }) => name.startsWith('Crash kernel')),
    reserved: sum(({ name, depth, end }) => depth === 0 && end < top && /^reserved$/i.test(name)),
    persistent: Math.max(0, sum(isPersistent) - asRam),
  };
}
