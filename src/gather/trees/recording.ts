import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '../../errors.js';
import { readable, type ReadResult, type Tree } from '../tree.js';
import { plainPath } from './paths.js';

/**
 * A tree that also writes what is read from it below `dir`; `moved` gives single files another place. A directory that was
 * listed and held something is made too, so that a walk over what was written finds the same. What two sources read is read
 * from the host once: both see what was written. @throws InputError when it cannot write.
 */
export function recordingTree(tree: Tree, dir: string, moved: Readonly<Record<string, string>> = {}): Tree {
  const written = new Map<string, ReadResult>();
  const fileOf = (plain: string): string => moved[plain] ?? path.join(dir, plain);

  async function keep(result: ReadResult): Promise<void> {
    const plain = plainPath(result.path);
    if (plain === null || !readable(result)) return;
    await writeEvidence(fileOf(plain), result.text);
    if (result.status === 'ok') written.set(plain, { ...result, text: '' });
  }
  return {
    read: async (paths, limits) => {
      const fresh = await tree.read(
        paths.filter((wanted) => !written.has(wanted)),
        limits,
      );
      const seen = new Set(written.keys());
      for (const result of fresh) await keep(result);
      let next = 0;
      const results: ReadResult[] = [];
      for (const wanted of paths) {
        const known = seen.has(wanted) ? written.get(wanted) : undefined;
        const result = known ? { ...known, text: await readFile(fileOf(wanted), 'utf8') } : fresh[next++];
        if (result) results.push(result);
      }
      return results;
    },
    list: async (listed) => {
      const names = await tree.list(listed);
      const plain = plainPath(listed);
      if (plain !== null && names.length > 0) await attempt(path.join(dir, plain), (place) => mkdir(place, { recursive: true }));
      return names;
    },
  };
}

/** Writes one file of raw evidence, and the directories above it. @throws InputError when it cannot. */
export async function writeEvidence(file: string, text: string): Promise<void> {
  await attempt(file, async (place) => {
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, text);
  });
}

async function attempt(place: string, act: (place: string) => Promise<unknown>): Promise<void> {
  try {
    await act(place);
  } catch (error) {
    throw new InputError(`${place}: cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** @throws InputError when the directory is there and not empty, or is none. */
export async function demandEmpty(dir: string): Promise<void> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw new InputError(`${dir}: cannot hold raw evidence: ${error.code === 'ENOTDIR' ? 'it is not a directory' : error.message}`);
  });
  if (names.length > 0) throw new InputError(`${dir}: is not empty: raw evidence needs a new or empty directory`);
}
