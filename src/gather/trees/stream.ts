import type { Tree } from '../tree.js';

/** One file whose bytes come as a stream, as a tree: they can be had once. */
export function streamTree(file: string, pieces: AsyncIterable<Uint8Array>): Tree {
  let left: AsyncIterable<Uint8Array> | null = pieces;
  return {
    open: (path) => {
      const given = path === file ? left : null;
      if (given !== null) left = null;
      return Promise.resolve(given);
    },
    read: (paths) => Promise.resolve(paths.map((path) => ({ path, status: 'absent', text: '', bytes: 0, seconds: 0, reason: 'ENOENT' }))),
    list: (dir) => Promise.resolve(dir === '' ? [file] : []),
  };
}
