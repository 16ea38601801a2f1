/** The collector script, in each shell that is installed: what it collects is what `gather --raw` would, and it leaves nothing else behind. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectorScript, generated } from '../src/gather/collector/script.js';
import { openEvidence } from '../src/gather/evidence.js';
import { gatherLive, snapshotFromEvidence } from '../src/gather/gather.js';
import type { Snapshot } from '../src/gather/snapshot.js';
import type { AnySource } from '../src/gather/source.js';
import { sources } from '../src/gather/sources/index.js';
import { diagnose, loadRules } from '../src/main.js';

const SHELLS = [['dash'], ['busybox', 'ash'], ['bash', '--posix']] as const;
const present = (command: string): boolean => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
const shells = SHELLS.filter(([command]) => present(command));
/** Some builds of busybox take their own cp and cat, whatever is in the PATH: nothing can stand for them. */
const hasOwnPrograms = ([command = 'sh', ...first]: readonly string[]): boolean =>
  spawnSync(command, [...first, '-c', 'PATH=/nowhere; cat /dev/null']).status === 0;

let top = '';
let script = '';
beforeAll(() => {
  top = mkdtempSync(join(tmpdir(), 'memdoctor-collector-'));
  script = join(top, 'collect.sh');
  writeFileSync(script, collectorScript());
});
afterAll(() => rmSync(top, { recursive: true, force: true }));

interface Done {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What is left in the directory of temporary files. */
  readonly left: string[];
  readonly dir: string;
}

