/** The appendix of tools: hand-computed figures of each, and the tools themselves where they are installed. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { gatherLive } from '../src/gather/gather.js';
import type { Snapshot } from '../src/gather/snapshot.js';
import { toolsModel, toolText } from '../src/report/tools-model.js';
import { type ReportTool, toolsSchema } from '../src/report/tools-schema.js';
import { toolsOf } from '../src/report/tools.js';
import { fixed, human, scaled } from '../src/report/tools/numbers.js';
import { validateSnapshot } from '../src/validators.js';

const KIB = 1024;
const MIB = KIB * 1024;
const GIB = MIB * 1024;
type Sources = Snapshot['samples'][number]['sources'];

const valid = new Ajv2020({ strict: true }).addVocabulary(['x-unit']).compile(toolsSchema);

const snapshotOf = (samples: readonly Sources[], seconds = 2): Snapshot => ({
  format: 'memdoctor-snapshot',
  schemaVersion: '1.0',
  memdoctorVersion: '0.1.0',
  subject: { hostname: 'h', kernel: '6.12.0', arch: 'x86_64', capturedAt: null, origin: 'live', pageSize: 4096, clockTicks: 100 },
  samples: samples.map((sources, index) => ({ time: 1_767_261_600 + index * seconds, monotonic: 100 + index * seconds, sources })),
  sources: { slabinfo: { status: 'denied', seconds: 0, bytes: 0, reason: 'proc/slabinfo: EACCES' } },
});

const MEMINFO = {
  MemTotal: 1000 * MIB,
  MemFree: 100 * MIB,
  MemAvailable: 400 * MIB,
  Buffers: 10 * MIB,
  Cached: 300 * MIB,
  SwapCached: 5 * MIB,
  Active: 350 * MIB,
  Inactive: 250 * MIB,
  Dirty: 3 * MIB,
  Shmem: 20 * MIB,
  Slab: 60 * MIB,
  SReclaimable: 40 * MIB,
  SwapTotal: 500 * MIB,
  SwapFree: 450 * MIB,
  Committed_AS: 750 * MIB,
  HugePages_Total: 10,
  HugePages_Free: 4,
  HugePages_Rsvd: 1,
  HugePages_Surp: 2,
  Hugepagesize: 2 * MIB,
};
const VMSTAT = { pgpgin: 1000, pgpgout: 500, pswpin: 100, pswpout: 200, pgfault: 9000, pgmajfault: 90, pgfree: 7000, pgalloc_normal: 50 };
const RECLAIM = {
  pgscan_kswapd: 1000,
  pgscan_direct: 0,
  pgscan_direct_throttle: 0,
  pgscan_anon: 1000,
  pgscan_file: 0,
  pgsteal_kswapd: 500,
  pgsteal_direct: 0,
  pgsteal_anon: 500,
  pgsteal_file: 0,
};
const CPU = { user: 10, nice: 0, system: 5, idle: 80, iowait: 5, irq: 0, softirq: 0, steal: 0 };
const STAT = { cpus: 2, btime: 1_767_000_000, ctxt: 10_000, processes: 300, procsRunning: 3, procsBlocked: 1, intr: 4000, cpu: CPU };

const FIRST: Sources = { meminfo: MEMINFO, vmstat: { ...VMSTAT, ...RECLAIM }, stat: STAT };
const SECOND: Sources = {
  meminfo: { ...MEMINFO, MemFree: 80 * MIB, SwapFree: 440 * MIB },
  // in 2 s: 60 pages in, 21 out; 301 KiB read; 200 pages scanned by kswapd, 100 directly, 240 taken off, 10 more of them by a cgroup
  vmstat: {
    pgpgin: 1301,
    pgpgout: 504,
    pswpin: 160,
    pswpout: 221,
    pgfault: 9100,
    pgmajfault: 93,
    pgfree: 7501,
    pgalloc_normal: 70,
    ...RECLAIM,
    pgscan_kswapd: 1200,
    pgscan_direct: 100,
    pgscan_direct_throttle: 77,
    pgsteal_kswapd: 690,
    pgsteal_direct: 50,
    pgsteal_anon: 700,
    pgsteal_file: 50,
  },
  stat: {
    ...STAT,
    ctxt: 10_501,
    intr: 4201,
    procsRunning: 1,
    procsBlocked: 0,
    guest: 1.5,
    cpu: { ...CPU, user: 11, system: 5.5, idle: 82, iowait: 5.5 },
  },
  pressure: {
    memory: { some: { avg10: 1.5, avg60: 0.25, avg300: 0, total: 12.345678 }, full: { avg10: 1, avg60: 0, avg300: 0, total: 3 } },
  },
};
const TWO = snapshotOf([
  {
    ...FIRST,
    pressure: { memory: { some: { avg10: 0, avg60: 0, avg300: 0, total: 12 }, full: { avg10: 0, avg60: 0, avg300: 0, total: 3 } } },
  },
  SECOND,
]);

function shown(id: string, snapshot: Snapshot = TWO): ReportTool {
  const found = toolsOf(snapshot).find((tool) => tool.id === id);
  if (!found) throw new Error(`no tool ${id}`);
  return found;
}

describe('each tool, computed by hand', () => {
  it('vmstat', () => {
    const { columns, rows, note } = shown('vmstat');
    expect(columns.join(' ')).toBe('r b swpd free buff cache si so bi bo in cs us sy id wa st');
    // swap: 60 and 21 pages of 4 KiB in 2 s; CPU: 1, 0.5, 2 and 0.5 of 4 s
    expect(rows.map((row) => row.join(' '))).toEqual(['0 0 61440 81920 10240 348160 120 42 151 2 101 251 25 13 50 13 0']);
    expect(note).toContain('averages since boot');
  });
  it('vmstat -a', () => {
    const { columns, rows } = shown('vmstat-active');
    expect(columns.slice(4, 6)).toEqual(['inact', 'active']);
    expect(rows[0]?.slice(4, 6)).toEqual(['256000', '358400']);
  });
  it('vmstat -s', () => {
    const { lines, note } = shown('vmstat-totals');
    for (const line of [
      '      1024000 K total memory',
      '       614400 K used memory',
      '       348160 K swap cache',
      '         1100 non-nice user cpu ticks',
      '          150 non-nice guest cpu ticks',
      '            - nice guest cpu ticks',
      '         1301 K paged in',
      '           70 pages alloc in normal',
      '         4201 interrupts',
    ])
      expect(lines).toContain(line);
    expect(note).toContain('the swap cache is 5120 K');
  });
  it('PSI as the kernel prints it, and by interval', () => {
    expect(shown('pressure').lines).toEqual([
      '==> /proc/pressure/memory <==',
      'some avg10=1.50 avg60=0.25 avg300=0.00 total=12345678',
      'full avg10=1.00 avg60=0.00 avg300=0.00 total=3000000',
    ]);
    // 0.345678 of 2 s
    expect(shown('pressure-intervals').rows).toEqual([['10:00:02', '17.28', '0.00', '-', '-', '-', '-']]);
  });
  it('free -w', () => {
    const { columns, rows } = shown('free');
    expect(columns.slice(1).join(' ')).toBe('total used free shared buffers cache available');
    expect(rows.map((row) => row.join(' ').trim())).toEqual([
      'Mem: 1024000 614400 81920 20480 10240 348160 409600',
      'Swap: 512000 61440 450560',
    ]);
    const { MemAvailable: _, ...old } = MEMINFO;
    expect(shown('free', snapshotOf([{ meminfo: old }])).rows[0]?.join(' ')).toBe('Mem: 1024000 563200 102400 20480 10240 348160 -');
  });
  it('swapon', () => {
    const areas = [
      { name: '/dev/dm-2', type: 'partition', size: 980 * MIB, used: 611.6 * MIB, priority: -2 },
      { name: '/swap1', type: 'file', size: 30 * GIB, used: 0, priority: -3 },
    ];
    expect(shown('swapon', snapshotOf([{ swaps: areas }])).rows).toEqual([
      ['/dev/dm-2', 'partition', '980M', '611.6M', '-2'],
      ['/swap1', 'file', '30G', '0B', '-3'],
    ]);
    expect(shown('swapon', snapshotOf([{ swaps: [] }]))).toMatchObject({ columns: [], note: expect.stringContaining('prints nothing') });
  });
  it('ps, top and pmap', () => {
    const process = (pid: number, mib: number) => ({
      pid,
      name: `p${pid}`,
      state: 'S',
      startSeconds: 1,
      threads: 1,
      anon: mib * MIB,
      file: MIB,
      shmem: 0,
      swap: 0,
      pte: 0,
      locked: 0,
      hugetlb: 0,
      hwm: 0,
      vsize: 33.3 * GIB,
      minflt: 0,
      majflt: 0,
      oomScoreAdj: 0,
      cgroup: null,
    });
    const top = [process(1, 2), process(2, 99), ...Array.from({ length: 20 }, (_, index) => process(index + 10, 1))];
    const processes = {
      visible: 30,
      threads: 40,
      states: { S: 20, I: 5, R: 2, Z: 1, T: 2 },
      anon: 0,
      file: 0,
      shmem: 0,
      swap: 0,
      pageTables: 0,
      groups: [],
      top,
    };
    const snapshot = snapshotOf([{ processes, meminfo: MEMINFO, loadavg: { load1: 1, load5: 0.5, load15: 0.25, running: 1, total: 9 } }]);
    expect(shown('ps', snapshot).rows).toHaveLength(15);
    expect(shown('ps', snapshot).rows[0]).toEqual(['2', '102400', '34917580', '10.0', 'p2']);
    expect(shown('top', snapshot).rows[0]).toEqual(['2', '33.3g', '102400', '1024', 'S', '10.0', 'p2']);
    expect(shown('top', snapshot).lines.slice(0, 3)).toEqual([
      'top - load average: 1.00, 0.50, 0.25',
      'Tasks: 30 total, 2 running, 25 sleeping, 2 stopped, 1 zombie',
      'MiB Mem : 1000.0 total, 100.0 free, 600.0 used, 350.0 buff/cache',
    ]);
    expect(shown('pmap', snapshot)).toMatchObject({
      command: 'pmap -x 2',
      lines: ['2:   p2'],
      rows: [['total kB', '34917580', '102400', '-']],
      note: expect.stringContaining('run `pmap -x 2`.'),
    });
  });
  it('slabtop', () => {
    const slabinfo = [
      { name: 'dentry', activeObjects: 150, objects: 210, objectSize: 192, bytes: 10 * 4096, slabs: 10, objectsPerSlab: 21 },
      {
        name: 'inode_cache',
        activeObjects: 29,
        objects: 30,
        objectSize: 1024,
        bytes: 20 * 4096,
        slabs: 10,
        objectsPerSlab: 3,
        activeSlabs: 9,
      },
      { name: 'unused', activeObjects: 0, objects: 0, objectSize: 8, bytes: 0, slabs: 0, objectsPerSlab: 512 },
    ];
    const { lines, rows } = shown('slabtop', snapshotOf([{ slabinfo }]));
    expect(lines.slice(0, 5)).toEqual([
      'Active / Total Objects (% used)    : 179 / 240 (74.6%)',
      'Active / Total Slabs (% used)      : 19 / 20 (95.0%)',
      'Active / Total Caches (% used)     : 2 / 3 (66.7%)',
      'Active / Total Size (% used)       : 57.12K / 69.38K (82.3%)',
      'Minimum / Average / Maximum Object : 0.19K / 0.29K / 1.00K',
    ]);
    expect(rows[0]).toEqual(['30', '29', '96%', '1.00K', '10', '3', '80K', 'inode_cache']);
    expect(shown('slabtop').note).toBe('Not gathered (proc/slabinfo: EACCES): run `slabtop -o -s c` as root.');
  });
  it('numastat', () => {
    const node = (number: number) => ({
      node: number,
      meminfo: { MemTotal: 512 * MIB, MemFree: 100.5 * MIB, Fresh: MIB, HugePages_Total: 2 },
      numastat: { numa_hit: 10, numa_miss: 1, numa_foreign: 2, interleave_hit: 3, local_node: 4, other_node: 5 },
      vmstat: {},
      cpulist: '',
    });
    const snapshot = snapshotOf([{ node: [node(0), node(2)], meminfo: MEMINFO }]);
    expect(shown('numastat', snapshot).columns).toEqual(['', 'node0', 'node2']);
    expect(shown('numastat', snapshot).rows[1]).toEqual(['numa_miss', '1', '1']);
    expect(shown('numastat-memory', snapshot).rows).toEqual([
      ['MemTotal', '512.00', '512.00', '1024.00'],
      ['MemFree', '100.50', '100.50', '201.00'],
      ['HugePages_Total', '4.00', '4.00', '8.00'],
      ['Fresh', '1.00', '1.00', '2.00'],
    ]);
  });
  it('sar -B: no page counted twice, throttling is no page, %vmeff of like with like', () => {
    const { columns, rows, note } = shown('sar-paging');
    expect(columns.slice(1).join(' ')).toBe('pgpgin/s pgpgout/s fault/s majflt/s pgfree/s pgscank/s pgscand/s pgsteal/s %vmeff');
    // steal by kind 250; by reclaimer 240 of 300 scanned
    const cells = '150.50 2.00 50.00 1.50 250.50 100.00 50.00 125.00 80.00';
    expect(rows.map((row) => row.join(' '))).toEqual([`10:00:02 ${cells}`, `Average: ${cells}`]);
    expect(note).toContain('12.7.9');
    expect(note).toContain('200 %');
  });
  it('sar -B on kernels that count by zone', () => {
    const zones = (add: number) => ({
      pgscan_kswapd_dma: 10,
      pgscan_kswapd_normal: 100 + add,
      pgscan_direct_normal: 5,
      pgsteal_dma: 1,
      pgsteal_normal: 50 + add / 2,
      kswapd_steal: 9,
    });
    expect(shown('sar-paging', snapshotOf([{ vmstat: zones(0) }, { vmstat: zones(80) }])).rows[0]?.slice(6)).toEqual([
      '40.00',
      '0.00',
      '20.00',
      '50.00',
    ]);
  });
  it('sar -r, -S, -W, -H', () => {
    const row = (id: string) => shown(id).rows[0]?.slice(1).join(' ');
    expect(shown('sar-memory').columns.slice(1).join(' ')).toBe(
      'kbmemfree kbavail kbmemused %memused kbbuffers kbcached kbcommit %commit kbactive kbinact kbdirty',
    );
    // used: 1000 − 80 − 10 − 300 − 60 MiB
    expect(row('sar-memory')).toBe('81920 409600 563200 55.00 10240 307200 768000 50.00 358400 256000 3072');
    expect(row('sar-swap-space')).toBe('450560 61440 12.00 5120 8.33');
    expect(row('sar-swapping')).toBe('30.00 10.50');
    expect(row('sar-huge-pages')).toBe('8192 12288 60.00 2048 4096');
  });
  it('rounds a tie as C does', () => {
    expect([0.125, 0.375, 57.125, 2.675, 0.005, 1, 1e20].map((value) => fixed(value, 2))).toEqual([
      '0.12',
      '0.38',
      '57.12',
      '2.67',
      '0.01',
      '1.00',
      '100000000000000000000.00',
    ]);
    expect([0.25, 0.75, 0.5].map((value) => fixed(value, 1))).toEqual(['0.2', '0.8', '0.5']);
  });
  it('sizes as util-linux and top print them', () => {
    expect([0, 512, 1023, KIB, 1.95 * KIB, 1.99 * GIB, 611.6 * MIB].map(human)).toEqual([
      '0B',
      '512B',
      '1023B',
      '1K',
      '2K',
      '2G',
      '611.6M',
    ]);
    expect([1000, 999_999, 9_999_999, 34_896_568].map((kib) => scaled(kib * KIB, 6))).toEqual(['1000', '999999', '9.5g', '33.3g']);
  });
});

describe('what is not there', () => {
  it('one sample has levels and no rates', () => {
    const snapshot = snapshotOf([FIRST]);
    expect(shown('vmstat', snapshot).rows).toEqual([
      ['2', '1', '51200', '102400', '10240', '348160', ...Array.from({ length: 11 }, () => '-')],
    ]);
    expect(shown('sar-memory', snapshot).rows).toHaveLength(1);
    expect(shown('sar-paging', snapshot)).toMatchObject({ rows: [], note: expect.stringContaining('One sample: no rates.') });
  });
  it('a counter that went back has no rate', () => {
    expect(
      shown('sar-swapping', snapshotOf([{ vmstat: { pswpin: 9, pswpout: 0 } }, { vmstat: { pswpin: 3, pswpout: 4 } }])).rows[0]?.slice(1),
    ).toEqual(['-', '2.00']);
  });
  it('an empty snapshot: every tool says how to gather it', () => {
    for (const tool of toolsOf(snapshotOf([{}]))) {
      expect(tool.rows.length + tool.lines.length).toBe(0);
      expect(tool.note).toMatch(/^Not gathered.*: run .+\.$/);
    }
    expect(toolsModel(toolsOf(snapshotOf([{}])))).toBeNull();
    expect(shown('sar-huge-pages', snapshotOf([{ meminfo: { MemTotal: GIB } }]))).toMatchObject({
      rows: [],
      note: expect.stringMatching(/^Not gathered/),
    });
  });
  it('many samples are thinned to 30 intervals that cover the whole time', () => {
    for (const size of [31, 32, 61, 62, 600]) {
      const snapshot = snapshotOf(Array.from({ length: size }, () => FIRST));
      const { rows, note } = shown('sar-swapping', snapshot);
      expect(rows.length).toBeLessThanOrEqual(31);
      expect(rows.at(-2)?.[0]).toBe(new Date(1000 * (1_767_261_600 + 2 * (size - 1))).toISOString().slice(11, 19));
      if (size > 31) expect(note).toContain(`of ${size} samples`);
    }
  });
});

describe('the text of a tool', () => {
  it('aligns columns, and heads over them', () => {
    expect(toolText(shown('vmstat')).split('\n')).toEqual(
      [
        'procs  ----------memory-----------  --swap-  ---io--  -system  -------cpu--------',
        ' r  b   swpd   free   buff   cache   si  so   bi  bo   in   cs  us  sy  id  wa  st',
        ' 0  0  61440  81920  10240  348160  120  42  151   2  101  251  25  13  50  13   0',
      ].map((line, index) => (index === 0 ? expect.stringMatching(/^procs +-+memory-+ +-*swap-* +-*io-* +-*system-* +-*cpu-*$/) : line)),
    );
  });
  it('lets no name break a line or the table', () => {
    const text = toolText({
      id: 'x',
      command: 'x',
      title: 'x',
      lines: ['a\nb'],
      columns: ['PID', 'COMMAND'],
      rows: [
        ['1', `n\n\u001B[31m${'x'.repeat(500)}`],
        ['22', '日本'],
      ],
      note: null,
    });
    expect(text.split('\n')).toHaveLength(4);
    expect(text).toContain('a⟨U+000A⟩b');
    for (const line of text.split('\n')) expect(line.length).toBeLessThan(120);
  });
});

const SAMPLES = readdirSync('samples')
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(`samples/${name}`, 'utf8')) as Snapshot);

describe('whatever the snapshot', () => {
  it('nothing throws, and the result is valid', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SAMPLES),
        fc.integer({ min: 0, max: 2 ** 31 }),
        fc.double({ min: 0, max: 0.6, noNaN: true }),
        (snapshot, seed, loss) => {
          let state = seed;
          const less = lossy(snapshot, () => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) / 2 ** 32 < loss);
          expect(validateSnapshot(less)).toEqual([]);
          const tools = toolsOf(less);
          expect(valid(tools), JSON.stringify(valid.errors)).toBe(true);
          for (const tool of tools) {
            expect(tool.rows.length).toBeLessThanOrEqual(60);
            for (const row of tool.rows) {
              expect(row).toHaveLength(tool.columns.length);
              expect(row.join(' ')).not.toMatch(/NaN|undefined|null|Infinity/);
            }
            toolText(tool);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** A snapshot of which members of maps and rows that may be missing, samples and times are lost by chance. */
