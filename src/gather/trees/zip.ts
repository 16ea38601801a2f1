import type { Readable } from 'node:stream';
import type { Entry, ZipFile } from 'yauzl';
import { type PackedEntry, PackedError } from './packed.js';

const [STORED, DEFLATED] = [0, 8];
const TYPE = 0o17_0000;
const ODD: Readonly<Record<number, string>> = {
  0o12_0000: 'a link',
  0o02_0000: 'a device',
  0o06_0000: 'a device',
  0o01_0000: 'a pipe',
  0o14_0000: 'a socket',
};
/** A local header without its name and extras. */
const LOCAL_HEADER = 30;

/**
 * The entries of a zip file (or of its bytes) in the order in which they lie there. Only what is asked for is unpacked.
 * @throws PackedError when it is damaged, encrypted, or has entries that share their bytes (as bombs have).
 */
export async function* zipEntries(source: string | Buffer, most: number): AsyncGenerator<PackedEntry> {
  const zip = await openZip(source);
  try {
    const entries = await directoryOf(zip, most);
    for (const entry of entries) yield packed(zip, entry);
  } catch (error) {
    throw error instanceof PackedError ? error : new PackedError('damaged', said(error));
  } finally {
    zip.close();
  }
}

async function openZip(source: string | Buffer): Promise<ZipFile> {
  const { default: yauzl } = await import('yauzl');
  // names are decoded here: yauzl gives up on the whole file for one that leads out of it
  const options = { lazyEntries: true, autoClose: false, decodeStrings: false } as const;
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, zip?: ZipFile): void =>
      zip ? resolve(zip) : reject(new PackedError(/signature not found/i.test(said(error)) ? 'truncated' : 'damaged', said(error)));
    if (typeof source === 'string') yauzl.open(source, options, done);
    else yauzl.fromBuffer(source, options, done);
  });
}

/** All entries, sorted by their place; none may begin before the one before it ends. */
async function directoryOf(zip: ZipFile, most: number): Promise<Entry[]> {
  const entries: Entry[] = [];
  await new Promise<void>((resolve, reject) => {
    zip.on('error', reject);
    zip.on('end', resolve);
    zip.on('entry', (entry: Entry) => {
      entries.push(entry);
      if (entries.length > most) reject(new PackedError('refused', `more than ${most} entries`));
      else zip.readEntry();
    });
    zip.readEntry();
  });
  entries.sort((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  let end = 0;
  for (const entry of entries) {
    if (entry.relativeOffsetOfLocalHeader < end)
      throw new PackedError('refused', `entry ${JSON.stringify(nameOf(entry).slice(0, 100))} shares its bytes with another one`);
    end = entry.relativeOffsetOfLocalHeader + LOCAL_HEADER + entry.compressedSize;
  }
  return entries;
}

function packed(zip: ZipFile, entry: Entry): PackedEntry {
  return {
    name: nameOf(entry),
    kind: kindOf(entry),
    size: entry.uncompressedSize,
    packedSize: entry.compressedSize,
    body: () => unpack(zip, entry),
  };
}

function kindOf(entry: Entry): PackedEntry['kind'] {
  // the upper half is what Unix calls the mode, when a Unix has written it
  const odd = ODD[(entry.externalFileAttributes >>> 16) & TYPE];
  if (odd !== undefined) return { odd };
  if (nameOf(entry).endsWith('/')) return 'directory';
  if ((entry.generalPurposeBitFlag & 1) !== 0) return { odd: 'encrypted' };
  return entry.compressionMethod === STORED || entry.compressionMethod === DEFLATED
    ? 'file'
    : { odd: `packed with method ${entry.compressionMethod}` };
}

/** Windows wrote `\` for a time. */
const nameOf = (entry: Entry): string => (entry.fileName as unknown as Buffer).toString('utf8').replaceAll('\\', '/');

async function* unpack(zip: ZipFile, entry: Entry): AsyncGenerator<Uint8Array> {
  const stream = await new Promise<Readable>((resolve, reject) => {
    zip.openReadStream(entry, (error, opened) => (error || !opened ? reject(new PackedError('damaged', said(error))) : resolve(opened)));
  });
  try {
    for await (const piece of stream) yield piece as Uint8Array;
  } catch (error) {
    throw new PackedError('damaged', said(error));
  } finally {
    stream.destroy();
  }
}

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));
