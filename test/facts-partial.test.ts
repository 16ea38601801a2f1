/** Facts from a part of the evidence: what one file, or a few lines of it, prove, and what they do not. */
import { describe, expect, test } from 'vitest';
import { deriveFacts } from '../src/facts/derive.js';
import { diagnose, loadRules } from '../src/main.js';
import { snapshotFromEvidence } from '../src/gather/gather.js';
import { errorLineOf } from '../src/gather/texts/errors-of-programs.js';
import { evidenceFromTexts } from '../src/gather/trees/text.js';

const rules = await loadRules({ builtin: true, paths: [], disabled: [], set: [] });
const snapshotOf = (text: string) => snapshotFromEvidence(evidenceFromTexts([{ name: 'paste.txt', text }]));
const factsOf = async (text: string) => deriveFacts(await snapshotOf(text)).facts;
const reportOf = async (text: string) => diagnose(await snapshotOf(text), rules);
const GIB = 2 ** 30;

const meminfo = (fields: Readonly<Record<string, number>>): string =>
  Object.entries(fields)
    .map(([name, kib]) => `${name}: ${kib} kB\n`)
    .join('');

describe('what is not printed is worked out', () => {
  const head = {
    MemTotal: 6_000_000,
    MemFree: 200_000,
    MemAvailable: 300_000,
    Buffers: 20_000,
    Cached: 4_020_000,
    Active: 4_500_000,
    Inactive: 900_000,
    'Active(anon)': 4_300_000,
    'Inactive(anon)': 800_000,
  };

  test('shared memory is what Cached has and the file lists have not', async () => {
    const facts = await factsOf(meminfo(head));
    // file lists: 5 400 000 − 5 100 000; 4 020 000 + 20 000 − 300 000
    expect(facts['shm.total_bytes']?.value).toBe(3_740_000 * 1024);
    expect(facts['mem.anon_pct']?.value).toBeCloseTo((100 * (5_100_000 - 3_740_000)) / 6_000_000);
    expect((await reportOf(meminfo(head))).diagnoses[0]?.id).toBe('dx-shm-hidden');
  });

  test('what cannot be told of old kernels makes no host healthy', async () => {
    const old = { MemTotal: 2_000_000, MemFree: 20_000, Buffers: 100_000, Cached: 900_000, Active: 1_200_000, Inactive: 500_000 };
    const none = await reportOf(meminfo({ ...old, SwapTotal: 0, SwapFree: 0 }));
    expect(none.verdict.status).toBe('inconclusive');
    const swap = await reportOf(meminfo({ ...old, AnonPages: 600_000, SwapTotal: 2_000_000, SwapFree: 2_000_000 }));
    expect(swap.verdict.status).toBe('healthy');
    expect(swap.verdict.headline).toContain('as far as this shows');
  });

  test('without swap nothing can be moved out, whatever processes hold', async () => {
    const facts = await factsOf(meminfo({ ...head, SwapTotal: 0, SwapFree: 0 }));
    expect(facts['oom.headroom_bytes']?.value).toBe(300_000 * 1024);
  });

  test('low memory is spoken of where there is high memory only', async () => {
    const low = { HighTotal: 0, HighFree: 0, LowTotal: 800_000, LowFree: 4000 };
    expect((await factsOf(meminfo(low)))['lowmem.free_pct']?.value).toBeNull();
    const report = await reportOf(meminfo({ ...low, HighTotal: 3_000_000, HighFree: 2_000_000 }));
    expect(report.diagnoses[0]?.id).toBe('dx-low-zone-exhausted');
  });
});

