// Reads the foreign evidence beside the project (../shared/corpus/fixtures.tar.xz, or a directory given as argument) with every source
// and with the whole program, and prints by kind what was parsed and what was refused, and why. Exit status 1 when anything crashed.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { loadTs } from './load-ts.mjs';

const run = promisify(execFile);
const CLI = resolve('dist/memdoctor.mjs');
const ARCHIVE = join(resolve(process.env.MEMDOCTOR_SHARED ?? '../shared'), 'corpus/fixtures.tar.xz');
const HOST = { pageSize: 4096, clockTicks: 100 };
const REASONS = 6;
/** Names that commands and files of a process have as well. */
const AMBIGUOUS = new Set(['stat', 'uptime', 'version', 'cmdline', 'modules', 'memory', 'io', 'cpu', 'max', 'limits']);

const given = process.argv[2];
if (given === undefined && !existsSync(ARCHIVE)) {
  console.log(`skipped: there is no ${ARCHIVE}`);
  process.exit(0);
}
const dir = given ?? mkdtempSync(join(tmpdir(), 'memdoctor-fixtures-'));
try {
  if (given === undefined) await run('tar', ['-xJf', ARCHIVE, '-C', dir]);
  process.exitCode = (await readAll(dir)) > 0 ? 1 : 0;
} finally {
  if (given === undefined) {
    await run('chmod', ['-R', 'u+w', dir]);
    rmSync(dir, { recursive: true, force: true });
  }
}

async function readAll(top) {
  const [{ sources }, { collectSource }, { directoryTree }, { memoryTree }] = await Promise.all(
    ['sources/index.ts', 'collect.ts', 'trees/directory.ts', 'trees/memory.ts'].map((file) => loadTs(`src/gather/${file}`)),
  );
  const known = Object.entries(sources);
  const tally = new Map();
  const files = filesBelow(top);
  const roots = rootsOf(top, files);

  const note = (kind, place, outcome) => {
    const counts = tally.get(kind) ?? { parsed: 0, partly: 0, refused: [], crashed: [] };
    tally.set(kind, counts);
    if (outcome.crash) counts.crashed.push(`${relative(top, place)}: ${outcome.crash}`);
    else if (outcome.status === 'ok') counts.parsed += 1;
    else if (outcome.data !== null && outcome.data !== undefined) {
      counts.partly += 1;
      counts.refused.push(`${relative(top, place)}: in part: ${outcome.reason}`);
    } else counts.refused.push(`${relative(top, place)}: ${outcome.reason}`);
  };
  const read = async (id, source, place, tree) => {
    try {
      const outcome = await collectSource(source, tree, HOST);
      if (outcome.status !== 'absent') note(id, place, outcome);
    } catch (error) {
      // the modules are bundles of their own, each with a class of that name
      note(
        id,
        place,
        error?.name === 'ParseError' ? { status: 'failed', reason: error.message } : { crash: error?.stack ?? String(error) },
      );
    }
  };

  for (const root of roots) for (const [id, source] of known) await read(id, source, root, directoryTree(root));
  // files on their own, of which the name tells what they are: meminfo.8g.txt, node0-meminfo.txt, slabinfo
  for (const file of files.filter((each) => !roots.some((root) => each.startsWith(`${root}/proc/`) || each.startsWith(`${root}/sys/`)))) {
    const [, proc, name = ''] = /^(proc_)?([a-z_]+)(?:\.(?!out$)|$)/.exec(basename(file)) ?? [];
    if (proc === undefined && AMBIGUOUS.has(name)) continue;
    for (const [id, source] of known) {
      const path = source.reads.find((each) => each.startsWith('proc/') && !each.includes('*') && basename(each) === name);
      if (path === undefined || 'collect' in source) continue;
      await read(id, source, file, memoryTree(new Map([[path, { body: readFileSync(file) }]])));
    }
  }
  for (const root of roots) note('(whole tree)', root, await diagnose(root));
  return print(tally);
}

/** Where a proc or a sys lies that is not within another one. */
function rootsOf(top, files) {
  const found = new Set();
  for (const file of files) {
    const [, root] = /^(.*?)\/(?:proc|sys)\//.exec(file.slice(top.length)) ?? [];
    if (root !== undefined) found.add(join(top, root));
  }
  return [...found].toSorted((a, b) => (a < b ? -1 : 1));
}

function filesBelow(top) {
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

async function diagnose(root) {
  try {
    const { stdout } = await run('node', [CLI, 'diagnose', root, '--format', 'json'], { maxBuffer: 1 << 28 });
    const inner = /"[^"\n]*internal error[^"\n]*"/.exec(stdout);
    JSON.parse(stdout);
    return inner ? { crash: inner[0] } : { status: 'ok' };
  } catch (error) {
    const said = String(error.stderr ?? error).trim();
    // a refusal is one line; status 1 and above with a report tell how bad it is
    if (error.stdout) {
      const inner = /"[^"\n]*internal error[^"\n]*"/.exec(error.stdout);
      return inner ? { crash: inner[0] } : { status: 'ok' };
    }
    return said.includes('\n    at ') || error.signal
      ? { crash: said.slice(0, 400) }
      : { status: 'refused', reason: said.split('\n').at(-1) };
  }
}

function print(tally) {
  let crashes = 0;
  console.log('kind                    parsed  in part  refused  crashed');
  for (const [kind, { parsed, partly, refused, crashed }] of [...tally].sort(([a], [b]) => (a < b ? -1 : 1))) {
    crashes += crashed.length;
    console.log(
      `${kind.padEnd(22)}${String(parsed).padStart(8)}${String(partly).padStart(9)}${String(refused.length - partly).padStart(9)}${String(crashed.length).padStart(9)}`,
    );
    for (const line of crashed) console.log(`    CRASH ${line}`);
    for (const line of refused.slice(0, REASONS)) console.log(`    ${line.slice(0, 220)}`);
    if (refused.length > REASONS) console.log(`    and ${refused.length - REASONS} more`);
  }
  return crashes;
}
