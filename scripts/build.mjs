// Builds dist/memdoctor.mjs: one file that holds the code, the validators (compiled by ajv now, not at every start), the rules
// and the templates, so that it also runs alone on a host that has nothing but Node.js.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build, buildSync } from 'esbuild';
import { embedded } from './embedded.mjs';
import { hoisted } from './hoist.mjs';
import { loadTs } from './load-ts.mjs';
import { writeRegistries } from './registries.mjs';

writeRegistries();
const [{ publishedSchemas }, { AJV_OPTIONS }] = await Promise.all(['src/schemas.ts', 'src/validators.ts'].map((entry) => loadTs(entry)));
/** The schemas of files that people write: all that is wrong in them is said at once. */
const AUTHORED = ['rule', 'override', 'pack', 'config'];
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

rmSync('dist', { recursive: true, force: true });
mkdirSync('dist');
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  define: embedded(version),
  plugins: [{ name: 'compiled-validators', setup: compiledValidators }],
};
await build({
  ...common,
  entryPoints: ['src/cli.ts'],
  outfile: 'dist/memdoctor.mjs',
  // packages in CommonJS ask for Node's modules by require
  banner: { js: "import { createRequire as memdoctorRequire } from 'node:module'; const require = memdoctorRequire(import.meta.url);" },
});
writeFileSync('dist/memdoctor.mjs', ascii(readFileSync('dist/memdoctor.mjs', 'utf8')));
chmodSync('dist/memdoctor.mjs', 0o755);
// the library: whoever imports it has its packages installed
await build({ ...common, entryPoints: { index: 'src/main.ts' }, outdir: 'dist', outExtension: { '.js': '.mjs' }, packages: 'external' });
for (const file of ['memdoctor.mjs', 'index.mjs']) console.error(`dist/${file}: ${Math.round(statSync(`dist/${file}`).size / 1024)} KiB`);
// what is wrong with types is said by the step "types"
spawnSync('node_modules/.bin/tsc', ['-p', 'tsconfig.types.json'], { stdio: 'ignore' });

/** Puts the compiled validators in the place of the two modules that compile them at run time in development. */
function compiledValidators(bundler) {
  const compiled = {
    snapshot: standalone(hoisted(publishedSchemas.snapshot), { allErrors: false, inlineRefs: false }),
    ...Object.fromEntries(AUTHORED.map((name) => [name, standalone(publishedSchemas[name], { allErrors: true, verbose: true })])),
  };
  const source = (name) => ({ contents: deferred(compiled[name]), loader: 'js' });
  bundler.onResolve({ filter: /^compiled:/ }, ({ path }) => ({ path: path.slice('compiled:'.length), namespace: 'compiled' }));
  bundler.onLoad({ filter: /.*/, namespace: 'compiled' }, ({ path }) => source(path));
  bundler.onLoad({ filter: /src\/rules\/rule-validator\.ts$/ }, () => ({
    contents: AUTHORED.map((name) => `export { validate as ${name} } from 'compiled:${name}';`).join('\n'),
    loader: 'js',
  }));
  bundler.onLoad({ filter: /src\/validators\.ts$/ }, () => ({
    contents: [
      "import { problemsOf } from './problems.js';",
      "import { validate as snapshot } from 'compiled:snapshot';",
      'export const validateSnapshot = (data) => (snapshot(data) ? [] : problemsOf(snapshot.errors, data));',
    ].join('\n'),
    loader: 'js',
    resolveDir: resolve('src'),
  }));
}

function standalone(schema, options) {
  const ajv = new Ajv2020({ ...AJV_OPTIONS, ...options, code: { source: true, esm: true, lines: false } });
  ajv.addVocabulary(['x-unit']);
  const { $id: _, ...anonymous } = schema;
  ajv.addSchema(anonymous, 'schema');
  const contents = standaloneCode.default(ajv, { validate: 'schema' });
  // ajv's names are long and local: without them the validators are half as large
  const bundled = { bundle: true, format: 'iife', globalName: 'validator', minify: true, target: 'node20', write: false };
  return buildSync({ ...bundled, stdin: { contents, resolveDir: process.cwd() } }).outputFiles[0].text;
}

/**
 * A module with a validator that is parsed when it is first called. They are a quarter of the code and few commands need one: a
 * text costs a start a third of what the same costs as code, which is parsed, called or not.
 */
function deferred(code) {
  return [
    'let compiled;',
    'export function validate(data) {',
    `  compiled ??= new Function(${JSON.stringify(`${code}return validator.validate`)})();`,
    '  const valid = compiled(data);',
    '  validate.errors = compiled.errors;',
    '  return valid;',
    '}',
  ].join('\n');
}

/**
 * The program with what esbuild leaves unescaped, the characters in regular expressions, escaped too: one character beyond
 * Latin-1 makes Node.js keep all of it in twice the memory, and read it more slowly.
 */
function ascii(code) {
  const raw = /String\.raw`[^`]*[^\0-\x7f][^`]*`/.exec(code);
  if (raw) throw new Error(`write \\u… in ${raw[0]}`);
  return code.replaceAll(/[^\0-\x7f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
