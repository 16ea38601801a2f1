import { createReadStream } from 'node:fs';
import { open, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { InputError, quote } from '../errors.js';
import { machineOf } from './machine.js';
import { type Manifest, parseManifest } from './manifest.js';
import type { Snapshot, SourceReport, Subject, TextsRead } from './snapshot.js';
import { parseTraces, TRACES_FILE } from './tracing/recorded.js';
import { findLayout } from './layouts/find.js';
import { readLayout } from './layouts/read.js';
import { readOne, type Tree } from './tree.js';
import { type ArchiveInput, readArchive } from './trees/archive.js';
import { below } from './trees/below.js';
import { formatOf } from './trees/decompress.js';
import { directoryTree } from './trees/directory.js';
import { looseTexts } from './trees/loose.js';
import { memoryTree } from './trees/memory.js';
import { streamTree } from './trees/stream.js';
import { evidenceFromTexts } from './trees/text.js';
import { withUnread } from './trees/unread.js';
import { wantOf } from './wanted.js';

export interface EvidenceSample {
  /** Seconds since the epoch. */
  readonly time: number | null;
  /** Seconds on a clock that is never set. */
  readonly monotonic: number;
  readonly tree: Tree;
  /** The sources that were read in it; all when it does not say. */
  readonly sources?: readonly string[];
}

/** Raw evidence, found and opened, not yet parsed. */
export interface Evidence {
  readonly subject: Omit<Subject, 'capturedAt'>;
  /** In time order, one at least. */
  readonly samples: readonly EvidenceSample[];
  /** How each source fared on the host, when the evidence says so. */
  readonly recorded?: Readonly<Record<string, SourceReport>>;
  /** What was passed over in an archive for safety, one sentence each. */
  readonly notes: readonly string[];
  /** What was recognised, and what was not, when it was made from texts. */
  readonly texts?: TextsRead;
  /** What traces have seen. */
  readonly traces?: NonNullable<Snapshot['traces']>;
}

const PROC_SUPER_MAGIC = 0x9f_a0;
const ACCEPTED =
  'accepted are a memdoctor snapshot (JSON), raw evidence (a directory or archive with manifest.json), a tree with proc/ in it, or files of the kernel and outputs of tools as text';

/**
 * Opens raw evidence: a directory, or an archive (its file, its bytes, or a stream of them). `name` stands for it in messages.
 * @throws InputError saying what was found and what is accepted.
 */
export async function openEvidence(input: string | Buffer, name = typeof input === 'string' ? input : '-'): Promise<Evidence> {
  if (typeof input === 'string' && (await isDirectory(input, name))) {
    await refuseLive(input);
    return fromTree(directoryTree(input), path.basename(path.resolve(input)), name, []);
  }
  const head = typeof input === 'string' ? await firstBytes(input, 512) : input;
  const format = formatOf(head);
  if (format === null) throw new InputError(`${name}: is neither a directory nor a tar archive; ${ACCEPTED}`);
  const openIt = (): Readable => (typeof input === 'string' ? createReadStream(input) : Readable.from([input], { objectMode: false }));
  return openArchive({ name, format, openIt, whole: input });
}

/** Evidence from an archive, read once. @throws InputError as openEvidence(). */
export async function openArchive(input: ArchiveInput): Promise<Evidence> {
  const archive = await readArchive(input, wantOf);
  return fromTree(memoryTree(archive.files), '', input.name, archive.notes);
}

/** A kernel log alone, of any size: the text of a file or of stdin that is nothing else. */
export const logEvidence = (pieces: AsyncIterable<Uint8Array>): Evidence => ({
  subject: { hostname: null, kernel: null, arch: null, origin: 'text', pageSize: 4096, clockTicks: 100 },
  samples: [{ time: null, monotonic: 0, tree: streamTree('kernel-log.txt', pieces), sources: ['kernel-log'] }],
  notes: [],
});

/** True for an archive's entry that has a place in some layout. */
export const isWanted = (file: string): boolean => {
  const want = wantOf(file);
  return want !== null && want.as !== 'loose';
};

async function fromTree(tree: Tree, top: string, name: string, notes: readonly string[]): Promise<Evidence> {
  const found = await findLayout(tree, name);
  if (found === null) return fromLoose(tree, name, notes);
  const { base, layout } = found;
  if (layout !== 'manifest') {
    const evidence = await readLayout(below(tree, base), layout, base === '' ? top : path.posix.basename(base));
    return { ...evidence, notes: [...notes, ...evidence.notes] };
  }
  const text = await readOne(tree, join(base, 'manifest.json'), { maxBytes: 8_388_608 });
  const file = `${name}: ${join(base, 'manifest.json')}`;
  if (text.status === 'truncated') throw new InputError(`${file}: is longer than 8 MiB`);
  if (text.status !== 'ok') throw new InputError(`${file}: cannot be read: ${text.reason ?? text.status}`);
  return fromManifest(tree, base, parseManifest(text.text, file), file, notes);
}

/** A folder of files that are told by what is in them. */
async function fromLoose(tree: Tree, name: string, notes: readonly string[]): Promise<Evidence> {
  const evidence = evidenceFromTexts(await looseTexts(tree));
  if (evidence.texts.recognised.length > 0) return { ...evidence, notes };
  const top = await tree.list('');
  const shown = top.slice(0, 5).map((entry) => quote(entry));
  throw new InputError(
    `${name}: holds no evidence${top.length === 0 ? '' : ` (found ${shown.join(', ')}${top.length > 5 ? ', …' : ''})`}; ${ACCEPTED}`,
  );
}

const join = (base: string, rest: string): string => (base === '' ? rest : `${base}/${rest}`);

async function fromManifest(tree: Tree, base: string, manifest: Manifest, file: string, notes: readonly string[]): Promise<Evidence> {
  const last = manifest.samples.length - 1;
  const samples: EvidenceSample[] = [];
  for (const [index, { dir, time, monotonic, sources: read, unread }] of manifest.samples.entries()) {
    const place = join(base, dir);
    const { dir: parent, base: own } = path.posix.parse(place);
    if (!(await tree.list(parent)).includes(own)) throw new InputError(`${file}: samples[${index}].dir: ${quote(dir)} is not there`);
    const moved: Record<string, string> = index === last ? { 'kernel-log.txt': join(base, 'kernel-log.txt') } : {};
    const found = below(tree, place, moved);
    samples.push({
      time,
      monotonic,
      tree: unread === undefined ? found : withUnread(found, unread),
      ...(read === undefined ? {} : { sources: read }),
    });
  }
  const { hostname, kernel, pageSize, clockTicks, origin } = manifest;
  const traces = await readOne(tree, join(base, TRACES_FILE), { maxBytes: 33_554_432 });
  return {
    subject: { hostname, kernel, arch: manifest.arch ?? machineOf(kernel), origin, pageSize, clockTicks },
    samples,
    ...(manifest.sources === undefined ? {} : { recorded: manifest.sources }),
    ...(traces.status === 'ok' ? { traces: parseTraces(traces.text, file.replace(/manifest\.json$/, TRACES_FILE)) } : {}),
    notes,
  };
}

async function isDirectory(input: string, name: string): Promise<boolean> {
  try {
    return (await stat(input)).isDirectory();
  } catch (error) {
    throw new InputError(
      `${name}: ${error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'there is no such file or directory' : `cannot be read: ${String(error)}`}`,
    );
  }
}

/** A live /proc is read by `run`, whose reads cannot hang. */
async function refuseLive(dir: string): Promise<void> {
  const type = await statfs(path.join(dir, 'proc')).then(
    (found) => found.type,
    () => 0,
  );
  if (type === PROC_SUPER_MAGIC) throw new InputError(`${dir}: is a live system, not evidence: use run --root ${dir}`);
}

async function firstBytes(file: string, count: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
