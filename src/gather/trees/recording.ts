import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '../../errors.js';
import { readable, type ReadResult, type Tree } from '../tree.js';
import { plainPath } from './paths.js';

/**
 * A tree that also writes what is read from it below `dir`; `moved` gives single files another place. A directory that was
 * listed and held something is made too, so that a walk over what was written finds the same. What two sources read or list is
 * asked of the host once: a process that begins between them, or a file that could not be read at first, would be in the files
 * written and not in what the first of them saw. @throws InputError when it cannot write.
 */
export function recordingTree(tree: Tree, dir: string, moved: Readonly<Record<string, string>> = {}): Tree {
  const known = new Map<string, ReadResult>();
  const listed = new Map<string, Promise<string[]>>();
  const fileOf = (plain: string): string => moved[plain] ?? path.join(dir, plain);

  async function keep(result: ReadResult): Promise<void> {
    const plain = plainPath(result.path);
    if (plain === null) return;
    if (readable(result)) await writeEvidence(fileOf(plain), result.text);
    // what was cut is read again: another source may ask for more of it
    if (result.status !== 'truncated') known.set(plain, { ...result, text: '' });
  }
  const again = async (result: ReadResult): Promise<ReadResult> =>
    readable(result) ? { ...result, text: await readFile(fileOf(result.path), 'utf8') } : result;

  async function list(place: string): Promise<string[]> {
    const names = await tree.list(place);
    const plain = plainPath(place);
    if (plain !== null && names.length > 0) await attempt(path.join(dir, plain), (made) => mkdir(made, { recursive: true }));
    return names;
  }
  return {
    read: async (paths, limits) => {
      const seen = paths.map((wanted) => known.get(wanted));
      const fresh = await tree.read(
        paths.filter((_, index) => seen[index] === undefined),
        limits,
      );
      for (const result of fresh) await keep(result);
      let next = 0;
      const results: ReadResult[] = [];
      for (const before of seen) {
        const result = before === undefined ? fresh[next++] : await again(before);
        if (result) results.push(result);
      }
      return results;
    },
    list: (place) => {
      const names = listed.get(place) ?? list(place);
      listed.set(place, names);
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
