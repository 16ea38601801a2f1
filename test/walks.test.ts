/** The sources that walk: bounds, what vanishes, what is denied, secrets, and texts from strangers. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ParseError } from '../src/errors.js';
import { memoryCgroup } from '../src/gather/cgroup/membership.js';
import { collectSource } from '../src/gather/collect.js';
import { readLog } from '../src/gather/kernel-log/read.js';
import { shownCommand } from '../src/gather/processes/command.js';
import { parseStatus } from '../src/gather/processes/memory.js';
import { parseStat } from '../src/gather/processes/stat.js';
import type { AnySource } from '../src/gather/source.js';
import cgroup, { type Cgroups } from '../src/gather/sources/cgroup.js';
import environment from '../src/gather/sources/environment.js';
import kernelLog from '../src/gather/sources/kernel-log.js';
import processes, { type Processes } from '../src/gather/sources/processes.js';
import type { ReadResult, ReadStatus, Tree } from '../src/gather/tree.js';
import { memoryTree } from './memory-tree.js';
import { host, validators } from './source-cases.js';

const MIB = 1_048_576;

const ok = (path: string, text: string): ReadResult => ({ path, status: 'ok', text, bytes: text.length, seconds: 0 });
const not = (path: string, status: ReadStatus, reason: string): ReadResult => ({ path, status, text: '', bytes: 0, seconds: 0, reason });

/** A tree whose files are made when they are read; it remembers the largest batch, and the most memory that was held meanwhile. */
function madeTree(list: (dir: string) => string[], make: (path: string) => ReadResult) {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const used = (): number => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = used();
  const seen = { batch: 0, reads: 0, calls: 0, grown: 0 };
  const tree: Tree = {
    list: async (dir) => list(dir),
    read: async (paths) => {
      seen.batch = Math.max(seen.batch, paths.length);
      seen.reads += paths.length;
      if (seen.calls % 25 === 0) seen.grown = Math.max(seen.grown, used() - before);
      seen.calls += 1;
      return paths.map(make);
    },
  };
  return { tree, seen };
}

async function collected<T>(source: AnySource, id: string, tree: Tree) {
  const outcome = await collectSource(source, tree, host);
  const validate = validators.get(id);
  if (outcome.data !== null) expect(validate?.(outcome.data), JSON.stringify(validate?.errors?.slice(0, 3))).toBe(true);
  return { ...outcome, data: outcome.data as T };
}

const statOf = (pid: string | number, name: string, vsize = 1e6): string =>
  `${pid} (${name}) S 1 1 1 0 -1 4194560 10 0 1 0 2 8 0 0 20 0 2 0 100 ${vsize} 100 0 0 0\n`;
const statusOf = (anonKb: number): string =>
  `Name:\tx\nVmLck:\t0 kB\nVmHWM:\t900 kB\nVmRSS:\t${anonKb} kB\nRssAnon:\t${anonKb} kB\nRssFile:\t0 kB\nRssShmem:\t0 kB\nVmPTE:\t40 kB\nVmSwap:\t0 kB\n${'x'.repeat(800)}\n`;

function fileOfProcess(path: string): ReadResult {
  const [, pid = '', file] = path.split('/');
  if (file === 'stat') return ok(path, statOf(pid, `worker-${Number(pid) % 9000}`));
  if (file === 'status') return ok(path, statusOf(Number(pid)));
  return file === 'cgroup' ? ok(path, '0::/a\n') : not(path, 'absent', 'ENOENT');
}

const killLine = (index: number): string =>
  `[${index}.000000] Out of memory: Killed process ${index} (a) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:0\n`;
const enoughLine = (index: number): string => `[${index}.5] __vm_enough_memory: pid: 7, comm: x, no enough memory for the allocation\n`;

