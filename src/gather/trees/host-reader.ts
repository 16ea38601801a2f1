// oxlint-disable unicorn/consistent-function-scoping -- one self-contained function: nothing can move out of it
import type * as ChildProcess from 'node:child_process';
import type * as Fs from 'node:fs';
import type * as Os from 'node:os';
import type { ReadStatus } from '../tree.js';

/** What the parent asks of the reader: one JSON line on its stdin. */
export type ReaderRequest =
  | { readonly op: 'read'; readonly root: string; readonly paths: readonly string[]; readonly maxBytes: number }
  | { readonly op: 'list'; readonly root: string; readonly dir: string }
  | { readonly op: 'auxv'; readonly root: string };

/** What the reader answers: a JSON line of this shape, then `size` raw bytes. A request ends with a frame whose `end` is true. */
export interface FrameHead {
  readonly size: number;
  readonly status?: ReadStatus;
  readonly reason?: string;
  readonly seconds?: number;
  readonly ready?: boolean;
  readonly end?: boolean;
  readonly pageSize?: number;
  readonly clockTicks?: number;
}

/**
 * The program of the child process that does all reads of a live host, so that a read which never comes back can be killed.
 * It is run from its own source text (`node -e`): it must not refer to anything outside its body. It reads requests from
 * stdin, blocking, and ends with it, so it never outlives its parent.
 */
