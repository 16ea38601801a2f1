import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '../errors.js';
import { VERSION } from '../version.js';
import { collectSource, type SourceOutcome } from './collect.js';
import type { Evidence } from './evidence.js';
import { EVIDENCE_FORMAT, type ManifestSample } from './manifest.js';
import { type Sample, type Snapshot, SNAPSHOT_VERSION, type SourceReport, type Subject } from './snapshot.js';
import type { AnySource, HostContext } from './source.js';
import { sources } from './sources/index.js';
import type { ReadResult, Tree } from './tree.js';
import { hostTree } from './trees/host.js';
import { demandEmpty, recordingTree, writeEvidence } from './trees/recording.js';
import { strainOf } from './strain.js';
import { type TraceRequest, traceLive } from './tracing/live.js';
import { TRACES_FILE } from './tracing/recorded.js';
import type { TraceResults } from './tracing/run.js';

export interface GatherOptions {
  /** From the first full sample to the last; 0 for one sample. */
  readonly durationSeconds: number;
  /** Between the small samples in between. */
  readonly intervalSeconds: number;
  readonly root?: string;
  /** Where the raw evidence is kept; must be empty or not there. */
  readonly rawDir?: string;
  /** Short traces of the kernel after the last sample. */
  readonly trace?: TraceRequest;
  /** Gets a short line after each sample. */
  readonly onProgress?: (line: string) => void;
  /** Gets a short line when tracing begins, and when some of it is tried again by other means. */
  readonly onTracing?: (line: string) => void;
  /** Ends the sampling early: the last full sample is taken at once. */
  readonly signal?: AbortSignal;
}

type Part = 'only' | 'first' | 'between' | 'last';
type Outcomes = ReadonlyMap<string, SourceOutcome>;

/** Reading one source may take so long; then what it still asks for is not read any more. */
const SOURCE_BUDGET_MS = 20_000;
/** Rates need this much between the end of a slow first sample and the last one. */
const LEAST_GAP_SECONDS = 2;
const LEAST_INTERVAL_SECONDS = 0.1;

const registry: readonly (readonly [string, AnySource])[] = Object.entries(sources);

/**
 * Reads the host below `root` for `durationSeconds`. What cannot be read costs its source only.
 * @throws InputError when the root is none, or the raw evidence cannot be written.
 */
export async function gatherLive(options: GatherOptions): Promise<Snapshot> {
  const root = options.root ?? '/';
  await demandRoot(root);
  if (options.trace && path.resolve(root) !== '/')
    throw new InputError(`--trace looks at this host's kernel: it cannot be given with --root ${root}`);
  if (options.rawDir !== undefined) await demandEmpty(options.rawDir);
  const host = hostTree(root);
  try {
    const facts = await host.facts();
    const gathered = await sampleHost(host, facts, options);
    const traces = options.trace === undefined ? undefined : await traced(options.trace, host, facts, gathered, options);
    const snapshot = withTraces(assemble({ ...facts, origin: 'live' }, gathered.samples, reports(gathered.outcomes)), traces);
    if (options.rawDir !== undefined) await writeManifest(options.rawDir, snapshot, gathered.read);
    return snapshot;
  } finally {
    await host.close();
  }
}

/** Whoever ended the watching early does not wait for traces either. */
async function traced(
  request: TraceRequest,
  host: Tree,
  context: HostContext,
  { samples }: Gathered,
  options: GatherOptions,
): Promise<TraceResults | undefined> {
  const { signal, onTracing } = options;
  if (signal?.aborted === true) return undefined;
  return traceLive(request, host, context, samples, { ...(signal ? { signal } : {}), ...(onTracing ? { onProgress: onTracing } : {}) });
}

const withTraces = (snapshot: Snapshot, traces: TraceResults | undefined): Snapshot =>
  traces === undefined ? snapshot : { ...snapshot, traces };

/** Parses evidence that somebody has gathered: each source in each sample. */
export async function snapshotFromEvidence(evidence: Evidence): Promise<Snapshot> {
  const samples: Sample[] = [];
  const outcomes: Outcomes[] = [];
  for (const { tree, time, monotonic, sources: read } of evidence.samples) {
    const chosen = registry.filter(([id]) => read?.includes(id) ?? true);
    const taken = await collectAll(chosen, tree, evidence.subject);
    outcomes.push(taken);
    samples.push({ time, monotonic, sources: dataOf(taken) });
  }
  const snapshot = assemble(evidence.subject, samples, evidence.recorded ?? reports(outcomes));
  const { texts, notes, traces } = evidence;
  return {
    ...snapshot,
    ...(traces === undefined ? {} : { traces }),
    ...(texts === undefined ? {} : { texts }),
    ...(notes.length === 0 ? {} : { notes: [...notes] }),
  };
}

