import { ParseError, quote } from '../../errors.js';
import { bytes, count, type Infer, list, row, seconds, text } from '../../json-schema.js';
import { parentDisk, swapDevices } from '../block-devices.js';
import { lines, unsigned, words } from '../lines.js';
import { defineSource } from '../source.js';
import { readable } from '../tree.js';

const [DISKSTATS, SWAPS] = ['proc/diskstats', 'proc/swaps'] as const;
const MOST = 64;
const LIMITS = { maxBytes: 4 << 20 };
/** Of the block layer, whatever the device. */
const SECTOR = 512;

const device = row(
  {
    device: text('sda, sda1, dm-0, …'),
    number: text('major:minor'),
    reads: count(),
    readBytes: bytes(),
    writes: count(),
    writeBytes: bytes(),
  },
  {
    readSeconds: seconds('Σ over requests'),
    writeSeconds: seconds('Σ over requests'),
    inFlight: count('requests under way'),
    busy: seconds('with a request under way'),
  },
);
type Device = Infer<typeof device>;

/** Block devices that were used: swap devices and what they are on first, then the busiest, at most 64. */
export default defineSource({
  title: '/proc/diskstats',
  docs: 'https://docs.kernel.org/admin-guide/iostats.html',
  reads: [DISKSTATS, SWAPS],
  cadence: 'full',
  limits: LIMITS,
  schema: list(device),
  collect: async (tree) => {
    const [table, swaps] = await tree.read([DISKSTATS, SWAPS], LIMITS);
    if (!table || !readable(table)) return { data: null, reads: table ? [table] : [] };
    if (table.text.trim() === '') return { data: null, reads: [{ ...table, status: 'failed', reason: 'is empty' }] };
    return { data: rowsOf(table.text, swaps && readable(swaps) ? swapDevices(swaps.text) : []), reads: [table] };
  },
});

function rowsOf(table: string, swaps: readonly string[]): Device[] {
  const wanted = new Set(swaps.flatMap((name) => [name, parentDisk(name)]));
  const used = lines(table)
    .filter((line) => line.trim() !== '')
    .map(parseDevice)
    .filter((each) => wanted.has(each.device) || each.reads + each.writes > 0);
  const rank = ({ device: name, busy }: Device): number => (wanted.has(name) ? Number.MAX_VALUE : (busy ?? 0));
  return used.sort((a, b) => rank(b) - rank(a)).slice(0, MOST);
}

/** Eleven numbers and, since 4.18, more; partitions before 2.6.25 have four. */
function parseDevice(line: string, index: number): Device {
  const [major, minor, name, ...rest] = words(line);
  const where = `line ${index + 1}`;
  const numbers = rest.map((word) => unsigned(word, where));
  if (name === undefined || (numbers.length !== 4 && numbers.length < 11))
    throw new ParseError(`${where}: found ${quote(line)}, expected two numbers, a name, and 4 or at least 11 numbers`);
  const base = { device: name, number: `${unsigned(major, where)}:${unsigned(minor, where)}` };
  const of = (at: number): number => numbers[at] ?? 0;
  if (numbers.length === 4) return { ...base, reads: of(0), readBytes: of(1) * SECTOR, writes: of(2), writeBytes: of(3) * SECTOR };
  return {
    ...base,
    reads: of(0),
    readBytes: of(2) * SECTOR,
    readSeconds: of(3) / 1000,
    writes: of(4),
    writeBytes: of(6) * SECTOR,
    writeSeconds: of(7) / 1000,
    inFlight: of(8),
    busy: of(9) / 1000,
  };
}