/** Runs the script in an empty directory; unset variables are errors. */
async function collect(shell: readonly string[], args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Done> {
  const dir = mkdtempSync(join(top, 'run-'));
  mkdirSync(join(dir, 'tmp'));
  const [command = 'sh', ...first] = shell;
  const child = spawn(command, [...first, '-u', script, ...args], {
    cwd: dir,
    env: { ...process.env, TMPDIR: join(dir, 'tmp'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { status, stdout, stderr, left: readdirSync(join(dir, 'tmp')), dir };
}

const PROC = 'test/sources';
/** A small host of files: a process, a zombie, a kernel thread; a cgroup with a limit, and one with a blank in its name. */
function fakeRoot(): string {
  const root = mkdtempSync(join(top, 'root-'));
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const fixture = (id: string): string => {
    const name = readdirSync(join(PROC, id)).find((file) => file.endsWith('.txt')) ?? '';
    return readFileSync(join(PROC, id, name), 'utf8');
  };
  for (const id of ['meminfo', 'vmstat', 'zoneinfo', 'buddyinfo', 'slabinfo', 'swaps', 'loadavg', 'uptime', 'version', 'cmdline'])
    put(`proc/${id}`, fixture(id));
  put('proc/stat', fixture('stat'));
  put('proc/pressure/memory', 'some avg10=1.00 avg60=0.50 avg300=0.10 total=1000\nfull avg10=0.50 avg60=0.20 avg300=0.05 total=500\n');
  put('proc/sys/kernel/osrelease', '6.1.0-13-amd64\n');
  put('proc/sys/kernel/hostname', 'a "quoted" \\ name\n');
  put('proc/sys/vm/swappiness', '60\n');
  put('proc/self/cgroup', '0::/app.slice/web\n');
  put('proc/self/mountinfo', '22 1 0:20 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n23 1 0:21 / /dev/shm rw - tmpfs tmpfs rw\n');
  put('etc/os-release', 'ID=debian\n');
  const process = (pid: number, name: string, sizes: string, state = 'S', flags = 0, vsize = 1_000_000): void => {
    put(
      `proc/${pid}/stat`,
      `${pid} (${name}) ${state} 1 ${pid} ${pid} 0 -1 ${flags} 10 0 2 0 5 5 0 0 20 0 1 0 100 ${vsize} 100 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n`,
    );
    put(`proc/${pid}/status`, `Name:\t${name}\nState:\t${state} (x)\nFDSize:\t64\n${sizes}Threads:\t1\n`);
    put(`proc/${pid}/oom_score_adj`, '0\n');
    put(`proc/${pid}/cgroup`, '0::/app.slice/web\n');
    put(`proc/${pid}/cmdline`, `${name}\0--password=x\0`);
    put(`proc/${pid}/wchan`, 'io_schedule');
    put(
      `proc/${pid}/limits`,
      'Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1024                 4096                 files     \n',
    );
    mkdirSync(join(root, `proc/${pid}/fd`));
    symlinkSync('pipe:[77]', join(root, `proc/${pid}/fd/3`));
    symlinkSync('/a \\ b -> c', join(root, `proc/${pid}/fd/12`));
  };
  const sizes = (kb: number): string =>
    `VmSize:\t${kb * 2} kB\nVmRSS:\t${kb} kB\nRssAnon:\t${kb} kB\nRssFile:\t0 kB\nRssShmem:\t0 kB\nVmSwap:\t0 kB\n`;
  process(1, 'init', sizes(500));
  process(2, 'kthreadd', '', 'S', 0x20_00_40, 0);
  process(40, 'dead', '', 'Z', 0, 0);
  for (let nth = 0; nth < 14; nth += 1) process(100 + nth, `worker${nth}`, sizes(1000 + nth), nth === 3 ? 'D' : 'S');
  const group = (path: string, files: Readonly<Record<string, string>>): void => {
    for (const [name, text] of Object.entries(files)) put(`sys/fs/cgroup${path}/${name}`, text);
  };
  group('', { 'cgroup.stat': 'nr_descendants 3\nnr_dying_descendants 1\n', 'memory.stat': 'anon 1\n' });
  const usage = (current: number, max: string) => ({
    'memory.current': `${current}\n`,
    'memory.max': `${max}\n`,
    'memory.high': 'max\n',
    'memory.events': 'low 0\nhigh 0\nmax 4\noom 0\noom_kill 0\n',
    'memory.swap.current': '0\n',
    'memory.stat': `anon ${current}\nfile 0\n`,
  });
  group('/app.slice', usage(9_000_000, 'max'));
  group('/app.slice/web', usage(8_000_000, '16000000'));
  group('/app.slice/a b', usage(1000, 'max'));
  return root;
}

const files = (dir: string): Map<string, string> =>
  new Map(
    readdirSync(dir, { recursive: true })
      .map(String)
      .filter((name) => statSync(join(dir, name)).isFile())
      .sort()
      .map((name) => [name, readFileSync(join(dir, name), 'latin1')]),
  );

/** Unpacks an archive. @returns the directory with the manifest. */
function unpack(archive: string): string {
  const dir = mkdtempSync(join(top, 'unpacked-'));
  execFileSync('tar', ['-xzf', archive, '-C', dir]);
  return join(dir, readdirSync(dir)[0] ?? '');
}

/** So many seconds are slept by whatever stands for a read that blocks; each shell's has one more, by which it is known. */
const NAP = 6543;

/** The processes whose command line begins so. */
const running = (begin: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(begin);
    } catch {
      return false;
    }
  });

/** A snapshot without what differs from run to run. */
const timeless = (snapshot: Snapshot) => ({
  ...snapshot,
  subject: { ...snapshot.subject, capturedAt: null },
  samples: snapshot.samples.map((sample) => sample.sources),
  sources: Object.fromEntries(Object.entries(snapshot.sources).map(([id, { status, reason }]) => [id, { status, reason }])),
});

test('the shells that are tried here', () => {
  const missing = SHELLS.filter((shell) => !shells.includes(shell)).map(([command]) => command);
  if (missing.length > 0) console.log(`the collector is not tried in ${missing.join(', ')}: not installed`);
  expect(shells.length).toBeGreaterThan(0);
});

test('a new source is collected without another edit', () => {
  const table: [string, AnySource][] = [
    ['one', { title: 'x', docs: 'x', reads: ['proc/new', 'sys/*/new'], cadence: 'every', schema: {}, parse: () => null }],
    [
      'two',
      {
        title: 'x',
        docs: 'x',
        reads: ['proc/dear'],
        cadence: 'last',
        heavy: true,
        limits: { deadlineMs: 1500 },
        schema: {},
        parse: () => null,
      },
    ],
    [
      'three',
      {
        title: 'x',
        docs: 'x',
        reads: ['proc/*/smaps'],
        cadence: 'full',
        schema: {},
        collect: () => Promise.resolve({ data: null, reads: [] }),
      },
    ],
  ];
  const made = generated(table);
  expect(made).toContain("FILES_every='\n  proc/new\n  sys/*/new'");
  expect(made).toContain("HEAVY_last='\n  3:proc/dear'");
  expect(made).toContain('IDS_only=\'"one", "two", "three"\'');
  expect(made).toContain('IDS_only_strained=\'"one", "three"\'');
  // of processes only what a plan asks for
  expect(made).not.toContain('smaps');
  expect(() => generated([['bad', { ...table[0]?.[1], reads: ["proc/a'b"] } as AnySource]])).toThrow("the path proc/a'b needs quoting");
});

/** No kernel has them: they are made from the output of tools. */
const FROM_TEXTS = new Set(['proc/*/cpu.pct']);

test('a source that reads files of processes says of which', () => {
  for (const [id, source] of Object.entries(sources) as [string, AnySource][]) {
    const planned = new Set((source.collector?.processes ?? []).map(({ file }) => `proc/*/${file}`));
    expect(
      source.reads.filter((path) => path.startsWith('proc/*/') && !planned.has(path) && !FROM_TEXTS.has(path)),
      id,
    ).toEqual([]);
  }
});

test.skipIf(!present('shellcheck'))('shellcheck has nothing to say', () => {
  const done = spawnSync('shellcheck', ['-s', 'sh', script], { encoding: 'utf8' });
  expect(done.stdout).toBe('');
});

const tried = shells.map((shell, nth) => ({ name: shell.join(' '), shell: shell as readonly string[], nth }));
// much of what follows is waiting: several at once
describe.each(tried)('$name', { concurrent: true }, ({ shell, nth }) => {
  test('reads it', () => {
    const [command = 'sh', ...first] = shell;
    expect(spawnSync(command, [...first, '-n', script], { encoding: 'utf8' }).stderr).toBe('');
  });

  test('collects what gather --raw does, and the report is the same', async () => {
    const root = fakeRoot();
    const raw = join(mkdtempSync(join(top, 'raw-')), 'raw');
    const live = await gatherLive({ durationSeconds: 0, intervalSeconds: 1, root, rawDir: raw });
    const done = await collect(shell, ['--root', root, '-d', '0', '-o', 'out.tar.gz']);
    expect({ status: done.status, stderr: done.stderr, left: done.left }).toEqual({ status: 0, stderr: '', left: [] });
    expect(readdirSync(done.dir).sort()).toEqual(['out.tar.gz', 'tmp']);
    const archive = join(done.dir, 'out.tar.gz');
    expect(statSync(archive).mode & 0o777).toBe(0o600);
    const [theirs, ours] = [files(raw), files(unpack(archive))];
    for (const each of [theirs, ours]) each.delete('manifest.json');
    expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs));

    const snapshot = await snapshotFromEvidence(await openEvidence(archive));
    expect(timeless(snapshot)).toEqual(timeless(live));
    const rules = await loadRules({ builtin: true, paths: [], disabled: [], set: [] });
    const reports = await Promise.all(
      [live, snapshot].map((each) =>
        diagnose(
          {
            ...each,
            samples: each.samples.map((sample) => ({ ...sample, time: 0, monotonic: 0 })),
            subject: { ...each.subject, capturedAt: null },
            sources: {},
          },
          rules,
          15,
        ),
      ),
    );
    expect(reports[1]).toEqual(reports[0]);
  });

  test('collects the same with a cp that is of no use, and a sleep of whole seconds', async () => {
    const root = fakeRoot();
    const bin = mkdtempSync(join(top, 'bin-'));
    writeFileSync(join(bin, 'cp'), '#!/bin/sh\nexit 1\n');
    writeFileSync(join(bin, 'sleep'), '#!/bin/sh\ncase $1 in *.*) exit 1 ;; esac\nPATH=${PATH#*:} exec sleep "$@"\n');
    for (const tool of ['cp', 'sleep']) chmodSync(join(bin, tool), 0o755);
    const foundWith = async (env: Readonly<Record<string, string>>) => {
      const done = await collect(shell, ['--root', root, '-d', '0', '-o', 'out.tar.gz'], env);
      expect({ status: done.status, stderr: done.stderr, left: done.left }).toEqual({ status: 0, stderr: '', left: [] });
      const found = files(unpack(join(done.dir, 'out.tar.gz')));
      found.delete('manifest.json');
      return Object.fromEntries(found);
    };
    expect(await foundWith({ PATH: `${bin}:${process.env['PATH']}` })).toEqual(await foundWith({}));
  });

  test('takes several samples of this host in time, which memdoctor reads', async () => {
    const started = performance.now();
    const done = await collect(shell, ['--duration=2', '-i', '0.5']);
    expect({ status: done.status, stderr: done.stderr, left: done.left }).toEqual({ status: 0, stderr: '', left: [] });
    expect(performance.now() - started).toBeLessThan(30_000);
    const archive = done.stdout.trim();
    expect(archive).toMatch(/\/memdoctor-[\w.-]+-\d{8}-\d{6}\.tar\.gz$/);
    const snapshot = await snapshotFromEvidence(await openEvidence(archive));
    const [first] = snapshot.samples;
    const last = snapshot.samples.at(-1);
    expect((last?.monotonic ?? 0) - (first?.monotonic ?? 0)).toBeGreaterThanOrEqual(2);
    for (const id of ['meminfo', 'vmstat', 'processes', 'mounts']) expect(Object.keys(last?.sources ?? {}), id).toContain(id);
    expect(Object.keys(snapshot.samples[1]?.sources ?? {})).not.toContain('processes');
    expect(Math.abs((last?.time ?? 0) - Date.now() / 1000)).toBeLessThan(60);
  });

  test.skipIf(hasOwnPrograms(shell))('a read that blocks costs that file only, and no program is left', async () => {
    const root = fakeRoot();
    rmSync(join(root, 'proc/zoneinfo'));
    execFileSync('mkfifo', [join(root, 'proc/zoneinfo')]);
    // a cp and a cat that never come back from one file stand for a kernel that does not
    const bin = mkdtempSync(join(top, 'bin-'));
    for (const tool of ['cp', 'cat'])
      writeFileSync(
        join(bin, tool),
        `#!/bin/sh\nfor last; do case $last in proc/vmstat) exec sleep ${NAP + nth};; esac; done\nPATH=\${PATH#*:} exec ${tool} "$@"\n`,
      );
    for (const tool of ['cp', 'cat']) chmodSync(join(bin, tool), 0o755);
    const done = await collect(shell, ['--root', root, '-d', '0', '-o', 'out.tar.gz'], { PATH: `${bin}:${process.env['PATH']}` });
    expect({ status: done.status, left: done.left }).toEqual({ status: 0, left: [] });
    const snapshot = await snapshotFromEvidence(await openEvidence(join(done.dir, 'out.tar.gz')));
    expect(snapshot.sources['zoneinfo']).toMatchObject({ status: 'failed', reason: 'proc/zoneinfo: not a regular file' });
    expect(snapshot.sources['vmstat']).toMatchObject({ status: 'timeout', reason: 'proc/vmstat: did not come back in time' });
    expect(snapshot.sources['meminfo']?.status).toBe('ok');
    expect(running(`sleep\u0000${NAP + nth}`)).toEqual([]);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends it, and nothing is left', async (signal) => {
    const dir = mkdtempSync(join(top, 'run-'));
    mkdirSync(join(dir, 'tmp'));
    const [command = 'sh', ...first] = shell;
    const child = spawn(command, [...first, script, '--root', fakeRoot(), '-d', '3600', '-i', '1000', '-o', 'out.tar.gz'], {
      cwd: dir,
      env: { ...process.env, TMPDIR: join(dir, 'tmp') },
      stdio: 'ignore',
    });
    const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
    for (
      let waited = 0;
      waited < 200 && !readdirSync(join(dir, 'tmp')).some((name) => existsSync(join(dir, 'tmp', name, 'samples')));
      waited += 1
    )
      await new Promise((resolve) => setTimeout(resolve, 100));
    child.kill(signal);
    expect(await ended).toBe({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal]);
    expect(readdirSync(dir)).toEqual(['tmp']);
    expect(readdirSync(join(dir, 'tmp'))).toEqual([]);
  });

  test.each([
    [['-d', '1'], '-d 1: must be 2 to 3600 seconds, or 0 for one sample and no rates'],
    [['--duration', 'x'], '--duration x: must be 2 to 3600 seconds, or 0 for one sample and no rates'],
    [['-i', '0'], '-i 0: must be a number of seconds, 0.1 or more'],
    [['-o'], '-o: needs a value'],
    [['--bad'], '--bad: unknown; known are -d SECONDS, -i SECONDS, -o FILE, --root DIR, -h'],
    [['--root', '/proc'], '/proc: is not the root of a Linux host: there is no directory proc in it'],
    [['-o', '/nowhere/x.tar.gz'], '/nowhere/x.tar.gz: cannot be written'],
    [['-o', 'tmp'], 'tmp: cannot be written: it is a directory'],
  ])('refuses %j in one line', async (args, said) => {
    const done = await collect(shell, args);
    expect(done.status).toBe(2);
    expect(done.stdout).toBe('');
    expect(done.stderr).toMatch(/^collect\.sh: [^\n]+\n$/);
    expect(done.stderr).toContain(said);
    expect(readdirSync(done.dir)).toEqual(['tmp']);
    expect(done.left).toEqual([]);
  });
});

test.skipIf(process.getuid?.() !== 0 || !present('su'))('collects without root, and says what was denied', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'memdoctor-unprivileged-'));
  try {
    chmodSync(dir, 0o777);
    cpSync(script, join(dir, 'collect.sh'));
    chmodSync(join(dir, 'collect.sh'), 0o644);
    const done = spawnSync('su', ['nobody', '-s', '/bin/sh', '-c', `cd ${dir} && sh collect.sh -d 0 -o out.tar.gz`], { encoding: 'utf8' });
    expect({ status: done.status, stderr: done.stderr }).toEqual({ status: 0, stderr: '' });
    const snapshot = await snapshotFromEvidence(await openEvidence(join(dir, 'out.tar.gz')));
    expect(snapshot.sources['meminfo']?.status).toBe('ok');
    expect(snapshot.sources['slabinfo']).toMatchObject({ status: 'denied', reason: 'proc/slabinfo: EACCES' });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test('a manifest that tells of reads that failed says so clearly when it is wrong', async () => {
  const dir = mkdtempSync(join(top, 'manifest-'));
  mkdirSync(join(dir, 'sample-1/proc'), { recursive: true });
  writeFileSync(join(dir, 'sample-1/proc/meminfo'), 'MemTotal: 1024 kB\n');
  const write = (unread: unknown): void =>
    writeFileSync(
      join(dir, 'manifest.json'),
      JSON.stringify({ format: 'memdoctor-evidence/1', samples: [{ dir: 'sample-1', time: 1, monotonic: 1, unread }] }),
    );
  write({ 'proc/slabinfo': { status: 'denied', reason: 'EACCES' }, 'proc/meminfo': { status: 'denied', reason: 'EACCES' } });
  const { sources: fared } = await snapshotFromEvidence(await openEvidence(dir));
  expect(fared['slabinfo']).toMatchObject({ status: 'denied', reason: 'proc/slabinfo: EACCES' });
  // what is there is read
  expect(fared['meminfo']?.status).toBe('ok');
  expect(fared['zoneinfo']?.status).toBe('absent');
  write({ 'proc/slabinfo': { status: 'forbidden' } });
  await expect(openEvidence(dir)).rejects.toThrow(
    /samples\[0\]\.unread\.proc\/slabinfo\.status: found "forbidden", accepted is ok, absent, denied/,
  );
});
