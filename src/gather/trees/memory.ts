import type { ReadResult, Tree } from '../tree.js';
import { plainPath } from './paths.js';

const DEFAULT_MAX_BYTES = 1_048_576;

/** A file held in memory; `truncated` when not all of it is. */
export interface HeldFile {
  readonly body: Buffer;
  readonly truncated?: boolean;
}

/** Files held in memory, by plain path, as a tree. The map is looked at once, now. */
export function memoryTree(files: ReadonlyMap<string, HeldFile>): Tree {
  const names = namesByDirectory(files.keys());
  return {
    read: (paths, limits = {}) =>
      Promise.resolve(paths.map((path) => readHeld(files.get(path), path, limits.maxBytes ?? DEFAULT_MAX_BYTES))),
    list: (dir) => Promise.resolve([...(names.get(plainPath(dir) ?? '') ?? [])].sort()),
  };
}

function readHeld(file: HeldFile | undefined, path: string, maxBytes: number): ReadResult {
  if (!file) return { path, status: 'absent', text: '', bytes: 0, seconds: 0, reason: 'ENOENT' };
  const body = file.body.subarray(0, maxBytes);
  const cut = file.truncated === true || body.length < file.body.length;
  return {
    path,
    status: cut ? 'truncated' : 'ok',
    text: body.toString('utf8'),
    bytes: body.length,
    seconds: 0,
    ...(cut ? { reason: `longer than ${body.length} bytes` } : {}),
  };
}

function namesByDirectory(paths: Iterable<string>): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  for (const path of paths) {
    for (let rest = path; rest !== '';) {
      const slash = rest.lastIndexOf('/');
      const dir = slash < 0 ? '' : rest.slice(0, slash);
      const known = names.get(dir);
      const name = rest.slice(slash + 1);
      if (known?.has(name)) break;
      if (known) known.add(name);
      else names.set(dir, new Set([name]));
      rest = dir;
    }
  }
  return names;
}
