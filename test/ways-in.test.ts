/** Support bundles and archives: each way in gives the same snapshot. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { afterEach, expect, test } from 'vitest';
import { openEvidence } from '../src/gather/evidence.js';
import { snapshotFromEvidence } from '../src/gather/gather.js';
import { loadInput } from '../src/gather/snapshot-io.js';
import { logKeeper } from '../src/gather/trees/log-keeper.js';
import { validateSnapshot } from '../src/validators.js';

type Files = Readonly<Record<string, string>>;
const made: string[] = [];
afterEach(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true });
});
function folder(files: Files): string {
  const dir = mkdtempSync(join(tmpdir(), 'memdoctor-'));
  made.push(dir);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(dir, path, '..'), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}
const tar = async (files: Files): Promise<Buffer> =>
  Buffer.from(await packTar(Object.entries(files).map(([name, body]) => ({ header: { name, size: Buffer.byteLength(body) }, body }))));
const at = (dir: string, files: Files): Files => Object.fromEntries(Object.entries(files).map(([name, text]) => [`${dir}/${name}`, text]));

const MEMINFO = 'MemTotal:       16000000 kB\nMemFree:         2000000 kB\nMemAvailable:    9000000 kB\n';
const KILL =
  '[ 4321.000001] Out of memory: Killed process 77 (eater) total-vm:9000kB, anon-rss:8000kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:40kB oom_score_adj:0\n';
const FREE =
  '              total        used        free      shared  buff/cache   available\nMem:       16000000     5000000     2000000      100000     9000000    10000000\nSwap:       4000000     1000000     3000000\n';
const PS =
  'USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\nroot           1  0.0  0.1 170000 12000 ?        Ss   Nov19   0:01 /sbin/init\nmysql         77  9.0 40.0 9900000 6400000 ?     Sl   Nov19  99:01 /usr/sbin/mysqld\n';

const SOS: Files = {
  'version.txt': 'sosreport: 4.5.1\n',
  'proc/meminfo': MEMINFO,
  'proc/vmstat': 'nr_free_pages 500000\npgfault 12\n',
  'etc/hostname': 'db7\n',
  'usr/lib/os-release': 'NAME="Some Linux"\nID=some\nVERSION_ID="9"\n',
  'sos_commands/kernel/uname_-a':
    'Linux db7 5.14.0-362.8.1.el9_3.x86_64 #1 SMP PREEMPT_DYNAMIC Tue Nov 7 14:54:22 EST 2023 x86_64 x86_64 x86_64 GNU/Linux\n',
  'sos_commands/kernel/dmesg': '[    0.000000] Linux version 5.14.0-362.8.1.el9_3.x86_64 (mockbuild)\n',
  'sos_commands/memory/free': FREE,
  'sos_commands/memory/swapon_--bytes_--show':
    'NAME      TYPE            SIZE       USED PRIO\n/dev/dm-1 partition 4096000000 1024000000   -2\n',
  'sos_commands/process/ps_auxwwwm': PS,
  'sos_commands/date/date': 'Mon Nov 20 10:00:00 UTC 2023\n',
  'var/log/messages': `Nov 20 09:00:00 db7 systemd[1]: Started.\nNov 20 09:30:00 db7 kernel: ${KILL.slice(15)}`,
};

/** What matters of a snapshot, without times that reading took. */
async function essence(input: string | Buffer): Promise<unknown> {
  const snapshot = typeof input === 'string' ? await loadInput(input) : await snapshotFromEvidence(await openEvidence(input));
  expect(validateSnapshot(snapshot)).toEqual([]);
  const { notes: _, ...rest } = snapshot;
  return {
    ...rest,
    sources: Object.fromEntries(Object.entries(snapshot.sources).map(([id, { status, reason, bytes }]) => [id, { status, reason, bytes }])),
  };
}

