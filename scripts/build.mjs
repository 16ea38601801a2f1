// Builds dist/memdoctor.mjs: one file that holds the code, the validators (compiled by ajv now, not at every start), the rules
// and the templates, so that it also runs alone on a host that has nothing but Node.js.
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';
import { loadTs } from './load-ts.mjs';
import { writeRegistries } from './registries.mjs';

writeRegistries();
const { publishedSchemas } = await loadTs('src/schemas.ts');
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

rmSync('dist', { recursive: true, force: true });
mkdirSync('dist');
await build({
  entryPoints: ['src/cli.ts'],
  outfile: 'dist/memdoctor.mjs',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  define: {
    MEMDOCTOR_VERSION: JSON.stringify(version),
    MEMDOCTOR_RULES: JSON.stringify(JSON.stringify(rules())),
    MEMDOCTOR_TEMPLATES: JSON.stringify(files('src/templates', /\.(hbs|css)$/)),
  },
  // packages in CommonJS ask for Node's modules by require
  banner: { js: "import { createRequire as memdoctorRequire } from 'node:module'; const require = memdoctorRequire(import.meta.url);" },
  plugins: [{ name: 'validators', setup: (bundler) => bundler.onLoad({ filter: /src\/compiled-validators\.ts$/ }, () => ({ contents: validators(), loader: 'js', resolveDir: process.cwd() })) }],
});
chmodSync('dist/memdoctor.mjs', 0o755);
console.error(`dist/memdoctor.mjs: ${Math.round(statSync('dist/memdoctor.mjs').size / 1024)} KiB`);

/** The module that src/compiled-validators.ts stands for in development. */
function validators() {
  const ajv = new Ajv2020({ code: { source: true, esm: true, lines: false }, strict: true, strictTypes: false, strictRequired: false, allowUnionTypes: true, allErrors: false, verbose: false });
  ajv.addVocabulary(['x-unit']);
  const names = Object.fromEntries(Object.entries(publishedSchemas).map(([name, schema]) => [name, ajv.addSchema(schema, name) && name]));
  return standaloneCode.default(ajv, names);
}

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
