// Everything that CI runs, in the order that fails fastest. `node scripts/check.mjs format types` runs some steps only.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const bin = (name) => join('node_modules/.bin', name);
const run =
  (command, ...args) =>
  () => {
    const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
    if (error) console.error(String(error));
    return status === 0;
  };

const BUNDLE_LIMIT = 4 * 1024 * 1024;

const steps = {
  format: run(bin('oxfmt'), '--check', 'src', 'test', 'scripts', 'rules', 'vitest.config.ts'),
  lint: run(bin('oxlint'), '--type-aware', '--deny-warnings', 'src', 'test', 'scripts'),
  types: run(bin('tsc')),
  'dead code': run(bin('knip')),
  generated: generatedIsCurrent,
  build: run('node', 'scripts/build.mjs'),
  tests: run(bin('vitest'), 'run', '--reporter=default', '--reporter=json', '--outputFile.json=node_modules/.cache/tests.json'),
  package: packedRunsOnSamples,
};

const wanted = process.argv.slice(2);
const failed = [];
for (const [name, step] of Object.entries(steps)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n— ${name}`);
  if (!step()) {
    failed.push(name);
    if (name === 'types' || name === 'build') break;
  }
}
console.log(failed.length > 0 ? `\nfailed: ${failed.join(', ')}` : '\nall checks passed');
closingLine();
process.exitCode = failed.length > 0 ? 1 : 0;

/** Generated files are those that `npm run generate` would write now. */
function generatedIsCurrent() {
  const paths = ['schema', 'docs', 'src/gather/sources/index.ts', 'src/facts/index.ts'];
  const before = mkdtempSync(join(tmpdir(), 'memdoctor-generated-'));
  try {
    for (const path of paths) if (existsSync(path)) cpSync(path, join(before, path), { recursive: true });
    if (!run('node', 'scripts/generate.mjs')()) return false;
    return paths.map((path) => run('diff', '-r', '-q', join(before, path), path)()).every(Boolean);
  } finally {
    rmSync(before, { recursive: true, force: true });
  }
}

/** The package as it would be published, installed elsewhere, on every sample, and against the size limit. */
function packedRunsOnSamples() {
  const dir = mkdtempSync(join(tmpdir(), 'memdoctor-pack-'));
  try {
    const tarball = JSON.parse(
      execFileSync('npm', ['pack', '--silent', '--json', '--ignore-scripts', '--pack-destination', dir], { encoding: 'utf8' }),
    )[0].filename;
    execFileSync('tar', ['-xzf', join(dir, tarball), '-C', dir]);
    const cli = join(dir, 'package/dist/memdoctor.mjs');
    if (statSync(cli).size > BUNDLE_LIMIT) throw new Error(`the bundle is ${statSync(cli).size} bytes, more than ${BUNDLE_LIMIT}`);
    if (!run(bin('publint'), '--strict')()) return false;
    const samples = readdirSync('samples').filter((name) => name.endsWith('.json'));
    for (const sample of samples)
      for (const format of ['html', 'md', 'text', 'json', 'ndjson']) {
        const out = execFileSync('node', [cli, 'diagnose', resolve('samples', sample), '--format', format], {
          cwd: dir,
          encoding: 'utf8',
          maxBuffer: 1 << 26,
        });
        if (out.length < 200) throw new Error(`${sample} as ${format}: only ${out.length} characters`);
      }
    console.log(`the packed program reports on ${samples.length} samples in 5 formats`);
    libraryServes(dir, join(dir, tarball));
    return samples.length > 0;
  } catch (error) {
    console.error(String(error));
    return false;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The packed library, installed in a project of its own: a program that uses it is compiled against its types, and runs. */
function libraryServes(dir, tarball) {
  const app = join(dir, 'app');
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  cpSync('test/api/consumer.mts', join(app, 'consumer.mts'));
  const compilerOptions = {
    strict: true,
    target: 'es2022',
    module: 'nodenext',
    types: ['node'],
    typeRoots: [resolve('node_modules/@types')],
  };
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['consumer.mts'] }));
  const here = { cwd: app, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] };
  execFileSync('npm', ['install', '--silent', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', tarball], here);
  const compiled = spawnSync(resolve(bin('tsc')), ['-p', '.'], here);
  if (compiled.status !== 0) throw new Error(`a program that uses the library does not compile:\n${compiled.stdout}`);
  const said = execFileSync('node', ['consumer.mjs', resolve('samples/swap-full.json')], here)
    .trim()
    .split('\n');
  const [verdict = '', ...rest] = said;
  const expected = [...Array(5).fill('true'), '1.0', 'nowhere: cannot be read: ENOENT'];
  if (!verdict.startsWith('critical dx-') || rest.join() !== expected.join()) throw new Error(`the library said: ${said.join(' | ')}`);
  console.log('a program that uses the packed library compiles and runs');
}

/** One line with the number of tests, for whoever reads only the end. */
function closingLine() {
  const file = 'node_modules/.cache/tests.json';
  if (!existsSync(file)) return;
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(file, 'utf8'));
  console.log(`tests: ${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
}
