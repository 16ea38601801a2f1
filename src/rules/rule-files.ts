import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync, realpathSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../errors.js';

declare const MEMDOCTOR_RULES: string | undefined;

/** A rule file as it lies on the disk. */
export interface RuleText {
  /** As messages and `rules list` show it. */
  readonly file: string;
  readonly text: string;
}

const MAX_BYTES = 256 * 1024;
const MAX_FILES = 2000;
/** Of all files of one folder together: reading and checking them takes seconds at most. */
const MAX_TOTAL = 8 * 1024 * 1024;
const MAX_ENTRIES = 20_000;
const MAX_FOLDERS = 8;
const ENDING = /\.(?:json|ya?ml)$/i;
/** Files that lie beside rules and are none. */
const BESIDE = /^(?:memdoctor-pack\.(?:json|ya?ml)|memdoctor\.config\.json|package(?:-lock)?\.json|.*\.schema\.json)$/i;

/** The built-in rules: those written into the bundle, or in the source tree those in rules/. */
export function builtinTexts(): RuleText[] | { readonly file: string; readonly rule: unknown }[] {
  if (typeof MEMDOCTOR_RULES !== 'undefined') return JSON.parse(MEMDOCTOR_RULES) as { file: string; rule: unknown }[];
  const root = fileURLToPath(new URL('../../', import.meta.url));
  return filesBelow(join(root, 'rules')).map((path) => ({ file: relative(root, path), text: readFileSync(path, 'utf8') }));
}

/**
 * The rule files that a path stands for: itself, or every *.json, *.yaml and *.yml below it; nothing whose name begins with a dot.
 * @throws InputError when it cannot be read, is too big, holds no rule file, or leads out of itself by a link.
 */
export function textsAt(path: string, empty = false): RuleText[] {
  return orInputError(path, () => {
    const files = statSync(path).isDirectory() ? filesBelow(path) : [path];
    if (files.length === 0 && !empty) throw new InputError(`${path}: there is no rule file (*.json, *.yaml) in it`);
    if (files.length > MAX_FILES) throw new InputError(`${path}: has more than ${MAX_FILES} rule files in it`);
    let total = 0;
    return files.map((file) => {
      const text = textOf(file);
      total += text.length;
      if (total > MAX_TOTAL) throw new InputError(`${path}: its rule files have more than ${MAX_TOTAL} characters together`);
      return { file, text };
    });
  });
}

/** Runs what reads files; a file that cannot be read becomes an InputError in one line. */
export function orInputError<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${path}: cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}

/** Every rule file below a folder, sorted; a link to a folder is not followed, one to a file is while it stays below the folder. */
function filesBelow(root: string): string[] {
  const found: string[] = [];
  const home = realpathSync(root);
  let seen = 0;
  const walk = (dir: string, depth: number): void => {
    if (depth > MAX_FOLDERS) throw new InputError(`${dir}: folders of rules are nested deeper than ${MAX_FOLDERS} levels`);
    for (const entry of readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (++seen > MAX_ENTRIES) throw new InputError(`${root}: has more than ${MAX_ENTRIES} files in it`);
      if (entry.name.startsWith('.') || entry.name === 'node_modules' || found.length > MAX_FILES) continue;
      const path = join(dir, entry.name);
      if (entry.isDirectory()) walk(path, depth + 1);
      else if (ENDING.test(entry.name) && !BESIDE.test(entry.name) && statSync(path, { throwIfNoEntry: false })?.isFile()) {
        if (entry.isSymbolicLink() && !isInside(realpathSync(path), home))
          throw new InputError(`${path}: is a link that leads out of its folder, which is not followed`);
        found.push(path);
      }
    }
  };
  walk(root, 0);
  return found;
}

/** Whether a path is a folder, or lies in it. Both absolute and without links. */
export const isInside = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

/**
 * The text of one file, at most 256 KiB, without a byte order mark.
 * @throws InputError, or what the file system says.
 */
export function textOf(file: string, what = 'a rule file'): string {
  // a named pipe or a device would never end
  if (!statSync(file).isFile()) throw new InputError(`${file}: is neither a file nor a folder`);
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    if (size > MAX_BYTES) throw new InputError(`${file}: is ${size} bytes long, ${what} has at most ${MAX_BYTES}`);
    const buffer = Buffer.alloc(MAX_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read)
      read = readSync(handle, buffer, length, buffer.length - length, null);
    // some files have more in them than they say
    if (length > MAX_BYTES) throw new InputError(`${file}: is longer than ${MAX_BYTES} bytes, the most that ${what} has`);
    return buffer.toString('utf8', 0, length).replace(/^\uFEFF/, '');
  } finally {
    closeSync(handle);
  }
}
