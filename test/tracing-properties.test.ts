/** What the tracers print may be cut anywhere, and hold any name: the parsers take whatever comes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldedStacks, parseBpfOutput, plainFrame, splitKey } from '../src/gather/tracing/bpftrace-output.js';
import { fieldsOf } from '../src/gather/tracing/ground.js';
import { parseHist } from '../src/gather/tracing/hist.js';
import { parsePerfScript } from '../src/gather/tracing/perf-script.js';
import { parsePerfStat } from '../src/gather/tracing/perf-stat.js';

const name = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 15 }),
  fc.constantFrom('a,b', 'a b', '} hitcount: 9', 'x: 1, y', '[ 12]', '__proto__', '"', '\\', '; rm', 'Web Content', '\u001B[31m'),
);
const RUNS = { numRuns: 300 };

describe('bpftrace', () => {
  test('any text', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const output = parseBpfOutput(text);
        expect(output.lost).toBeGreaterThanOrEqual(0);
      }),
      RUNS,
    ));
  test('a map with any names, whole or cut', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(), name, fc.nat()), { maxLength: 8 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (rows, share) => {
          const entries = new Map(rows.map(([pid, comm, value]) => [`${pid},${comm}`, value]));
          const line = JSON.stringify({ type: 'map', data: { '@x_n': Object.fromEntries(entries) } });
          const whole = parseBpfOutput(`${line}\n\n`).maps.get('x_n') ?? [];
          expect(new Map(whole.map(({ key, value }) => [key, value]))).toEqual(entries);
          for (const { key } of whole) expect(splitKey(key, 1)?.rest).toBe(key.slice(key.indexOf(',') + 1));
          parseBpfOutput(line.slice(0, Math.floor(share * line.length)));
        },
      ),
      RUNS,
    ));
  test('folded stacks are lines that flamegraph.pl can read', () =>
    fc.assert(
      fc.property(fc.array(name, { maxLength: 6 }), name, fc.nat(), (frames, comm, value) => {
        const key = `\n${frames.map((frame) => `    ${frame}\n`).join('')},${comm}`;
        const output = parseBpfOutput(JSON.stringify({ type: 'map', data: { '@x_st': { [key]: value } } }));
        for (const { stack } of foldedStacks(output, 'x_st')) {
          // oxlint-disable-next-line no-control-regex -- that is the point
          expect(stack).not.toMatch(/[\u0000-\u001F\u007F]/);
          expect(stack.split(';').every((frame) => frame !== '')).toBe(true);
        }
        expect(plainFrame(comm)).not.toContain(';');
      }),
      RUNS,
    ));
});

describe('tracefs', () => {
  test('any text', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => void parseHist(text)),
      RUNS,
    ));
  test('the name of a process may be anything that fits a line', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.nat(99_999), fc.nat()), { minLength: 1, maxLength: 6 }), (rows) => {
        const plain = rows.map(([comm, pid, hits]) => [comm.replaceAll(/[\n\r]/g, '_').trim() || 'x', pid, hits] as const);
        const body = plain.map(
          ([comm, pid, hits]) =>
            `{ order:          3, common_pid: ${comm.padEnd(16)}[${String(pid).padStart(10)}] } hitcount: ${String(hits).padStart(10)}  len: 7`,
        );
        const head =
          '# event histogram\n#\n# trigger info: hist:keys=order,common_pid.execname:vals=hitcount,len:sort=hitcount:size=2048 [active]\n#\n\n';
        const { rows: read, dropped } = parseHist(`${head}${body.join('\n')}\n\nTotals:\n    Hits: 1\n    Entries: 1\n    Dropped: 4\n`);
        expect(dropped).toBe(4);
        expect(read.map(({ keys, values }) => [keys['common_pid'], keys['pid'], values['hitcount']])).toEqual(
          plain.map(([comm, pid, hits]) => [comm, String(pid), hits]),
        );
      }),
      RUNS,
    ));
});

describe('perf and formats', () => {
  test('any text', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        for (const { pid, period } of parsePerfScript(text)) expect(Number.isFinite(pid + period)).toBe(true);
        for (const value of parsePerfStat(text).values()) expect(Number.isFinite(value)).toBe(true);
        expect(Array.isArray(fieldsOf(text))).toBe(true);
      }),
      RUNS,
    ));
  test('samples of processes with blanks in their names', () => {
    const text =
      'Web Content  4204        50 page-faults: \n\t          552504 malloc\n\t          56093f [unknown]\n\ntsc  7         1 page-faults:u: \n';
    expect(parsePerfScript(text)).toMatchObject([
      { comm: 'Web Content', pid: 4204, period: 50, frames: ['malloc', '[unknown]'] },
      { comm: 'tsc', pid: 7, period: 1, frames: [] },
    ]);
  });
  test('what was not counted is left out', () =>
    expect([...parsePerfStat('44115,,page-faults,2011,100.00,,\n<not supported>,,cache-misses,0,100.00,,\n')]).toEqual([
      ['page-faults', 44_115],
    ]));
});
