import os from 'node:os';
import { readOne, type ReadLimits, type ReadResult, readable, type Tree } from '../tree.js';
import { machineOf } from '../machine.js';
import type { FrameHead, ReaderRequest } from './host-reader.js';
import { plainPath } from './paths.js';
import { type Frame, type ReaderProcess, startReader } from './reader-process.js';

const DEFAULT_MAX_BYTES = 1_048_576;
const DEFAULT_DEADLINE_MS = 250;
/** Starting a process takes this long only on a host that is nearly dead. */
const START_DEADLINE_MS = 10_000;
/** /proc of a host with very many processes takes its time to list. */
const LIST_DEADLINE_MS = 2000;
const BATCH = 256;
/** After so many time-outs on one kind of path, in one call and in the life of the tree, the rest of that kind is not tried. */
const GIVE_UP_IN_CALL = 3;
const GIVE_UP_IN_ALL = 12;

/** The made files do more than one read. */
const MADE: Readonly<Record<string, { deadlineMs: number; maxBytes: number }>> = {
  'statfs.txt': { deadlineMs: 2000, maxBytes: 1_048_576 },
  'kernel-log.txt': { deadlineMs: 9000, maxBytes: 4_194_304 },
};

/** What is known of the host beside its files. */
export interface HostFacts {
  readonly hostname: string | null;
  readonly kernel: string | null;
  readonly arch: string | null;
  readonly pageSize: number;
  readonly clockTicks: number;
}

export interface HostTree extends Tree {
  facts(): Promise<HostFacts>;
  /** The process that reads, when there is one. */
  readerPid(): number | undefined;
  /** Ends the reading process; the tree starts another when it is used again. */
  close(): Promise<void>;
}

type Ending = { readonly how: 'done' } | { readonly how: 'timeout' } | { readonly how: 'died' | 'unstartable'; readonly reason: string };

/**
 * The live host below `root`. Every read is done in a child process, one after the other; a read that passes its deadline
 * costs that child, and itself: the next reads go on in a new one.
 */
export function hostTree(root = '/'): HostTree {
  const reader = readerLine(root);
  const timeouts = new Map<string, number>();

  async function read(paths: readonly string[], limits: ReadLimits = {}): Promise<ReadResult[]> {
    const results: ReadResult[] = [];
    const inCall = new Map<string, number>();
    const givenUp = (path: string): boolean =>
      (inCall.get(kindOf(path)) ?? 0) >= GIVE_UP_IN_CALL || (timeouts.get(kindOf(path)) ?? 0) >= GIVE_UP_IN_ALL;
    while (results.length < paths.length) {
      const path = paths[results.length] ?? '';
      if (plainPath(path) !== path) {
        results.push(blank(path, 'failed', 'not a path below the root'));
        continue;
      }
      if (givenUp(path)) {
        results.push(blank(path, 'timeout', 'not tried: reads of this kind did not come back'));
        continue;
      }
      const batch = sameLimits(paths, results.length, givenUp);
      const { maxBytes, deadlineMs } = { ...defaults(path), ...limitsOf(path, limits) };
      const before = results.length;
      const ending = await reader.ask({ op: 'read', root: reader.root, paths: batch, maxBytes }, deadlineMs, ({ head, body }) => {
        if (head.end !== true) results.push(resultOf(batch[results.length - before] ?? '', head, body));
      });
      if (ending.how === 'unstartable') {
        results.push(...paths.slice(results.length).map((rest) => blank(rest, 'failed', ending.reason)));
        break;
      }
      const culprit = batch[results.length - before];
      if (ending.how === 'done' || culprit === undefined) continue;
      const kind = kindOf(culprit);
      inCall.set(kind, (inCall.get(kind) ?? 0) + 1);
      timeouts.set(kind, (timeouts.get(kind) ?? 0) + 1);
      results.push(
        ending.how === 'died'
          ? blank(culprit, 'failed', ending.reason)
          : { ...blank(culprit, 'timeout', `did not come back within ${deadlineMs} ms`), seconds: deadlineMs / 1000 },
      );
    }
    return results;
  }

  async function list(dir: string): Promise<string[]> {
    if (plainPath(dir) !== dir) return [];
    let names: string[] = [];
    await reader.ask({ op: 'list', root: reader.root, dir }, LIST_DEADLINE_MS, ({ head, body }) => {
      if (head.status === 'ok' && body.length > 0) names = body.toString('utf8').split('\0');
    });
    return names;
  }

  async function facts(): Promise<HostFacts> {
    let words: FrameHead = { size: 0 };
    await reader.ask({ op: 'auxv', root: reader.root }, DEFAULT_DEADLINE_MS, ({ head }) => (words = head));
    const here = reader.root === '/';
    const tree: Tree = { read, list };
    const kernel = (await firstText(tree, 'proc/sys/kernel/osrelease')) ?? (here ? os.release() : null);
    return {
      hostname: (await firstText(tree, 'proc/sys/kernel/hostname')) ?? (here ? os.hostname() : await firstText(tree, 'etc/hostname')),
      kernel,
      arch: (await firstText(tree, 'proc/sys/kernel/arch')) ?? (here ? os.machine() : machineOf(kernel)),
      pageSize: words.pageSize ?? 4096,
      clockTicks: words.clockTicks ?? 100,
    };
  }

  return { read, list, facts, readerPid: reader.pid, close: reader.close };
}

