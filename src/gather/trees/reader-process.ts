import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { type FrameHead, readerMain, type ReaderRequest } from './host-reader.js';

export interface Frame {
  readonly head: FrameHead;
  readonly body: Buffer;
}

/** One child process that reads for us. */
export interface ReaderProcess {
  readonly pid: number | undefined;
  send(request: ReaderRequest): void;
  /** Ends it at once, and whatever it started. A child stuck in the kernel is left behind: nobody waits for it. */
  kill(): void;
  /** Settles when it has gone. */
  readonly gone: Promise<void>;
}

// runners that keep names wrap functions in this helper, which the child has not; a build must not minify and keep names at once
const PROGRAM = `const __name = (f) => f; (${readerMain.toString()})(require);`;

/**
 * Starts a reader. `onFrame` gets each answer as it comes, `onEnd` the reason when the child cannot be started or dies by itself;
 * neither is called after kill().
 */
export function startReader(onFrame: (frame: Frame) => void, onEnd: (reason: string) => void): ReaderProcess {
  let live = true;
  const end = (reason: string): void => {
    if (live) onEnd(reason);
    live = false;
  };
  // its own process group: a Ctrl-C at the terminal is for us alone, and a kill takes what the child runs (dmesg) with it
  const child = spawn(process.execPath, ['--max-old-space-size=64', '--no-warnings', '-e', PROGRAM], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`, LC_ALL: 'C' },
  });
  const gone = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      end(`the reading process ended (${signal ?? `status ${code}`})`);
      resolve();
    });
    child.once('error', (error) => {
      end(`no process could be started to read with: ${error.message}`);
      resolve();
    });
  });
  child.stdin.on('error', () => undefined);
  child.stdout.on('error', () => undefined);
  const take = frames((frame) => {
    if (live) onFrame(frame);
  });
  child.stdout.on('data', take);
  letGo(child);
  return {
    pid: child.pid,
    send: (request) => child.stdin.write(`${JSON.stringify(request)}\n`),
    kill: () => {
      live = false;
      killGroup(child.pid);
      child.stdin.destroy();
      child.stdout.destroy();
    },
    gone,
  };
}

/** Neither the child nor its pipes keep this process from ending. */
function letGo(child: ChildProcess): void {
  child.unref();
  for (const pipe of [child.stdin, child.stdout] as unknown as (Socket | null)[]) pipe?.unref();
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has gone already
  }
}

/** Puts frames (a JSON line, then as many bytes as it says) together from the pieces a pipe gives. */
function frames(onFrame: (frame: Frame) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let held = 0;
  let needed = 1;
  return (chunk) => {
    chunks.push(chunk);
    held += chunk.length;
    while (held >= needed) {
      const all = chunks.length === 1 ? (chunks[0] ?? chunk) : Buffer.concat(chunks);
      chunks = [all];
      const newline = all.indexOf(10);
      if (newline < 0) {
        needed = held + 1;
        return;
      }
      const head = JSON.parse(all.toString('utf8', 0, newline)) as FrameHead;
      needed = newline + 1 + head.size;
      if (held < needed) return;
      const rest = all.subarray(needed);
      const body = all.subarray(newline + 1, needed);
      chunks = rest.length > 0 ? [rest] : [];
      held = rest.length;
      needed = 1;
      onFrame({ head, body });
    }
  };
}
