import { constants } from 'node:fs';
import { type FileHandle, open, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import type { ReadLimits, ReadResult, ReadStatus, Tree } from '../tree.js';
import { plainPath } from './paths.js';

const DEFAULT_MAX_BYTES = 1_048_576;
const CHUNK = 65_536;
/** Pieces of a file that is read as a stream. */
const PIECE = 262_144;
const STATUS_OF: Readonly<Record<string, ReadStatus>> = {
  ENOENT: 'absent',
  ENOTDIR: 'absent',
  EACCES: 'denied',
  EPERM: 'denied',
  ELOOP: 'failed',
};

/** A directory of files somebody has collected. Links are followed only inside it; what is not a regular file is refused. */
export function directoryTree(root: string): Tree {
  const realRoot = realpath(root);
  realRoot.catch(() => undefined);

  async function locate(file: string): Promise<string> {
    const plain = plainPath(file);
    if (plain === null) throw new Refusal('failed', 'not a path below the root');
    const top = await realRoot;
    const real = await realpath(path.join(top, plain));
    if (real !== top && !real.startsWith(top === '/' ? '/' : `${top}/`)) throw new Refusal('denied', 'a link leads out of the directory');
    return real;
  }

  async function readFile(file: string, maxBytes: number): Promise<ReadResult> {
    const started = performance.now();
    const done = (status: ReadStatus, body: Buffer | null, reason?: string): ReadResult => ({
      path: file,
      status,
      text: body?.toString('utf8') ?? '',
      bytes: body?.length ?? 0,
      seconds: (performance.now() - started) / 1000,
      ...(reason === undefined ? {} : { reason }),
    });
    let handle: FileHandle | undefined;
    try {
      handle = await open(await locate(file), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
      const stat = await handle.stat();
      if (!stat.isFile()) return done('failed', null, 'not a regular file');
      const body = await readUpTo(handle, maxBytes + 1);
      if (body.length <= maxBytes) return done('ok', body);
      return done('truncated', body.subarray(0, maxBytes), `longer than ${maxBytes} bytes`);
    } catch (error) {
      if (error instanceof Refusal) return done(error.status, null, error.message);
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      return done(STATUS_OF[code] ?? 'failed', null, code);
    } finally {
      await handle?.close();
    }
  }

  async function openFile(file: string): Promise<AsyncIterable<Uint8Array> | null> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(await locate(file), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
      if ((await handle.stat()).isFile()) return handle.createReadStream({ highWaterMark: PIECE });
    } catch {
      // read() says why
    }
    await handle?.close();
    return null;
  }

  return {
    open: openFile,
    read: async (paths, limits: ReadLimits = {}) => {
      const results: ReadResult[] = [];
      for (const file of paths) results.push(await readFile(file, limits.maxBytes ?? DEFAULT_MAX_BYTES));
      return results;
    },
    list: async (dir) => {
      try {
        return (await readdir(dir === '' ? await realRoot : await locate(dir))).sort();
      } catch {
        return [];
      }
    },
  };
}

class Refusal extends Error {
  readonly status: ReadStatus;
  constructor(status: ReadStatus, message: string) {
    super(message);
    this.status = status;
  }
}

async function readUpTo(handle: FileHandle, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let size = 0; size < most;) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(Math.min(CHUNK, most - size)), 0);
    if (bytesRead === 0) break;
    chunks.push(buffer.subarray(0, bytesRead));
    size += bytesRead;
  }
  return Buffer.concat(chunks);
}
