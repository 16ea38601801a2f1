/** The ladder of traces: what is tried, in which order, what is refused, and that one trace that fails costs the others nothing. */
import { describe, expect, test } from 'vitest';
import { programOf } from '../src/gather/tracing/bpftrace.js';
import { fieldsOf, groundOf } from '../src/gather/tracing/ground.js';
import type { Ended, TraceHost } from '../src/gather/tracing/host.js';
import { admitted, ratesOf } from '../src/gather/tracing/rates.js';
import { runTraces, type TraceOptions } from '../src/gather/tracing/run.js';
import { ofThreads } from '../src/gather/tracing/tracefs.js';
import type { AnyTrace } from '../src/gather/tracing/trace.js';
import { InputError } from '../src/errors.js';
import { chooseTraces } from '../src/gather/tracing/choose.js';
import { traces } from '../src/gather/traces/index.js';
import { memoryTree } from './memory-tree.js';

const FORMAT = `name: mm_vmscan_direct_reclaim_end
ID: 634
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:unsigned long nr_reclaimed;	offset:8;	size:8;	signed:0;
	field:char name[16];	offset:16;	size:16;	signed:0;
	field:__data_loc char[] path;	offset:32;	size:4;	signed:0;
	field:gfp_t gfp_flags;	offset:36;	size:4;	signed:0;

print fmt: "nr_reclaimed=%lu", REC->nr_reclaimed
`;
const TRACEFS = '/sys/kernel/tracing';
const ROOT_STATUS = 'CapEff:\t000001ffffffffff\n';
const KERNEL: Readonly<Record<string, string>> = {
  [`${TRACEFS}/events`]: '',
  [`${TRACEFS}/events/vmscan/mm_vmscan_direct_reclaim_begin/format`]: FORMAT,
  [`${TRACEFS}/events/vmscan/mm_vmscan_direct_reclaim_end/format`]: FORMAT,
  [`${TRACEFS}/events/vmscan/mm_vmscan_direct_reclaim_begin/hist`]: '',
  '/proc/self/status': ROOT_STATUS,
  '/proc/self/uid_map': '         0          0 4294967295\n',
};

const HIST = `# event histogram
#
# trigger info: hist:keys=common_pid.execname:vals=hitcount,nr_reclaimed:sort=hitcount:size=2048 [active]
#

{ common_pid: gzip            [       812] } hitcount:          5  nr_reclaimed:        160

Totals:
    Hits: 7
    Entries: 1
    Dropped: 2

`.repeat(9);

interface World {
  readonly host: TraceHost;
  readonly started: string[][];
  readonly written: string[];
  readonly dirs: Set<string>;
}

/** A host that is a table of files; `answers` gives what a tool says. */
function world(files: Readonly<Record<string, string>>, answers: (args: readonly string[]) => Partial<Ended> = () => ({})): World {
  const started: string[][] = [];
  const written: string[] = [];
  const dirs = new Set<string>();
  const host: TraceHost = {
    root: true,
    readText: (path) => files[path] ?? (/\/instances\/memdoctor-\d+\/.*\/hist$/.test(path) ? HIST : null),
    exists: (path) => path in files,
    listDir: (path) => [
      ...new Set(
        Object.keys(files).flatMap((file) => (file.startsWith(`${path}/`) ? [file.slice(path.length + 1).split('/')[0] ?? ''] : [])),
      ),
    ],
    writeText: (path, text) => void written.push(`${path} ${text}`),
    clearText: (path) => void written.push(`${path} cleared`),
    makeDir: (path) => void dirs.add(path),
    which: (command) => (`/usr/bin/${command}` in files ? `/usr/bin/${command}` : null),
    start: (command, args) => {
      started.push([command, ...args]);
      return {
        ended: Promise.resolve({ status: 0, stdout: '', stderr: '', ...answers(args) }),
        soFar: () => '',
        interrupt: () => undefined,
      };
    },
    keepDir: (path) => ({ release: () => Promise.resolve(void dirs.delete(path)) }),
    pause: () => Promise.resolve(),
  };
  return { host, started, written, dirs };
}

const options = (host: TraceHost, rest: Partial<TraceOptions> = {}): TraceOptions => ({
  ids: ['reclaim'],
  seconds: 2,
  pid: null,
  by: null,
  host,
  tree: memoryTree(new Map()),
  rates: ratesOf({ before: { allocstall_normal: 0 }, after: { allocstall_normal: 20 }, seconds: 10, cpus: 2 }),
  room: { availableBytes: 2 ** 30, psiFull: 0 },
  ...rest,
});

