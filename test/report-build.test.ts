import { beforeAll, describe, expect, it } from 'vitest';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { deriveFacts } from '../src/facts/derive.js';
import type { Sample, Snapshot } from '../src/gather/snapshot.js';
import { diagnose } from '../src/main.js';
import { renderCommand, shellWord } from '../src/report/actions.js';
import { type Named, withNames } from '../src/report/placeholders.js';
import { sourceText } from '../src/report/evidence.js';
import { FORMATS, render } from '../src/report/render.js';
import { type Report, reportSchema } from '../src/report/report.js';
import { seriesOf } from '../src/report/series.js';
import { tablesOf } from '../src/report/tables.js';
import { whyUnknown } from '../src/report/unknown.js';
import { loadRules, type LoadedRules } from '../src/rules/load.js';
import type { Rule } from '../src/rules/rule.js';

const MIB = 1 << 20;
const stall = (total: number) => ({ avg10: 0, avg60: 0, avg300: 0, total });
const process = (pid: number, name: string, anon: number, extra: { startSeconds?: number; majflt?: number } = {}) => ({
  pid,
  name,
  state: 'S',
  startSeconds: 10,
  threads: 1,
  anon,
  file: 0,
  shmem: 0,
  swap: 0,
  pte: 0,
  locked: 0,
  hugetlb: 0,
  hwm: anon,
  vsize: anon,
  minflt: 0,
  majflt: 0,
  oomScoreAdj: 0,
  cgroup: null,
  ...extra,
});

function sampleAt(second: number, sources: Sample['sources']): Sample {
  return { time: null, monotonic: 100 + second, sources };
}

function snapshot(samples: Sample[], sources: Snapshot['sources'] = {}): Snapshot {
  return {
    format: 'memdoctor-snapshot',
    schemaVersion: '1.0',
    memdoctorVersion: '0.1.0',
    subject: { hostname: 'alpha', kernel: '6.1.0', arch: 'x86_64', capturedAt: null, origin: 'directory', pageSize: 4096, clockTicks: 100 },
    samples,
    sources,
  };
}

const meminfo = {
  MemTotal: 1000 * MIB,
  MemFree: 600 * MIB,
  MemAvailable: 800 * MIB,
  Active: 200 * MIB,
  Inactive: 100 * MIB,
  Slab: 40 * MIB,
  SReclaimable: 30 * MIB,
};

describe('tables', () => {
  const twice = snapshot([
    sampleAt(0, {
      processes: {
        visible: 2,
        threads: 2,
        states: {},
        anon: 0,
        file: 0,
        shmem: 0,
        swap: 0,
        pageTables: 0,
        groups: [],
        top: [process(1, 'a', 10 * MIB), process(2, 'b', 5 * MIB)],
      },
    }),
    sampleAt(10, {
      processes: {
        visible: 2,
        threads: 2,
        states: {},
        anon: 0,
        file: 0,
        shmem: 0,
        swap: 0,
        pageTables: 0,
        groups: [],
        top: [process(1, 'a', 30 * MIB, { majflt: 50 }), process(2, 'c', 9 * MIB, { startSeconds: 105 })],
      },
    }),
  ]);

  it('growth and fault rates join the same process, not the same pid', () => {
    const { processes } = tablesOf(twice, deriveFacts(twice), 15);
    expect(
      processes.map(({ name, growthBytesPerSecond, majorFaultsPerSecond }) => [name, growthBytesPerSecond, majorFaultsPerSecond]),
    ).toEqual([
      ['a', 2 * MIB, 5],
      ['c', null, null],
    ]);
    expect(tablesOf(twice, deriveFacts(twice), 1).processes).toHaveLength(1);
  });

  it('are empty when nothing was read', () => {
    const none = snapshot([sampleAt(0, {})]);
    expect(tablesOf(none, deriveFacts(none), 15)).toEqual({ processes: [], slab: [], numa: [], cgroups: [], swaps: [] });
  });
});

describe('series', () => {
  it('has rates by interval, and skips a counter that went back', () => {
    const series = seriesOf(
      snapshot([
        sampleAt(0, {
          meminfo,
          vmstat: { pswpin: 0, pgscan_direct: 0, pgscan_kswapd_normal: 5, pgscan_direct_throttle: 9 },
          pressure: { memory: { some: stall(1) } },
        }),
        sampleAt(1, {
          meminfo,
          vmstat: { pswpin: 256, pgscan_direct: 7, pgscan_kswapd_normal: 8, pgscan_direct_throttle: 99 },
          pressure: { memory: { some: stall(1.25) } },
        }),
        sampleAt(3, { vmstat: { pswpin: 0 } }),
      ]),
    );
    expect(series).toEqual({
      'mem.available_bytes': [
        [0, 800 * MIB],
        [1, 800 * MIB],
      ],
      'mem.free_bytes': [
        [0, 600 * MIB],
        [1, 600 * MIB],
      ],
      'psi.mem.some_pct': [[1, 25]],
      'swap.in_bytes_per_second': [[1, MIB]],
      'reclaim.scan_pages_per_second': [[1, 10]],
    });
  });
});

