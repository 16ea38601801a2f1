import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
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

/** The built-in rules: those written into the bundle, or in the source tree those in rules/. */
export function builtinTexts(): RuleText[] | { readonly file: string; readonly rule: unknown }[] {
  if (typeof MEMDOCTOR_RULES !== 'undefined') return JSON.parse(MEMDOCTOR_RULES) as { file: string; rule: unknown }[];
  const root = fileURLToPath(new URL('../../', import.meta.url));
  return filesBelow(join(root, 'rules')).map((path) => ({ file: relative(root, path), text: readFileSync(path, 'utf8') }));
}

/**
 * The rule files that a path stands for: itself, or every *.json below it; nothing whose name begins with a dot.
 * @throws InputError when it cannot be read, is too big, or holds no rule file.
 */
export function textsAt(path: string): RuleText[] {
  try {
    const files = statSync(path).isDirectory() ? filesBelow(path) : [path];
    if (files.length === 0) throw new InputError(`${path}: there is no rule file (*.json) in it`);
    if (files.length > MAX_FILES) throw new InputError(`${path}: has more than ${MAX_FILES} rule files in it`);
    return files.map((file) => ({ file, text: textOf(file) }));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${path}: cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}

/** Every *.json below a folder, sorted; a link to a folder is not followed, one to a file is. */
function filesBelow(dir: string, found: string[] = []): string[] {
  for (const entry of readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || found.length > MAX_FILES) continue;
    const path = join(dir, entry.name);
    if (entry.isDirectory()) filesBelow(path, found);
    else if (entry.name.endsWith('.json') && statSync(path, { throwIfNoEntry: false })?.isFile()) found.push(path);
  }
  return found;
}

function textOf(file: string): string {
  const stat = statSync(file);
  // a named pipe or a device would never end
  if (!stat.isFile()) throw new InputError(`${file}: is neither a file nor a folder`);
  if (stat.size > MAX_BYTES) throw new InputError(`${file}: is ${stat.size} bytes long, a rule file has at most ${MAX_BYTES}`);
  return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
}
