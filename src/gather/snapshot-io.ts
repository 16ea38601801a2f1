import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { InputError, quote } from '../errors.js';
import { validateSnapshot } from '../validators.js';
import { logEvidence, openArchive, openEvidence } from './evidence.js';
import { snapshotFromEvidence } from './gather.js';
import { jsonFault } from './json-fault.js';
import { isMeantAsSnapshot, textOfJson } from './kernel-log/json-records.js';
import { machineOf } from './machine.js';
import { type Snapshot, SNAPSHOT_VERSION } from './snapshot.js';
import { sources } from './sources/index.js';
import { fromUtf16, looksBinary, looksLikeJson, peek, utf16Of } from './text-input.js';
import { boundedBytes, replayable, UNPACK_BOUNDS } from './trees/bounded.js';
import { formatOf, type Opener, type StreamFormat } from './trees/decompress.js';
import { evidenceFromTexts } from './trees/text.js';

/** More than any snapshot has: that of 50,000 processes over an hour is below 64 MiB. */
const MOST_BYTES = 268_435_456;
/** A zip is no stream: it is held in memory when it is not a file. */
const MOST_ZIP = 134_217_728;
const STDIN = 'standard input';
const PIECE = 131_072;
/** A longer text is read as a kernel log, in bounded memory. */
const MOST_TEXT = 8_388_608;

type Members = Record<string, unknown>;

/** A snapshot from its text. @throws InputError in one line that says where it is not one; `name` stands for it. */
export function parseSnapshot(text: string, name: string): Snapshot {
  if (text.trim() === '') throw new InputError(`${name}: is empty; expected a memdoctor snapshot`);
  if (text.includes('\0')) throw new InputError(`${name}: is binary, not a memdoctor snapshot`);
  const document = parseJson(text, name);
  const version = checkIdentity(document, name);
  const readable = version.minor > ownVersion().minor ? withoutUnknownSources(document) : document;
  const [problem] = validateSnapshot(readable);
  if (problem) throw new InputError(`${name}: ${problem.path || 'the document'}: found ${problem.found}, accepted is ${problem.message}`);
  return readable as Snapshot;
}

/**
 * Reads an input: a file or `-` for stdin that holds a snapshot, an archive of evidence or a kernel log, or a directory of evidence.
 * @throws InputError in one line for whatever is wrong with it.
 */
export async function loadInput(input: string): Promise<Snapshot> {
  if (input === '-') return fromStream(process.stdin, STDIN);
  const found = await stat(input).catch((error: unknown) => {
    throw unreadable(input, error);
  });
  if (found.isDirectory()) return snapshotFromEvidence(await openEvidence(input));
  try {
    const format = found.isFile() ? formatOf(await firstBytes(input)) : null;
    if (format === 'zip') return await snapshotFromEvidence(await openEvidence(input));
    if (format !== null) return await fromPacked(input, format, () => createReadStream(input, { highWaterMark: PIECE }));
    return await fromStream(createReadStream(input, { highWaterMark: PIECE }), input);
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? unreadable(input, error) : error;
  }
}

async function fromStream(stream: Readable, name: string): Promise<Snapshot> {
  const { head, all } = await peek(stream as AsyncIterable<Buffer>);
  const format = formatOf(head.subarray(0, 512));
  if (format === 'zip') return snapshotFromEvidence(await openEvidence(await readAll(all, name, MOST_ZIP), name));
  if (format !== null) return fromPacked(name, format, replayable(all));
  if (looksLikeJson(head)) {
    const text = decode(await readAll(all, name), name);
    const told = isMeantAsSnapshot(head.toString('utf8')) ? null : textOfJson(text);
    return told === null ? parseSnapshot(text, name) : fromText([Buffer.from(told)], name);
  }
  if (head.toString('latin1').trim() === '')
    throw new InputError(`${name}: is empty; expected a memdoctor snapshot, evidence or a kernel log`);
  if (looksBinary(head)) throw new InputError(`${name}: ${BINARY}`);
  const encoding = utf16Of(head);
  const { held, rest } = await hold(encoding === null ? all : fromUtf16(all, encoding), MOST_TEXT);
  return rest === null ? fromText(held, name) : fromLog(rest, name);
}

