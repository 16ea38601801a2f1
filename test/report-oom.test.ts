/** The section on OOM of the report, in every format. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { marked } from 'marked';
import { describe, expect, test } from 'vitest';
import { deriveFacts } from '../src/facts/derive.js';
import type { KernelLog, Moment } from '../src/gather/kernel-log/schema.js';
import type { Snapshot } from '../src/gather/snapshot.js';
import { eventsOf } from '../src/report/events.js';
import { oomOf } from '../src/report/oom.js';
import { render } from '../src/report/render.js';
import { reportSchema } from '../src/report/report.js';
import { LIMITED, log, MIB, moment, table, task, victim, zone } from './oom-moments.js';
import { sampleReport } from './report-sample.js';

const snapshotOf = (kernelLog: KernelLog): Snapshot => ({
  format: 'memdoctor-snapshot',
  schemaVersion: '1.0',
  memdoctorVersion: '0',
  subject: { hostname: 'alpha', kernel: '6.1.0', arch: null, capturedAt: null, origin: 'snapshot', pageSize: 4096, clockTicks: 100 },
  samples: [{ time: null, monotonic: 100, sources: { 'kernel-log': kernelLog } }],
  sources: {},
});

function sectionOf(kernelLog: KernelLog) {
  const snapshot = snapshotOf(kernelLog);
  return oomOf(snapshot, deriveFacts(snapshot));
}

const killed = (more: Partial<Moment> = {}): Moment =>
  moment({
    tasks: table(task('hive', 20, 500), task('sparrow', 21, 40), ...Array.from({ length: 4 }, (_, index) => task('clerk', 30 + index, 20))),
    victims: [victim('hive', 20, 500)],
    ...more,
  });

const valid = new Ajv2020({ strict: false }).compile(reportSchema);

describe('the section', () => {
  test('tells what happened, why, where the memory was and who held it', () => {
    const [first] = sectionOf(log([killed()]))?.moments ?? [];
    expect(first?.paragraph).toBe(
      '8 min 20 s after boot the host ran out of memory: brewer [71] asked for memory; the kernel killed hive [20], which held 500 MiB. ' +
        'Private memory of processes held 840 MiB, 84 % of RAM. No swap is configured, so none of it could be moved out. ' +
        'Only 16 MiB (1.6 %) were free. ' +
        'hive [20] had the highest score (a score of 500 of 1000): it held 500 MiB, the most of all processes.',
    );
    expect(first).toMatchObject({ why: 'no-swap', trigger: 'brewer [71]', order: 0, memcg: null });
    expect(first?.tasks[0]).toMatchObject({ name: 'hive', score: 500, killed: true });
    expect(first?.groups).toEqual([{ name: 'clerk', count: 4, rssBytes: 80 * MIB, anonBytes: null, swapBytes: 0 }]);
    expect(first?.zones[0]).toMatchObject({ name: 'Node 0 DMA32', usable: true, short: true });
  });

  test('the one killed is shown, however small', () => {
    const many = Array.from({ length: 15 }, (_, index) => task(`t${index}`, 100 + index, 50 - index));
    const [first] = sectionOf(log([moment({ tasks: table(...many), victims: [victim('t14', 114, 36)] })]))?.moments ?? [];
    expect(first?.tasks).toHaveLength(10);
    expect(first?.tasks.at(-1)).toMatchObject({ name: 't14', killed: true });
  });

  test('three moments at most, the newest first, and those with figures before those without', () => {
    const bare = moment({ time: 900, zones: [], totals: {} });
    const times = sectionOf(
      log([1, 2, 3, 4].map((time) => killed({ time, victims: [victim(`t${time}`, time, 5)] })).concat(bare)),
    )?.moments.map(({ time }) => time);
    expect(times).toEqual([4, 3, 2]);
  });

  test('alike ones are shown once, with their number', () => {
    const event = (time: number) => ({ kind: 'oom-kill' as const, time, text: '', count: 1, victims: [victim('hive', 20, 500)] });
    const section = sectionOf(log([killed({ time: 100 }), killed({ time: 590 })], { events: [event(100), event(590)] }));
    expect(section?.moments.map(({ time }) => time)).toEqual([590]);
    expect(section?.moments[0]?.paragraph).toContain('the log holds 2 kills of hive, all within an hour.');
  });

  test('a kill without a report is told by its lines; a log without trouble has no section', () => {
    const event = { kind: 'memcg-oom-kill', time: 5, text: '', count: 1, cgroup: '/a', victims: [victim('hive', 20, 5)] } as const;
    const [first] = sectionOf(log([], { events: [{ ...event, victims: [...event.victims] }] }))?.moments ?? [];
    expect(first).toMatchObject({ why: 'memcg-limit', sheet: null });
    expect(first?.paragraph).toContain('control group /a reached its memory limit: the kernel killed hive [20], which held 5 MiB.');
    expect(sectionOf(log([]))).toBeNull();
  });

  test('a failed allocation is shown when there was no OOM', () => {
    const failed = moment({ kind: 'allocation-failure', order: 3, gfpFlags: ['GFP_ATOMIC'], zones: [zone('Normal', 1000, 5)] });
    expect(sectionOf(log([failed]))?.moments[0]).toMatchObject({ why: 'watermarks', victim: '' });
    expect(sectionOf(log([failed]))?.moments[0]?.paragraph).toContain(
      'process brewer [71] was refused memory (32 KiB in one piece); nothing was killed.',
    );
    expect(sectionOf(log([killed(), failed]))?.moments).toHaveLength(1);
  });
});

describe('renderings', () => {
  const names = ['</td><script>alert(1)</script>', '`rm -rf`|x', '\u001B[31mred\n# head', '{{evil}}'];
  const hostile = names.map((name, index) => task(name, 20 + index, 100 - index));
  const section = sectionOf(
    log([
      killed({ tasks: table(...hostile), victims: [victim(names[0] ?? '', 20, 100)], wallTime: '2031-05-06T07:08:09Z' }),
      moment({ kind: 'memcg-oom-kill', memcg: { ...LIMITED, unit: '<b>unit</b>.service', path: '/a|b`c' } }),
    ]),
  );
  const report = { ...sampleReport(), oom: section };

  test('the report is valid', () => {
    expect(valid(report), JSON.stringify(valid.errors)).toBe(true);
  });

  test.each(['html', 'md', 'text'] as const)('%s shows it, escaped', async (format) => {
    const page = await render(report, { format, color: false, width: 100 });
    expect(page).toContain('Out of memory');
    expect(page.includes('\u001B') || page.includes('\n# head')).toBe(false);
    if (format === 'html') expect(page).not.toMatch(/<script|<b>unit/);
    if (format === 'md') expect(marked.parse(page, { async: false })).not.toMatch(/<script|<b>unit/);
    if (format !== 'text') expect(page).toContain(format === 'md' ? String.raw`oom\_score\_adj` : 'oom_score_adj');
  });

  test('a report made before there was such a section renders as ever', async () => {
    const page = await render(sampleReport(), { format: 'html', color: false, width: 100 });
    expect(page).not.toContain('oom-title');
  });
});

test('events carry what the log says beside', () => {
  const events = eventsOf(
    snapshotOf(
      log([], {
        events: [
          {
            kind: 'userspace-kill',
            time: 1,
            text: 'x',
            count: 1,
            program: 'earlyoom',
            victims: [victim('hive', 20, 5)],
            wallTime: '2031-05-06T07:08:09Z',
          },
          { kind: 'allocation-failure', time: 2, text: 'y', count: 3, subsystem: 'net', harmless: 'it is retried', firstTime: 1 },
        ],
      }),
    ),
  );
  expect(events[0]).toMatchObject({ program: 'earlyoom', wallTime: '2031-05-06T07:08:09Z', victims: [{ name: 'hive' }] });
  expect(events[1]).toMatchObject({ subsystem: 'net', harmless: 'it is retried', firstTime: 1, order: null });
});

describe('whatever a log lost', () => {
  const whole = killed({
    memcg: LIMITED,
    zones: [
      zone('DMA', 16, 3, { reserves: [0, 900 * MIB, 900 * MIB] }),
      zone('Normal', 900, 5, { freeLists: [{ size: 4096, blocks: 3, types: '' }] }),
    ],
    hugepages: [{ node: 0, size: 2 * MIB, total: 4, free: 4, surplus: 0 }],
  });
  const kinds = ['oom-kill', 'memcg-oom-kill', 'oom-no-victim', 'allocation-failure', 'allocation-stall'] as const;
  const optional = ['memcg', 'tasks', 'victims', 'trigger', 'order', 'gfpMask', 'gfpFlags', 'constraint'] as const;
  const constraints = ['CONSTRAINT_NONE', 'CONSTRAINT_CPUSET', 'CONSTRAINT_MEMORY_POLICY', 'CONSTRAINT_MEMCG', 'CONSTRAINT_NEW'];

  test.each(kinds)('%s: the section is valid, and every figure is a number', (kind) => {
    const moments: Moment[] = [];
    for (const name of optional) {
      const { [name]: _, ...rest } = whole;
      moments.push(
        { ...rest, kind },
        { ...rest, kind, zones: [] },
        { ...rest, kind, totals: {} },
        { ...rest, kind, totals: {}, zones: [] },
      );
    }
    for (const name of Object.keys(whole.totals)) {
      const { [name]: _, ...totals } = whole.totals;
      moments.push(
        { ...whole, kind, totals },
        { ...whole, kind, totals: { ...totals, [name]: 0 } },
        { ...whole, kind, totals: { [name]: MIB } },
      );
    }
    for (const constraint of constraints)
      for (const order of [-1, 0, 3, 10])
        moments.push({ ...whole, kind, constraint, order, nodemask: '1', memsAllowed: '0-9', gfpFlags: [] });
    for (const one of moments) {
      const report = { ...sampleReport(), oom: oomOf(snapshotOf(log([one])), { facts: {}, items: {} }) };
      expect(valid(report), JSON.stringify(valid.errors)).toBe(true);
      expect(JSON.stringify(report.oom)).not.toMatch(/NaN|undefined|Infinity/);
    }
  });
});