async function firstText(tree: Tree, path: string): Promise<string | null> {
  const result = await readOne(tree, path);
  return readable(result) && result.text.trim() !== '' ? result.text.trim() : null;
}

const limitsOf = (path: string, limits: ReadLimits): ReadLimits =>
  path in MADE ? (limits.maxBytes === undefined ? {} : { maxBytes: limits.maxBytes }) : limits;

const defaults = (path: string): { maxBytes: number; deadlineMs: number } =>
  MADE[path] ?? { maxBytes: DEFAULT_MAX_BYTES, deadlineMs: DEFAULT_DEADLINE_MS };

/** The run of paths from `from` on that can be asked for in one request. */
function sameLimits(paths: readonly string[], from: number, givenUp: (path: string) => boolean): string[] {
  const first = paths[from] ?? '';
  if (first in MADE) return [first];
  const batch: string[] = [];
  for (const path of paths.slice(from, from + BATCH)) {
    if (path in MADE || givenUp(path) || plainPath(path) !== path) break;
    batch.push(path);
  }
  return batch;
}

/** `proc/17/status` and `proc/18/status` are of one kind, so are the same files of two cgroups. */
function kindOf(path: string): string {
  const segments = path.split('/');
  return [segments[0], /^\d+$/.test(segments[1] ?? '') ? 'N' : segments[1], segments.at(-1)].join('/');
}

const blank = (path: string, status: ReadResult['status'], reason: string): ReadResult => ({
  path,
  status,
  text: '',
  bytes: 0,
  seconds: 0,
  reason,
});

const resultOf = (path: string, head: FrameHead, body: Buffer): ReadResult => ({
  path,
  status: head.status ?? 'failed',
  text: body.toString('utf8'),
  bytes: body.length,
  seconds: head.seconds ?? 0,
  ...(head.reason === undefined ? {} : { reason: head.reason }),
});

const nothing = (): void => undefined;

/** Keeps one reading process going, and asks it one thing at a time. */
function readerLine(givenRoot: string) {
  const root = givenRoot === '/' ? '/' : givenRoot.replace(/\/+$/, '');
  let child: ReaderProcess | null = null;
  let started: Promise<Ending> | null = null;
  let onFrame: (frame: Frame) => void = nothing;
  let onEnd: (reason: string) => void = nothing;
  let line: Promise<unknown> = Promise.resolve();

  const drop = (): void => {
    child?.kill();
    child = null;
    started = null;
  };

  const start = (): Promise<Ending> => {
    started ??= watched(START_DEADLINE_MS, () => {
      child = startReader(
        (frame) => onFrame(frame),
        (reason) => onEnd(reason),
      );
      return (frame) => frame.head.ready === true;
    });
    return started;
  };

  /** Runs until `begin`'s test holds for a frame; the deadline starts anew at each frame. */
  function watched(deadlineMs: number, begin: () => (frame: Frame) => boolean): Promise<Ending> {
    return new Promise((resolve) => {
      let progress = 0;
      let settled = false;
      const finish = (ending: Ending): void => {
        if (settled) return;
        settled = true;
        clearTimeout(timer);
        onFrame = onEnd = nothing;
        if (ending.how !== 'done') drop();
        resolve(ending);
      };
      // when this process itself was held up, answers wait in the pipe: they are looked at before the child is blamed
      const expire = (): void => {
        const seen = progress;
        setImmediate(() => setImmediate(() => (progress === seen ? finish({ how: 'timeout' }) : undefined)));
      };
      const timer = setTimeout(expire, deadlineMs);
      let done: ((frame: Frame) => boolean) | null = null;
      onFrame = (frame) => {
        progress += 1;
        timer.refresh();
        if (done?.(frame) === true) finish({ how: 'done' });
      };
      onEnd = (reason) => finish({ how: 'died', reason });
      done = begin();
    });
  }

  async function askNow(request: ReaderRequest, deadlineMs: number, take: (frame: Frame) => void): Promise<Ending> {
    const ready = await start();
    if (ready.how === 'timeout') return { how: 'unstartable', reason: `no process to read with came up within ${START_DEADLINE_MS} ms` };
    if (ready.how !== 'done') return { how: 'unstartable', reason: ready.reason };
    return watched(deadlineMs, () => {
      child?.send(request);
      return (frame) => {
        take(frame);
        return frame.head.end === true;
      };
    });
  }

  return {
    root,
    pid: () => child?.pid,
    ask: (request: ReaderRequest, deadlineMs: number, take: (frame: Frame) => void): Promise<Ending> => {
      const turn = line.then(() => askNow(request, deadlineMs, take));
      line = turn;
      return turn;
    },
    close: async (): Promise<void> => {
      await line;
      const { gone } = child ?? {};
      drop();
      if (!gone) return;
      // the timer keeps this process alive meanwhile, as the child does not
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([gone, new Promise((resolve) => (timer = setTimeout(resolve, 500)))]);
      clearTimeout(timer);
    },
  };
}
