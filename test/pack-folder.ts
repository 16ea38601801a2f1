/** Makes folders of files for tests of packs. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Text, or a value that is written as JSON. */
export type Files = Readonly<Record<string, unknown>>;

/** Writes files below a folder; a new one when none is given. @returns the folder. */
export function folderOf(files: Files, root: string = mkdtempSync(join(tmpdir(), 'memdoctor-packs-'))): string {
  for (const [name, content] of Object.entries(files)) {
    const file = join(root, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  }
  return root;
}

/** A rule file that has nothing wrong, over facts that there are. */
export const soundRule = (id: string, more: object = {}): object => ({
  id,
  title: 'A title',
  category: 'test',
  severity: 'warning',
  conditions: { fact: 'mem.available_pct', operator: 'lessThan', value: 10 },
  message: 'Available: {{percent mem.available_pct}}.',
  tests: [
    { name: 'fires', facts: { 'mem.available_pct': 5 }, expect: 'warning' },
    { name: 'clear', facts: { 'mem.available_pct': 50 }, expect: 'clear' },
    { name: 'unknown', facts: {}, expect: 'unknown' },
  ],
  ...more,
});

/** The files of a pack. */
export const packOf = (name: string, rules: readonly string[] = ['low'], more: object = {}): Record<string, unknown> => ({
  'memdoctor-pack.json': { name, version: '1.2.3', ...more },
  ...Object.fromEntries(rules.map((id) => [`rules/${id}.json`, soundRule(id)])),
});

/** The files of a pack below a folder. */
export const below = (folder: string, files: Files): Record<string, unknown> =>
  Object.fromEntries(Object.entries(files).map(([name, content]) => [`${folder}/${name}`, content]));