/** What is packed as one stream: an archive, or one text. */
async function fromPacked(name: string, format: StreamFormat, openIt: Opener): Promise<Snapshot> {
  let entry = '';
  const { head, all } = await peek(boundedBytes(name, format, openIt, UNPACK_BOUNDS, () => entry));
  const inside = formatOf(head.subarray(0, 512));
  if (inside === 'tar' || head.length === 0)
    return snapshotFromEvidence(
      await openArchive({ name, format: 'tar', openIt: () => Readable.from(all, { objectMode: false }), onEntry: (at) => (entry = at) }),
    );
  if (inside !== null) throw new InputError(`${name}: is packed with ${format}, and what is in it with ${inside} again: unpack it once`);
  return fromStream(Readable.from(all, { objectMode: false }), name);
}

/** Files of the kernel, outputs of tools and logs, in whatever text they stand; what none of it looks like is left to the reader of logs. */
async function fromText(held: readonly Uint8Array[], name: string): Promise<Snapshot> {
  const evidence = evidenceFromTexts([{ name, text: Buffer.concat(held).toString('utf8') }]);
  return evidence.texts.recognised.length === 0 ? fromLog(Readable.from(held), name) : snapshotFromEvidence(evidence);
}

/** The pieces of a stream up to `most` bytes; when there are more, all of it as a stream again. */
async function hold(
  pieces: AsyncIterable<Uint8Array>,
  most: number,
): Promise<{ held: Uint8Array[]; rest: AsyncIterable<Uint8Array> | null }> {
  const iterator = pieces[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  for (let size = 0; size <= most;) {
    const next = await iterator.next();
    if (next.done === true) return { held, rest: null };
    held.push(next.value);
    size += next.value.length;
  }
  async function* rest(): AsyncGenerator<Uint8Array> {
    for (let piece = held.shift(); piece; piece = held.shift()) yield piece;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { held, rest: rest() };
}

/** A text of any length, read as a kernel log and nothing else. @throws InputError when nothing in it looks like one. */
async function fromLog(pieces: AsyncIterable<Uint8Array>, name: string): Promise<Snapshot> {
  const snapshot = await snapshotFromEvidence(logEvidence(pieces));
  const log = snapshot.samples[0]?.sources['kernel-log'];
  const failed = snapshot.sources['kernel-log']?.status === 'failed' ? snapshot.sources['kernel-log'].reason : undefined;
  if (log === undefined) throw new InputError(`${name}: cannot be read: ${failed ?? 'nothing is in it'}`);
  if (log.from === 'plain' && log.events.length === 0 && log.kernel === undefined && (log.reports ?? []).length === 0)
    throw new InputError(`${name}: nothing in it was recognised; ${ACCEPTED}`);
  const pageSize = log.reports?.findLast((report) => report.pageSize !== null)?.pageSize ?? snapshot.subject.pageSize;
  const kernel = log.kernel ?? null;
  return { ...snapshot, subject: { ...snapshot.subject, kernel, arch: machineOf(kernel), pageSize } };
}

const BINARY = 'is binary (not UTF-8 text): neither a memdoctor snapshot nor an archive of evidence';
const ACCEPTED =
  'accepted are files of /proc and outputs of free, vmstat, slabtop, ps, top … as text, a kernel log (dmesg, journalctl -k, syslog), a memdoctor snapshot (JSON) and raw evidence (a directory or archive)';

function decode(bytes: Buffer, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`${name}: ${BINARY}`);
  }
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const fault = jsonFault(text);
    if (fault?.truncated === true && fault.line + fault.column > 2)
      throw new InputError(`${name}: is truncated: the JSON ends too early, at line ${fault.line}, column ${fault.column}`);
    const line = text.split('\n')[(fault?.line ?? 1) - 1] ?? '';
    const shown = quote(line.slice(Math.max(0, (fault?.column ?? 1) - 1)));
    throw new InputError(`${name}: is not a memdoctor snapshot: not JSON at line ${fault?.line}, column ${fault?.column}: found ${shown}`);
  }
}

