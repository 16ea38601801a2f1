import type { Unread } from '../manifest.js';
import type { ReadResult, Tree } from '../tree.js';

/** A tree that tells, of files it does not have, why they could not be read where it was made. */
export function withUnread(tree: Tree, unread: ReadonlyMap<string, Unread>): Tree {
  const names = new Map<string, string[]>();
  for (const path of unread.keys()) {
    const segments = path.split('/');
    for (let depth = 0; depth < segments.length; depth += 1) {
      const dir = segments.slice(0, depth).join('/');
      names.set(dir, [...(names.get(dir) ?? []), segments[depth] ?? '']);
    }
  }
  const told = (result: ReadResult): ReadResult => {
    const known = result.status === 'absent' ? unread.get(result.path) : undefined;
    return known === undefined ? result : { ...result, ...known };
  };
  return {
    ...(tree.open === undefined ? {} : { open: (path: string) => tree.open?.(path) ?? Promise.resolve(null) }),
    read: async (paths, limits) => (await tree.read(paths, limits)).map(told),
    list: async (dir) => [...new Set([...(await tree.list(dir)), ...(names.get(dir) ?? [])])].sort(),
  };
}
