import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Tree } from '../src/gather/tree.js';

/** A tree of texts by path. */
export function memoryTree(files: ReadonlyMap<string, string>): Tree {
  return {
    read: async (paths) =>
      paths.map((path) => {
        const text = files.get(path);
        if (text === undefined) return { path, status: 'absent', text: '', bytes: 0, seconds: 0, reason: 'ENOENT' };
        return { path, status: 'ok', text, bytes: Buffer.byteLength(text), seconds: 0 };
      }),
    list: async (dir) => {
      const below = [...files.keys()]
        .filter((path) => path.startsWith(`${dir}/`))
        .map((path) => path.slice(dir.length + 1).split('/')[0] ?? '');
      return [...new Set(below)].sort();
    },
  };
}

/** The files below a folder, by their path in it. */
export function filesBelow(root: string): Map<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [relative(root, path), readFileSync(path, 'utf8')]));
}
