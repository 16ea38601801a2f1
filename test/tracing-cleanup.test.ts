/** Nothing is left running or attached, however tracing ends: by itself, by Ctrl-C, by a kill that nobody can catch. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DIR_KEEPER, traceHost } from '../src/gather/tracing/host.js';

const CLI = 'dist/memdoctor.mjs';
const ROOT = process.geteuid?.() === 0;

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'memdoctor-tracing-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A tool that says its pid and that of a child, takes no hint, and would run for a minute. */
const STUBBORN = `echo $$ > "$DIR/tool"; sleep 60 & echo $! > "$DIR/child"; trap '' INT TERM; wait; sleep 60`;

const alive = (pid: number): boolean => {
  const state = existsSync(`/proc/${pid}/stat`) ? (/\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '') : '';
  return state !== '' && state !== 'Z' && state !== 'X';
};

async function pidIn(name: string): Promise<number> {
  for (let tries = 0; tries < 400; tries += 1) {
    const file = join(dir, name);
    const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
    if (text !== '') return Number(text);
    await pause(25);
  }
  throw new Error(`${name} did not start`);
}

/** The keeper waits four seconds before it kills. */
async function gone(...pids: number[]): Promise<void> {
  for (let tries = 0; tries < 400 && pids.some(alive); tries += 1) await pause(25);
  expect(pids.filter(alive)).toEqual([]);
}

describe('the keeper', () => {
  test('gives what the tool wrote, and its status', async () => {
    const { ended } = traceHost.start('/bin/sh', ['-c', 'echo out; echo err >&2; exit 3']);
    expect(await ended).toEqual({ status: 3, stdout: 'out\n', stderr: 'err\n' });
  });
  test('the tool is nicer, and the first to go when memory is short', async () => {
    const { ended } = traceHost.start('/bin/sh', ['-c', 'nice; cat /proc/self/oom_score_adj']);
    expect((await ended).stdout).toMatch(/^1\d\n800\n$/);
  });
  test('a tool that takes the hint prints what it has', async () => {
    const { ended, interrupt } = traceHost.start(process.execPath, [
      '-e',
      `process.on('SIGINT', () => { console.log('sum'); process.exit(); }); setInterval(() => {}, 99); console.log('up')`,
    ]);
    await pause(700);
    interrupt();
    expect((await ended).stdout).toBe('up\nsum\n');
  });
  test('a tool that does not is killed, with all that it started', async () => {
    const { ended, interrupt } = traceHost.start('/bin/sh', ['-c', STUBBORN], { DIR: dir });
    const pids = [await pidIn('tool'), await pidIn('child')];
    interrupt();
    expect((await ended).status).toBeNull();
    await gone(...pids);
  });
  test('a tool that is not there costs nothing but its trace', async () => {
    expect((await traceHost.start(join(dir, 'none'), []).ended).status).not.toBe(0);
  });
  test('a directory goes with the one who holds its keeper', async () => {
    const kept = join(dir, 'instance');
    mkdirSync(kept);
    const keeper = spawn('/bin/sh', ['-c', DIR_KEEPER, 'sh', kept], { stdio: ['pipe', 'ignore', 'ignore'] });
    await pause(200);
    expect(existsSync(kept)).toBe(true);
    keeper.stdin.destroy();
    await new Promise((resolve) => keeper.once('close', resolve));
    expect(existsSync(kept)).toBe(false);
  });
});

// a stand-in for perf: the event of page faults is a software one, which needs nothing of the kernel
describe.skipIf(!ROOT || !existsSync(CLI))('memdoctor trace', () => {
  const start = (tool: string) => {
    writeFileSync(join(dir, 'perf'), `#!/bin/sh\n${tool}\n`);
    chmodSync(join(dir, 'perf'), 0o755);
    return spawn(process.execPath, [CLI, 'trace', 'page-faults', '--by', 'perf', '--seconds', '30', '--format', 'json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, PATH: `${dir}:${process.env['PATH'] ?? ''}`, DIR: dir },
    });
  };
  test('killed: the tool and its children are gone', async () => {
    const child = start(STUBBORN);
    const pids = [await pidIn('tool'), await pidIn('child')];
    child.kill('SIGKILL');
    await gone(...pids);
  });
  test('Ctrl-C: it ends in good order, and says that it was ended', async () => {
    const child = start(STUBBORN);
    const pids = [await pidIn('tool'), await pidIn('child')];
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.kill('SIGINT');
    await new Promise((resolve) => child.once('close', resolve));
    await gone(...pids);
    expect(JSON.parse(stdout)).toMatchObject({ 'page-faults': { status: 'failed', reason: 'ended early' } });
  });
});