describe('bounds', () => {
  test('50,000 processes', async () => {
    const pids = Array.from({ length: 50_000 }, (_, index) => String(index + 1));
    const { tree, seen } = madeTree(() => ['meminfo', 'self', ...pids], fileOfProcess);
    const { data, status } = await collected<Processes>(processes, 'processes', tree);
    expect(status).toBe('ok');
    expect(data).toMatchObject({ visible: 50_000, threads: 100_000, anon: ((50_000 * 50_001) / 2) * 1024 });
    expect(data.top.map(({ pid }) => pid)).toEqual(Array.from({ length: 100 }, (_, index) => 50_000 - index));
    expect(data.groups).toHaveLength(40);
    expect(JSON.stringify(data).length).toBeLessThan(64 * 1024);
    expect(seen.batch).toBeLessThanOrEqual(500);
    // two files of each, a few more of the largest only
    expect(seen.reads).toBeLessThan(2 * 50_000 + 500);
    expect(seen.grown).toBeLessThan(32 * MIB);
  });

  const SMALL: Readonly<Record<string, string>> = {
    'memory.max': 'max\n',
    'memory.high': '1000000\n',
    'memory.events': 'low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n',
    'memory.pressure': 'some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
    'memory.stat': 'anon 1\nfile 2\n',
  };
  const CONTROL = ['cgroup.procs', 'cgroup.stat', 'cpu.weight', 'memory.current', 'memory.swap.max', ...Object.keys(SMALL)];

  test('12,000 cgroups', async () => {
    const lists = { calls: 0 };
    const { tree, seen } = madeTree(
      (dir) => {
        lists.calls += 1;
        const path = dir.slice('sys/fs/cgroup'.length);
        if (path === '') return [...CONTROL, ...Array.from({ length: 120 }, (_, index) => `parent-${index}`)];
        if (/^\/parent-\d+$/.test(path)) return [...CONTROL, ...Array.from({ length: 100 }, (_, index) => `child-${index}`)];
        return /^\/parent-\d+\/child-\d+$/.test(path) ? CONTROL : [];
      },
      (path) => {
        const file = path.slice(path.lastIndexOf('/') + 1);
        if (file === 'memory.current') return ok(path, `${path.length * 1000}\n`);
        return file in SMALL ? ok(path, SMALL[file] ?? '') : not(path, 'absent', 'ENOENT');
      },
    );
    const { data, status, reason } = await collected<Cgroups>(cgroup, 'cgroup', tree);
    expect([status, data.walked]).toEqual(['partial', 10_000]);
    expect(reason).toContain('10000 were read');
    expect(data.groups).toHaveLength(300);
    expect(data.groups.filter(({ stat }) => stat !== undefined).length).toBeLessThanOrEqual(21);
    expect(JSON.stringify(data).length).toBeLessThan(256 * 1024);
    expect(seen.batch).toBeLessThanOrEqual(1000);
    // the names of the controllers' files are not tried in every cgroup
    expect(lists.calls).toBeLessThan(10_100);
    expect(seen.grown).toBeLessThan(64 * MIB);
  });

  test('cgroups nested without end', async () => {
    const { tree } = madeTree(
      (dir) => (/(procs|current)$/.test(dir) ? [] : ['cgroup.procs', 'memory.current', 'deeper']),
      (path) => not(path, 'absent', 'ENOENT'),
    );
    const { data, status } = await collected<Cgroups>(cgroup, 'cgroup', tree);
    expect([status, data.walked]).toEqual(['partial', 13]);
  });

  test('a log of 300,000 lines', () => {
    const text = Array.from({ length: 150_000 }, (_, index) => killLine(index) + enoughLine(index)).join('');
    const { lines, events } = readLog(text);
    expect([lines, events.length]).toEqual([300_000, 200]);
    expect(events.find(({ kind }) => kind === 'vm-enough-memory')).toMatchObject({ count: 150_000, time: 149_999.5 });
    expect(events.at(-2)?.victims?.[0]?.pid).toBe(149_999);
  });
});

