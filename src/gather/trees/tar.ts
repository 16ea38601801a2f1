import { type PackedEntry, PackedError } from './packed.js';

const BLOCK = 512;
/** Names and attributes that stand before an entry; longer than any path that can be made. */
const LONGEST_EXTRA = 1_048_576;

const KINDS: Readonly<Record<string, PackedEntry['kind']>> = {
  '\0': 'file',
  '0': 'file',
  // contiguous
  '7': 'file',
  '1': { odd: 'a hard link' },
  '2': { odd: 'a link' },
  '3': { odd: 'a device' },
  '4': { odd: 'a device' },
  '5': 'directory',
  '6': { odd: 'a pipe' },
  // directories of incremental backups, labels
  D: 'directory',
  V: 'directory',
  S: { odd: 'a file with holes (sparse)' },
  M: { odd: 'the rest of a file in another archive' },
};
/** Types that say something of the entry after them. */
const [GNU_NAME, GNU_LINK, PAX, PAX_GLOBAL, SUN_PAX] = ['L', 'K', 'x', 'g', 'X'];
/** POSIX.1-2001 records: length, blank, keyword=value. */
const RECORD = /^(\d{1,7}) ([^=]{1,200})=/;

/**
 * The entries of a tar archive: POSIX ustar and pax, GNU, and the old one without a magic. Bytes are passed on as they come, none is
 * kept. @throws PackedError when the archive is damaged, or ends before its end mark.
 */
export async function* tarEntries(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<PackedEntry> {
  const reader = byteReader(chunks);
  try {
    yield* entriesIn(reader);
  } finally {
    await reader.close();
  }
}

async function* entriesIn(reader: ByteReader): AsyncGenerator<PackedEntry> {
  let told: Readonly<Record<string, string>> = {};
  for (;;) {
    const header = await reader.take(BLOCK);
    if (header.every((byte) => byte === 0)) {
      await reader.take(BLOCK);
      // what follows is padding; packed data tell only at their end whether they are whole
      return reader.drain();
    }
    checkSum(header);
    const type = String.fromCharCode(header[156] ?? 0);
    const size = told['size'] === undefined ? numberOf(header, 124, 12) : Number(told['size']);
    if (!Number.isSafeInteger(size) || size < 0) throw new PackedError('damaged', 'a size is not a number');
    const padding = (BLOCK - (size % BLOCK)) % BLOCK;
    if ([GNU_NAME, GNU_LINK, PAX, PAX_GLOBAL, SUN_PAX].includes(type)) {
      if (size > LONGEST_EXTRA) throw new PackedError('refused', `attributes of ${size} bytes`);
      const text = (await reader.take(size)).toString('utf8');
      await reader.skip(padding);
      if (type === GNU_NAME) told = { ...told, path: text.replace(/\0.*$/s, '') };
      else if (type === PAX || type === SUN_PAX) told = { ...told, ...paxOf(text) };
      continue;
    }
    if (type === 'S') await skipSparseMap(reader, header);
    const own = told;
    told = {};
    let left = size;
    async function* body(): AsyncGenerator<Uint8Array> {
      while (left > 0) {
        const piece = await reader.some(left);
        left -= piece.length;
        yield piece;
      }
    }
    yield { name: own['path'] ?? nameOf(header), kind: kindOf(type, own), size, body };
    await reader.skip(left + padding);
    left = 0;
  }
}

function kindOf(type: string, told: Readonly<Record<string, string>>): PackedEntry['kind'] {
  if (Object.keys(told).some((key) => key.startsWith('GNU.sparse.'))) return KINDS['S'] ?? 'file';
  return KINDS[type] ?? { odd: `of the unknown type ${JSON.stringify(type)}` };
}

function checkSum(header: Buffer): void {
  const stated = numberOf(header, 148, 8);
  let sum = 8 * 32;
  for (const [index, byte] of header.entries()) if (index < 148 || index > 155) sum += byte;
  if (sum !== stated) throw new PackedError('damaged', 'the checksum of a header does not fit');
}

/** Octal digits, or a binary number with the highest bit set (GNU, for what needs more than 33 bits). */
function numberOf(header: Buffer, at: number, length: number): number {
  const first = header[at] ?? 0;
  if ((first & 0x80) !== 0) {
    // negative ones, and those beyond 2^53, are of no use here
    const rest = header.subarray(at + 1, at + length);
    return first === 0x80 ? rest.reduce((sum, byte) => sum * 256 + byte, 0) : Number.NaN;
  }
  const digits = header
    .toString('latin1', at, at + length)
    .replace(/\0.*$/s, '')
    .trim();
  if (digits === '') return 0;
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}

function nameOf(header: Buffer): string {
  const field = (at: number, length: number): string => header.toString('utf8', at, at + length).replace(/\0.*$/s, '');
  // GNU's own magic ends with a blank: the prefix's place holds other things there
  const prefix = header.toString('latin1', 257, 263) === 'ustar\0' ? field(345, 155) : '';
  return prefix === '' ? field(0, 100) : `${prefix}/${field(0, 100)}`;
}

function paxOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) {
    const [head, length, key] = RECORD.exec(bytes.toString('utf8', at, at + 256)) ?? [];
    const end = at + Number(length);
    if (head === undefined || key === undefined || !(end > at + head.length) || end > bytes.length) break;
    if (['path', 'size'].includes(key) || key.startsWith('GNU.sparse.'))
      found[key] = bytes.toString('utf8', at + Buffer.byteLength(head), end - 1);
    at = end;
  }
  return found;
}

/** The old GNU form goes on with its map in blocks of their own. */
async function skipSparseMap(reader: ByteReader, header: Buffer): Promise<void> {
  for (let more = header[482] === 1; more;) more = (await reader.take(BLOCK))[504] === 1;
}

interface ByteReader {
  readonly take: (count: number) => Promise<Buffer>;
  /** At least one byte, and at most so many. */
  readonly some: (most: number) => Promise<Buffer>;
  readonly skip: (count: number) => Promise<void>;
  readonly drain: () => Promise<void>;
  readonly close: () => Promise<void>;
}

function byteReader(chunks: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = chunks[Symbol.asyncIterator]();
  let current = Buffer.alloc(0);
  async function some(most: number): Promise<Buffer> {
    while (current.length === 0) {
      const next = await iterator.next();
      if (next.done === true) throw new PackedError('truncated', 'it ends too early');
      current = Buffer.from(next.value.buffer as ArrayBuffer, next.value.byteOffset, next.value.length);
    }
    const piece = current.subarray(0, most);
    current = current.subarray(piece.length);
    return piece;
  }
  return {
    some,
    drain: async () => {
      for (let next = await iterator.next(); next.done !== true;) next = await iterator.next();
    },
    close: async () => void (await iterator.return?.()),
    take: async (count) => {
      if (count <= current.length && count > 0) return some(count);
      const pieces: Buffer[] = [];
      for (let left = count; left > 0;) {
        const piece = await some(left);
        pieces.push(piece);
        left -= piece.length;
      }
      return Buffer.concat(pieces);
    },
    skip: async (count) => {
      for (let left = count; left > 0;) left -= (await some(left)).length;
    },
  };
}
