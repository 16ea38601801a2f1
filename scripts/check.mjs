// Everything that CI runs, in the order that fails fastest. `node scripts/check.mjs format types` runs some steps only.
import { execFile, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const bin = (name) => join('node_modules/.bin', name);
const program = promisify(execFile);
/** A step that is a program: true when it ends well. What it says is shown at the end in one piece when others run at the same time. */
const run =
  (command, ...args) =>
  (alone = true) =>
    new Promise((done) => {
      const said = [];
      const child = spawn(command, args, { stdio: alone ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
      for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => said.push(data));
      const end = (ok) => {
        process.stdout.write(Buffer.concat(said));
        done(ok);
      };
      child.on('error', (error) => {
        console.error(String(error));
        end(false);
      });
      child.on('close', (status) => end(status === 0));
    });

const BUNDLE_LIMIT = 4 * 1024 * 1024;

/** The steps of a stage only read: they run at the same time. */
const stages = [
  {
    format: run(bin('oxfmt'), '--check', 'src', 'test', 'scripts', 'rules', 'vitest.config.ts'),
    lint: run(bin('oxlint'), '--type-aware', '--deny-warnings', 'src', 'test', 'scripts'),
    types: run(bin('tsc')),
    'dead code': run(bin('knip')),
  },
  { generated: generatedIsCurrent },
  { build: run('node', 'scripts/build.mjs') },
  { tests: run(bin('vitest'), 'run', '--reporter=default', '--reporter=json', '--outputFile.json=node_modules/.cache/tests.json') },
  { package: packedRunsOnSamples },
];

const wanted = process.argv.slice(2);
const failed = [];
for (const stage of stages) {
  const steps = Object.entries(stage).filter(([name]) => wanted.length === 0 || wanted.includes(name));
  if (steps.length === 0) continue;
  console.log(`\n— ${steps.map(([name]) => name).join(', ')}`);
  const started = performance.now();
  const ended = await Promise.all(steps.map(([, step]) => step(steps.length === 1)));
  console.log(`(${((performance.now() - started) / 1000).toFixed(1)} s)`);
  failed.push(...steps.filter((_, index) => !ended[index]).map(([name]) => name));
  if (failed.includes('types') || failed.includes('build')) break;
}
console.log(failed.length > 0 ? `\nfailed: ${failed.join(', ')}` : '\nall checks passed');
closingLine();
process.exitCode = failed.length > 0 ? 1 : 0;

/** Generated files are those that `npm run generate` would write now. */
async function generatedIsCurrent() {
  const paths = ['schema', 'docs', 'src/gather/sources/index.ts', 'src/facts/index.ts'];
  const before = mkdtempSync(join(tmpdir(), 'memdoctor-generated-'));
  try {
    for (const path of paths) if (existsSync(path)) cpSync(path, join(before, path), { recursive: true });
    if (!(await run('node', 'scripts/generate.mjs')())) return false;
    const same = await Promise.all(paths.map((path) => run('diff', '-r', '-q', join(before, path), path)()));
    return same.every(Boolean);
  } finally {
    rmSync(before, { recursive: true, force: true });
  }
}

/** The package as it would be published, installed elsewhere, on every sample, and against the size limit. */
async function packedRunsOnSamples() {
  const dir = mkdtempSync(join(tmpdir(), 'memdoctor-pack-'));
  try {
    const packed = await program('npm', ['pack', '--silent', '--json', '--ignore-scripts', '--pack-destination', dir]);
    const tarball = join(dir, JSON.parse(packed.stdout)[0].filename);
    await program('tar', ['-xzf', tarball, '-C', dir]);
    const cli = join(dir, 'package/dist/memdoctor.mjs');
    if (statSync(cli).size > BUNDLE_LIMIT) throw new Error(`the bundle is ${statSync(cli).size} bytes, more than ${BUNDLE_LIMIT}`);
    if (!(await run(bin('publint'), '--strict')())) return false;
    const samples = readdirSync('samples').filter((name) => name.endsWith('.json'));
    const served = libraryServes(dir, tarball);
    await Promise.all([served, reportsOn(samples, cli, dir)]);
    console.log(`the packed program reports on ${samples.length} samples in 5 formats\n${await served}`);
    return samples.length > 0;
  } catch (error) {
    console.error(String(error));
    return false;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Runs the packed program on every sample in every format, as many at a time as there are processors. */
async function reportsOn(samples, cli, dir) {
  const checked = async (names, format) => {
    const inputs = names.map((name) => resolve('samples', name));
    const { stdout } = await program('node', [cli, 'diagnose', ...inputs, '--format', format], { cwd: dir, maxBuffer: 1 << 26 });
    const reports = names.length > 1 ? stdout.trimEnd().split('\n') : [stdout];
    if (reports.length !== names.length) throw new Error(`${names.join(', ')} as ${format}: ${reports.length} reports`);
    for (const [index, report] of reports.entries())
      if (report.length < 200) throw new Error(`${names[index]} as ${format}: only ${report.length} characters`);
  };
  const jobs = ['html', 'md', 'text', 'json'].flatMap((format) => samples.map((sample) => () => checked([sample], format)));
  // the one format for several inputs
  jobs.push(() => checked(samples, 'ndjson'));
  const worker = async () => {
    for (let job = jobs.pop(); job; job = jobs.pop()) await job();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

/** The packed library, installed in a project of its own: a program that uses it is compiled against its types, and runs. */
async function libraryServes(dir, tarball) {
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
  const here = { cwd: app };
  await program('npm', ['install', '--silent', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', tarball], here);
  await program(resolve(bin('tsc')), ['-p', '.'], here).catch(({ stdout }) => {
    throw new Error(`a program that uses the library does not compile:\n${stdout}`);
  });
  const { stdout } = await program('node', ['consumer.mjs', resolve('samples/swap-full.json')], here);
  const said = stdout.trim().split('\n');
  const [verdict = '', ...rest] = said;
  const expected = [...Array(5).fill('true'), '1.0', 'nowhere: cannot be read: ENOENT'];
  if (!verdict.startsWith('critical dx-') || rest.join() !== expected.join()) throw new Error(`the library said: ${said.join(' | ')}`);
  return 'a program that uses the packed library compiles and runs';
}

/** One line with the number of tests, for whoever reads only the end. */
function closingLine() {
  const file = 'node_modules/.cache/tests.json';
  if (!existsSync(file)) return;
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(file, 'utf8'));
  console.log(`tests: ${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
}