const without = (files: Readonly<Record<string, string>>, path: string): Record<string, string> =>
  Object.fromEntries(Object.entries(files).filter(([name]) => name !== path));
const HIST_FILE = `${TRACEFS}/events/vmscan/mm_vmscan_direct_reclaim_begin/hist`;
const BPFTRACE = { ...KERNEL, '/usr/bin/bpftrace': '' };
const SEEN = [
  '{"type": "attached_probes", "data": {"probes": 4}}',
  '{"type": "map", "data": {"@reclaim_direct_n": {"41,a, b": 3, "7,kworker/u8:1": 1}}}',
  '{"type": "map", "data": {"@reclaim_direct_us": {"41,a, b": 30000}}}',
].join('\n');

describe('the ladder', () => {
  test('the best means that the host has', async () => {
    const { host, started } = world(BPFTRACE, () => ({ stdout: SEEN }));
    const { reclaim } = await runTraces(options(host));
    expect(reclaim).toMatchObject({ status: 'ok', backend: 'tracepoint', seconds: 2, tried: [], rowsSeen: 2 });
    expect(reclaim?.rows[0]).toMatchObject({ comm: 'a, b', pid: 41, count: 3, totalSeconds: 0.03 });
    expect(started).toHaveLength(1);
  });

  test('what bpftrace refuses is done by tracefs, and the reason is kept', async () => {
    const { host, written, dirs } = world(BPFTRACE, () => ({ status: 1, stderr: 'stdin:1:1-9: ERROR: verifier said no\n' }));
    const { reclaim } = await runTraces(options(host));
    expect(reclaim).toMatchObject({ status: 'ok', backend: 'tracefs' });
    expect(reclaim?.rows[0]).toMatchObject({ comm: 'gzip', pid: 812, count: 5, pages: 160 });
    expect(reclaim?.lost).toBeGreaterThan(0);
    expect(reclaim?.tried).toEqual([{ backend: 'tracepoint', reason: 'bpftrace ended with status 1: ERROR: verifier said no' }]);
    expect(written.some((line) => line.includes('/trigger hist:keys='))).toBe(true);
    // the triggers were cleared, the one that uses another's variable first
    const cleared = written.filter((line) => line.endsWith('cleared'));
    expect(cleared[0]).toContain('direct_reclaim_end');
    expect(dirs.size).toBe(0);
  });

  test('a thread that lives is called by its name of now, not by that of the shell that started it', async () => {
    const { host } = world({ ...KERNEL, '/proc/812/comm': 'tar, x\n' });
    const { reclaim } = await runTraces(options(host));
    expect(reclaim?.rows[0]).toMatchObject({ comm: 'tar, x', pid: 812 });
  });

  test('without bpftrace and histogram triggers, perf counts', async () => {
    const files = { ...KERNEL, '/usr/bin/perf': '' };
    const { host } = world(without(files, HIST_FILE), () => ({ stderr: '12,,vmscan:mm_vmscan_direct_reclaim_end,1000,100.00,,\n' }));
    const { reclaim } = await runTraces(options(host));
    expect(reclaim).toMatchObject({ status: 'ok', backend: 'perf-stat', totals: { direct: 12 } });
    expect(reclaim?.tried.map(({ reason }) => reason)).toEqual([
      'bpftrace is not installed',
      'the kernel has no histogram triggers (CONFIG_HIST_TRIGGERS)',
      expect.stringContaining('perf record gave no samples'),
    ]);
  });

  test('perf that is ended before it prints has seen nothing that could be told', async () => {
    const controller = new AbortController();
    const { host } = world({ ...without(KERNEL, HIST_FILE), '/usr/bin/perf': '' }, () => {
      controller.abort();
      return {};
    });
    const { reclaim } = await runTraces(options(host, { signal: controller.signal }));
    expect(reclaim).toMatchObject({ status: 'failed', reason: 'ended early' });
  });

  test('of one process, tracefs counts all threads that it has', async () => {
    const { host, written } = world({ ...KERNEL, '/proc/812/task/812/comm': 'tar', '/proc/812/task/815/comm': 'tar-io' });
    const { reclaim } = await runTraces(options(host, { by: 'tracefs', pid: 812 }));
    expect(reclaim).toMatchObject({
      status: 'ok',
      backend: 'tracefs',
      notes: expect.arrayContaining(['without threads that began meanwhile']),
    });
    const set = written.filter((line) => line.includes('/trigger hist:'));
    expect(set.length).toBeGreaterThan(1);
    for (const line of set) expect(line).toMatch(/ if .*common_pid == 812 \|\| common_pid == 815\)?\n$/);
  });

  test('a filter of the trigger itself holds too', () => {
    expect(ofThreads('keys=a:vals=b', [])).toBe('keys=a:vals=b');
    expect(ofThreads('keys=a if len > 8 || all == 1', ['7', '9'])).toBe(
      'keys=a if (len > 8 || all == 1) && (common_pid == 7 || common_pid == 9)',
    );
  });

  test('only by the means that were asked for', async () => {
    const { host, started } = world(BPFTRACE, () => ({ stdout: SEEN }));
    const { reclaim } = await runTraces(options(host, { by: 'tracefs' }));
    expect(reclaim?.backend ?? 'tracefs').toBe('tracefs');
    expect(started).toEqual([]);
  });

  test('one program that does not compile costs the others nothing', async () => {
    const ids = Object.keys(traces).filter((id) => (traces as Record<string, AnyTrace>)[id]?.forms[0]?.backend === 'software');
    const chosen = ['reclaim', ...ids].slice(0, 3);
    const { host } = world(BPFTRACE, (args) => {
      const program = args.at(-1) ?? '';
      const bad = program.includes('@reclaim_');
      return bad ? { status: 1, stderr: 'ERROR: bad program\n' } : { stdout: '{"type": "attached_probes", "data": {"probes": 1}}\n' };
    });
    const results = await runTraces(options(host, { ids: chosen }));
    expect(results['reclaim']?.tried[0]?.reason).toContain('bad program');
    for (const id of chosen.slice(1)) expect(results[id]).toMatchObject({ status: 'ok', tried: [] });
  });

  test('without BTF and headers, what reads no fields is run at once', async () => {
    const { host, started } = world(BPFTRACE, (args) =>
      (args.at(-1) ?? '').includes('args')
        ? { status: 1, stderr: "/bpftrace/include/clang_workarounds.h:14:10: fatal error: 'linux/types.h' file not found\n" }
        : { stdout: '{"type": "attached_probes", "data": {"probes": 1}}\n' },
    );
    const results = await runTraces(options(host, { ids: ['reclaim', 'page-faults'] }));
    expect(results['reclaim']?.tried[0]?.reason).toContain('no BTF');
    expect(results['page-faults']).toMatchObject({ status: 'ok', backend: 'software' });
    expect(started.filter(([command]) => command === '/usr/bin/bpftrace')).toHaveLength(2);
  });
});

