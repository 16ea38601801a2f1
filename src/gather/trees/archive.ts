import { Readable } from 'node:stream';
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar';
import { InputError, quote } from '../../errors.js';
import { type Format, formatOf, type Opener, unpacked } from './decompress.js';
import type { HeldFile } from './memory.js';
import { plainPath } from './paths.js';

const MIB = 1_048_576;

/** What an archive may cost. Above any real capture: two samples of 50,000 processes are about 700,000 entries and 200 MiB. */
export const ARCHIVE_BOUNDS = {
  fileBytes: 8 * MIB,
  keptBytes: 256 * MIB,
  entries: 2_000_000,
  unpackedBytes: 8192 * MIB,
  /** Unpacked to packed, looked at once `ratioFrom` bytes are unpacked: repetitive text packs to a few hundredths. */
  ratio: 2000,
  ratioFrom: 256 * MIB,
} as const;

export type ArchiveBounds = { readonly [K in keyof typeof ARCHIVE_BOUNDS]: number };

export interface Archive {
  /** The files that were wanted, by their plain path in the archive. */
  readonly files: ReadonlyMap<string, HeldFile>;
  /** What was passed over for safety: the first few, one sentence each. */
  readonly notes: readonly string[];
}

const NOTES = 20;
const PASSED_OVER: Readonly<Record<string, string>> = {
  symlink: 'a link',
  link: 'a hard link',
  'character-device': 'a device',
  'block-device': 'a device',
  fifo: 'a pipe',
};

/**
 * Reads a tar archive as a stream, and keeps the files that `wanted` says; nothing is written, no link is followed.
 * @throws InputError, naming the archive and the entry, when it is damaged, cut short or beyond the bounds.
 */
export async function readArchive(
  name: string,
  format: Format,
  openIt: Opener,
  wanted: (path: string) => boolean,
  bounds: ArchiveBounds = ARCHIVE_BOUNDS,
): Promise<Archive> {
  const files = new Map<string, HeldFile>();
  const notes: string[] = [];
  const at = { entry: '', entries: 0, kept: 0 };
  const entries = ReadableStream.from(bounded(name, format, openIt, bounds, () => at.entry))
    .pipeThrough(createTarDecoder({ strict: true }))
    .getReader();
  try {
    for (let next = await entries.read(); !next.done; next = await entries.read()) {
      const entry = next.value;
      const refuse = (why: string): InputError => new InputError(`${name}: entry ${quote(entry.header.name)}: ${why}`);
      at.entry = entry.header.name;
      at.entries += 1;
      if (at.entries > bounds.entries) throw refuse(`more than ${bounds.entries} entries`);
      if (!Number.isSafeInteger(entry.header.size) || entry.header.size < 0) throw refuse('its size is not a number');
      const path = plainPath(entry.header.name);
      const why =
        path === null && entry.header.name.replaceAll(/[./]/g, '') !== ''
          ? 'a path out of the archive'
          : PASSED_OVER[entry.header.type ?? ''];
      if (why !== undefined && notes.length < NOTES) notes.push(`${quote(entry.header.name)} was passed over: ${why}`);
      if (why !== undefined || path === null || entry.header.type !== 'file' || !wanted(path)) {
        await hold(entry, 0);
        continue;
      }
      at.kept += Math.min(entry.header.size, bounds.fileBytes) - (files.get(path)?.body.length ?? 0);
      if (at.kept > bounds.keptBytes) throw refuse(`more than ${bounds.keptBytes / MIB} MiB of evidence`);
      files.set(path, await hold(entry, bounds.fileBytes));
    }
  } catch (error) {
    await entries.cancel(error).catch(() => undefined);
    throw error instanceof InputError ? error : damagedTar(name, at.entry, error);
  }
  if (at.entries === 0) throw new InputError(`${name}: is an archive with nothing in it`);
  return { files, notes };
}

/**
 * Reads a body to its end and keeps `most` bytes of it. Bodies are never cancelled: modern-tar 0.8.6 reads ahead, and a
 * late cancel hits the body of the entry after it, which then never ends.
 */
async function hold({ header, body }: ParsedTarEntry, most: number): Promise<HeldFile> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    if (size < most) chunks.push(next.value.slice(0, most - size));
    size += next.value.length;
  }
  // the decoder ends a body quietly when the archive ends inside it
  if (size !== header.size) throw new Error('truncated');
  return { body: Buffer.concat(chunks), ...(size > most ? { truncated: true } : {}) };
}

/** The unpacked bytes, counted; the first of them must be a tar header. */
async function* bounded(
  name: string,
  format: Format,
  openIt: Opener,
  bounds: ArchiveBounds,
  entry: () => string,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let packed = 0;
  let size = 0;
  let head: Buffer | null = Buffer.alloc(0);
  const counted: Opener = () =>
    Readable.from(
      count(openIt(), (bytes) => (packed += bytes)),
      { objectMode: false },
    );
  for await (const chunk of unpacked(name, format, counted)) {
    size += chunk.length;
    const refuse = (why: string): InputError => new InputError(`${name}: entry ${quote(entry())}: ${why}`);
    if (size > bounds.unpackedBytes) throw refuse(`more than ${bounds.unpackedBytes / MIB} MiB when unpacked`);
    if (size > bounds.ratioFrom && size > packed * bounds.ratio) throw refuse(`unpacks to more than ${bounds.ratio} times its size`);
    if (head === null) {
      yield chunk as Uint8Array<ArrayBuffer>;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < 512) continue;
    if (formatOf(head) !== 'tar') throw new InputError(`${name}: is packed with ${format}, but what is in it is not a tar archive`);
    yield new Uint8Array(head);
    head = null;
  }
  if (head !== null) throw new InputError(`${name}: ends after ${size} bytes: not a tar archive, or a truncated one`);
}

async function* count(source: Readable, add: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of source as AsyncIterable<Buffer>) {
    add(chunk.length);
    yield chunk;
  }
}

function damagedTar(name: string, entry: string, error: unknown): InputError {
  const said = error instanceof Error ? error.message : String(error);
  const after = entry === '' ? '' : ` at or after entry ${quote(entry)}`;
  return new InputError(`${name}: the tar archive is ${/truncated/i.test(said) ? `truncated${after}` : `damaged${after} (${said})`}`);
}
