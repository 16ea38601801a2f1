import { Readable } from 'node:stream';
import { InputError, quote } from '../../errors.js';
import { looksBinary } from '../text-input.js';
import { boundedBytes, UNPACK_BOUNDS } from './bounded.js';
import { type Format, formatOf, type Opener } from './decompress.js';
import { logKeeper } from './log-keeper.js';
import type { HeldFile } from './memory.js';
import { type PackedEntry, PackedError } from './packed.js';
import { plainPath } from './paths.js';
import { tarEntries } from './tar.js';
import { zipEntries } from './zip.js';

const MIB = 1_048_576;
const HEAD = 4096;

/** What an archive may cost. Above any real capture: two samples of 50,000 processes are about 700,000 entries and 200 MiB. */
export const ARCHIVE_BOUNDS = {
  ...UNPACK_BOUNDS,
  keptBytes: 256 * MIB,
  entries: 2_000_000,
  keptEntries: 1_000_000,
  /** Of all texts without a known place, and of one: a longer one is kept as a log is. */
  looseBytes: 32 * MIB,
  looseFileBytes: 8 * MIB,
  /** Of one log. */
  logBytes: 8 * MIB,
  looseEntries: 1000,
} as const;

export type ArchiveBounds = { readonly [K in keyof typeof ARCHIVE_BOUNDS]: number };

/** What is wanted of an entry: at most so many bytes of its beginning; the lines of a log that may matter; a text, unless there is better. */
export type Want = { readonly as: 'file'; readonly most: number } | { readonly as: 'log' } | { readonly as: 'loose' };

export interface Archive {
  /** The files that were wanted, by their plain path in the archive. */
  readonly files: ReadonlyMap<string, HeldFile>;
  /** What was passed over for safety: one sentence for all. */
  readonly notes: readonly string[];
}

export interface ArchiveInput {
  /** Stands for it in messages. */
  readonly name: string;
  readonly format: Format;
  readonly openIt: Opener;
  /** The file that it is, or all its bytes: a zip is not read as a stream. */
  readonly whole?: string | Buffer;
  /** Gets the name of each entry before it is read. */
  readonly onEntry?: (name: string) => void;
}

interface Reading {
  readonly name: string;
  readonly bounds: ArchiveBounds;
  readonly wanted: (path: string) => Want | null;
  readonly onEntry: (name: string) => void;
  readonly files: Map<string, HeldFile>;
  /** Paths of what is held only for want of something better. */
  readonly loose: Set<string>;
  readonly odd: { count: number; first: string };
  readonly at: { entry: string; entries: number; kept: number; looseKept: number; seen: number };
  /** Archives found in it. */
  inner: number;
  innerFiles: Map<string, HeldFile> | null;
}

/**
 * Reads an archive once, as a stream, and keeps what `wanted` says; nothing is written, no link is followed. An archive in it is read
 * when nothing else is in it that is of use.
 * @throws InputError, naming the archive and the entry, when it is damaged, cut short or beyond the bounds.
 */
export async function readArchive(
  input: ArchiveInput,
  wanted: (path: string) => Want | null,
  bounds: ArchiveBounds = ARCHIVE_BOUNDS,
): Promise<Archive> {
  const reading: Reading = {
    name: input.name,
    bounds,
    wanted,
    onEntry: input.onEntry ?? (() => undefined),
    files: new Map(),
    loose: new Set(),
    odd: { count: 0, first: '' },
    at: { entry: '', entries: 0, kept: 0, looseKept: 0, seen: 0 },
    inner: 0,
    innerFiles: null,
  };
  await readEntries(reading, entriesOf(input, reading), true);
  if (reading.at.entries === 0) throw new InputError(`${input.name}: is an archive with nothing in it`);
  const strong = reading.files.size > reading.loose.size;
  if (!strong && reading.inner > 1) throw new InputError(`${input.name}: holds ${reading.inner} archives: give one at a time`);
  const { count, first } = reading.odd;
  const others = count > 1 ? `, and ${count - 1} other${count > 2 ? 's' : ''} for such reasons` : '';
  return {
    files: strong || !reading.innerFiles || reading.innerFiles.size === 0 ? reading.files : reading.innerFiles,
    notes: count === 0 ? [] : [`${input.name}: ${first} was passed over${others}`],
  };
}

function entriesOf({ name, format, openIt, whole }: ArchiveInput, { bounds, at }: Reading): AsyncGenerator<PackedEntry> {
  if (format !== 'zip')
    return tarEntries(
      tarBytes(
        name,
        format,
        boundedBytes(name, format, openIt, bounds, () => at.entry),
      ),
    );
  if (whole === undefined) throw new InputError(`${name}: a zip archive is not read from a stream: save it to a file first`);
  return zipEntries(whole, bounds.entries);
}

async function readEntries(reading: Reading, entries: AsyncGenerator<PackedEntry>, outer: boolean): Promise<void> {
  const { bounds, at, name } = reading;
  try {
    for await (const entry of entries) {
      at.entry = entry.name;
      reading.onEntry(entry.name);
      at.entries += 1;
      if (at.entries > bounds.entries) throw refusal(reading, `more than ${bounds.entries} entries`);
      if (entry.size > bounds.ratioFrom && entry.size > (entry.packedSize ?? entry.size) * bounds.deflateRatio)
        throw refusal(reading, `unpacks to more than ${bounds.deflateRatio} times its size`);
      const path = plainPath(entry.name);
      const why = path === null && entry.name.replaceAll(/[./]/g, '') !== '' ? 'a path out of the archive' : oddOf(entry);
      if (why !== null) {
        reading.odd.count += 1;
        if (reading.odd.count === 1) reading.odd.first = `entry ${quote(entry.name)} (${why})`;
      }
      if (why !== null || path === null || entry.kind !== 'file') continue;
      if (outer && path.split('/').length <= 2 && INNER.test(path) && (await readInner(reading, entry))) continue;
      await take(reading, path, entry);
    }
  } catch (error) {
    throw error instanceof PackedError ? damagedArchive(name, at.entry, error) : error;
  }
}