function lossy(snapshot: Snapshot, lost: () => boolean): Snapshot {
  const maps = new Set(['meminfo', 'vmstat', 'numastat', 'cpu']);
  const thin = (value: unknown, open: boolean): unknown => {
    if (Array.isArray(value)) return value.filter(() => !lost()).map((item) => thin(item, false));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(() => !open || !lost())
        .map(([key, item]) => [key, thin(item, maps.has(key) && Object.values(item as object).every((one) => typeof one === 'number'))]),
    );
  };
  const samples = snapshot.samples.map((sample) => ({
    ...sample,
    time: lost() ? null : sample.time,
    sources: thin(sample.sources, true) as Sources,
  }));
  return {
    ...snapshot,
    samples: samples.length > 0 ? samples : [{ time: null, monotonic: 0, sources: {} }],
    sources: lost() ? {} : snapshot.sources,
  };
}

const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC', S_COLORS: 'never' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
const has = (command: string): boolean =>
  process.platform === 'linux' && spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;
const lines = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');
const words = (line = ''): string[] => line.trim().split(/\s+/);
/** Of one moment or the next, on a host that is busy with other tests. */
const near = (ours: string | undefined, theirs: string | undefined, slack: number): void => {
  expect(Math.abs(Number(ours) - Number(theirs)), `${ours} and ${theirs}`).toBeLessThanOrEqual(Math.max(slack, 0.5 * Number(theirs)));
};

