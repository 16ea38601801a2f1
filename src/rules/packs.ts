import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { InputError, quote } from '../errors.js';
import { schemaFindings } from './check-shape.js';
import { readDocument, yamlFor } from './document.js';
import { tooNew } from './fact-schema.js';
import { isObject } from './parse.js';
import type { RuleProblem } from './problem.js';
import type { PackFile } from './rule.js';
import { isInside, orInputError, type RuleText, textOf, textsAt } from './rule-files.js';

/** A pack that is asked for: a folder, a file or an npm package, and the folder that a relative one starts from. */
export interface PackReference {
  readonly reference: string;
  readonly base: string;
  /** Who asks, for messages: `memdoctor.config.json:3:12`. */
  readonly by?: string;
}

/** The files of one pack, not read yet as rules. A file or folder without a manifest is a pack without a name. */
export interface Pack {
  readonly name: string | null;
  readonly version: string | null;
  readonly path: string;
  readonly factSchemaVersion: string | undefined;
  readonly texts: readonly RuleText[];
  /** Why nothing of it is used: it is for a newer memdoctor. */
  readonly skipped: RuleProblem | null;
}

const MANIFESTS = ['memdoctor-pack.json', 'memdoctor-pack.yaml', 'memdoctor-pack.yml'];
const PACKAGE = /^(?:@[a-z0-9][a-z0-9._-]*\/)?memdoctor-rules-[a-z0-9][a-z0-9._-]*$/;
const ADDRESS = /^(?:[a-z][a-z0-9+.-]*:\/\/|git@|git\+|npm:|file:|data:)/i;
const RESERVED = ['memdoctor', 'builtin', 'built-in'];
const MAX_PACKS = 100;

/**
 * Finds the packs asked for and those that they extend, these first, each once.
 * @throws InputError in one line for a reference that leads nowhere, leaves its pack, or goes in a ring.
 */
export async function findPacks(references: readonly PackReference[]): Promise<Pack[]> {
  const found = new Map<string, Pack>();
  const underway: string[] = [];

  async function add(path: string, home: string): Promise<void> {
    if (underway.includes(home)) {
      const ring = [...underway.slice(underway.indexOf(home)), home].map(shownPath);
      throw new InputError(`${shownPath(home)}: packs extend each other in a ring: ${ring.join(' → ')}`);
    }
    if (found.has(home)) return;
    if (found.size + underway.length >= MAX_PACKS) throw new InputError(`${path}: more than ${MAX_PACKS} packs are asked for`);
    underway.push(home);
    const { pack, bases } = await readPack(path);
    for (const base of bases) await add(shownPath(base), realOf(base));
    underway.pop();
    found.set(home, pack);
  }

  for (const reference of references) {
    const path = locate(reference);
    await add(path, realOf(path));
  }
  const packs = [...found.values()];
  for (const [index, { name, path }] of packs.entries()) {
    const other = name === null ? undefined : packs.slice(0, index).find((earlier) => earlier.name === name);
    if (other) throw new InputError(`${path}: its name ${quote(name ?? '')} is also that of the pack in ${other.path}`);
  }
  return packs;
}

const realOf = (path: string): string => orInputError(path, () => realpathSync(path));

/** A path as messages show it: relative when it lies below the working directory. */
export function shownPath(path: string): string {
  const below = relative(process.cwd(), path);
  return below === '' ? '.' : below.startsWith('..') || isAbsolute(below) ? path : below;
}

/** The folder or file of a reference. Nothing is ever downloaded, and no code of a package runs. */
function locate({ reference, base, by }: PackReference): string {
  const where = by === undefined ? '' : `${by}: `;
  if (reference === '' || reference.includes('\0'))
    throw new InputError(`${where}found ${quote(reference)}, expected a folder, a file or a package`);
  if (ADDRESS.test(reference))
    throw new InputError(
      `${where}${quote(reference)} is an address: packs are folders, files or installed npm packages, nothing is downloaded`,
    );
  if (PACKAGE.test(reference)) {
    const folder = packageFolder(reference, base);
    if (folder !== null) return shownPath(folder);
    if (!existsSync(resolve(base, reference)))
      throw new InputError(
        `${where}the package ${quote(reference)} is not in ${shownPath(join(base, 'node_modules'))} or above: npm install it`,
      );
  }
  const path = resolve(base, reference);
  if (by !== undefined && !existsSync(path)) throw new InputError(`${where}${quote(reference)} is not there: ${shownPath(path)}`);
  return base === process.cwd() ? reference : shownPath(path);
}

