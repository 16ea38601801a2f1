import type { Tree } from '../tree.js';

/** What lies below `prefix` in a tree ('' for all of it), as a tree; `moved` gives single files from other places of it. */
export function below(tree: Tree, prefix: string, moved: Readonly<Record<string, string>> = {}): Tree {
  const place = (path: string): string => (Object.hasOwn(moved, path) ? (moved[path] ?? path) : prefix === '' ? path : `${prefix}/${path}`);
  const { open } = tree;
  return {
    ...(open === undefined ? {} : { open: (path: string) => open(place(path)) }),
    read: async (paths, limits) => {
      const results = await tree.read(paths.map(place), limits);
      return results.map((result, index) => ({ ...result, path: paths[index] ?? result.path }));
    },
    list: (dir) => tree.list(dir === '' ? prefix : place(dir)),
  };
}