test('a sosreport: kernel files first, outputs of tools for what they lack, the log that tells of trouble', async () => {
  const snapshot = await loadInput(folder(SOS));
  expect(snapshot.subject).toMatchObject({
    hostname: 'db7',
    kernel: '5.14.0-362.8.1.el9_3.x86_64',
    arch: 'x86_64',
    origin: 'sosreport',
    pageSize: 4096,
    capturedAt: '2023-11-20T10:00:00.000Z',
  });
  const [{ sources } = { sources: {} as never }] = snapshot.samples;
  expect(sources.meminfo?.['MemAvailable']).toBe(9_000_000 * 1024);
  expect(sources.swaps).toMatchObject([{ name: '/dev/dm-1', size: 4_096_000_000, used: 1_024_000_000 }]);
  expect(sources.processes?.top[0]).toMatchObject({ name: 'mysqld', pid: 77 });
  expect(sources['os-release']).toMatchObject({ ID: 'some' });
  expect(sources['kernel-log']?.events).toMatchObject([{ kind: 'oom-kill' }]);
  expect(snapshot.texts?.recognised.find(({ kind }) => kind === 'free')?.used).toBe(true);
});

test('a sosreport in a directory, below another one, and in an archive, in an archive: the same', async () => {
  const expected = await essence(folder(SOS));
  const below = at('sosreport-db7-2023-11-20-abcdefg', SOS);
  const packed = gzipSync(await tar(below));
  for (const input of [folder(below), folder(at('upload', below)), await tar(SOS), await tar(below), packed])
    expect(await essence(input)).toEqual(expected);
  const outer = Buffer.from(
    await packTar([
      { header: { name: 'case/readme.txt', size: 3 }, body: 'hi\n' },
      { header: { name: 'case/sosreport.tar.gz', size: packed.length }, body: packed },
    ]),
  );
  expect(await essence(outer)).toEqual(expected);
  const two = Buffer.from(await packTar(['a.tar.gz', 'b.tar.gz'].map((name) => ({ header: { name, size: packed.length }, body: packed }))));
  await expect(openEvidence(two, 'two.tar')).rejects.toThrow('two.tar: holds 2 archives: give one at a time');
});

test('old sosreports, and one of outputs only', async () => {
  const old = {
    'sos_reports/sos.txt': '',
    'proc/meminfo': MEMINFO,
    'sos_commands/general/hostname': 'old1\n',
    'sos_commands/general/date': 'Fri Nov 20 10:00:00 EST 2015\n',
  };
  expect((await loadInput(folder(old))).subject).toMatchObject({ hostname: 'old1', origin: 'sosreport' });
  const outputs = await loadInput(
    folder({
      'sos_commands/memory/free': FREE,
      'sos_commands/process/ps_alxwww':
        'F UID PID PPID PRI NI VSZ RSS WCHAN STAT TTY TIME COMMAND\n4 0 1 0 20 0 170000 12000 ep_pol Ss ? 0:01 /sbin/init\n',
    }),
  );
  expect(outputs.sources).toMatchObject({ meminfo: { status: 'ok' }, processes: { status: 'ok' } });
});

test('a supportconfig: sections of files and commands, the log among them', async () => {
  const section = (kind: string, head: string, body: string): string => `#==[ ${kind} ]${'='.repeat(30)}#\n# ${head}\n${body}\n`;
  const files = {
    'supportconfig.txt': 'x\n',
    'basic-environment.txt':
      section('Command', '/bin/date', 'Tue Nov 21 09:00:00 UTC 2023') +
      section(
        'Command',
        '/bin/uname -a',
        'Linux sles1 5.14.21-150500.55.7-default #1 SMP PREEMPT_DYNAMIC Mon Jan 1 x86_64 x86_64 x86_64 GNU/Linux',
      ),
    'memory.txt':
      section('Configuration File', '/proc/meminfo', MEMINFO) +
      section('Command', '/usr/bin/free -k', FREE) +
      section('Configuration File', '/proc/vmstat', 'nr_free_pages 500000\npgfault 12'),
    'boot.txt':
      section('Command', '/bin/dmesg', `[    0.000000] Linux version 5.14.21\n${KILL}`) +
      section('Log File', '/var/log/messages - Last 500 Lines', `Nov 20 09:30:00 sles1 kernel: ${KILL.slice(15)}`),
  };
  const snapshot = await loadInput(folder(at('scc_sles1_231121_0900', files)));
  expect(snapshot.subject).toMatchObject({
    hostname: 'sles1',
    kernel: '5.14.21-150500.55.7-default',
    origin: 'sosreport',
    capturedAt: '2023-11-21T09:00:00.000Z',
  });
  expect(snapshot.sources).toMatchObject({ meminfo: { status: 'ok' }, vmstat: { status: 'ok' }, swaps: { status: expect.any(String) } });
  expect(snapshot.samples[0]?.sources['kernel-log']?.events).toHaveLength(1);
  expect(await essence(gzipSync(await tar(at('scc_sles1_231121_0900', files))))).toEqual(
    await essence(folder(at('scc_sles1_231121_0900', files))),
  );
});

