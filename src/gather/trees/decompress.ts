import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InputError } from '../../errors.js';
import { bunzip2 } from './bunzip2.js';
import { byTool } from './by-tool.js';
import { unzstd } from './unzstd.js';

export type Format = 'tar' | 'gzip' | 'xz' | 'zstd' | 'zip' | 'bzip2';

const MAGIC: readonly (readonly [Format, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  // with nothing in it; in several parts
  ['zip', [0x50, 0x4b, 0x05, 0x06]],
  ['zip', [0x50, 0x4b, 0x07, 0x08]],
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

/** What unpacks to one stream of bytes; a zip has many, and is read in its own way. */
export type StreamFormat = Exclude<Format, 'zip'>;

/** The bytes unpacked as they are asked for; the first three megabytes may be asked for twice. @throws InputError naming the archive when they are damaged. */
export async function* unpacked(name: string, format: StreamFormat, openIt: Opener): AsyncGenerator<Uint8Array> {
  if (format === 'tar') return yield* openIt();
  if (format === 'gzip') return yield* gunzipped(name, openIt);
  if (format === 'xz') return yield* unxzed(name, openIt);
  const source = openIt();
  try {
    yield* format === 'bzip2' ? bunzip2(source) : unzstd(name, source);
  } catch (error) {
    throw damaged(name, format, error);
  } finally {
    source.destroy();
  }
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
    // not awaited: it waits for the source, which may be what has failed
    reader.cancel().catch(() => undefined);
    source.destroy();
  }
  yield* byTool(name, 'xz', ['-dc', '--memlimit-decompress=512MiB'], openIt());
}

function damaged(name: string, kind: string, error: unknown): InputError {
  if (error instanceof InputError) return error;
  const said = error instanceof Error ? error.message : String(error);
  // the decoder stops short in its own ways when its input does
  const short = /unexpected e(?:nd|of)|error code 8|reading 'byteLength'|null/i.test(said);
  return new InputError(
    `${name}: ${short ? `the ${kind} data end too early: the archive is truncated` : `the ${kind} data are damaged (${said})`}`,
  );
}
