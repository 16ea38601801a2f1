/** Ctrl-C while gathering: once gives the report of what was gathered, twice ends it; and what is shown meanwhile. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { progress, said } from '../src/commands/progress.js';

const CLI = 'dist/memdoctor.mjs';

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(...args: string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, ended };
}

/** It reads the host when it has a child that reads for it. */
async function reading({ pid = 0 }: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (childrenOf(pid).length > 0) return;
    await pause(25);
  }
  throw new Error('it does not start to read');
}

function childrenOf(pid: number): string[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, 'utf8').split(' ').filter(Boolean) : [];
}

describe.skipIf(!existsSync(CLI) || !existsSync('/proc/self/task'))('a signal while gathering', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('%s once: the report of what was gathered', async (signal) => {
    const { child, ended } = start('run', '--duration', '300', '--format', 'ndjson');
    await reading(child);
    await pause(1500);
    const before = performance.now();
    child.kill(signal);
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(performance.now() - before).toBeLessThan(60_000);
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: '1.0', subject: { origin: 'live' } });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('%s twice: it ends at once, with nothing written and no child left', async (signal) => {
    const { child, ended } = start('run', '--duration', '300', '--format', 'ndjson');
    await reading(child);
    const children = childrenOf(child.pid ?? 0);
    child.kill(signal);
    await pause(20);
    child.kill(signal);
    const before = performance.now();
    const { code, signal: by, stdout } = await ended;
    expect(performance.now() - before).toBeLessThan(5000);
    expect([code, by]).toEqual(code === null ? [null, signal] : [signal === 'SIGINT' ? 130 : 143, null]);
    expect(stdout).toBe('');
    await pause(500);
    expect(
      children.filter((pid) => existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))),
    ).toEqual([]);
  });
});

describe('progress', () => {
  const terminal = (isTTY: boolean, columns = 80) => {
    const written: string[] = [];
    return { isTTY, columns, written, write: (text: string) => written.push(text) };
  };

  it('says what, how long, and how long it will take', () => {
    expect(said({ elapsed: 0.5, durationSeconds: 10, samples: 0, ended: false })).toMatch(/first sample … 0\.5 s$/);
    expect(said({ elapsed: 4.2, durationSeconds: 10, samples: 5, ended: false })).toMatch(
      /watching: 4\.2 of 10 s, 5 samples, about 6 s left/,
    );
    expect(said({ elapsed: 10.2, durationSeconds: 10, samples: 9, ended: false })).toMatch(/last sample … 10\.2 s, 9 samples$/);
    expect(said({ elapsed: 3, durationSeconds: 10, samples: 3, ended: true })).toMatch(/ending early/);
    expect(said({ elapsed: 1, durationSeconds: 0, samples: 0, ended: false })).toMatch(/once … 1\.0 s$/);
  });

  it.each([40, 80])('is one line of at most %i columns that is taken away at the end', (columns) => {
    const shown = terminal(true, columns);
    let clock = 0;
    const line = progress(10, false, shown, () => (clock += 0.7));
    line.sampled();
    line.ending();
    line.done();
    expect(shown.written.length).toBeGreaterThan(3);
    for (const text of shown.written) {
      expect(text.startsWith('\r\u001B[K')).toBe(true);
      expect(text).not.toContain('\n');
      expect(text.length - 4).toBeLessThan(columns);
    }
    expect(shown.written.at(-1)).toBe('\r\u001B[K');
  });

  it.each([
    ['with --quiet', true, true],
    ['where stderr is no terminal', false, false],
  ])('is silent %s', (_, isTTY, quiet) => {
    const shown = terminal(isTTY);
    const line = progress(10, quiet, shown);
    line.sampled();
    line.ending();
    line.done();
    expect(shown.written).toEqual([]);
  });
});