describe('a healthy verdict of one sample', () => {
  const FREE = `              total        used        free      shared  buff/cache   available
Mem:       32000000     7000000     1000000      300000    24000000    24100000
Swap:       8000000      200000     7800000
`;

  test('says what was not seen', async () => {
    const { verdict, diagnoses } = await reportOf(FREE);
    expect(verdict.status).toBe('healthy');
    expect(verdict.headline).toContain('one sample, no rates');
    expect(diagnoses[0]?.id).toBe('dx-healthy-cache');
    expect(diagnoses[0]?.confidence).toBe('medium');
  });

  test('is not given when nobody knows what holds memory', async () => {
    const used = FREE.replace('7000000', '23500000').replace('24000000', '7500000').replace('24100000', '7600000');
    expect((await reportOf(used)).verdict.status).toBe('inconclusive');
  });

  test('is given where file cache fills what is not in use, and not where much lies free', async () => {
    const full = `              total        used        free      shared  buff/cache   available
Mem:       32000000    17000000     1000000      300000    14000000    14500000
Swap:       8000000      200000     7800000
`;
    expect((await reportOf(full)).diagnoses[0]?.id).toBe('dx-healthy-cache');
    const idle = `              total        used        free      shared  buff/cache   available
Mem:       32000000    17000000    14200000      300000      800000    14500000
Swap:       8000000           0     8000000
`;
    expect((await reportOf(idle)).verdict.status).toBe('inconclusive');
  });

  test('is given for a cgroup from which nothing was ever taken back, and not for one that met its limit', async () => {
    const group = (pgscan: number, max: number): string =>
      `# cat /sys/fs/cgroup/memory.max\n536870912\n# cat /sys/fs/cgroup/memory.current\n104857600\n# cat /sys/fs/cgroup/memory.events\nlow 0\nhigh 0\nmax ${max}\noom 0\noom_kill 0\n# cat /sys/fs/cgroup/memory.stat\nanon 99614720\nfile 4096\npgscan ${pgscan}\npgsteal 0\n`;
    expect((await reportOf(group(0, 0))).diagnoses[0]?.id).toBe('dx-healthy');
    expect((await reportOf(group(812, 40))).verdict.status).toBe('inconclusive');
  });

  test('is not given when a program was refused memory', async () => {
    const { verdict, diagnoses } = await reportOf(`$ ls\n-bash: fork: Cannot allocate memory\n$ free\n${FREE}`);
    expect(verdict.status).not.toBe('healthy');
    expect(diagnoses[0]?.id).toBe('dx-fork-overcommit');
  });
});

test('symptoms alone leave the cause open', async () => {
  const { verdict } = await reportOf(
    'some avg10=55.10 avg60=40.00 avg300=20.00 total=9000000\nfull avg10=30.00 avg60=20.00 avg300=9.00 total=4000000\n',
  );
  expect(verdict.status).toBe('inconclusive');
  expect(verdict.headline).toContain('cannot tell why');
});

test('a pod that was OOMKilled, of which no limit is shown', async () => {
  const { diagnoses } = await reportOf(`NAME    READY   STATUS      RESTARTS   AGE
api-0   1/1     Running     0          2d
web-0   0/1     OOMKilled   3          5m
`);
  expect(diagnoses[0]).toMatchObject({ id: 'dx-cgroup-limit-too-small', owner: { kind: 'cgroup', name: '/kubepods/web-0' } });
  expect(diagnoses[0]?.summary).toContain('which was not shown');
});

describe('removed cgroups', () => {
  test('of which no number is left', async () => {
    const text = 'mkdir /sys/fs/cgroup/memory/docker/0aa1: no space left on device\n';
    expect((await reportOf(text)).diagnoses[0]?.id).toBe('dx-dying-cgroups');
    // before 5.8 it said so with the wrong words
    const [older] = (await reportOf(text.replace('no space left on device', 'cannot allocate memory: unknown.'))).diagnoses;
    expect(older).toMatchObject({ id: 'dx-dying-cgroups', summary: expect.stringContaining('before Linux 5.8') });
    // another hierarchy has no such numbers
    expect((await factsOf(text.replace('/memory/', '/cpuset/')))['errors.cgroups_refused']?.value).toBe(0);
  });

  test('each with slab caches of its own', async () => {
    const table = (caches: number): string => `  OBJS ACTIVE  USE OBJ SIZE  SLABS OBJ/SLAB CACHE SIZE NAME
${caches} ${caches} 100%    0.38K  ${Math.ceil(caches / 21)}       21    ${Math.ceil((caches * 8) / 21)}K kmem_cache
 90000  80000  88%    0.19K   4285       21     17140K dentry
`;
    expect((await reportOf(table(400_000))).diagnoses[0]?.id).toBe('dx-dying-cgroups');
    expect((await reportOf(table(20_000))).diagnoses[0]?.id).not.toBe('dx-dying-cgroups');
  });
});

