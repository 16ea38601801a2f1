// Builds dist/memdoctor.mjs: one file that holds the code, the validators (compiled by ajv now, not at every start), the rules
// and the templates, so that it also runs alone on a host that has nothing but Node.js.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build, transformSync } from 'esbuild';
import { embedded } from './embedded.mjs';
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
chmodSync('dist/memdoctor.mjs', 0o755);
// the library: whoever imports it has its packages installed
await build({ ...common, entryPoints: { index: 'src/main.ts' }, outdir: 'dist', outExtension: { '.js': '.mjs' }, packages: 'external' });
for (const file of ['memdoctor.mjs', 'index.mjs']) console.error(`dist/${file}: ${Math.round(statSync(`dist/${file}`).size / 1024)} KiB`);
// what is wrong with types is said by the step "types"
spawnSync('node_modules/.bin/tsc', ['-p', 'tsconfig.types.json'], { stdio: 'ignore' });

/** Puts the compiled validators in the place of the two modules that compile them at run time in development. */
function compiledValidators(bundler) {
  const compiled = {
    snapshot: standalone(publishedSchemas.snapshot, { allErrors: false }),
    ...Object.fromEntries(AUTHORED.map((name) => [name, standalone(publishedSchemas[name], { allErrors: true, verbose: true })])),
  };
  const source = (name) => ({ contents: compiled[name], loader: 'js', resolveDir: process.cwd() });
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
  // ajv's names are long and local: without them the validators are half as large
  return transformSync(standaloneCode.default(ajv, { validate: 'schema' }), { format: 'esm', minify: true }).code;
}
