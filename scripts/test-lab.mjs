// Traces real faults in throw-away virtual machines: `npm run test:lab [-- SCENARIO…]`. Each scenario in test/lab is booted once; in it every
// trace that the scenario provokes is run by each means, must see rows, and must leave nothing behind. Needs the lab beside the project.
// MEMDOCTOR_LAB: where the lab is; MEMDOCTOR_LAB_OUT: keeps there what came back; MEMDOCTOR_LAB_KERNEL: another of its kernels.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const lab = resolve(process.env.MEMDOCTOR_LAB ?? '../shared/lab');
const kernel = process.env.MEMDOCTOR_LAB_KERNEL ?? '6.1';
const asked = process.argv.slice(2);
const scenarios = readdirSync('test/lab')
  .filter((name) => name.endsWith('.sh') && name !== 'guest.sh')
  .map((name) => name.slice(0, -3))
  .filter((name) => asked.length === 0 || asked.includes(name));

if (!existsSync(join(lab, 'run.sh'))) skip(`there is no lab beside the project`);
if (!existsSync(join(lab, `image/${kernel}/vmlinux`)))
  skip('the machines of the lab are not built: run its mkimage.sh (Debian, root, some minutes)');
if (scenarios.length === 0) throw new Error(`no scenario ${asked.join(', ')} in test/lab`);

const problems = [];
const overlay = mkdtempSync(join(tmpdir(), 'memdoctor-lab-'));
const kept = resolve(process.env.MEMDOCTOR_LAB_OUT ?? join(overlay, 'out'));
try {
  // the lab's own folder is not written to
  for (const part of ['lib', 'guest', 'src', 'bin', 'image']) symlinkSync(join(lab, part), join(overlay, part));
  for (const part of ['scenarios', 'build']) mkdirSync(join(overlay, part));
  for (const name of scenarios) {
    cpSync(join('test/lab', `${name}.sh`), join(overlay, 'scenarios', `${name}.sh`));
    problems.push(...run(name).map((problem) => `${name}: ${problem}`));
  }
} finally {
  rmSync(overlay, { recursive: true, force: true });
}
for (const problem of problems) console.error(`✗ ${problem}`);
console.log(problems.length === 0 ? 'all traces saw what they should, and left nothing' : `${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

/**
 * What the head of a scenario asks for: `# expect: tracefs reclaim kswapd`, these must see rows by tracefs; `# expect: fentry@orderd pfaults`,
 * of the process of that name; `# killed: bpftrace tracefs`, memdoctor is killed while it traces by these; `# interrupted: bpftrace`.
 */
function demands(name) {
  const text = readFileSync(join('test/lab', `${name}.sh`), 'utf8');
  const expected = [...text.matchAll(/^# expect: (\S+) (.+)$/gm)].map(([, by, list]) => ({ by, ids: list.trim().split(/\s+/) }));
  const ended = [...text.matchAll(/^# (killed|interrupted): (.+)$/gm)].flatMap(([, how, list]) =>
    list
      .trim()
      .split(/\s+/)
      .map((by) => ({ how, by })),
  );
  return { expected, ended };
}

function run(name) {
  const out = join(kept, name);
  mkdirSync(kept, { recursive: true });
  const { expected, ended } = demands(name);
  const words = [...expected.map(({ by, ids }) => `${by}=${ids.join(',')}`), ...ended.map(({ how, by }) => `${how}=${by}`)].join(' ');
  const inputs = ['dist/memdoctor.mjs', 'test/lab/guest.sh'].flatMap((file) => ['--input', resolve(file)]);
  const options = ['--kernel', kernel, ...inputs, '--out', out, '--cmd-timeout', '260', '--', `bash /lab/in/guest.sh ${words}`];
  const { status } = spawnSync('python3', [join(overlay, 'lib/run.py'), name, ...options], { stdio: ['ignore', 'inherit', 'inherit'] });
  const said = (file) => (existsSync(join(out, file)) ? readFileSync(join(out, file), 'utf8').trim() : null);
  const found = status === 0 ? [] : [`the machine ended with status ${status}`];
  for (const { by, ids } of expected) {
    const traces = parsed(said(`trace-${by}.json`));
    for (const id of ids) found.push(...judged(`${by.padEnd(15)} ${id.padEnd(17)}`, traces[id]));
    found.push(...leftBehind(by, said(`left-${by}.txt`)));
  }
  for (const { how, by } of ended) {
    // the same look must have found something while it was there: else it proves nothing
    const there = lines(said(`${how}-${by}-there.txt`));
    const attached = there.filter((line) => /bpf-prog|perf_event|:hist:/.test(line));
    const problem = leftBehind(`${how}-${by}`, said(`left-${how}-${by}.txt`));
    const good = attached.length > 0 && problem.length === 0;
    console.log(`  ${good ? '✓' : '✗'} ${how} while ${by} traced: ${there.length} things were there, ${attached.length} of them attached`);
    if (attached.length === 0) found.push(`${how} ${by}: nothing was attached when it was ended`);
    found.push(...problem);
  }
  return found;
}

/** A line for the reader; the same as a problem when the trace saw nothing. */
function judged(title, seen) {
  const { rows = [], stacks = [], totals = {} } = seen ?? {};
  const counted = Object.values(totals).filter((value) => value > 0).length;
  const why = seen?.reason === undefined ? '' : ` (${seen.reason})`;
  const line = seen
    ? `${title} ${seen.status} by ${seen.backend ?? 'nothing'}: ${rows.length} rows, ${counted} totals, ${stacks.length} stacks, lost ${seen.lost}${why}`
    : `${title} nothing came back`;
  const good = seen?.status === 'ok' && rows.length + counted > 0;
  console.log(`  ${good ? '✓' : '✗'} ${line}`);
  return good ? [] : [line];
}

function leftBehind(what, text) {
  if (text === null) return [`${what}: whether anything was left behind was not seen`];
  return text === '' ? [] : [`${what}: left behind: ${lines(text).slice(0, 8).join(', ')}`];
}

function lines(text) {
  return text === null || text === '' ? [] : text.split('\n');
}

function parsed(text) {
  try {
    return JSON.parse(text ?? '{}');
  } catch {
    return {};
  }
}

function skip(why) {
  console.log(`skipped: ${why}`);
  process.exit(0);
}