test('one sample of a cgroup at its brake', async () => {
  const { diagnoses } = await reportOf(
    [
      [
        'memory.pressure',
        'some avg10=61.00 avg60=50.00 avg300=20.00 total=9000000\nfull avg10=55.00 avg60=40.00 avg300=9.00 total=4000000',
      ],
      ['memory.current', '1073700000'],
      ['memory.high', '1073741824'],
    ]
      .map(([name = '', text = '']) => `$ cat /sys/fs/cgroup/batch.slice/${name}\n${text}\n`)
      .join(''),
  );
  expect(diagnoses[0]?.id).toBe('dx-cgroup-high-brake');
  expect(diagnoses[0]?.owner).toMatchObject({ kind: 'cgroup', name: '/batch.slice' });
});

describe('objects of the kernel that were refused', () => {
  const failure = (mask: string): string => `[  500.100000] SLUB: Unable to allocate memory on node -1, gfp=${mask}\n`;
  const cache = (name: string, slabs: number): string =>
    `[  500.100004]   cache: ${name}, object size: 65536, buffer size: 65600, default order: 5, min order: 5\n[  500.100006]   node 0: slabs: ${slabs}, objs: ${slabs}, free: 0\n`;

  test('a cache of the host is at no limit of a cgroup; one that fills RAM is what is wrong', async () => {
    const text = `${failure('0xcc0(GFP_KERNEL)')}${cache('probe_ctx', 50_000)}\n${meminfo({ MemTotal: 8_000_000, MemFree: 90_000, MemAvailable: 120_000 })}`;
    const facts = await factsOf(text);
    expect(facts['log.slub_at_limit']?.value).toBe(false);
    expect(facts['slab.top_bytes']?.value).toBe(50_000 * 32 * 4096);
    expect((await reportOf(text)).diagnoses[0]?.id).toBe('dx-slab-leak');
  });

  test('a cache of a cgroup is', async () => {
    const facts = await factsOf(`${failure('0x20')}${cache('probe_ctx(17:9a8b7c)', 20)}`);
    expect(facts['log.slub_at_limit']?.value).toBe(true);
  });

  test('one packet that could not wait, told by both allocators, is no two troubles', async () => {
    const text = `[  500.000001] swapper/1: page allocation failure: order:0, mode:0x20\n${failure('0x20')}`;
    expect((await factsOf(text))['log.slub_echoes']?.value).toBe(true);
    expect((await reportOf(text)).diagnoses[0]?.id).toBe('dx-benign-warning');
    expect((await factsOf(failure('0x20')))['log.slub_echoes']?.value).toBe(false);
  });
});

test('swapoff that is refused', async () => {
  const { diagnoses } = await reportOf(
    `# swapoff /dev/vdb2\nswapoff: /dev/vdb2: swapoff failed: Cannot allocate memory\n# cat /proc/meminfo\n${meminfo({ MemTotal: 2_000_000, MemFree: 90_000, MemAvailable: 150_000, SwapTotal: 2_000_000, SwapFree: 900_000 })}`,
  );
  expect(diagnoses[0]?.id).toBe('dx-swapoff-blocked');
});

test('half a pool of huge pages idle, and nothing else known', async () => {
  const { diagnoses } = await reportOf(
    'HugePages_Total:    9000\nHugePages_Free:     4500\nHugePages_Rsvd:        0\nHugepagesize:       2048 kB\n',
  );
  expect(diagnoses[0]?.id).toBe('dx-hugepage-reservation');
  expect(diagnoses[0]?.severity).toBe('notice');
});

