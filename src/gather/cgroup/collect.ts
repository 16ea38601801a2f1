import { ParseError } from '../../errors.js';
import { type Failures, failures } from '../failures.js';
import { keyedCounts, lines, words } from '../lines.js';
import type { Collected, CollectorPlan } from '../source.js';
import type { Cgroups } from '../sources/cgroup.js';
import { readable, readOne, type ReadLimits, type ReadResult, type Tree } from '../tree.js';
import { type Directories, listCgroups, MAX_CGROUPS, MAX_DEPTH } from './directories.js';
import { type Draft, type Files, type Reader, V1_FILES, V2_FILES } from './files.js';
import { findHierarchy, type Hierarchy, ownPath } from './mount.js';
import { ancestry, effectiveMax, largest, shown, SHOWN } from './select.js';

const BATCH = 100;
/** memory.stat of that many is read: it makes the kernel add up all CPUs, for the whole subtree. */
const STATS = 20;
const STAT_LIMITS: ReadLimits = { deadlineMs: 2000, maxBytes: 65_536 };
const SMALL: ReadLimits = { maxBytes: 16_384 };

const names = (files: Files['all']): string => Object.keys(files).join(' ');
/** The same walk for the collector script. */
export const CGROUP_READS: CollectorPlan = {
  cgroups: {
    CG_MOST: MAX_CGROUPS,
    CG_MOST_DEPTH: MAX_DEPTH,
    CG_MOST_SHOWN: SHOWN,
    CG_MOST_STAT: STATS,
    CG_ROOT_FILES: 'cgroup.stat release_agent',
    CG1_ALL: names(V1_FILES.all),
    CG1_SHOWN: names(V1_FILES.shown),
    CG1_STAT: names(V1_FILES.stat),
    CG2_ALL: names(V2_FILES.all),
    CG2_SHOWN: names(V2_FILES.shown),
    CG2_STAT: names(V2_FILES.stat),
  },
};

/** Walks the hierarchy of the memory controller within the bounds of the walk; null when none is mounted. */
export async function collectCgroups(tree: Tree): Promise<Collected<Cgroups>> {
  const hierarchy = await findHierarchy(tree);
  if (hierarchy === null) return { data: null, reads: [] };
  const mount = hierarchy.mountpoint.slice(1);
  const walk = await listCgroups(tree, mount);
  if (walk.rootFiles.length === 0) return { data: null, reads: [] };
  const files = hierarchy.files === 'v1' ? V1_FILES : V2_FILES;
  const reader = { tree, mount, failed: failures(mount) };
  const drafts = new Map<string, Draft>(walk.paths.map((path) => [path, { path }]));

  await readFiles([...drafts.values()], files.all, reader);
  const own = await ownPath(tree, hierarchy);
  const chain = new Set(ancestry(own ?? '/'));
  const groups = shown(drafts, chain);
  await readFiles(groups, files.shown, reader);
  await readFiles(
    [...new Set([...largest(groups, STATS), ...groups.filter(({ path }) => chain.has(path))])],
    files.stat,
    reader,
    STAT_LIMITS,
  );
  for (const group of groups) Object.assign(group, effectiveMax(group, drafts));

  const counted = await descendants(hierarchy, walk, reader);
  const cut: ReadResult[] = walk.complete
    ? []
    : [{ path: mount, status: 'truncated', text: '', bytes: 0, seconds: 0, reason: cutReason(walk) }];
  return {
    data: { version: hierarchy.version, mountpoint: hierarchy.mountpoint, own, ...counted, walked: walk.paths.length, groups },
    reads: [...reader.failed.results(), ...cut],
  };
}

const cutReason = ({ paths }: Directories): string => `more cgroups, or deeper ones, than are walked: ${paths.length} were read`;

interface Walker {
  readonly tree: Tree;
  /** The mount point, relative to the root. */
  readonly mount: string;
  readonly failed: Failures;
}

/** Reads the same files of many cgroups, some at once. */
async function readFiles(drafts: readonly Draft[], files: Files['all'], walker: Walker, limits = SMALL): Promise<void> {
  const readers = Object.entries(files);
  for (let at = 0; at < drafts.length; at += BATCH) {
    const some = drafts.slice(at, at + BATCH);
    const reads = await walker.tree.read(
      some.flatMap(({ path }) => readers.map(([file]) => pathOf(walker.mount, path, file))),
      limits,
    );
    for (const [index, draft] of some.entries())
      for (const [nth, [file, reader]] of readers.entries()) take(reads[index * readers.length + nth], draft, { file, reader }, walker);
  }
}

const pathOf = (mount: string, path: string, file: string): string => (path === '/' ? `${mount}/${file}` : `${mount}${path}/${file}`);

function take(
  read: ReadResult | undefined,
  draft: Draft,
  { file, reader }: { file: string; reader: Reader },
  { mount, failed }: Walker,
): void {
  if (read === undefined) return;
  const pattern = `${mount}/*/${file}`;
  // a file that this cgroup does not support (PSI switched off, a root without limits) is as good as absent
  failed.note(read.status === 'unsupported' ? { ...read, status: 'absent' } : read, pattern);
  if (!readable(read) || read.text.trim() === '') return;
  try {
    reader(read.text, draft);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    failed.garbled(read, pattern, error.message);
  }
}

/**
 * How many cgroups there are below the root, and how many removed ones linger: v2 says so in cgroup.stat (since 4.14). v1
 * counts both together in /proc/cgroups, for the whole host: of use only at the real root, which alone has a release_agent.
 */
async function descendants(
  { files }: Hierarchy,
  walk: Directories,
  { tree, mount }: Walker,
): Promise<{ live: number; dying: number | null }> {
  const live = walk.paths.length - 1;
  if (files === 'v2') {
    const stat = counts((await readOne(tree, `${mount}/cgroup.stat`)).text);
    return { live: stat['nr_descendants'] ?? live, dying: stat['nr_dying_descendants'] ?? null };
  }
  // read, not looked up in the listing: raw evidence holds what was read
  if (!walk.complete || (await readOne(tree, `${mount}/release_agent`)).status === 'absent') return { live, dying: null };
  const row = lines((await readOne(tree, 'proc/cgroups')).text)
    .map(words)
    .find(([name]) => name === 'memory');
  const total = Number(row?.[2]);
  return { live, dying: Number.isSafeInteger(total) ? Math.max(0, total - walk.paths.length) : null };
}

function counts(text: string): Record<string, number> {
  try {
    return keyedCounts(text);
  } catch (error) {
    if (error instanceof ParseError) return {};
    throw error;
  }
}