const oddOf = ({ kind }: PackedEntry): string | null => (typeof kind === 'string' ? null : kind.odd);
const refusal = ({ name, at }: Reading, why: string): InputError => new InputError(`${name}: entry ${quote(at.entry)}: ${why}`);

/** Reads one entry as far as it is wanted. */
async function take(reading: Reading, path: string, entry: PackedEntry): Promise<void> {
  const { files, bounds, at, loose } = reading;
  const want = reading.wanted(path);
  if (want === null) return;
  if (want.as === 'loose' && (loose.size >= bounds.looseEntries || at.looseKept >= bounds.looseBytes)) return;
  const file =
    want.as === 'file'
      ? await beginning(reading, entry, want.most)
      : await text(reading, entry, want.as === 'log' ? bounds.logBytes : bounds.looseFileBytes);
  if (file === null) return;
  at.kept += file.body.length - (files.get(path)?.body.length ?? 0);
  if (at.kept > bounds.keptBytes) throw refusal(reading, `more than ${bounds.keptBytes / MIB} MiB of evidence`);
  if (files.size >= bounds.keptEntries) throw refusal(reading, `more than ${bounds.keptEntries} files of evidence`);
  files.set(path, file);
  if (want.as !== 'loose') return void loose.delete(path);
  loose.add(path);
  at.looseKept += file.body.length;
}

async function beginning(reading: Reading, entry: PackedEntry, most: number): Promise<HeldFile> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of counted(reading, entry)) {
    // a copy: a small file must not hold the megabyte that it came in
    if (size < most) chunks.push(Buffer.from(chunk.subarray(0, most - size)));
    size += chunk.length;
    if (size > most) break;
  }
  return {
    body: chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks),
    ...(size > most ? { truncated: true } : {}),
  };
}

/** A text, or what matters of a long log; null for what is neither. */
async function text(reading: Reading, entry: PackedEntry, most: number): Promise<HeldFile | null> {
  const keeper = logKeeper(most);
  let isFirst = true;
  for await (const chunk of counted(reading, entry)) {
    if (isFirst && looksBinary(Buffer.from(chunk.subarray(0, HEAD)))) return null;
    isFirst = false;
    keeper.push(chunk);
  }
  return { body: keeper.end() };
}

/** The content of an entry; that of a zip is bounded here, that of a tar already where it is unpacked. */
async function* counted(reading: Reading, { size, body }: PackedEntry): AsyncGenerator<Uint8Array> {
  let seen = 0;
  for await (const chunk of body()) {
    seen += chunk.length;
    reading.at.seen += chunk.length;
    if (reading.at.seen > reading.bounds.unpackedBytes)
      throw refusal(reading, `more than ${reading.bounds.unpackedBytes / MIB} MiB when unpacked`);
    yield chunk;
  }
  if (seen !== size) throw new PackedError('truncated', `entry of ${size} bytes ends after ${seen}`);
}

/** `sosreport-host.tar.xz` in a ticket's archive. */
const INNER = /\.(?:tar(?:\.\w{2,4})?|t[gx]z|tbz2?|txz)$/i;

/** Reads an archive in the archive, the first one, unless there is evidence beside it. False when it is left alone. */
async function readInner(reading: Reading, entry: PackedEntry): Promise<boolean> {
  if (reading.files.size > reading.loose.size) return false;
  const pieces = counted(reading, entry);
  let head = Buffer.alloc(0);
  while (head.length < 512) {
    const next = await pieces.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  const format = formatOf(head);
  // another kind of file, of which the beginning is read now: nothing of use has such a name
  if (format === null || format === 'zip') return true;
  reading.inner += 1;
  if (reading.inner > 1) return true;
  async function* all(): AsyncGenerator<Uint8Array> {
    yield head;
    yield* pieces;
  }
  const name = `${reading.name}: ${entry.name}`;
  const inside: Reading = { ...reading, name, files: new Map(), loose: new Set(), inner: 0, innerFiles: null };
  await readEntries(inside, entriesOf({ name, format, openIt: () => Readable.from(all(), { objectMode: false }) }, inside), false);
  reading.innerFiles = inside.files;
  return true;
}

/** The unpacked bytes, of which the first must be a tar header. */
async function* tarBytes(name: string, format: Format, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Buffer | null = Buffer.alloc(0);
  for await (const chunk of bytes) {
    if (head === null) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < 512) continue;
    if (formatOf(head) !== 'tar') throw new InputError(`${name}: is packed with ${format}, but what is in it is not a tar archive`);
    yield head;
    head = null;
  }
  if (head !== null) throw new InputError(`${name}: ends after ${head.length} bytes: not a tar archive, or a truncated one`);
}

function damagedArchive(name: string, entry: string, { how, message }: PackedError): InputError {
  const after = entry === '' ? '' : ` at or after entry ${quote(entry)}`;
  if (how === 'refused') return new InputError(`${name}: ${message}${after}`);
  return new InputError(`${name}: the archive is ${how}${after} (${message.replaceAll(/\s+/g, ' ')})`);
}