describe('commands', () => {
  const say = (value: string) => () => value;
  it.each([
    ['kill {{x}}', '12', 'kill 12'],
    ['pgrep {{x}}', '$(reboot)', "pgrep '$(reboot)'"],
    ['pgrep {{x}}', "a'b", String.raw`pgrep 'a'\''b'`],
    ['pgrep {{x}}', '-f', null],
    ['pgrep {{x}}', 'a\nreboot', null],
    ['pgrep {{x}}', '', null],
    ["cd '/sys/fs/cgroup{{x}}'", '/a b', "cd '/sys/fs/cgroup/a b'"],
    ["cd '/sys/fs/cgroup{{x}}'", "/a';reboot;'", String.raw`cd '/sys/fs/cgroup/a'\'';reboot;'\'''`],
    ['echo "{{x}}"', '$(reboot)', null],
    ['echo "{{x}}"', 'plain', 'echo plain'.replace('plain', '"plain"')],
    ['{{#if x}}a{{/if}}', 'x', null],
    ['free -h', 'x', 'free -h'],
  ])('%s with %j', (template, value, command) => expect(renderCommand(template, say(value))).toBe(command));

  it('words', () => {
    expect(shellWord('~root')).toBe("'~root'");
    expect(shellWord('/dev/sda1')).toBe('/dev/sda1');
  });
});

describe('words', () => {
  it('sources name each file once', () => {
    expect(sourceText(['/proc/meminfo MemFree', '/proc/meminfo MemTotal', '/proc/swaps'], 'a / b')).toBe(
      '/proc/meminfo MemFree, MemTotal; /proc/swaps: a / b',
    );
  });

  it('say what to do about what is missing', () => {
    const factSet = {
      facts: { x: { value: null, unit: '1', from: [], reason: 'only one sample of vmstat: a rate needs two' } },
      items: {},
    } as const;
    expect(whyUnknown(['x', 'x'], factSet)).toBe(
      'only one sample of vmstat: a rate needs two: watch for some seconds (two samples at least)',
    );
    expect(whyUnknown(['nothing'], factSet)).toBe('nothing is not known');
  });
});

