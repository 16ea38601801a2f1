import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InputError } from '../../errors.js';

export type Format = 'tar' | 'gzip' | 'xz' | 'zstd' | 'zip' | 'bzip2';

const MAGIC: readonly (readonly [Format, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['bzip2', [0x42, 0x5a, 0x68]],
];

/** What the first bytes of a file (512 at least, for a tar) say it is; the name does not matter. Null when it is no archive. */
export function formatOf(head: Buffer): Format | null {
  for (const [format, magic] of MAGIC) if (magic.every((byte, index) => head[index] === byte)) return format;
  return isTarHeader(head) ? 'tar' : null;
}

/** A tar header carries the sum of its own bytes, its checksum field (148..155) read as blanks. */
function isTarHeader(head: Buffer): boolean {
  if (head.length < 512) return false;
  const stated = Number.parseInt(head.toString('latin1', 148, 156).replaceAll('\0', ' ').trim(), 8);
  let sum = 8 * 32;
  for (let index = 0; index < 512; index += 1) if (index < 148 || index > 155) sum += head[index] ?? 0;
  return stated === sum && head[0] !== 0;
}

/** Opens the archive's bytes anew each time it is called. */
export type Opener = () => Readable;

/** Bytes of the archive, unpacked as they are asked for. @throws InputError naming the archive when they are damaged. */
export async function* unpacked(name: string, format: Format, openIt: Opener): AsyncGenerator<Uint8Array> {
  if (format === 'tar') return yield* openIt();
  if (format === 'gzip') return yield* gunzipped(name, openIt);
  if (format === 'xz') return yield* unxzed(name, openIt);
  throw new InputError(`${name}: is packed with ${format}, which is not read here; accepted are .tar, .tar.gz and .tar.xz`);
}

async function* gunzipped(name: string, openIt: Opener): AsyncGenerator<Uint8Array> {
  const source = openIt();
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array;
  } catch (error) {
    throw damaged(name, 'gzip', error);
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

async function* unxzed(name: string, openIt: Opener): AsyncGenerator<Uint8Array> {
  const { default: xz } = await import('xz-decompress');
  const source = openIt();
  const reader = new xz.XzReadableStream(Readable.toWeb(source) as ReadableStream<Uint8Array>).getReader();
  let begun = false;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      if (next.value.length === 0) continue;
      begun = true;
      yield next.value;
    }
    return;
  } catch (error) {
    // 2, 4, 6: a check, a memory need or options this decoder has not (xz-embedded's xz.h); the xz tool has them all
    if (begun || !/error code [246]$/.test(String(error))) throw damaged(name, 'xz', error);
  } finally {
    await reader.cancel().catch(() => undefined);
    source.destroy();
  }
  yield* byTool(name, openIt);
}

async function* byTool(name: string, openIt: Opener): AsyncGenerator<Uint8Array> {
  const source = openIt();
  const tool = spawn('xz', ['-dc', '--memlimit-decompress=512MiB'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<string | null>((resolve) => {
    let said = '';
    tool.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString('utf8')}`.slice(0, 300)));
    tool.once('error', (error) => resolve(`xz could not be started: ${error.message}`));
    tool.once('close', (code) => resolve(code === 0 ? null : said.trim().split('\n')[0] || `xz ended with status ${code}`));
  });
  tool.stdin.on('error', () => undefined);
  tool.stdout.on('error', () => undefined);
  source.on('error', () => tool.kill('SIGKILL'));
  source.pipe(tool.stdin);
  try {
    for await (const chunk of tool.stdout) yield chunk as Uint8Array;
    const problem = await ended;
    if (problem !== null) throw new InputError(`${name}: needs the xz tool to unpack, and that failed: ${problem}`);
  } finally {
    source.destroy();
    tool.kill('SIGKILL');
  }
}

function damaged(name: string, kind: string, error: unknown): InputError {
  if (error instanceof InputError) return error;
  const said = error instanceof Error ? error.message : String(error);
  // the decoder stops short in its own ways when its input does
  const short = /unexpected end|error code 8|reading 'byteLength'|null/i.test(said);
  return new InputError(
    `${name}: ${short ? `the ${kind} data end too early: the archive is truncated` : `the ${kind} data are damaged (${said})`}`,
  );
}
