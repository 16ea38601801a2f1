import { readable, readOne, type ReadLimits, type ReadResult, type Tree } from '../tree.js';

/** What is opened from a tree that holds its files is no longer than this. */
const HELD_MOST = 67_108_864;
const PIECE = 262_144;

/** Several trees as one: of a file in several of them, that in the first one, unless nothing is in it. */
export function overlay(trees: readonly Tree[]): Tree {
  async function readFrom(file: string, limits: ReadLimits | undefined): Promise<ReadResult> {
    let best: ReadResult | null = null;
    for (const tree of trees) {
      const result = await readOne(tree, file, limits);
      if (readable(result) && result.text.trim() !== '') return result;
      if (best === null || (best.status === 'absent' && result.status !== 'absent')) best = result;
    }
    return best ?? { path: file, status: 'absent', text: '', bytes: 0, seconds: 0, reason: 'ENOENT' };
  }
  return {
    read: async (paths, limits) => {
      const results: ReadResult[] = [];
      for (const file of paths) results.push(await readFrom(file, limits));
      return results;
    },
    list: async (dir) => {
      const names = new Set<string>();
      for (const tree of trees) for (const name of await tree.list(dir)) names.add(name);
      return [...names].sort();
    },
    open: async (file) => {
      for (const tree of trees) {
        const opened = await tree.open?.(file);
        if (opened) return opened;
        if (tree.open) continue;
        const held = await readOne(tree, file, { maxBytes: HELD_MOST });
        if (readable(held)) return pieces(Buffer.from(held.text));
      }
      return null;
    },
  };
}

async function* pieces(body: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += PIECE) yield await Promise.resolve(body.subarray(at, at + PIECE));
}