export function readerMain(load: NodeJS.Require): void {
  const fs = load('node:fs') as typeof Fs;
  const os = load('node:os') as typeof Os;
  const childProcess = load('node:child_process') as typeof ChildProcess;
  type Answer = { status: ReadStatus; reason?: string; body: Buffer };

  const STATUS_OF: Record<string, ReadStatus> = {
    ENOENT: 'absent',
    ESRCH: 'absent',
    ENOTDIR: 'absent',
    ENXIO: 'absent',
    EACCES: 'denied',
    EPERM: 'denied',
    EOPNOTSUPP: 'unsupported',
    ENOTSUP: 'unsupported',
    EINVAL: 'unsupported',
  };
  const FIRST_BUFFER = 65_536;
  const EMPTY = Buffer.alloc(0);
  let buffer = Buffer.allocUnsafe(FIRST_BUFFER);

  function codeOf(error: unknown): string {
    return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error);
  }

  function failure(error: unknown): Answer {
    const code = codeOf(error);
    return { status: STATUS_OF[code] ?? 'failed', reason: code, body: EMPTY };
  }

  function send(head: object, body: Buffer): void {
    const line = Buffer.from(`${JSON.stringify({ ...head, size: body.length })}\n`);
    for (let rest = body.length < FIRST_BUFFER ? [Buffer.concat([line, body])] : [line, body]; rest[0]; rest = rest.slice(1))
      for (let at = 0; at < rest[0].length;) at += fs.writeSync(1, rest[0], at);
  }

  /** The file's place; for another root than the host's own, a link may not lead out of it. */
  function locate(root: string, path: string): string {
    const full = root === '/' ? `/${path}` : `${root}/${path}`;
    if (root === '/') return full;
    const real = fs.realpathSync.native(full);
    if (real.startsWith(`${root}/`)) return real;
    throw Object.assign(new Error(), { code: 'EACCES' });
  }

  function readFile(root: string, path: string, maxBytes: number): Answer {
    const fd = fs.openSync(locate(root, path), fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY);
    try {
      if (!fs.fstatSync(fd).isFile()) return { status: 'failed', reason: 'not a regular file', body: EMPTY };
      let size = 0;
      for (;;) {
        const end = Math.min(buffer.length, maxBytes + 1);
        const got = fs.readSync(fd, buffer, size, end - size, null);
        size += got;
        if (got === 0) return { status: 'ok', body: buffer.subarray(0, size) };
        if (size > maxBytes) return { status: 'truncated', reason: `longer than ${maxBytes} bytes`, body: buffer.subarray(0, maxBytes) };
        if (size === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)]);
      }
    } finally {
      fs.closeSync(fd);
    }
  }

  const IN_MEMORY = new Set(['tmpfs', 'ramfs', 'hugetlbfs', 'devtmpfs']);
  // statfs.f_type of the file systems above (linux/magic.h): what answers must be one of them, not something mounted over it
  const IN_MEMORY_MAGIC = new Set([0x01_02_19_94, 0x85_84_58_f6, 0x95_84_58_f6]);
  const MAY_HANG = /^(nfs|cifs|smb|fuse|9p|ceph|gluster|autofs|afs|lustre|gpfs)/;

  function mountSizes(root: string): Answer {
    const source = readFile(root, 'proc/self/mountinfo', 4_194_304);
    const mounts = source.body
      .toString('latin1')
      .split('\n')
      .map((line) => {
        const [left = '', right = ''] = line.split(' - ');
        const [type = '', device = ''] = right.split(' ');
        return { point: left.split(' ')[4] ?? '', type, device };
      })
      .filter((mount) => mount.type !== '');
    const onTop = new Map(mounts.map((mount) => [mount.point, mount]));
    const risky = mounts.filter((mount) => MAY_HANG.test(mount.type)).map((mount) => `${mount.point}/`);
    const rows: string[] = [];
    for (const mount of onTop.values()) {
      if (!IN_MEMORY.has(mount.type) || risky.some((point) => mount.point.startsWith(point)) || rows.length >= 4096) continue;
      const place = mount.point.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
      try {
        const at = fs.statfsSync(Buffer.from(root === '/' ? place : root + place, 'latin1'));
        if (IN_MEMORY_MAGIC.has(at.type >>> 0))
          rows.push([mount.device, mount.point, mount.type, at.bsize, at.blocks, at.bfree, at.bavail, at.files, at.ffree].join(' '));
      } catch {
        // unmounted meanwhile, or behind a directory that may not be searched: it has no line
      }
    }
    return { status: 'ok', body: Buffer.from(rows.map((row) => `${row}\n`).join(''), 'latin1') };
  }

  function keepNewest(text: string, maxBytes: number): Answer {
    const body = Buffer.from(text);
    if (body.length <= maxBytes) return { status: 'ok', body };
    const cut = body.subarray(body.length - maxBytes);
    return { status: 'truncated', reason: `only the newest ${maxBytes} bytes were kept`, body: cut.subarray(cut.indexOf(10) + 1) };
  }

  /** /dev/kmsg (Documentation/ABI/testing/dev-kmsg): one record a read, `prio,seq,usec,flags;text`, then lines of a dictionary. */
  function readKmsg(root: string, maxBytes: number): Answer {
    const fd = fs.openSync(locate(root, 'dev/kmsg'), fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY);
    try {
      if (!fs.fstatSync(fd).isCharacterDevice()) throw Object.assign(new Error(), { code: 'ENOENT' });
      const kept: string[] = [];
      let [oldest, size] = [0, 0];
      for (const until = Date.now() + 2000; Date.now() < until;) {
        let record;
        try {
          record = buffer.toString('utf8', 0, fs.readSync(fd, buffer, 0, buffer.length, null));
        } catch (error) {
          const code = codeOf(error);
          if (code === 'EPIPE' || code === 'EINTR') continue; // overwritten meanwhile: the next read gives the oldest there is
          if (code === 'EAGAIN') break;
          throw error;
        }
        if (record === '') break;
        const match = /^(\d+),\d+,(\d+),[^;]*;([^\n]*)/.exec(record);
        if (!match) continue;
        const [, priority = '', stamp = '', text = ''] = match;
        const micros = stamp.padStart(7, '0');
        const line = `<${priority}>[${micros.slice(0, -6).padStart(5)}.${micros.slice(-6)}] ${text}\n`;
        size += line.length;
        kept.push(line);
        while (size > maxBytes * 2) {
          size -= kept[oldest]?.length ?? 0;
          kept[oldest++] = '';
        }
      }
      return keepNewest(kept.slice(oldest).join(''), maxBytes);
    } finally {
      fs.closeSync(fd);
    }
  }

  const LOG_COMMANDS: readonly (readonly [string, readonly string[]])[] = [
    ['dmesg', ['-r']],
    ['journalctl', ['-k', '-b', '-o', 'short-monotonic', '--no-pager', '-q', '-n', '20000']],
  ];

  function readKernelLog(root: string, maxBytes: number): Answer {
    let denied: Answer;
    try {
      return readKmsg(root, maxBytes);
    } catch (error) {
      denied = failure(error);
    }
    // these show the log of the kernel that runs, which is not that of another root
    if (root !== '/') return denied;
    const reasons = [`/dev/kmsg: ${denied.reason}`];
    for (const [command, parameters] of LOG_COMMANDS) {
      const run = childProcess.spawnSync(command, parameters, {
        timeout: 3000,
        killSignal: 'SIGKILL',
        maxBuffer: 33_554_432,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const lines = (run.stdout ?? '').split('\n').filter((line) => /^(<\d+>)?\[/.test(line));
      // short-monotonic puts "host kernel:" between the stamp and the text
      if (lines.length > 0)
        return keepNewest(`${lines.map((line) => line.replace(/^(\[[^\]]*\]) \S+ kernel: /, '$1 ')).join('\n')}\n`, maxBytes);
      const said = (run.stderr ?? '').trim().split('\n')[0] ?? '';
      reasons.push(`${command}: ${run.error ? codeOf(run.error) : said === '' ? `nothing (status ${run.status})` : said}`);
    }
    return { ...denied, reason: reasons.join('; ') };
  }

  const MOST_LINKS = 20_000;

  /** What the open files of a process are: a line "number target" each. The links are not followed: what they name may hang. */
  function openFiles(root: string, path: string, maxBytes: number): Answer {
    const dir = locate(root, path.slice(0, -'.links'.length));
    const names = fs.readdirSync(dir);
    const kept: string[] = [];
    for (const name of names.slice(0, MOST_LINKS)) {
      try {
        const target = fs.readlinkSync(`${dir}/${name}`);
        kept.push(`${name} ${target.replaceAll(/[\\\n]/g, (byte) => (byte === '\n' ? String.raw`\n` : '\\\\'))}\n`);
      } catch (error) {
        // closed meanwhile
        if (codeOf(error) !== 'ENOENT') throw error;
      }
    }
    if (names.length > MOST_LINKS) kept.push(`total ${names.length}\n`);
    const body = Buffer.from(kept.join(''));
    if (body.length <= maxBytes) return { status: 'ok', body };
    return { status: 'truncated', reason: `longer than ${maxBytes} bytes`, body: body.subarray(0, maxBytes) };
  }

  function readOnePath(root: string, path: string, maxBytes: number): Answer {
    try {
      if (/^proc\/\d{1,10}\/fd\.links$/.test(path)) return openFiles(root, path, maxBytes);
      if (path === 'statfs.txt') return mountSizes(root);
      if (path === 'kernel-log.txt') return readKernelLog(root, maxBytes);
      return readFile(root, path, maxBytes);
    } catch (error) {
      return failure(error);
    }
  }

  function list(root: string, dir: string): Answer {
    try {
      return { status: 'ok', body: Buffer.from(fs.readdirSync(locate(root, dir)).sort().join('\0')) };
    } catch (error) {
      return failure(error);
    }
  }

  /** AT_PAGESZ (6) and AT_CLKTCK (17) of the auxiliary vector: pairs of machine words. */
  function hostFacts(root: string): object {
    try {
      const { body } = readFile(root, 'proc/self/auxv', 4096);
      const wide = !['arm', 'ia32', 'mips', 'mipsel'].includes(process.arch);
      const little = os.endianness() === 'LE';
      const word = (at: number): number =>
        wide
          ? Number(little ? body.readBigUInt64LE(at) : body.readBigUInt64BE(at))
          : little
            ? body.readUInt32LE(at)
            : body.readUInt32BE(at);
      const width = wide ? 8 : 4;
      const pairs = new Map<number, number>();
      for (let at = 0; at + 2 * width <= body.length; at += 2 * width) pairs.set(word(at), word(at + width));
      return { pageSize: pairs.get(6), clockTicks: pairs.get(17) };
    } catch {
      return {};
    }
  }

  function answer(request: ReaderRequest): void {
    if (request.op === 'auxv') return send({ ...hostFacts(request.root), end: true }, EMPTY);
    if (request.op === 'list') {
      const { body, ...head } = list(request.root, request.dir);
      return send({ ...head, end: true }, body);
    }
    for (const path of request.paths) {
      const started = performance.now();
      const { body, ...head } = readOnePath(request.root, path, request.maxBytes);
      send({ ...head, seconds: (performance.now() - started) / 1000 }, body);
    }
    if (buffer.length > 1_048_576) buffer = Buffer.allocUnsafe(FIRST_BUFFER);
    send({ end: true }, EMPTY);
  }

  function main(): void {
    send({ ready: true }, EMPTY);
    const input = Buffer.allocUnsafe(FIRST_BUFFER);
    let pending: Buffer[] = [];
    for (let got = fs.readSync(0, input); got > 0; got = fs.readSync(0, input)) {
      pending.push(Buffer.from(input.subarray(0, got)));
      if (input[got - 1] !== 10) continue;
      const text = Buffer.concat(pending).toString('utf8');
      pending = [];
      for (const line of text.split('\n')) if (line !== '') answer(JSON.parse(line) as ReaderRequest);
    }
  }

  try {
    main();
  } catch {
    // EPIPE: the parent has gone
  }
  process.exit(0);
}
