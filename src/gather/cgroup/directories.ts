import type { Tree } from '../tree.js';

/** Bounds of the walk. */
export const MAX_CGROUPS = 10_000;
export const MAX_DEPTH = 12;
const ABREAST = 16;

/** A name that a controller gives its files, and no name that systemd gives its cgroups. */
const CONTROL_FILE =
  /^(cgroup|memory|cpu|cpuset|cpuacct|io|blkio|pids|hugetlb|rdma|misc|irq|dmem|devices|freezer|net_cls|net_prio|perf_event|debug)\./;
const UNIT = /\.(slice|scope|service|mount|socket|swap|device|target)$/;
const LONE_FILES = new Set(['tasks', 'notify_on_release', 'release_agent']);
/** Any of these in a directory makes it a cgroup; captures seldom keep all. */
const MARK = /^(cgroup\.procs|cgroup\.events|tasks|memory\.(current|stat|usage_in_bytes|limit_in_bytes))$/;

/** The cgroups found. */
export interface Directories {
  /** Below the mount point, `/` first, breadth first. */
  readonly paths: readonly string[];
  /** False when a bound cut the walk. */
  readonly complete: boolean;
  /** The names in the root's directory. */
  readonly rootFiles: readonly string[];
}

/**
 * Lists the cgroups below a mount point, breadth first. A tree lists files and directories alike, so that a name has to be
 * tried; one that looks like a controller's file is tried where it is first met only.
 */
export async function listCgroups(tree: Tree, mount: string): Promise<Directories> {
  const tried = new Set<string>();
  const children = (path: string, names: readonly string[]): string[] =>
    names.filter((name) => worthTrying(name, tried)).map((name) => (path === '/' ? `/${name}` : `${path}/${name}`));

  const rootFiles = await tree.list(mount);
  const paths = ['/'];
  let level = children('/', rootFiles);
  for (let depth = 1; level.length > 0; depth += 1) {
    const next: string[] = [];
    for (let at = 0; at < level.length; at += ABREAST) {
      const some = level.slice(at, at + ABREAST);
      const listings = await Promise.all(some.map((path) => tree.list(`${mount}${path}`)));
      for (const [index, path] of some.entries()) {
        const names = listings[index] ?? [];
        if (!names.some((name) => MARK.test(name))) continue;
        if (paths.length >= MAX_CGROUPS || depth > MAX_DEPTH) return { paths, complete: false, rootFiles };
        paths.push(path);
        next.push(...children(path, names));
      }
    }
    level = next;
  }
  return { paths, complete: true, rootFiles };
}

function worthTrying(name: string, tried: Set<string>): boolean {
  if (LONE_FILES.has(name)) return false;
  if (!CONTROL_FILE.test(name) || UNIT.test(name)) return true;
  if (tried.has(name)) return false;
  tried.add(name);
  return true;
}
