import { lines, unescapeOctal } from '../lines.js';
import { readable, readOne, type Tree } from '../tree.js';
import { parseMembership } from './membership.js';

/** The hierarchy that the memory controller is in. */
export interface Hierarchy {
  readonly version: 'v1' | 'v2' | 'hybrid';
  /** Whose files: those of v1 or of v2. */
  readonly files: 'v1' | 'v2';
  /** As mounted: `/sys/fs/cgroup`. */
  readonly mountpoint: string;
  /** The cgroup that is shown as the root of the mount. */
  readonly root: string;
}

interface Mount {
  readonly type: string;
  readonly mountpoint: string;
  readonly root: string;
  readonly memory: boolean;
}

/** The cgroup mounts in /proc/self/mountinfo; lines of other mounts, and of other shapes, are passed over. */
function cgroupMounts(mountinfo: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of lines(mountinfo)) {
    const match = /^\d+ \d+ \S+ (\S+) (\S+) .*? - (cgroup2?) \S+ (\S+)$/.exec(line);
    if (!match) continue;
    const [, root = '/', mountpoint = '/', type = '', options = ''] = match;
    mounts.push({ type, mountpoint: unescapeOctal(mountpoint), root: unescapeOctal(root), memory: options.split(',').includes('memory') });
  }
  // several may show the same hierarchy (bind mounts, images being built): the usual place first
  return mounts.sort((a, b) => usual(a) - usual(b) || a.mountpoint.length - b.mountpoint.length);
}

const usual = ({ mountpoint }: Mount): number => (/^\/sys\/fs\/cgroup(\/|$)/.test(mountpoint) ? 0 : 1);

/** Finds the hierarchy of the memory controller from the mounts, or where it usually is when they were not captured; null when there is none. */
export async function findHierarchy(tree: Tree): Promise<Hierarchy | null> {
  const mounts = cgroupMounts((await readOne(tree, 'proc/self/mountinfo')).text);
  const v1 = mounts.find(({ type, memory }) => type === 'cgroup' && memory);
  const v2 = mounts.find(({ type }) => type === 'cgroup2');
  if (v1) return { version: v2 ? 'hybrid' : 'v1', files: 'v1', mountpoint: v1.mountpoint, root: v1.root };
  if (v2) return { version: 'v2', files: 'v2', mountpoint: v2.mountpoint, root: v2.root };
  return mounts.length > 0 ? null : usualPlace(tree);
}

async function usualPlace(tree: Tree): Promise<Hierarchy | null> {
  const has = async (dir: string, file: RegExp): Promise<boolean> => (await tree.list(dir)).some((name) => file.test(name));
  if (await has('sys/fs/cgroup/memory', /^memory\.(usage_in_bytes|limit_in_bytes|stat)$/)) {
    const both = await has('sys/fs/cgroup/unified', /^cgroup\.(procs|controllers)$/);
    return { version: both ? 'hybrid' : 'v1', files: 'v1', mountpoint: '/sys/fs/cgroup/memory', root: '/' };
  }
  if (await has('sys/fs/cgroup', /^(cgroup\.(procs|controllers|stat)|memory\.stat)$/))
    return { version: 'v2', files: 'v2', mountpoint: '/sys/fs/cgroup', root: '/' };
  return null;
}

/**
 * The path below the mount point of the cgroup that the reader is in; null when it is not known. A container without a
 * cgroup namespace sees the host's path, of which the root of its mount is the beginning.
 */
export async function ownPath(tree: Tree, { files, root }: Hierarchy): Promise<string | null> {
  const read = await readOne(tree, 'proc/self/cgroup');
  if (!readable(read)) return null;
  const { memory, unified } = parseMembership(read.text);
  const path = files === 'v1' ? memory : unified;
  if (path === null || root === '/') return path;
  if (path === root) return '/';
  return path.startsWith(`${root}/`) ? path.slice(root.length) : path;
}
