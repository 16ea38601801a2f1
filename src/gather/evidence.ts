import { createReadStream } from 'node:fs';
import { open, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { InputError, quote } from '../errors.js';
import { machineOf } from './machine.js';
import { type Manifest, parseManifest } from './manifest.js';
import type { SourceReport, Subject } from './snapshot.js';
import { sources } from './sources/index.js';
import { readable, readOne, type Tree } from './tree.js';
import { readArchive } from './trees/archive.js';
import { below } from './trees/below.js';
import { formatOf } from './trees/decompress.js';
import { directoryTree } from './trees/directory.js';
import { memoryTree } from './trees/memory.js';

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
}

/** What tells of the host itself in a tree without a manifest. */
const HOST_FILES = ['proc/sys/kernel/hostname', 'etc/hostname', 'proc/sys/kernel/osrelease', 'proc/version', 'proc/sys/kernel/arch'];
const PROC_SUPER_MAGIC = 0x9f_a0;
const ACCEPTED =
  'accepted are a memdoctor snapshot (JSON), raw evidence (a directory or archive with manifest.json) or a tree with proc/ in it';

/**
 * Opens raw evidence: a directory, or an archive (file or bytes). `name` stands for it in messages.
 * @throws InputError saying what was found and what is accepted.
 */
export async function openEvidence(input: string | Buffer, name = typeof input === 'string' ? input : '-'): Promise<Evidence> {
  if (typeof input === 'string' && (await isDirectory(input, name))) {
    await refuseLive(input);
    return fromTree(directoryTree(input), name, []);
  }
  const head = typeof input === 'string' ? await firstBytes(input, 512) : input;
  const format = formatOf(head);
  if (format === null) throw new InputError(`${name}: is neither a directory nor a tar archive; ${ACCEPTED}`);
  const openIt = (): Readable => (typeof input === 'string' ? createReadStream(input) : Readable.from([input], { objectMode: false }));
  const archive = await readArchive(name, format, openIt, isWanted);
  return fromTree(memoryTree(archive.files), name, archive.notes);
}

/** True for an archive's entry that some source may want: below at most two directories (the archive's own, and a sample's). */
export function isWanted(file: string): boolean {
  const segments = file.split('/');
  if (segments.length <= 2 && segments.at(-1) === 'manifest.json') return true;
  compiled ??= wantedPattern();
  for (let depth = 0; depth < 3 && depth < segments.length; depth += 1) if (compiled.test(segments.slice(depth).join('/'))) return true;
  return false;
}

let compiled: RegExp | null = null;

/** One expression of what all sources say they read. */
function wantedPattern(): RegExp {
  const patterns = Object.values(sources).flatMap((source) =>
    source.reads.map((pattern) => ('collect' in source ? widened(pattern) : pattern)),
  );
  const parts = [...new Set([...patterns, ...HOST_FILES, 'kernel-log.txt', 'statfs.txt'])].map((pattern) =>
    pattern.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll(/\*+/g, (stars) => (stars === '*' ? '[^/]*' : '.*')),
  );
  return new RegExp(`^(?:${parts.join('|')})$`);
}

/** A source that walks a tree of its own (three directories or more down, like that of cgroups) may want all that is in it. */
function widened(pattern: string): string {
  const fixed = pattern.slice(0, pattern.indexOf('*'));
  return pattern.includes('*') && fixed.split('/').length > 3 ? `${fixed}**` : pattern;
}

async function fromTree(tree: Tree, name: string, notes: readonly string[]): Promise<Evidence> {
  const base = await findBase(tree, name);
  const text = await readOne(tree, join(base, 'manifest.json'), { maxBytes: 8_388_608 });
  const file = `${name}: ${join(base, 'manifest.json')}`;
  if (text.status === 'truncated') throw new InputError(`${file}: is longer than 8 MiB`);
  if (text.status === 'ok') return fromManifest(tree, base, parseManifest(text.text, file), file, notes);
  if (text.status !== 'absent') throw new InputError(`${file}: cannot be read: ${text.reason ?? text.status}`);
  return fromPlainTree(below(tree, base), name, notes);
}

const join = (base: string, rest: string): string => (base === '' ? rest : `${base}/${rest}`);

const isBase = (names: readonly string[]): boolean => names.includes('manifest.json') || names.includes('proc');

/** Where the evidence is: at the top, or in the one directory that is there. */
async function findBase(tree: Tree, name: string): Promise<string> {
  const top = await tree.list('');
  if (isBase(top)) return '';
  const found: string[] = [];
  for (const dir of top.slice(0, 1000)) if (isBase(await tree.list(dir))) found.push(dir);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const shown = top
    .slice(0, 5)
    .map((entry) => quote(entry))
    .join(', ');
  if (found.length > 1)
    throw new InputError(
      `${name}: holds ${found.length} hosts' evidence (${found.slice(0, 3).map(quote).join(', ')}, …): give one at a time`,
    );
  throw new InputError(
    `${name}: holds no evidence${top.length === 0 ? '' : ` (found ${shown}${top.length > 5 ? ', …' : ''})`}; ${ACCEPTED}`,
  );
}

async function fromManifest(tree: Tree, base: string, manifest: Manifest, file: string, notes: readonly string[]): Promise<Evidence> {
  const last = manifest.samples.length - 1;
  const samples: EvidenceSample[] = [];
  for (const [index, { dir, time, monotonic, sources: read }] of manifest.samples.entries()) {
    const place = join(base, dir);
    const { dir: parent, base: own } = path.posix.parse(place);
    if (!(await tree.list(parent)).includes(own)) throw new InputError(`${file}: samples[${index}].dir: ${quote(dir)} is not there`);
    const moved: Record<string, string> = index === last ? { 'kernel-log.txt': join(base, 'kernel-log.txt') } : {};
    samples.push({ time, monotonic, tree: below(tree, place, moved), ...(read === undefined ? {} : { sources: read }) });
  }
  const { hostname, kernel, pageSize, clockTicks, origin } = manifest;
  return {
    subject: { hostname, kernel, arch: manifest.arch ?? machineOf(kernel), origin, pageSize, clockTicks },
    samples,
    ...(manifest.sources === undefined ? {} : { recorded: manifest.sources }),
    notes,
  };
}

async function fromPlainTree(tree: Tree, name: string, notes: readonly string[]): Promise<Evidence> {
  if ((await tree.list('proc')).length === 0) throw new InputError(`${name}: its proc directory is empty; ${ACCEPTED}`);
  const [hostname, etcHostname, release, version, machine] = (await tree.read(HOST_FILES)).map((result) =>
    readable(result) && result.text.trim() !== '' ? result.text.trim() : null,
  );
  // "Linux version 6.1.0-56-amd64 (…"
  const kernel = release ?? version?.split(/\s+/)[2] ?? null;
  return {
    subject: {
      hostname: hostname ?? etcHostname ?? null,
      kernel,
      arch: machine ?? machineOf(kernel),
      origin: 'directory',
      pageSize: 4096,
      clockTicks: 100,
    },
    samples: [{ time: null, monotonic: 0, tree }],
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