interface Gathered {
  readonly samples: Sample[];
  readonly outcomes: Outcomes[];
  /** The ids of the sources read in each sample. */
  readonly read: string[][];
}

async function sampleHost(host: Tree, context: HostContext, options: GatherOptions): Promise<Gathered> {
  const { durationSeconds, signal, onProgress } = options;
  const intervalSeconds = Math.max(options.intervalSeconds, LEAST_INTERVAL_SECONDS);
  const aborted = (): boolean => signal?.aborted === true;
  const gathered: Gathered = { samples: [], outcomes: [], read: [] };
  const started = monotonicSeconds();

  async function take(part: Part): Promise<void> {
    const chosen = registry.filter(([, source]) => isDue(source, part)).sort(([, a], [, b]) => turnOf(a) - turnOf(b));
    const tree = options.rawDir === undefined ? host : recorder(host, options.rawDir, gathered.samples.length + 1);
    const time = round(Date.now() / 1000);
    const monotonic = round(monotonicSeconds());
    // whoever ends it early does not wait for what takes long
    const taken = await collectAll(chosen, tree, context, (read) => (aborted() ? 'gathering was ended early' : strainOf(read)));
    gathered.samples.push({ time, monotonic, sources: dataOf(taken) });
    gathered.outcomes.push(taken);
    gathered.read.push(registry.map(([id]) => id).filter((id) => taken.has(id)));
    const elapsed = (monotonicSeconds() - started).toFixed(1);
    onProgress?.(`gathering: ${elapsed} of ${durationSeconds} s, ${gathered.samples.length} samples`);
  }

  if (durationSeconds <= 0) {
    await take('only');
    return gathered;
  }
  await take('first');
  const end = Math.max(started + durationSeconds, monotonicSeconds() + Math.min(LEAST_GAP_SECONDS, durationSeconds));
  for (let tick = 1; !aborted(); tick += 1) {
    const due = started + tick * intervalSeconds;
    // a tick that would crowd the last sample is left to it
    if (due > end - intervalSeconds / 2) break;
    if (due < monotonicSeconds()) continue;
    await sleepUntil(due, signal);
    if (!aborted()) await take('between');
  }
  await sleepUntil(end, signal);
  await take('last');
  return gathered;
}

function isDue({ cadence }: AnySource, part: Part): boolean {
  if (cadence === 'pasted') return false;
  if (part === 'only' || cadence === 'every') return true;
  if (part === 'between') return false;
  return cadence === 'full' || cadence === part;
}

/** The cheap ones that make a series together and first, so that they are of one moment; the heavy ones when all else is read. */
const turnOf = ({ cadence, heavy }: AnySource): number => (heavy === true ? 2 : cadence === 'every' ? 0 : 1);

/**
 * One after the other, each contained: the memory of one is free before the next is read. `strain` tells from what was read so far
 * why a heavy source is to be left alone.
 */
async function collectAll(
  chosen: readonly (readonly [string, AnySource])[],
  tree: Tree,
  host: HostContext,
  strain: (taken: Outcomes) => string | null = () => null,
): Promise<Outcomes> {
  const taken = new Map<string, SourceOutcome>();
  for (const [id, source] of chosen) {
    const reason = source.heavy === true ? strain(taken) : null;
    taken.set(id, reason === null ? await contained(source, tree, host) : { data: null, status: 'skipped', reason, seconds: 0, bytes: 0 });
  }
  return taken;
}

async function contained(source: AnySource, tree: Tree, host: HostContext): Promise<SourceOutcome> {
  try {
    return await collectSource(source, withBudget(tree, SOURCE_BUDGET_MS), host);
  } catch (error) {
    if (error instanceof InputError) throw error;
    // a fault of ours in one parser: on a sick host the rest of the report is worth more than a crash
    const reason = `${source.title}: internal error: ${error instanceof Error ? error.message : String(error)}`;
    return { data: null, status: 'failed', reason, seconds: 0, bytes: 0 };
  }
}