test.each([
  ['-bash: fork: Cannot allocate memory', 'bash', 'fork'],
  // dash does not say why: mostly a limit
  ['sh: 1: Cannot fork', 'sh', 'tasks'],
  ['mmap: Cannot allocate memory', '', 'mmap'],
  ['2020-02-02T02:02:02 0 [ERROR] Pool: mmap(4096 bytes) failed; errno 12', '', 'mmap'],
  ['EAL: Not enough memory available on socket 3! Requested: 64MB, available: 2MB', 'EAL', 'allocate'],
  ['# There is insufficient memory for the Java Runtime Environment to continue.', '', 'allocate'],
  ['there is not enough memory for my taste', null, null],
  ['Error: spawn ENOMEM', '', 'fork'],
  ['java.lang.OutOfMemoryError: unable to create new native thread', '', 'thread'],
  ['java.lang.OutOfMemoryError: Java heap space', '', 'heap'],
  ['[2026-03-02T10:00:00,001][WARN ][o.e.b.JNANatives] Unable to lock JVM Memory: error=12, reason=Cannot allocate memory', '', 'mlock'],
  ['FATAL ERROR: Ineffective mark-compacts near heap limit Allocation failed - JavaScript heap out of memory', '', 'heap'],
  ['PHP Fatal error:  Allowed memory size of 268435456 bytes exhausted (tried to allocate 4096 bytes) in /srv/a.php on line 9', '', 'heap'],
  ['swapoff: /dev/vdb2: swapoff failed: Cannot allocate memory', 'swapoff', 'swapoff'],
  ['[  812.001122] worker: page allocation failure: Cannot allocate memory', null, null],
])('%s', (line, program, operation) => {
  const found = errorLineOf(line);
  expect([found?.program ?? null, found?.operation ?? null]).toEqual([program, operation]);
});

test('MemTotal of a gigabyte, nothing else: nothing is said', async () => {
  const { verdict } = await reportOf(meminfo({ MemTotal: GIB / 1024 }));
  expect(verdict.status).toBe('inconclusive');
});

describe('a part of the processes', () => {
  const free =
    '        total  used  free  shared  buff/cache  available\nMem:    15886  14800   310      40         776        640\nSwap:       0     0     0\n';
  const rows = (...list: string[]): string => ['    PID COMMAND           RSS', ...list].join('\n');

  test('what the shown ones hold is a minimum, and RSS is not private memory', async () => {
    const text = `$ free -m\n${free}\n$ ps -eo pid,comm,rss --sort=-rss | head -3\n${rows('   4121 heron         3412345', '   4122 mill           382345')}\n`;
    const facts = await factsOf(text);
    expect(facts['proc.list_partial']?.value).toBe(true);
    expect(facts['proc.rss_only']?.value).toBe(true);
    expect(facts['mem.anon_at_least']?.value).toBe(true);
    const { findings } = await reportOf(text);
    expect(findings.find(({ id }) => id === 'swap-none')?.message).toContain('at least 23 %');
  });

  test('a container shows all it has', async () => {
    const facts = await factsOf(`$ ps -eo pid,comm,rss\n${rows('      1 tini             1200', '      7 mill           382345')}\n`);
    expect(facts['proc.list_partial']?.value).toBe(false);
  });

  test('anonymous and shared pages told apart are no mere RSS', async () => {
    const text =
      '  PID USER      PR  NI    VIRT    RES    SHR S  %CPU %MEM     TIME+ COMMAND\n  411 app       20   0 9000000 700000   9000 S   0.3  9.1   0:00.30 heron\n';
    expect((await factsOf(text))['proc.rss_only']?.value).toBe(false);
  });
});

describe('refused another process', () => {
  test.each([
    ['bash: fork: retry: Resource temporarily unavailable', 'tasks'],
    ['sudo: unable to fork: Resource temporarily unavailable', 'tasks'],
    ['[12.5] cgroup: fork rejected by pids controller in /a.slice', 'tasks'],
    ['./x.sh: 1: ./x.sh: Cannot fork', 'tasks'],
    ['bash: fork: Cannot allocate memory', 'fork'],
    ['connect: Resource temporarily unavailable', null],
    ['read: EAGAIN', null],
  ])('%s', (line, operation) => {
    expect(errorLineOf(line)?.operation ?? null).toBe(operation);
  });

  test('a limit on their number is what is told of, and nothing is said of healthy memory', async () => {
    const { diagnoses, verdict } = await reportOf('bash: fork: retry: Resource temporarily unavailable\n');
    expect(diagnoses[0]?.id).toBe('dx-process-count');
    expect(verdict.status).not.toBe('healthy');
  });
});