describe('what may not be read', () => {
  test('processes that vanish are no error', async () => {
    const { tree } = madeTree(
      () => ['1', '2', '3', '4'],
      (path) => {
        if (path.startsWith('proc/2/')) return not(path, 'absent', 'ESRCH');
        if (path.startsWith('proc/3/')) return path.endsWith('/stat') ? ok(path, statOf(3, 'b', 0)) : ok(path, '');
        if (/^proc\/4\/(status|smaps_rollup|cmdline|cgroup)/.test(path)) return not(path, 'absent', 'ESRCH');
        return fileOfProcess(path);
      },
    );
    const { data, status } = await collected<Processes>(processes, 'processes', tree);
    expect([status, data.visible, data.estimated]).toEqual(['ok', 3, undefined]);
  });

  test('denied files are counted, and cost the fields they hold', async () => {
    const { tree } = madeTree(
      () => Array.from({ length: 1000 }, (_, index) => String(index + 1)),
      (path) => {
        const pid = Number(path.split('/')[1]);
        return pid > 10 || path.endsWith('smaps_rollup') ? not(path, 'denied', 'EACCES') : fileOfProcess(path);
      },
    );
    const { data, status, reason } = await collected<Processes>(processes, 'processes', tree);
    expect([status, data.visible, data.top[0]?.pss]).toEqual(['partial', 10, undefined]);
    expect(reason).toContain('EACCES (990 of them');
  });

  test('nothing at all', async () => {
    const empty = memoryTree(new Map());
    for (const [id, source] of Object.entries({ processes, cgroup, environment, 'kernel-log': kernelLog }))
      expect(await collected(source, id, empty)).toMatchObject({ data: null, status: 'absent' });
  });

  test('all is denied', async () => {
    const { tree } = madeTree(
      () => ['1', '2'],
      (path) => not(path, 'denied', 'EACCES'),
    );
    expect(await collected(processes, 'processes', tree)).toMatchObject({ data: null, status: 'denied' });
    expect(await collected(environment, 'environment', tree)).toMatchObject({ data: null, status: 'denied' });
  });

  test('a cgroup where PSI is switched off is whole', async () => {
    const files = new Map([['sys/fs/cgroup/cgroup.procs', '1\n']]);
    const tree: Tree = {
      list: memoryTree(files).list,
      read: async (paths) =>
        paths.map((path) => (path.endsWith('pressure') ? not(path, 'unsupported', 'EOPNOTSUPP') : not(path, 'absent', 'ENOENT'))),
    };
    expect(await collected(cgroup, 'cgroup', tree)).toMatchObject({ status: 'ok', data: { walked: 1, own: null, dying: null } });
  });
});