/** Finds out that it is a snapshot that this memdoctor reads, before the schema is asked. */
function checkIdentity(document: unknown, name: string): { major: number; minor: number } {
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw new InputError(
      `${name}: holds ${Array.isArray(document) ? 'a list' : `only ${quote(JSON.stringify(document))}`}; a memdoctor snapshot is an object`,
    );
  const members = document as Members;
  if (members['format'] !== 'memdoctor-snapshot') throw new InputError(`${name}: is not a memdoctor snapshot: ${looksLike(members)}`);
  const match = typeof members['schemaVersion'] === 'string' ? /^(\d{1,6})\.(\d{1,6})$/.exec(members['schemaVersion']) : null;
  if (!match)
    throw new InputError(
      `${name}: schemaVersion: found ${quote(JSON.stringify(members['schemaVersion'] ?? null))}, accepted is text like "${SNAPSHOT_VERSION}"`,
    );
  const version = { major: Number(match[1]), minor: Number(match[2]) };
  const own = ownVersion();
  if (version.major > own.major)
    throw new InputError(`${name}: was written by a newer memdoctor (schemaVersion ${match[0]}); this one reads ${own.major}.x`);
  if (version.major < own.major) throw new InputError(`${name}: schemaVersion: found ${match[0]}, accepted is ${own.major}.x`);
  return version;
}

function ownVersion(): { major: number; minor: number } {
  const [major = 0, minor = 0] = SNAPSHOT_VERSION.split('.').map(Number);
  return { major, minor };
}

function looksLike(members: Members): string {
  const { format } = members;
  if (typeof format === 'string' && format.startsWith('memdoctor-evidence/'))
    return 'it is the manifest of raw evidence: give the directory that it is in';
  if ('verdict' in members && 'diagnoses' in members) return 'it is a memdoctor report, which is made from one';
  if ('id' in members && ('levels' in members || 'conditions' in members)) return 'it is a memdoctor rule';
  if ('$schema' in members && 'properties' in members) return 'it is a JSON Schema';
  if (typeof format === 'string') return `its format is ${quote(format)}`;
  const names = Object.keys(members);
  if (names.length === 0) return 'it is an empty object';
  return `it is other JSON (${names.slice(0, 4).map(quote).join(', ')}${names.length > 4 ? ', …' : ''}), without "format"`;
}

const known = (given: unknown): unknown =>
  typeof given === 'object' && given !== null && !Array.isArray(given)
    ? Object.fromEntries(Object.entries(given).filter(([id]) => Object.hasOwn(sources, id)))
    : given;

/** A newer minor version may have sources that this one does not know: what it knows is read. */
function withoutUnknownSources(document: unknown): unknown {
  const { samples, ...rest } = document as Members;
  if (!Array.isArray(samples)) return document;
  const kept = samples.map((sample: unknown) =>
    typeof sample === 'object' && sample !== null && 'sources' in sample ? { ...sample, sources: known(sample.sources) } : sample,
  );
  return { ...rest, samples: kept };
}

async function readAll(stream: AsyncIterable<Uint8Array>, name: string, most = MOST_BYTES): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > most)
      throw new InputError(
        `${name}: is longer than ${most / 1_048_576} MiB: ${most === MOST_ZIP ? 'a zip archive of this size must be given as a file' : 'not a memdoctor snapshot'}`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function firstBytes(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(512), 0, 512, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  EACCES: 'may not be read (permission denied)',
  EPERM: 'may not be read (permission denied)',
};

function unreadable(name: string, error: unknown): InputError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return new InputError(`${name}: ${REASONS[code] ?? `cannot be read: ${error instanceof Error ? error.message : String(error)}`}`);
}