describe('lines that are on no list', () => {
  const told = { MemTotal: 200_000_000, MemFree: 400_000, MemAvailable: 5_000_000, Buffers: 200_000, Cached: 5_000_000 };

  test('by the sums Active and Inactive', async () => {
    const facts = await factsOf(meminfo({ ...told, Active: 2_000_000, Inactive: 4_000_000 }));
    expect(facts['used.gap_bytes']?.value).toBe((200_000_000 - 400_000 - 6_000_000) * 1024);
  });

  test('nearly all of RAM, with slab told: a driver, or huge pages of which the lines were cut', async () => {
    const { diagnoses } = await reportOf(
      meminfo({ ...told, Active: 2_000_000, Inactive: 4_000_000, AnonPages: 900_000, Slab: 800_000, SReclaimable: 300_000 }),
    );
    expect(diagnoses[0]?.id).toBe('dx-unaccounted-driver-or-leak');
  });
});

describe('earlyoom', () => {
  test('its last figures are the memory of the host, beside its log as well', async () => {
    const line = (free: number): string =>
      `Jan 12 04:40:01 px9 earlyoom[611]: mem avail: ${free} of  7801 MiB (1.92%), swap free: 2040 of 4095 MiB (49.82%)\n`;
    const facts = await factsOf(`Jan 12 04:00:00 px9 systemd[1]: Started Early OOM Daemon.\n${line(7000)}${line(150)}`);
    expect(facts['mem.available_bytes']?.value).toBe(150 * 2 ** 20);
    expect(facts['swap.total_bytes']?.value).toBe(4095 * 2 ** 20);
  });
});

test('how long it was between two outputs nobody told: no rate is made of them', async () => {
  const at = (available: number): string =>
    `        total  used  free  shared  buff/cache  available\nMem:    7886  ${7000 - available}   310      40         576       ${available}\nSwap:      0     0     0\n\n`;
  const facts = await factsOf(at(4400) + at(2700) + at(440));
  expect(facts['mem.available_bytes']?.value).toBe(440 * 2 ** 20);
  expect(facts['mem.tte_s']?.value).toBeNull();
  const told = await factsOf(`$ free -m -s 5\n${at(4400)}${at(2700)}${at(440)}`);
  expect(told['mem.tte_s']?.value).toBeGreaterThan(1);
});

test('an OOM kill without a clock, pasted beside other output, is what the ticket is about', async () => {
  const free = `               total        used        free      shared  buff/cache   available
Mem:        32000000     9000000     8000000       10000    15000000    22000000
Swap:        8000000           0     8000000
`;
  const line =
    'oom-kill:constraint=CONSTRAINT_MEMORY_POLICY,nodemask=1,cpuset=/,mems_allowed=0-1,global_oom,task_memcg=/vm,task=vmhost,pid=700,uid=0\nOut of memory: Killed process 700 (vmhost) total-vm:9000000kB, anon-rss:8000000kB, file-rss:0kB, shmem-rss:0kB, UID:0\n';
  const { diagnoses, facts } = await reportOf(`$ free\n${free}\n$ dmesg | tail -2\n${line}`);
  expect(facts['log.oom_case']?.value).toBe('day');
  expect(diagnoses[0]?.id).toBe('dx-numa-node-exhausted-bound');
  // with a clock, it may be of last year
  const dated = line.replaceAll(/^(?=\S)/gm, '[ 5000.100000] ');
  expect(
    (await reportOf(`$ cat /proc/uptime\n3456000.00 100.00\n$ free\n${free}\n$ dmesg | tail -2\n${dated}`)).facts['log.oom_case']?.value,
  ).toBe('earlier');
});
