import { Readable } from 'node:stream';
import { InputError, quote } from '../../errors.js';
import { type Opener, type StreamFormat, unpacked } from './decompress.js';

const MIB = 1_048_576;

/** What unpacking may cost. */
export const UNPACK_BOUNDS = {
  unpackedBytes: 8192 * MIB,
  /** Unpacked to packed, looked at once `ratioFrom` bytes are unpacked: repetitive text packs to a few hundredths. */
  ratio: 2000,
  /** The same for gzip and zip, which pack nothing but one byte over and over to less than a nine-hundredth. */
  deflateRatio: 900,
  ratioFrom: 256 * MIB,
} as const;

export type UnpackBounds = { readonly [K in keyof typeof UNPACK_BOUNDS]: number };

/** The unpacked bytes, counted. `entry` tells where in the archive they are. @throws InputError when there are too many, or they are damaged. */
export async function* boundedBytes(
  name: string,
  format: StreamFormat,
  openIt: Opener,
  bounds: UnpackBounds,
  entry: () => string = () => '',
): AsyncGenerator<Uint8Array> {
  const ratio = format === 'gzip' ? bounds.deflateRatio : bounds.ratio;
  let packed = 0;
  let size = 0;
  const counted: Opener = () =>
    Readable.from(
      count(openIt(), (bytes) => (packed += bytes)),
      { objectMode: false },
    );
  for await (const chunk of unpacked(name, format, counted)) {
    size += chunk.length;
    const place = entry() === '' ? name : `${name}: entry ${quote(entry())}`;
    if (size > bounds.unpackedBytes) throw new InputError(`${place}: more than ${bounds.unpackedBytes / MIB} MiB when unpacked`);
    if (size > bounds.ratioFrom && size > packed * ratio) throw new InputError(`${place}: unpacks to more than ${ratio} times its size`);
    yield chunk;
  }
}

async function* count(source: Readable, add: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of source as AsyncIterable<Buffer>) {
    add(chunk.length);
    yield chunk;
  }
}

/**
 * Opens what can be read once only, twice as long as no more than `most` bytes were read: a decoder may find out at the beginning that
 * another one is needed. @throws Error when more was read.
 */
export function replayable(pieces: AsyncIterable<Uint8Array>, most = 4 * MIB): Opener {
  const iterator = pieces[Symbol.asyncIterator]();
  const begun: Uint8Array[] = [];
  let size = 0;
  async function* all(): AsyncGenerator<Uint8Array> {
    if (size > most) throw new InputError('is read from a stream and cannot be read again: save it to a file first');
    yield* begun;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      size += next.value.length;
      if (size <= most) begun.push(next.value);
      else begun.length = 0;
      yield next.value;
    }
  }
  return () => Readable.from(all(), { objectMode: false });
}