describe('the whole way', () => {
  let loaded: LoadedRules;
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  const valid = ajv.compile(reportSchema);
  beforeAll(async () => {
    loaded = await loadRules({ builtin: true, paths: [], disabled: [], set: [] });
  });

  const quiet = snapshot(
    [0, 5, 10].map((second) =>
      sampleAt(second, {
        meminfo,
        vmstat: { pswpin: 0, pswpout: 0, pgmajfault: 3, oom_kill: 0 },
        pressure: { memory: { some: stall(0), full: stall(0) } },
        uptime: { uptime: 90_000, idle: 1 },
      }),
    ),
    {
      meminfo: { status: 'ok', seconds: 0.001, bytes: 1400 },
      slabinfo: { status: 'denied', seconds: 0, bytes: 0, reason: 'proc/slabinfo: EACCES' },
    },
  );

  async function check(report: Report): Promise<void> {
    expect(valid(report), JSON.stringify(valid.errors)).toBe(true);
    for (const format of FORMATS) expect(await render(report, { format })).not.toMatch(/undefined|\[object|NaN/);
  }

  it('gives a valid report, twice the same', async () => {
    const report = await diagnose(quiet, loaded);
    await check(report);
    expect(await diagnose(quiet, loaded)).toEqual(report);
    expect(report.subject).toMatchObject({ hostname: 'alpha', samples: 3, durationSeconds: 10, totalBytes: 1000 * MIB });
    expect(report.balance?.totalBytes).toBe(1000 * MIB);
    const whole = report.balance?.lines.filter((line) => line.of === undefined).reduce((sum, line) => sum + line.bytes, 0) ?? 0;
    expect(whole + (report.balance?.unaccountedBytes ?? 0)).toBe(1000 * MIB);
    expect(report.rules.fired + report.rules.clear + report.rules.unknown).toBe(report.rules.total);
  });

  it('from nothing is inconclusive, and says what is missing', async () => {
    const report = await diagnose(snapshot([sampleAt(0, {})]), loaded);
    await check(report);
    expect(report.verdict.status).toBe('inconclusive');
    expect(report.verdict.headline).toMatch(/What would tell most: \/proc\/meminfo, .+\./);
    expect(report.unknown.length).toBeGreaterThan(10);
    expect(report.balance).toBeNull();
  });

  it('joins a finding with its diagnosis, thresholds, sources and actions', async () => {
    const common = { builtin: false, file: 'x.json', tests: [], category: 'pressure' };
    const low: Rule = {
      ...common,
      id: 'too-little',
      title: 'Too little is available',
      message: '{{mem.available_bytes}} left.',
      params: { floor: { value: 90, unit: '%', why: 'for the test' } },
      evidence: ['mem.available_pct', 'psi.mem.some.avg10', 'swap.used_bytes'],
      actions: [
        { kind: 'fix', text: 'Buy more.' },
        { kind: 'confirm', text: 'Look.', command: 'free' },
      ],
      levels: [{ severity: 'critical', conditions: { fact: 'mem.available_pct', operator: 'lessThan', value: { param: 'floor' } } }],
    };
    const cause: Rule = {
      ...common,
      id: 'dx-small-host',
      title: 'The host is too small',
      message: 'It has {{mem.total_bytes}}.',
      diagnosis: { base: 80, scope: 'host', explains: ['too-little'] },
      levels: [{ severity: 'warning', conditions: { finding: 'too-little' } }],
    };
    const report = await diagnose(quiet, { rules: [low, cause], problems: [], disabled: ['another'] });
    await check(report);
    expect(report.verdict).toEqual({ status: 'critical', headline: 'The host is too small.' });
    expect(report.diagnoses).toMatchObject([
      { id: 'dx-small-host', severity: 'critical', confidence: 'high', because: ['too-little'], summary: 'It has 1000 MiB.' },
    ]);
    expect(report.findings).toMatchObject([
      {
        id: 'too-little',
        severity: 'critical',
        explainedBy: 'dx-small-host',
        message: '800 MiB left.',
        actions: [
          { kind: 'confirm', command: 'free' },
          { kind: 'fix', command: null },
        ],
      },
    ]);
    const [evidence] = report.findings[0]?.evidence ?? [];
    expect(evidence).toMatchObject({ fact: 'mem.available_pct', value: 80, unit: '%', threshold: '< 90 % (floor)' });
    expect(evidence?.source).toContain('/proc/meminfo MemAvailable');
    expect(report.rules).toMatchObject({ total: 2, fired: 2, clear: 0, unknown: 0, disabled: ['another'] });
  });
});

describe('the owner in commands', () => {
  const set = { kind: 'mitigate', text: 'Raise it.', command: 'systemctl set-property NAME.service MemoryMax=2G', risk: null } as const;
  const named = (command: string, owner: Named | null) => withNames([{ ...set, command }], owner)[0];

  it('is the unit of the group', () =>
    expect(named(set.command, { kind: 'cgroup', name: '/system.slice/db.service' })?.command).toBe(
      'systemctl set-property db.service MemoryMax=2G',
    ));
  it('is the innermost unit of a group below it', () =>
    expect(named(set.command, { kind: 'cgroup', name: '/system.slice/db.service/workers' })?.command).toContain('set-property db.service'));
  it('stays one word of the shell', () =>
    expect(named(set.command, { kind: 'cgroup', name: String.raw`/system.slice/a\x2db$(reboot).service` })?.command).toBe(
      String.raw`systemctl set-property 'a\x2db$(reboot).service' MemoryMax=2G`,
    ));
  it('a pod is no unit: who sets its limit is said', () => {
    const action = named(set.command, { kind: 'cgroup', name: '/kubepods.slice/kubepods-burstable.slice/x.scope' });
    expect(action?.command).toBeNull();
    expect(action?.text).toContain('resources.limits');
  });
  it('nor is a container of docker', () =>
    expect(named(set.command, { kind: 'cgroup', name: '/system.slice/docker-0123456789ab.scope' })?.text).toContain('docker update'));
  it('a process is put in where it is read only', () => {
    const owner = { kind: 'process', name: 'java', pid: 41 };
    expect(named('pmap -x PID | head; cat /proc/PID/limits; pidstat -r -p PID 5', owner)?.command).toBe(
      'pmap -x 41 | head; cat /proc/41/limits; pidstat -r -p 41 5',
    );
    expect(named('kill -STOP PID', owner)?.command).toBe('kill -STOP PID');
  });
  it('is the unit that a process is in, where a limit is set', () => {
    const owner = { kind: 'process', name: 'java', pid: 41, group: '/system.slice/shop.service' };
    expect(named(set.command, owner)?.command).toBe('systemctl set-property shop.service MemoryMax=2G');
    expect(named('systemctl stop NAME.service', owner)?.command).toBe('systemctl stop NAME.service');
    expect(named(set.command, { ...owner, group: '/user.slice/user-7.slice/user@7.service/app.slice/x.scope' })?.command).toBe(set.command);
  });
  it('without an owner it stays as it is', () => expect(named(set.command, null)?.command).toBe(set.command));
});
