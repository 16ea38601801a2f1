/** The reports of the kernel's OOM killer: what the fixtures of the source do not show, and that nothing in a text can break the reader. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { namesOf } from '../src/gather/kernel-log/moment/cgroup-names.js';
import { gfpFlags } from '../src/gather/kernel-log/moment/gfp.js';
import { readLog } from '../src/gather/kernel-log/read.js';
import { validators } from './source-cases.js';

const KIB = 1024;
const FILES = ['2.6.18-el5-oom', '3.10-el7-memcg-sacrifice', '6.12-callers-interleaved', '6.1-oom-global', '6.1-oom-memcg-v2'];
const samples = FILES.map((name) => readFileSync(`test/sources/kernel-log/${name}.txt`, 'utf8'));

const lines = (...all: string[]): string => all.map((line, at) => `[  50.${String(at).padStart(6, '0')}] ${line}`).join('\n');
const kindsOf = (text: string): string[] => readLog(text).events.map(({ kind }) => kind);

describe('the kind of a report', () => {
  const trace = ['Call Trace:', ' dump_header+0x1/0x2', ' out_of_memory+0x1/0x2'];

  test('a call trace through the memory cgroup makes it a memcg kill, kill line or not', () => {
    const { events, reports } = readLog(
      lines('a b invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0', ...trace, ' mem_cgroup_out_of_memory+0x1/0x2'),
    );
    expect(events[0]).toMatchObject({ kind: 'memcg-oom-kill', constraint: 'CONSTRAINT_MEMCG', trigger: { name: 'a b' } });
    expect(reports?.[0]).toMatchObject({ constraintFrom: 'call trace', complete: { head: true, tail: false } });
  });

  test('the last of a storm, cut after its first lines, is what the one before it was', () => {
    const head = (name: string): string => `${name} invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=-1000`;
    const storm = [head('keeper'), ...trace, ' mem_cgroup_out_of_memory+0x1/0x2', 'Out of memory and no killable processes...'];
    expect(kindsOf(lines(...storm, head('keeper'), 'Call Trace:', ' dump_stack_lvl+0x1/0x2'))).toEqual(['oom-no-victim', 'oom-no-victim']);
    expect(kindsOf(lines(...storm, head('other'), 'Call Trace:', ' dump_stack_lvl+0x1/0x2'))).toEqual(['oom-no-victim', 'oom-kill']);
    expect(kindsOf(lines(...storm, head('keeper'), ...trace))).toEqual(['oom-no-victim', 'oom-kill']);
  });

  test('the end of a report whose head is missing, right before another one: an OOM when all swap was used', () => {
    const end = (free: number): string[] => [
      '2048 pages in swap cache',
      `Free swap  = ${free}kB`,
      'Total swap = 4194300kB',
      '1048576 pages RAM',
    ];
    const next = 'db invoked oom-killer: gfp_mask=0x201da, order=0, oom_adj=0';
    expect(kindsOf(lines(...end(0), next))).toEqual(['oom-kill', 'oom-kill']);
    expect(readLog(lines(...end(0), next)).reports?.[0]).toMatchObject({ kind: 'oom-kill', totals: { swap_free: 0, ram: 4 * 2 ** 30 } });
    expect(kindsOf(lines(...end(4_000_000), next))).toEqual(['oom-kill']);
    expect(kindsOf(lines(...end(0)))).toEqual([]);
    expect(kindsOf(lines('SysRq : Show Memory', ...end(0), next))).toEqual(['oom-kill']);
  });

  test('a frame with a question mark is no evidence beside sure ones', () => {
    expect(
      kindsOf(lines('a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0', ...trace, ' ? mem_cgroup_oom_synchronize+0x1/0x2')),
    ).toEqual(['oom-kill']);
  });

  test('where the kernel marks every frame with a question mark, they are all there is', () => {
    const { events, reports } = readLog(
      lines(
        'a invoked oom-killer: gfp_mask=0x201da, order=0, oom_adj=-17, oom_score_adj=0',
        'Pid: 5, comm: a Not tainted 2.6.32-754.el6.x86_64 #1',
        'Call Trace:',
        ' [<ffffffff81132600>] ? oom_kill_process+0x82/0x2a0',
        ' [<ffffffff8118aee0>] ? mem_cgroup_handle_oom+0x10/0x20',
      ),
    );
    expect(events[0]).toMatchObject({ kind: 'memcg-oom-kill', trigger: { name: 'a', pid: 5 } });
    expect(reports?.[0]).toMatchObject({ kernel: '2.6.32-754.el6.x86_64', gfpFlags: ['GFP_HIGHUSER_MOVABLE', '__GFP_COLD'] });
  });

  test('a call trace of the OOM killer without the first line is a kill', () => {
    expect(
      kindsOf(lines('Call Trace:', ' <TASK>', ' dump_stack_lvl+0x1/0x2', ' dump_header+0x1/0x2', ' mem_cgroup_out_of_memory+0x1/0x2')),
    ).toEqual(['memcg-oom-kill']);
  });

  test('what the reaper took back was killed, whether its line is there or not', () => {
    const { events, kills } = readLog(lines('oom_reaper: reaped process 77 (web), now anon-rss:4kB, file-rss:0kB, shmem-rss:0kB'));
    expect(events[0]).toMatchObject({ kind: 'oom-kill', victims: [{ name: 'web', pid: 77 }] });
    expect(kills).toEqual({});
  });

  test('CONSTRAINT_NONE with a memory cgroup is a memcg kill, and the constraint stays as printed', () => {
    const text = lines(
      'oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),oom_memcg=/a,b/c,task_memcg=/a,b/c/d,task=x,y,pid=7,uid=0',
      'Memory cgroup out of memory: Killed process 7 (x,y) total-vm:100kB, anon-rss:10kB, file-rss:1kB, shmem-rss:0kB',
    );
    const { events, reports, kills } = readLog(text);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      kind: 'memcg-oom-kill',
      constraint: 'CONSTRAINT_NONE',
      cgroup: '/a,b/c',
      victims: [{ name: 'x,y', pid: 7 }],
    });
    expect(reports?.[0]?.memcg).toMatchObject({ path: '/a,b/c', taskPath: '/a,b/c/d' });
    expect(kills).toEqual({ 'x,y': 1 });
  });

  test('the lines of a cgroup alone are an event, and its children count', () => {
    const { events, reports } = readLog(
      lines(
        'memory: usage 2048kB, limit 2048kB, failcnt 9',
        'swap: usage 12kB, limit 9007199254740988kB, failcnt 0',
        'Memory cgroup stats for /lxc/web:1:',
        'anon 1048576',
        'pgfault 12',
        'Memory cgroup stats for /lxc/web:1/sub: cache:4KB rss:8KB',
      ),
    );
    expect(events[0]).toMatchObject({ kind: 'memcg-oom-kill', cgroup: '/lxc/web:1' });
    expect(reports?.[0]?.memcg).toEqual({
      usage: 2048 * KIB,
      limit: 2048 * KIB,
      failcnt: 9,
      swapUsage: 12 * KIB,
      path: '/lxc/web:1',
      container: 'web:1',
      groups: [
        { path: '/lxc/web:1', stats: { anon: 1_048_576, pgfault: 12 } },
        { path: '/lxc/web:1/sub', stats: { cache: 4 * KIB, rss: 8 * KIB } },
      ],
    });
  });

  test('a node mask narrower than the cpuset is a policy', () => {
    const text = (mask: string): string =>
      lines(`a invoked oom-killer: gfp_mask=0x280da, nodemask=${mask}, order=0, oom_score_adj=0`, 'a cpuset=/ mems_allowed=0-1');
    expect(readLog(text('1')).events[0]?.constraint).toBe('CONSTRAINT_MEMORY_POLICY');
    expect(readLog(text('0-1')).events[0]?.constraint).toBeUndefined();
  });

  test('memory that SysRq M prints is no event', () => {
    const memInfo = samples[3]?.slice(samples[3].indexOf('Mem-Info:'), samples[3].indexOf('Tasks state')) ?? '';
    expect(memInfo).toContain('free:');
    const asked = readLog(`[  1.0] sysrq: Show Memory\n[  1.1] ${memInfo}`);
    expect(asked.events).toEqual([]);
    expect(asked.reports?.[0]).toMatchObject({ kind: 'memory-dump', complete: { head: true } });
  });

  test('a Mem-Info without a head is judged by the zones and the page cache', () => {
    const zone = (free: number, cache: number): string =>
      lines(
        'Mem-Info:',
        `Node 0 Normal free:${free}kB min:8000kB low:9000kB high:10000kB active_anon:1kB active_file:${cache}kB inactive_file:0kB present:900000kB managed:900000kB all_unreclaimable? no`,
      );
    expect(kindsOf(zone(7000, 100))).toEqual(['oom-kill']);
    expect(kindsOf(zone(7000, 500_000))).toEqual([]);
    // of two pages or more: there is free memory, in pieces
    expect(kindsOf(zone(8500, 100))).toEqual(['oom-kill']);
    expect(kindsOf(zone(25_000, 100))).toEqual([]);
  });

  test('cache that waits to be written, and free pages of CMA, are none to have', () => {
    const zone = (pending: number, cma: number): string =>
      lines(
        'Mem-Info:',
        `DMA free:60000kB min:8000kB low:9000kB high:10000kB active_file:90000kB inactive_file:200kB writepending:${pending}kB present:600000kB managed:600000kB free_cma:${cma}kB`,
      );
    expect(kindsOf(zone(89_000, 55_000))).toEqual(['oom-kill']);
    expect(kindsOf(zone(1000, 55_000))).toEqual([]);
    expect(kindsOf(zone(89_000, 0))).toEqual([]);
  });

  test('without zones the sums of Mem-Info tell', () => {
    const sums = (cache: number, free: number): string =>
      lines(
        'Mem-Info:',
        'active_anon:900 inactive_anon:800 isolated_anon:0',
        ` active_file:${cache} inactive_file:40 isolated_file:0`,
        ' unevictable:0 dirty:0 writeback:0',
        ' slab_reclaimable:4000 slab_unreclaimable:200000',
        ' mapped:10 shmem:3 pagetables:90 bounce:0',
        ` free:${free} free_pcp:10 free_cma:0`,
      );
    expect(kindsOf(sums(50, 3000))).toEqual(['oom-kill']);
    expect(kindsOf(sums(90_000, 3000))).toEqual([]);
    expect(kindsOf(sums(50, 90_000))).toEqual([]);
  });

  test('the addresses of a call trace tell 32 bits from 64', () => {
    const bits = (address: string): number | undefined =>
      readLog(
        lines(
          'a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0',
          'Call Trace:',
          ` [<${address}>] out_of_memory+0x1/0x2`,
          'Out of memory: Killed process 7 (a) total-vm:1kB, anon-rss:1kB, file-rss:0kB',
        ),
      ).reports?.[0]?.bits;
    expect(bits('c0150a10')).toBe(32);
    expect(bits('ffffffff81150a10')).toBe(64);
  });

  test('a panic says that nobody was killed, and why', () => {
    const { events, reports } = readLog(
      lines(
        'a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0',
        'Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled',
      ),
    );
    expect(events[0]).toMatchObject({ kind: 'oom-kill', text: expect.stringContaining('panic_on_oom') as string });
    expect(events[0]?.victims).toBeUndefined();
    expect(reports?.[0]?.panic).toContain('panic_on_oom');
  });

  test('the child in place of the one chosen, the process that asked, and the old words', () => {
    const read = (...all: string[]) => readLog(lines(...all)).reports?.[0];
    expect(
      read('Out of memory: kill process 9 (a (b)) score 38 or a child', 'Killed process 10 (c) vsz:8kB, anon-rss:4kB, file-rss:0kB'),
    ).toMatchObject({
      sacrificed: true,
      chosenScore: 38,
      victims: [{ name: 'c', pid: 10, totalVmBytes: 8 * KIB }],
    });
    expect(read('Out of memory (oom_kill_allocating_task): Killed process 3 (x) total-vm:8kB, anon-rss:4kB')?.allocatingTask).toBe(true);
    expect(kindsOf(lines('Out of Memory: Killed process 321 (httpd).', 'VM: killing process httpd'))).toEqual(['oom-kill']);
    expect(readLog(lines('Out of Memory: Killed process 321 (httpd).', 'VM: killing process httpd')).kills).toEqual({ httpd: 1 });
    expect(readLog('VM: killing process X server').events[0]?.victims?.[0]).toMatchObject({ name: 'X server', pid: null });
  });
});

describe('sizes', () => {
  test('columns of a table without its head, by their look', () => {
    const rows = (...all: string[]) => readLog(lines(...all)).reports?.[0]?.tasks;
    expect(rows('[  12]     0    12     1000      100    45056       20             0 cron job')).toMatchObject({
      top: [{ name: 'cron job', rss: 409_600, swap: 81_920, pageTables: 45_056, oomScoreAdj: 0 }],
    });
    expect(
      rows(
        '[  12]     0    12     1000      100       7        3       20         -1000 sshd',
        '[  13]     0    13     1000      100       7        3       20         0 9 lives',
      ),
    ).toMatchObject({
      protected: 1,
      columns: expect.arrayContaining(['nr_pmds']) as string[],
      top: [{ pageTables: 10 * 4096 }, { name: '9 lives' }],
    });
    expect(rows('[  12]     0    12     1000      100   1     -17 udevd')?.top[0]).toMatchObject({ oomScoreAdj: -1000, swap: 0 });
  });

  test('the page is as large as the evidence says', () => {
    const killed = readLog(
      lines(
        '[ pid ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
        '[  12]     0    12     1000      100    65536       0             0 db',
        'Out of memory: Killed process 12 (db) total-vm:64000kB, anon-rss:6400kB, file-rss:0kB',
      ),
    );
    expect(killed.reports?.[0]).toMatchObject({ pageSize: 65_536, tasks: { totals: { rss: 100 * 65_536 } } });
  });

  test('the free lists of a whole report add up to the free memory of its zones', () => {
    for (const report of samples.flatMap((text) => readLog(text).reports ?? []))
      for (const zone of report.zones) {
        const listed = (zone.freeLists ?? []).reduce((sum, { size, blocks }) => sum + size * blocks, 0);
        expect(Math.abs(listed - zone.free)).toBeLessThanOrEqual(zone.free / 100);
      }
  });

  test('a table of many tasks keeps the largest, and sums all', () => {
    const rows = Array.from({ length: 3000 }, (_, at) => `[${at + 2}] 0 ${at + 2} 10 ${at % 7 === 0 ? 500 : 1} 4096 0 0 w${at % 3}`);
    const { reports } = readLog(['[ pid ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name', ...rows].join('\n'));
    const tasks = reports?.[0]?.tasks;
    expect(tasks?.count).toBe(3000);
    expect(tasks?.top).toHaveLength(40);
    expect(tasks?.totals.rss).toBe((429 * 500 + 2571) * 4096);
    expect(tasks?.groups.reduce((sum, { count }) => sum + count, 0)).toBe(3000);
  });
});

test('flags by the bits of their era; nothing where eras disagree', () => {
  expect(gfpFlags('0xcc0(GFP_KERNEL)', undefined, true)).toEqual(['GFP_KERNEL']);
  expect(gfpFlags('0x201da', '3.2.0', true)).toEqual(['GFP_HIGHUSER_MOVABLE', '__GFP_COLD']);
  expect(gfpFlags('0x1200d2', '2.6.27', true)).toEqual(['GFP_HIGHUSER_MOVABLE']);
  expect(gfpFlags('0x24280ca', '4.4.1', true)).toEqual(['GFP_HIGHUSER_MOVABLE', '__GFP_ZERO']);
  expect(gfpFlags('0x14200ca', '4.12.0', true)).toEqual(['GFP_HIGHUSER_MOVABLE']);
  expect(gfpFlags('0x6000c0', '4.18.0-553.el8', true)).toEqual(['GFP_KERNEL']);
  expect(gfpFlags('0x100cca', '5.4.0', true)).toEqual(['GFP_HIGHUSER_MOVABLE']);
  expect(gfpFlags('0x820', '6.8.0', false)).toEqual(['GFP_ATOMIC']);
  expect(gfpFlags('0xd0', undefined, true)).toEqual(['GFP_KERNEL']);
  expect(gfpFlags('0x20', undefined, false)).toBeUndefined();
  expect(gfpFlags('0x0()', undefined, true)).toBeUndefined();
});

test('names in the paths of cgroups', () => {
  const id = 'ab12'.repeat(16);
  expect(namesOf(`/system.slice/docker-${id}.scope`)).toEqual({ container: id });
  expect(namesOf(`/docker/${id}`)).toEqual({ container: id });
  expect(namesOf(`/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${id}.scope/container`)).toEqual({
    unit: 'user@1000.service',
    container: id,
  });
  expect(
    namesOf(
      `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod01234567_89ab_cdef_0123_456789abcdef.slice/cri-containerd-${id}.scope`,
    ),
  ).toEqual({
    pod: '01234567-89ab-cdef-0123-456789abcdef',
    container: id,
  });
  expect(namesOf(`/kubepods/besteffort/pod01234567-89ab-cdef-0123-456789abcdef/${id}`)).toEqual({
    pod: '01234567-89ab-cdef-0123-456789abcdef',
    container: id,
  });
  expect(namesOf(String.raw`/machine.slice/machine-qemu\x2d3\x2dweb.scope/libvirt/emulator`)).toEqual({ unit: 'machine-qemu-3-web.scope' });
  expect(namesOf('/lxc.payload.mail/system.slice/cron.service')).toEqual({ unit: 'cron.service', container: 'mail' });
  expect(namesOf('/')).toEqual({});
});

describe('hostile text', () => {
  const validate = validators.get('kernel-log');
  const rows = samples.join('\n').split('\n');
  const words = samples.join('\n').split(/\s+/);
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const holds = (text: string): void => {
    const log = readLog(text);
    expect(validate?.(log), JSON.stringify(validate?.errors)).toBe(true);
    for (const report of log.reports ?? []) expect(report.trace.length).toBeLessThanOrEqual(40);
  };

  test('any order and choice of the lines of reports gives a valid log', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...rows), { maxLength: 80 }), (some) => holds(some.join('\n'))),
      { numRuns: 150 },
    );
  });
  test('any words of reports in any order give a valid log', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...words, '\n', '\n', '-1', '__proto__', '9'.repeat(30), 'kB', '['), { maxLength: 120 }),
        (some) => holds(some.join(' ')),
      ),
      { numRuns: 200 },
    );
  });
  test('a report that is cut anywhere, or has words replaced, gives a valid log', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        share,
        share,
        fc.constantFrom('', '-5', '9'.repeat(25), '(', '__proto__', '\n', ':'),
        (text, from, to, put) => {
          const [start, end] = [Math.floor(text.length * Math.min(from, to)), Math.floor(text.length * Math.max(from, to))];
          holds(text.slice(start, end));
          holds(text.slice(0, start) + put + text.slice(end));
          holds(text.replaceAll(/\d{3,}/g, (digits) => (digits.length % 2 === 0 ? digits : put)));
        },
      ),
      { numRuns: 60 },
    );
  });
  test('lines of one long run take no time to speak of', () => {
    const heads = [
      'oom-kill:constraint=A,',
      'Memory cgroup stats for ',
      'Task in /',
      'Killed process 1 (',
      'Out of memory',
      '[ 1] 1 1 1 ',
      'Node 0 DMA free:1kB ',
      ' [<ffff>] ',
      'CPU: 1 PID: 1 Comm: ',
      'a invoked oom-killer: ',
    ];
    const fills = ['a', ' ', ':', ',task=', 'a:1kB', '(', '1 ', '[<f>] ', 'ainted: ', 'fn+0x1/0x2 '];
    const begun = performance.now();
    for (const head of heads) for (const fill of fills) readLog(`a invoked oom-killer: order=0\n${head}${fill.repeat(4000)}\nMem-Info:\n`);
    expect(performance.now() - begun).toBeLessThan(5000);
  });
});