describe('refused', () => {
  const reasons = async (files: Readonly<Record<string, string>>, rest: Partial<TraceOptions> = {}, root = true) => {
    const { host, started } = world(files, () => ({ stdout: SEEN }));
    const { reclaim } = await runTraces(options({ ...host, root }, rest));
    expect(started).toEqual([]);
    return reclaim?.tried.map(({ reason }) => reason).join('; ') ?? '';
  };
  const plain = without(BPFTRACE, HIST_FILE);

  test('without root', async () => expect(await reasons(plain, {}, false)).toContain('tracing needs root'));
  test('in a container without the capability', async () =>
    expect(await reasons({ ...plain, '/proc/self/status': 'CapEff:\t00000000a80425fb\n' })).toContain('no CAP_SYS_ADMIN'));
  test('in a user namespace', async () =>
    expect(await reasons({ ...plain, '/proc/self/uid_map': '0 100000 65536\n' })).toContain('user namespace'));
  test('under lockdown, confidentiality only', async () => {
    expect(await reasons({ ...plain, '/sys/kernel/security/lockdown': 'none integrity [confidentiality]\n' })).toContain('locked down');
    const { host } = world({ ...plain, '/sys/kernel/security/lockdown': 'none [integrity] confidentiality\n' }, () => ({ stdout: SEEN }));
    expect((await runTraces(options(host)))['reclaim']?.status).toBe('ok');
  });
  test('when memory is short', async () =>
    expect(await reasons(plain, { room: { availableBytes: 120 * 2 ** 20, psiFull: 0 } })).toContain('only 120 MiB are available'));
  test('when all wait for memory', async () =>
    expect(await reasons(plain, { room: { availableBytes: 2 ** 30, psiFull: 55 } })).toContain('stalled on memory 55 %'));
  test('when tracefs is not mounted', async () => {
    expect(await reasons(without(plain, `${TRACEFS}/events`))).toContain('tracefs is not mounted');
  });
});

