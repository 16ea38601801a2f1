import { ParseError, quote } from '../../errors.js';
import { bytes, count, type Infer, list, row, text } from '../../json-schema.js';
import { choice, countIn, grouped, present } from '../files.js';
import { unsigned, words } from '../lines.js';
import { defineSource } from '../source.js';

const device = row(
  {
    device: text('zram0'),
    disksize: bytes('as large as it looks; 0 when it is not set up'),
    original: bytes('stored in it, before compression'),
    compressed: bytes('after compression'),
    used: bytes('memory that it holds for that'),
  },
  {
    limit: bytes('of used; 0 is none'),
    usedMax: bytes('the most it ever held'),
    samePages: count('pages of one value, stored without memory'),
    compacted: count('pages freed by compaction'),
    hugePages: count('pages that did not compress'),
    failedReads: count(),
    failedWrites: count('for want of memory, or at the limit'),
    algorithm: text('in force'),
    backing: bytes('written to the backing device'),
    backingReads: bytes(),
    backingWrites: bytes(),
  },
);
type Device = Infer<typeof device>;

/** mm_stat, in its order (4.1 and later; it grows at the end). */
const MM_STAT = ['original', 'compressed', 'used', 'limit', 'usedMax', 'samePages', 'compacted', 'hugePages'] as const;
/** The files that did its work before; mem_limit and mem_used_max are only for writing on all later kernels. */
const OLD = {
  original: 'orig_data_size',
  compressed: 'compr_data_size',
  used: 'mem_used_total',
  samePages: 'zero_pages',
} as const;
const FILES = ['disksize', 'mm_stat', 'io_stat', 'bd_stat', 'comp_algorithm', 'failed_reads', 'failed_writes', ...Object.values(OLD)];
/** bd_stat counts in these, whatever the page size. */
const BLOCK = 4096;

/** Compressed block devices in memory. */
export default defineSource({
  title: '/sys/block/zram*',
  docs: 'https://docs.kernel.org/admin-guide/blockdev/zram.html',
  reads: FILES.map((name) => `sys/block/zram*/${name}`),
  cadence: 'full',
  schema: list(device, 'by name'),
  parseFiles: (files) => [...grouped(files, /\/(zram\d{1,9})\/(\w+)$/)].map(([name, group]) => parseDevice(name, group)),
});

function parseDevice(name: string, group: ReadonlyMap<string, string>): Device {
  const { original = 0, compressed = 0, used = 0, ...rest } = sizes(name, group);
  const [failedReads, failedWrites] = numbers(name, group, 'io_stat', 2) ?? [
    countIn(group, 'failed_reads'),
    countIn(group, 'failed_writes'),
  ];
  const [backing, backingReads, backingWrites] = (numbers(name, group, 'bd_stat', 3) ?? []).map((blocks) => blocks * BLOCK);
  const algorithm = group.get('comp_algorithm');
  return {
    device: name,
    disksize: countIn(group, 'disksize') ?? 0,
    original,
    compressed,
    used,
    ...present({ ...rest, failedReads, failedWrites, backing, backingReads, backingWrites }),
    ...(algorithm === undefined ? {} : { algorithm: choice(algorithm) }),
  };
}

function sizes(name: string, group: ReadonlyMap<string, string>): Partial<Record<(typeof MM_STAT)[number], number>> {
  const stat = numbers(name, group, 'mm_stat', 3);
  if (stat) return present(Object.fromEntries(MM_STAT.map((column, index) => [column, stat[index]])));
  const old = present(Object.fromEntries(Object.entries(OLD).map(([column, file]) => [column, countIn(group, file)])));
  if (Object.keys(old).length > 0) return old;
  throw new ParseError(`${name}: there is neither mm_stat nor orig_data_size`);
}

/** The numbers in a file of one line; undefined when it is not there. @throws ParseError when there are fewer than `least`. */
function numbers(device: string, group: ReadonlyMap<string, string>, file: string, least: number): number[] | undefined {
  const content = group.get(file);
  if (content === undefined) return undefined;
  const found = words(content).map((word) => unsigned(word, `${device}/${file}`));
  if (found.length < least) throw new ParseError(`${device}/${file}: found ${quote(content)}, expected ${least} numbers or more`);
  return found;
}
