// What a bundle holds besides code: the version, the rules, the templates and the collector script, as esbuild's `define`.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const embedded = (version) => ({
  MEMDOCTOR_VERSION: JSON.stringify(version),
  MEMDOCTOR_RULES: JSON.stringify(JSON.stringify(rules())),
  MEMDOCTOR_COLLECTOR: JSON.stringify(readFileSync('src/gather/collector/collect.sh', 'utf8')),
  MEMDOCTOR_TEMPLATES: JSON.stringify(JSON.stringify(files('src/templates', /\.(hbs|css)$/))),
});

/** Every built-in rule, with its file's path. */
function rules() {
  return readdirSync('rules', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
    .map((file) => ({ file, rule: JSON.parse(readFileSync(file, 'utf8')) }));
}

/** The texts of the files in a folder, by their paths relative to it. */
function files(dir, pattern) {
  return Object.fromEntries(
    readdirSync(dir, { recursive: true })
      .map(String)
      .filter((name) => pattern.test(name))
      .sort()
      .map((name) => [name, readFileSync(join(dir, name), 'utf8')]),
  );
}
