import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How a tool ended, and what it wrote. */
export interface Ended {
  /** Its exit status; null when a signal ended it or it could not be started. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly ended: Promise<Ended>;
  /** What it wrote so far. */
  readonly soFar: () => string;
  /** Asks it to end and to print what it has; it is killed when it does not within some seconds. */
  readonly interrupt: () => void;
}

/** The host, as far as tracing needs it: the one seam between the ladder and the world. */
export interface TraceHost {
  readonly root: boolean;
  /** A small file of the kernel; null when it is not there or may not be read. */
  readonly readText: (path: string) => string | null;
  readonly exists: (path: string) => boolean;
  readonly listDir: (path: string) => readonly string[];
  /** @throws Error as the kernel says it. */
  readonly writeText: (path: string, text: string) => void;
  /** Opens a file to write it anew, which clears the triggers of an event. @throws Error */
  readonly clearText: (path: string) => void;
  /** @throws Error */
  readonly makeDir: (path: string) => void;
  /** Where a program is; null when it is nowhere in the PATH. */
  readonly which: (command: string) => string | null;
  /** Starts a tool under a keeper: see KEEPER. */
  readonly start: (command: string, args: readonly string[], environment?: Readonly<Record<string, string>>) => Running;
  /** Sees to it that an instance of tracefs goes, its triggers first, when `release` is called, or when this process ends in any way. */
  readonly keepDir: (path: string) => { release: () => Promise<void> };
  readonly pause: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

/**
 * A shell between memdoctor and the tool. Its standard input is a pipe that memdoctor holds: a line on it asks the tool to end, and its
 * end, which comes with memdoctor's own, SIGKILL included, does the same. The tool, and what it started, is a session of its own. It is the
 * first to go when memory is short.
 */
export const KEEPER = `trap '' INT TERM HUP
exec 4<&0
{ echo 800 > /proc/self/oom_score_adj; } 2>/dev/null
nice -n 10 "$@" 4<&- < /dev/null &
tool=$!
{ read -r word <&4; kill -INT -$$; sleep 4; kill -KILL -$$; } > /dev/null 2>&1 &
watch=$!
wait $tool
status=$?
kill -KILL $watch 2>/dev/null
exit $status`;

/**
 * Waits for the end of its input, which comes with memdoctor's, and removes the instance. One with triggers that define variables is
 * busy; and a trigger whose variables another uses cannot go before it: so they are cleared again and again.
 */
export const DIR_KEEPER = `trap '' INT TERM HUP
while read -r word; do :; done
tries=0
while [ -d "$1" ] && ! rmdir "$1" && [ $tries -lt 20 ]; do
  for trigger in $(grep -ls '^hist:' "$1"/events/*/*/trigger); do : > "$trigger"; done
  tries=$((tries + 1))
done 2>/dev/null`;

const MOST_OUTPUT = 32 * 1_048_576;
const MOST_COMPLAINT = 65_536;

/** This host. */
export const traceHost: TraceHost = {
  root: process.geteuid?.() === 0,
  readText: (path) => attempt(() => readFileSync(path, 'utf8')),
  exists: existsSync,
  listDir: (path) => attempt(() => readdirSync(path)) ?? [],
  writeText: (path, text) => writeFileSync(path, text, { flag: 'a' }),
  clearText: (path) => writeFileSync(path, ''),
  makeDir: mkdirSync,
  which,
  start,
  keepDir,
  pause: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const timer = setTimeout(wake, milliseconds);
      function wake(): void {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      }
      signal?.addEventListener('abort', wake);
    }),
};

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/** The places of the system come after those of the PATH: the one of a service may be short. */
function which(command: string): string | null {
  const places = [...(process.env['PATH'] ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin', '/bin'];
  for (const place of places) {
    if (!place.startsWith('/')) continue;
    const path = join(place, command);
    if (attempt(() => (accessSync(path, constants.X_OK), true))) return path;
  }
  return null;
}

function start(command: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Running {
  const keeper = spawn('/bin/sh', ['-c', KEEPER, 'memdoctor-keeper', command, ...args], {
    // a session of its own: Ctrl-C is for memdoctor, which passes it on
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C', ...environment },
  });
  keeper.stdin.on('error', () => undefined);
  let stdout = '';
  let stderr = '';
  keeper.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    if (stdout.length < MOST_OUTPUT) stdout += chunk;
  });
  keeper.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    if (stderr.length < MOST_COMPLAINT) stderr += chunk;
  });
  return {
    ended: endOf(keeper).then((status) => ({ status, stdout, stderr })),
    soFar: () => stdout,
    interrupt: () => void keeper.stdin.end('end\n'),
  };
}

const endOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', (status) => resolve(status));
  });

function keepDir(path: string): { release: () => Promise<void> } {
  const keeper = spawn('/bin/sh', ['-c', DIR_KEEPER, 'memdoctor-keeper', path], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  keeper.stdin.on('error', () => undefined);
  const ended = endOf(keeper);
  return {
    release: async () => {
      keeper.stdin.end();
      await ended;
      attempt(() => rmdirSync(path));
    },
  };
}