function packageFolder(name: string, base: string): string | null {
  for (let dir = resolve(base); ; dir = dirname(dir)) {
    const folder = join(dir, 'node_modules', name);
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
    if (dirname(dir) === dir) return null;
  }
}

/** Reads the manifest of a pack and the texts of its rules. `bases` are the folders of the packs that it extends. */
async function readPack(path: string): Promise<{ pack: Pack; bases: string[] }> {
  const isFolder = orInputError(path, () => statSync(path).isDirectory());
  const root = !isFolder && MANIFESTS.includes(path.slice(path.lastIndexOf('/') + 1)) ? dirname(path) : path;
  const manifest = isFolder || root !== path ? MANIFESTS.map((name) => join(root, name)).find((file) => existsSync(file)) : undefined;
  if (manifest === undefined) {
    if (PACKAGE.test(path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)) && path.includes('node_modules/'))
      throw new InputError(`${path}: has no memdoctor-pack.json: it is no pack of rules`);
    return { pack: { name: null, version: null, path, factSchemaVersion: undefined, texts: textsAt(path), skipped: null }, bases: [] };
  }
  const { file, problem, skipped } = await readManifest(manifest);
  const at = (pointer: string, message: string) => new InputError(problemLine(problem({ at: pointer, message })));
  if (RESERVED.includes(file.name)) throw at('/name', `the name ${quote(file.name)} is kept for the rules that are built in`);
  const bases = (file.extends ?? []).map((reference, index) => {
    const pointer = `/extends/${index}`;
    if (PACKAGE.test(reference)) {
      const folder = packageFolder(reference, realOf(root));
      if (folder === null) throw at(pointer, `the package ${quote(reference)} is not in node_modules here or above: npm install it`);
      return folder;
    }
    const inside = !ADDRESS.test(reference) && !reference.includes('\0') && !isAbsolute(reference);
    const target = resolve(root, reference);
    // a pack from a stranger must not say what else of the disk is read
    if (!inside || !isInside(target, resolve(root)))
      throw at(pointer, `found ${quote(reference)}, expected a package memdoctor-rules-* or a folder inside of the pack`);
    if (!existsSync(target)) throw at(pointer, `there is no folder ${quote(reference)} in the pack`);
    if (!isInside(realOf(target), realOf(root)))
      throw at(pointer, `${quote(reference)} is a link that leads out of the pack, which is not followed`);
    return target;
  });
  const folders = ['rules', 'overrides'].map((name) => join(root, name)).filter((folder) => existsSync(folder));
  const texts = skipped ? [] : folders.flatMap((folder) => textsInside(folder, root));
  if (texts.length === 0 && bases.length === 0 && !skipped)
    throw new InputError(`${manifest}: there is no rule file in rules/ or overrides/ beside it`);
  const { name, version = null, factSchemaVersion } = file;
  return { pack: { name, version, path: root, factSchemaVersion, texts, skipped }, bases: skipped ? [] : bases };
}

function textsInside(folder: string, root: string): RuleText[] {
  if (!isInside(realOf(folder), realOf(root)))
    throw new InputError(`${folder}: is a link that leads out of the pack, which is not followed`);
  return textsAt(folder, true);
}

const problemLine = ({ file, line, column, message }: RuleProblem): string => `${file}:${line}:${column}: ${message}`;

async function readManifest(manifest: string) {
  const text = { file: manifest, text: orInputError(manifest, () => textOf(manifest, 'the manifest of a pack')) };
  const { value, problem, problems } = readDocument(text, await yamlFor([text]));
  const [unreadable] = problems;
  if (unreadable) throw new InputError(problemLine(unreadable));
  const newer = isObject(value) ? tooNew(value['factSchemaVersion']) : null;
  const named = isObject(value) && typeof value['name'] === 'string' ? value['name'] : 'unnamed';
  // what a newer memdoctor accepts here is not known
  if (newer !== null)
    return { file: { name: named } as PackFile, problem, skipped: problem({ at: '', message: `the pack is left out: ${newer}` }) };
  const { pack: validate } = await import('./rule-validator.js');
  const [wrong] = schemaFindings(value, validate, 'a pack');
  if (wrong) throw new InputError(problemLine(problem(wrong)));
  return { file: value as PackFile, problem, skipped: null };
}