describe.runIf(process.platform === 'linux')('beside the real tools (each is skipped where it is not installed)', () => {
  let now: Snapshot;
  beforeAll(async () => {
    now = await gatherLive({ durationSeconds: 0, intervalSeconds: 1 });
  });

  it.runIf(has('free'))('free -w', () => {
    const [head, memory, swap] = lines(run('free', '-w'));
    const ours = shown('free', now);
    expect(ours.columns.slice(1)).toEqual(words(head));
    expect(ours.rows[0]?.slice(0, 2)).toEqual(words(memory).slice(0, 2));
    for (const [index, cell] of words(memory).entries()) if (index > 1) near(ours.rows[0]?.[index], cell, 200_000);
    expect(ours.rows[1]?.slice(0, 2)).toEqual(words(swap).slice(0, 2));
  });

  it.runIf(has('vmstat'))('vmstat, vmstat -a: the heads, but for columns of newer ones', () => {
    for (const [id, args] of [
      ['vmstat', []],
      ['vmstat-active', ['-a']],
    ] as const) {
      const [groups, head, first] = lines(run('vmstat', ...args));
      const ours = shown(id, now);
      expect(words(head).slice(0, 17)).toEqual(ours.columns);
      expect(ours.groups?.map(({ name }) => name)).toEqual(words(groups).map((word) => word.replaceAll('-', '')));
      expect(ours.rows[0]?.[2]).toBe(words(first)[2]);
      for (const index of [3, 4, 5]) near(ours.rows[0]?.[index], words(first)[index], 200_000);
    }
  });

  it.runIf(has('vmstat'))('vmstat -s: every line of it', () => {
    const ours = new Map(shown('vmstat-totals', now).lines.map((line) => [line.slice(14), line.slice(0, 13).trim()]));
    for (const line of lines(run('vmstat', '-s'))) {
      const label = line.slice(14).replace(/^pages (paged (?:in|out))$/, 'K $1');
      expect(ours.has(label), label).toBe(true);
      if (/total memory|total swap|boot time/.test(label)) expect(ours.get(label)).toBe(words(line)[0]);
      else near(ours.get(label), words(line)[0], 400_000);
    }
  });

  it.runIf(has('swapon'))('swapon --show', () => {
    const theirs = lines(run('swapon', '--show'));
    const { columns, rows } = shown('swapon', now);
    expect([columns, ...rows].filter((row) => row.length > 0).map((row) => [row[0], row[1], row[2], row[4]].join(' '))).toEqual(
      theirs.map((line) => words(line)).map((row) => [row[0], row[1], row[2], row[4]].join(' ')),
    );
  });

  it.runIf(has('ps'))('ps: heads and sizes', () => {
    const [head, ...rest] = lines(run('ps', '-eo', 'pid,rss,vsz,pmem,comm', '--sort=-rss'));
    const ours = shown('ps', now);
    expect(words(head)).toEqual(ours.columns);
    const theirs = new Map(rest.map((line) => [words(line)[0], words(line)]));
    const both = ours.rows.filter((row) => theirs.has(row[0]) && row[0] !== String(process.pid));
    expect(both.length).toBeGreaterThan(0);
    const alike = both.filter((row) => {
      const other = theirs.get(row[0]) ?? [];
      return Math.abs(Number(row[1]) - Number(other[1])) <= 0.3 * Number(other[1]) && Math.abs(Number(row[3]) - Number(other[3])) <= 1;
    });
    // others come, go and grow meanwhile
    expect(alike.length).toBeGreaterThanOrEqual(both.length / 2);
  });

  it.runIf(has('top'))('top: the columns that are gathered', () => {
    const head = lines(run('top', '-b', '-n', '1', '-o', '%MEM', '-w', '200')).find((line) => /^\s*PID\s/.test(line));
    expect(words(head).filter((word) => !['USER', 'PR', 'NI', '%CPU', 'TIME+'].includes(word))).toEqual(shown('top', now).columns);
  });

  it.runIf(has('pmap'))('pmap -x: the total', () => {
    const child = spawn('sleep', ['30'], { stdio: 'ignore' });
    try {
      const theirs = lines(run('pmap', '-x', String(child.pid)));
      const rollup = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      const [, vsize = ''] = /^VmSize:\s+(\d+) kB$/m.exec(rollup) ?? [];
      expect(words(theirs.at(-1)).slice(0, 2)).toEqual(['total', 'kB']);
      // the page of vsyscall is in no VmSize
      expect([0, 4]).toContain(Number(words(theirs.at(-1))[2]) - Number(vsize));
      expect(words(theirs[1])).toEqual(expect.arrayContaining(['Kbytes', 'RSS', 'Dirty']));
      expect(shown('pmap', now).columns.slice(1)).toEqual(['Kbytes', 'RSS', 'Dirty']);
    } finally {
      child.kill();
    }
  });

  it.runIf(has('slabtop'))('slabtop -o -s c', (context) => {
    if (process.getuid?.() !== 0 || shown('slabtop', now).rows.length === 0) return context.skip();
    const theirs = lines(run('slabtop', '-o', '-s', 'c'));
    const ours = shown('slabtop', now);
    const label = (line = ''): string => line.split(':')[0]?.trim() ?? '';
    expect(theirs.slice(0, 5).map(label)).toEqual(ours.lines.slice(0, 5).map(label));
    expect(theirs[5]?.trim().split(/ {2,}| (?=ACTIVE|OBJ SIZE|OBJ\/SLAB|CACHE|NAME)/)).toEqual(ours.columns);
    expect(words(theirs[2]).at(-2)).toBe(words(ours.lines[2]).at(-2));
    const sizes = new Map(theirs.slice(6).map((line) => [words(line).at(-1), words(line)]));
    let seen = 0;
    for (const row of ours.rows) {
      const other = sizes.get(row[7]);
      if (!other) continue;
      seen += 1;
      expect([row[3], row[5]]).toEqual([other[3], other[5]]);
    }
    expect(seen).toBeGreaterThan(8);
  });

  it.runIf(has('numastat'))('numastat, numastat -m', (context) => {
    if (shown('numastat', now).rows.length === 0) return context.skip();
    const [head, ...rest] = lines(run('numastat'));
    const ours = shown('numastat', now);
    expect(ours.columns.slice(1)).toEqual(words(head));
    expect(ours.rows.map(([name]) => name)).toEqual(rest.map((line) => words(line)[0]));
    const memory = new Map(shown('numastat-memory', now).rows.map(([name, ...cells]) => [name, cells]));
    const theirs = lines(run('numastat', '-m'))
      .filter((line) => /^\S+( +\d+\.\d\d)+\s*$/.test(line))
      .map(words);
    expect(theirs.length).toBeGreaterThan(20);
    for (const [name = '', ...cells] of theirs) {
      expect(memory.get(name)?.length, name).toBe(cells.length);
      if (/^HugePages_|^KernelStack$/.test(name)) for (const [index, cell] of cells.entries()) near(memory.get(name)?.[index], cell, 20);
    }
  });

  it('PSI: what the kernel prints', (context) => {
    if (shown('pressure', now).lines.length === 0) return context.skip();
    const totals = /total=\d+|=\d+\.\d\d/g;
    const theirs = ['cpu', 'io', 'memory'].flatMap((name) => [
      `==> /proc/pressure/${name} <==`,
      ...lines(readFileSync(`/proc/pressure/${name}`, 'utf8')),
    ]);
    expect(shown('pressure', now).lines.map((line) => line.replaceAll(totals, '='))).toEqual(
      theirs.map((line) => line.replaceAll(totals, '=')),
    );
  });

  it.runIf(has('sar') && has('vmstat'))('sar -B -r -S -W -H and vmstat while the host is watched', async (context) => {
    const tools = [run1('sar', '-B', '-r', '-S', '-W', '-H', '1', '3'), run1('vmstat', '1', '4')];
    const watched = await gatherLive({ durationSeconds: 3, intervalSeconds: 1 });
    const [sar, vmstat] = await Promise.all(tools);
    if (!sar || !vmstat) return context.skip();
    for (const id of ['sar-paging', 'sar-memory', 'sar-swap-space', 'sar-swapping', 'sar-huge-pages']) {
      const ours = shown(id, watched);
      const of = (name: string): [string, number][] => averages(sar, name);
      const table = of(ours.columns[1] ?? '');
      expect(table.length, id).toBeGreaterThan(0);
      // from 12.7.5 on %vmeff is pgprom/s and pgdem/s; before 12.5 there is no kbhugrsvd
      const common = table.map(([name]) => name).filter((name) => !/^pg(?:prom|dem)\/s$/.test(name));
      expect(ours.columns.slice(1, 1 + common.length)).toEqual(common);
      const average = ours.rows.at(-1) ?? [];
      expect(average[0]).toBe('Average:');
      for (const [name, value] of table.filter(([column]) => common.includes(column))) {
        const mine = Number(average[ours.columns.indexOf(name)]);
        if (/^kb(?:mem|avail|commit|swp|hug)|^%(?:swp|hug|commit)/.test(name)) near(String(mine), String(value), 500_000);
        // counters are busy or idle in both, within an order of magnitude once they are not noise
        else if (name.endsWith('/s') && Math.min(mine, value) > 1000) expect(Math.abs(Math.log10(mine / value)), name).toBeLessThan(1);
      }
    }
    const [, head, , ...rows] = lines(vmstat);
    const ours = shown('vmstat', watched);
    expect(words(head).slice(0, 17)).toEqual(ours.columns);
    expect(ours.rows.length).toBeGreaterThanOrEqual(2);
    const mean = (all: readonly (readonly string[])[], name: string): number =>
      all.reduce((sum, row) => sum + Number(row[ours.columns.indexOf(name)]), 0) / Math.max(1, all.length);
    const theirs = rows.map(words);
    for (const name of ['us', 'sy', 'id']) expect(Math.abs(mean(ours.rows, name) - mean(theirs, name)), name).toBeLessThan(40);
    for (const name of ['in', 'cs']) {
      expect(mean(ours.rows, name), name).toBeGreaterThan(0);
      expect(Math.abs(Math.log10(mean(ours.rows, name) / mean(theirs, name))), name).toBeLessThan(1);
    }
  });
});

/** Runs a tool beside the test; null when it fails (no rights, no /proc/stat of a kind that it knows). */
const run1 = (command: string, ...args: string[]): Promise<string | null> =>
  new Promise((resolve) => {
    const child = spawn(command, args, {
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC', S_COLORS: 'never' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let out = '';
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    child.on('close', (code) => resolve(code === 0 ? out : null));
    child.on('error', () => resolve(null));
  });

/** The columns of that table of sar that begins with `first`, with their averages. */
function averages(text: string, first: string): [string, number][] {
  const all = lines(text).map(words);
  const at = all.findIndex((row) => row[0] === 'Average:' && row[1] === first);
  const [head, values] = [all[at], all[at + 1]];
  return (head ?? []).slice(1).map((name, index) => [name, Number(values?.[index + 1])]);
}
