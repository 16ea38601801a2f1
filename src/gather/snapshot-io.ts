import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { InputError, quote } from '../errors.js';
import { validateSnapshot } from '../validators.js';
import { openEvidence } from './evidence.js';
import { snapshotFromEvidence } from './gather.js';
import { jsonFault } from './json-fault.js';
import { type Snapshot, SNAPSHOT_VERSION } from './snapshot.js';
import { sources } from './sources/index.js';
import { formatOf } from './trees/decompress.js';

/** More than any snapshot has: that of 50,000 processes over an hour is below 64 MiB. */
const MOST_BYTES = 268_435_456;
const STDIN = 'standard input';

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
 * Reads an input: a file or `-` for stdin that holds a snapshot or an archive of evidence, or a directory of evidence.
 * @throws InputError in one line for whatever is wrong with it.
 */
export async function loadInput(input: string): Promise<Snapshot> {
  if (input === '-') return fromBytes(await readAll(process.stdin, STDIN), STDIN);
  const found = await stat(input).catch((error: unknown) => {
    throw unreadable(input, error);
  });
  if (found.isDirectory()) return snapshotFromEvidence(await openEvidence(input));
  try {
    if (found.isFile() && formatOf(await firstBytes(input)) !== null) return await snapshotFromEvidence(await openEvidence(input));
    return await fromBytes(await readAll(createReadStream(input), input), input);
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? unreadable(input, error) : error;
  }
}

async function fromBytes(bytes: Buffer, name: string): Promise<Snapshot> {
  if (bytes.length > 0 && formatOf(bytes.subarray(0, 512)) !== null) return snapshotFromEvidence(await openEvidence(bytes, name));
  return parseSnapshot(decode(bytes, name), name);
}

function decode(bytes: Buffer, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`${name}: is binary (not UTF-8 text): neither a memdoctor snapshot nor an archive of evidence`);
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

async function readAll(stream: Readable, name: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new InputError(`${name}: is longer than ${MOST_BYTES / 1_048_576} MiB: not a memdoctor snapshot`);
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