test('one packed text, and an archive of loose ones', async () => {
  const dir = folder({ 'meminfo.txt': MEMINFO, 'free.txt': FREE });
  writeFileSync(join(dir, 'dmesg.gz'), gzipSync(KILL));
  expect((await loadInput(join(dir, 'dmesg.gz'))).samples[0]?.sources['kernel-log']?.events).toHaveLength(1);
  writeFileSync(join(dir, 'm.xz'), execFileSync('xz', ['-c'], { input: MEMINFO }));
  expect((await loadInput(join(dir, 'm.xz'))).samples[0]?.sources.meminfo?.['MemTotal']).toBe(16_000_000 * 1024);
  writeFileSync(join(dir, 'twice.gz'), gzipSync(gzipSync(MEMINFO)));
  await expect(loadInput(join(dir, 'twice.gz'))).rejects.toThrow(/packed with gzip, and what is in it with gzip again/);
  writeFileSync(join(dir, 'cut.gz'), gzipSync(MEMINFO.repeat(5000)).subarray(0, 300));
  await expect(loadInput(join(dir, 'cut.gz'))).rejects.toThrow(/cut\.gz: the gzip data end too early: the archive is truncated/);
  const loose = { 'meminfo.txt': MEMINFO, 'dmesg.txt': KILL };
  expect(await essence(await tar(at('x', loose)))).toMatchObject({
    subject: { origin: 'text' },
    sources: { meminfo: { status: 'ok' }, 'kernel-log': { status: 'ok' } },
  });
});

test('links of a directory that lead out are not followed', async () => {
  const dir = folder(SOS);
  rmSync(join(dir, 'proc/meminfo'));
  rmSync(join(dir, 'sos_commands/memory/free'));
  symlinkSync('/proc/meminfo', join(dir, 'proc/meminfo'));
  expect((await loadInput(dir)).sources['meminfo']?.status).toBe('denied');
});

test('of a long log the lines that matter are kept, of them the newest', () => {
  const keeper = logKeeper(2_000_000);
  const noise = Buffer.from('Nov 20 09:00:00 db7 app[1]: nothing of interest happened here today\n'.repeat(1000));
  for (let round = 0; round < 50; round += 1) {
    keeper.push(noise);
    keeper.push(Buffer.from(`Nov 20 09:30:${String(round).padStart(2, '0')} db7 kernel: ${KILL.slice(15)}`));
  }
  const kept = keeper.end().toString();
  expect(kept.length).toBeLessThan(2_000_000);
  expect(kept.match(/Killed process/g)).toHaveLength(50);
  const all = logKeeper(1_000_000);
  all.push(noise);
  expect(all.end().equals(noise)).toBe(true);
});

test('nothing is written beside an archive', async () => {
  const dir = folder({});
  writeFileSync(join(dir, 'a.tar'), await tar(at('x', SOS)));
  await loadInput(join(dir, 'a.tar'));
  expect(execFileSync('ls', ['-A', dir], { encoding: 'utf8' })).toBe('a.tar\n');
  expect(readFileSync(join(dir, 'a.tar')).length).toBeGreaterThan(0);
});