/** The tree for as long as `milliseconds`; after that reads time out without being tried. */
function withBudget(tree: Tree, milliseconds: number): Tree {
  const until = performance.now() + milliseconds;
  const spent = (): boolean => performance.now() > until;
  const late = (place: string): ReadResult => ({
    path: place,
    status: 'timeout',
    text: '',
    bytes: 0,
    seconds: 0,
    reason: `not tried: the ${milliseconds / 1000} s for this source were spent`,
  });
  const { open } = tree;
  return {
    ...(open === undefined ? {} : { open }),
    read: (paths, limits) => (spent() ? Promise.resolve(paths.map(late)) : tree.read(paths, limits)),
    list: (dir) => (spent() ? Promise.resolve([]) : tree.list(dir)),
  };
}

/** The data by source, in the order of the registry. */
function dataOf(taken: Outcomes): Sample['sources'] {
  const found = registry.flatMap(([id]): [string, unknown][] => {
    const data = taken.get(id)?.data ?? null;
    return data === null ? [] : [[id, data]];
  });
  return Object.fromEntries(found);
}

/** How each source fared over all samples: as in the last one in which it was there, at its slowest and largest. */
function reports(outcomes: readonly Outcomes[]): Record<string, SourceReport> {
  return Object.fromEntries(
    registry.map(([id, source]): [string, SourceReport] => {
      const tried = outcomes.flatMap((taken) => taken.get(id) ?? []);
      const telling = tried.findLast((outcome) => outcome.status !== 'absent') ?? tried.at(-1);
      if (!telling) return [id, { status: 'skipped', seconds: 0, bytes: 0, reason: `${source.title} was not read` }];
      return [
        id,
        {
          status: telling.status,
          seconds: round(Math.max(...tried.map((outcome) => outcome.seconds))),
          bytes: Math.max(...tried.map((outcome) => outcome.bytes)),
          ...(telling.reason === undefined ? {} : { reason: telling.reason }),
        },
      ];
    }),
  );
}

function assemble(subject: Omit<Subject, 'capturedAt'>, samples: Sample[], fared: Readonly<Record<string, SourceReport>>): Snapshot {
  const { hostname, kernel, arch, origin, pageSize, clockTicks } = subject;
  const time = samples.at(-1)?.time ?? null;
  const capturedAt = time === null ? null : new Date(time * 1000).toISOString();
  return {
    format: 'memdoctor-snapshot',
    schemaVersion: SNAPSHOT_VERSION,
    memdoctorVersion: VERSION,
    subject: { hostname, kernel, arch, capturedAt, origin, pageSize, clockTicks },
    samples,
    sources: { ...fared },
  };
}

const recorder = (host: Tree, rawDir: string, sample: number): Tree =>
  recordingTree(host, path.join(rawDir, `sample-${sample}`), { 'kernel-log.txt': path.join(rawDir, 'kernel-log.txt') });

/** Written last: evidence without a manifest is not whole. */
async function writeManifest(
  rawDir: string,
  { subject, samples, sources: fared, traces }: Snapshot,
  read: readonly string[][],
): Promise<void> {
  const { hostname, kernel, arch, pageSize, clockTicks, origin } = subject;
  const places = samples.map(({ time, monotonic }, index): ManifestSample => ({
    dir: `sample-${index + 1}`,
    time,
    monotonic,
    sources: read[index] ?? [],
  }));
  const manifest = { format: EVIDENCE_FORMAT, hostname, kernel, arch, pageSize, clockTicks, origin, samples: places, sources: fared };
  for (const { dir } of places) await mkdir(path.join(rawDir, dir), { recursive: true });
  if (traces !== undefined) await writeEvidence(path.join(rawDir, TRACES_FILE), `${JSON.stringify(traces, null, 1)}\n`);
  await writeEvidence(path.join(rawDir, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
}

async function demandRoot(root: string): Promise<void> {
  const found = await stat(path.join(root, 'proc')).catch(() => null);
  if (found?.isDirectory() !== true) throw new InputError(`${root}: is not the root of a Linux host: there is no directory proc in it`);
}

const monotonicSeconds = (): number => Number(process.hrtime.bigint()) / 1e9;
const round = (value: number): number => Math.round(value * 1e6) / 1e6;

function sleepUntil(due: number, signal: AbortSignal | undefined): Promise<void> {
  const milliseconds = (due - monotonicSeconds()) * 1000;
  if (milliseconds <= 0 || signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, milliseconds);
    signal?.addEventListener('abort', wake);
  });
}
