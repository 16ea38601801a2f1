// Builds dist/memdoctor.mjs: one file that holds the code, the validators (compiled by ajv now, not at every start), the rules
// and the templates, so that it also runs alone on a host that has nothing but Node.js.
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';
import { embedded } from './embedded.mjs';
import { loadTs } from './load-ts.mjs';
import { writeRegistries } from './registries.mjs';

writeRegistries();
const [{ publishedSchemas }, { AJV_OPTIONS }] = await Promise.all(['src/schemas.ts', 'src/validators.ts'].map((entry) => loadTs(entry)));
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
  define: embedded(version),
  // packages in CommonJS ask for Node's modules by require
  banner: { js: "import { createRequire as memdoctorRequire } from 'node:module'; const require = memdoctorRequire(import.meta.url);" },
  plugins: [{ name: 'compiled-validators', setup: compiledValidators }],
});
chmodSync('dist/memdoctor.mjs', 0o755);
console.error(`dist/memdoctor.mjs: ${Math.round(statSync('dist/memdoctor.mjs').size / 1024)} KiB`);

/** Puts the compiled validators in the place of the two modules that compile them at run time in development. */
function compiledValidators(bundler) {
  const compiled = {
    snapshot: standalone(publishedSchemas.snapshot, { allErrors: false }),
    report: standalone(publishedSchemas.report, { allErrors: true }),
    rule: standalone(publishedSchemas.rule, { allErrors: true, verbose: true }),
  };
  const source = (name) => ({ contents: compiled[name], loader: 'js', resolveDir: process.cwd() });
  bundler.onResolve({ filter: /^compiled:/ }, ({ path }) => ({ path: path.slice('compiled:'.length), namespace: 'compiled' }));
  bundler.onLoad({ filter: /.*/, namespace: 'compiled' }, ({ path }) => source(path));
  bundler.onLoad({ filter: /src\/rules\/rule-validator\.ts$/ }, () => ({
    contents: "export { validate as rule } from 'compiled:rule';",
    loader: 'js',
  }));
  bundler.onLoad({ filter: /src\/validators\.ts$/ }, () => ({
    contents: [
      "import { problemsOf } from './problems.js';",
      ...Object.keys(compiled).flatMap((name) => [
        `import { validate as ${name} } from 'compiled:${name}';`,
        `export const validate${name[0].toUpperCase()}${name.slice(1)} = (data) => (${name}(data) ? [] : problemsOf(${name}.errors, data));`,
      ]),
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
  return standaloneCode.default(ajv, { validate: 'schema' });
}