describe('secrets in command lines', () => {
  // a blank stands for the end of an argument, ~ for a blank in one
  test.each([
    ['mysqld --password=hunter2 --port=3306', 'hunter2', '--port=3306'],
    ['app --db-password hunter2 --verbose', 'hunter2', '--verbose'],
    ['app --token\0hunter2\0--level=3', 'hunter2', '--level=3'],
    ['app API_KEY=hunter2 x', 'hunter2', ' x'],
    ['java -Djavax.net.ssl.trustStorePassword=hunter2 -jar a.jar', 'hunter2', '-jar a.jar'],
    ['psql postgres://bob:hunter2@db/x', 'hunter2', '@db/x'],
    ['psql postgres://bob:hun/ter2@db/x', 'ter2', '@db/x'],
    ['git clone https://hunter2token@github.com/x', 'hunter2', '@github.com/x'],
    ['curl -u bob:hunter2 http://x', 'hunter2', 'http://x'],
    ['curl -ubob:hunter2 http://x', 'hunter2', 'http://x'],
    ['mysql -uroot -phunter2 db', 'hunter2', 'db'],
    ['sshpass -p hunter2 ssh x', 'hunter2', 'ssh x'],
    ['redis-server --requirepass hunter2', 'hunter2', 'redis-server'],
    ['x {"secret":"hunter2"}', 'hunter2', 'x {'],
    ['x AWS_SECRET_ACCESS_KEY=hunter2', 'hunter2', 'x AWS'],
    ['x --passphrase hunter2~hunter2 y', 'hunter2', ' y'],
    ['x --password=a~hunter2 y', 'hunter2', ' y'],
    ['sh -c mysql~--password~"a~hunter2"~-x', 'hunter2', ' -x'],
    ['sh -c PGPASSWORD=hunter2~psql', 'hunter2', 'sh -c'],
  ])('%s', (raw, secret, kept) => {
    const shown = shownCommand(raw.replaceAll(' ', '\0').replaceAll('~', ' ')) ?? '';
    expect(shown).not.toContain(secret);
    expect(shown).toContain(kept);
  });

  test.each([
    '/usr/bin/keyboxd --monitor',
    'java -Xmx8g -jar app.jar',
    'python3 -m http.server 8000',
    'sshd: user@pts/0',
    'nginx: worker process',
  ])('%s has none', (line) => expect(shownCommand(line)).toBe(line));

  test('a megabyte is cut', () => expect(shownCommand('x'.repeat(MIB))).toHaveLength(200));
});

describe('texts from strangers', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      '<4>[ 1.5] ',
      '[ 2.000000][ T1] ',
      'Jan  5 03:12:01 h kernel: ',
      '6,1,1000,-;',
      'java invoked oom-killer: gfp_mask=0x1(A), order=0',
      '\n',

      'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=0,oom_memcg=/a,task_memcg=/b,task=c,pid=1,uid=0',
      'Killed process 1 (a) total-vm:1kB',

      'Out of memory: ',
      'x: page allocation failure: order:1, mode:0x1',
      'EDAC MC0: 99999999999 CE x',
      '[Hardware Error]',
      '(',
      ')',
      ' S ',
      ' 1 2 3 ',
      '-',
      '\0',

      'Memory cgroup out of memory: ',
      'Tasks in /a are going to be killed due to memory.oom.group set',
      '__vm_enough_memory: pid: 1, comm: a, no enough memory',

      'VmRSS:\t1 kB\n',
      'RssAnon:\t99999999999999999999 kB\n',
      '0::/a\n',
      '1:memory:/b\n',
      '1 (a) R 1 1 1 0 -1 4194560 10 0 1 0 2 8 0 0 20 0 2 0 100 5 5',
    ),
  );
  const stranger = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));

  test('a kernel log gives valid data', () =>
    fc.assert(
      fc.property(stranger, (text) => {
        expect(validators.get('kernel-log')?.(readLog(text))).toBe(true);
      }),
      { numRuns: 500 },
    ));

  test('files of a process give valid data, or a ParseError', () =>
    fc.assert(
      fc.property(stranger, (text) => {
        for (const parse of [parseStat, parseStatus, memoryCgroup, shownCommand]) {
          try {
            parse(text);
          } catch (error) {
            expect(error).toBeInstanceOf(ParseError);
          }
        }
      }),
      { numRuns: 500 },
    ));

  test('whatever the files hold, the walks give valid data', () =>
    fc.assert(
      fc.asyncProperty(fc.infiniteStream(stranger), async (texts) => {
        const { list } = memoryTree(
          new Map(['proc/1/stat', 'proc/2/stat', 'sys/fs/cgroup/cgroup.procs', 'sys/fs/cgroup/a/cgroup.procs'].map((path) => [path, ''])),
        );
        const tree: Tree = { list, read: async (paths) => paths.map((path) => ok(path, texts.next().value ?? '')) };
        for (const [id, source] of Object.entries({ processes, cgroup, environment, 'kernel-log': kernelLog }))
          await collected(source, id, tree);
      }),
      { numRuns: 200 },
    ));
});