describe('the rate guard', () => {
  const trace = (rest: Partial<AnyTrace>): AnyTrace => ({
    ...(traces.reclaim as AnyTrace),
    rate: ({ perSecond }) => perSecond('pgfault'),
    cost: 4,
    ...rest,
  });
  const rates = (perSecond: number, cpus = 2) => ratesOf({ before: { pgfault: 0 }, after: { pgfault: perSecond * 10 }, seconds: 10, cpus });

  test('a rate that costs little is let in', () => expect(admitted(trace({}), rates(9000))).toEqual({ period: 1 }));
  test('one that costs too much is not, and the reason has the figures', () =>
    expect(admitted(trace({}), rates(1_000_000))).toEqual({
      refused: 'about 1,000,000 events a second would cost some 200 % of all CPU time; the bound is 2 %',
    }));
  test('one that can be sampled is', () => expect(admitted(trace({ samples: true }), rates(1_000_000))).toEqual({ period: 500 }));
  test('without rates nobody knows', () => {
    expect(admitted(trace({}), null)).toHaveProperty('refused');
    expect(admitted(trace({}), ratesOf({ before: {}, after: {}, seconds: 10, cpus: 1 }))).toHaveProperty('refused');
    expect(admitted(trace({ samples: true }), null)).toEqual({ period: 2000 });
  });
});

describe('the program', () => {
  test('scratch maps are cleared, stacks are printed last and bounded', () => {
    const form = {
      program: () => 'software:faults:1 { @x_since[tid] = 1; @x_st[ustack(8)] = count(); @x_n[pid] = count(); }',
      scratch: ['@x_since'],
      stackMaps: ['@x_st'],
    };
    const setting = { kernel: { fields: () => null, format: () => '', traceable: () => false }, seconds: 3, pid: null, period: 1 };
    const text = programOf([{ id: 'x', form, setting }], 's:3');
    expect(text).toContain('interval:s:3 { exit(); }');
    expect(text).toContain('END { clear(@x_since); print(@x_n); clear(@x_n);');
    expect(text).toContain('print(@x_st, 40); clear(@x_st); }');
  });
});

test('the fields of a tracepoint', () => expect(fieldsOf(FORMAT)).toEqual(['nr_reclaimed', 'name', 'path', 'gfp_flags']));

describe('the names of traces', () => {
  test('ids, tools, default, all', () => {
    expect(chooseTraces('drsnoop')).toEqual(['reclaim']);
    expect(chooseTraces('drsnoop-bpfcc, reclaim')).toEqual(['reclaim']);
    expect(chooseTraces('default')).toContain('reclaim');
    expect(chooseTraces('all').length).toBeGreaterThanOrEqual(chooseTraces('default').length);
  });
  test('a wrong name gets those that there are', () => {
    expect(() => chooseTraces('reclam')).toThrow(InputError);
    expect(() => chooseTraces('reclam')).toThrow(/no trace "reclam": accepted are all, default, .*reclaim/);
    expect(() => chooseTraces(',')).toThrow(InputError);
  });
});

test('every trace has a last means, unique names of maps, and says what each weaker one loses', () => {
  const { host } = world(KERNEL);
  const { kernel } = groundOf(host, { availableBytes: null, psiFull: null });
  const all = { ...kernel, fields: () => ['nr_reclaimed', 'usec_delayed', 'reason', 'order', 'nid'], traceable: () => true };
  for (const [id, trace] of Object.entries(traces as Record<string, AnyTrace>)) {
    expect(trace.forms.length, id).toBeGreaterThan(0);
    for (const form of trace.forms) {
      if (!('program' in form)) continue;
      const program = form.program({ kernel: all, seconds: 5, pid: 9, period: 10 });
      for (const [, name] of program.matchAll(/@(\w+)/g)) expect(name, id).toMatch(new RegExp(`^${id.replaceAll('-', '_')}(_|$)`));
    }
  }
});
