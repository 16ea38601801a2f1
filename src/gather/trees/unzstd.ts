import { Readable } from 'node:stream';
import { InputError } from '../../errors.js';
import { byTool } from './by-tool.js';
import { frameWalker } from './zstd-frames.js';

/** The decoder moves its whole window with each block: beyond this (zstd -19 asks for 8 MiB) the tool is the better one. */
const WINDOW_HERE = 8_388_608;
const WINDOW_MOST = 134_217_728;
/** Small pieces: a block of a few bytes may hold 128 KiB, and all blocks in a piece are unpacked at once. */
const PIECE = 1024;

/** Unpacks zstd as it comes. @throws InputError for a window beyond the bounds; Error when the data are damaged or end too early. */
export async function* unzstd(name: string, source: Readable): AsyncGenerator<Uint8Array> {
  const { Decompress } = await import('fzstd');
  let out: Uint8Array[] = [];
  const decoder = new Decompress((chunk) => void (chunk.length > 0 && out.push(chunk)));
  let widest = 0;
  const walk = frameWalker((window) => (widest = Math.max(widest, window)));
  const input = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let isFirst = true;
  for (let next = await input.next(); next.done !== true; next = await input.next()) {
    for (let at = 0; at < next.value.length; at += PIECE) {
      const piece = next.value.subarray(at, at + PIECE);
      walk(piece);
      if (widest > WINDOW_MOST)
        throw new InputError(
          `${name}: needs ${Math.ceil(widest / 1_048_576)} MiB of memory to unpack: more than ${WINDOW_MOST / 1_048_576}`,
        );
      if (widest > WINDOW_HERE && isFirst) return yield* byTool(name, 'zstd', ['-dcq', '--memory=128MiB'], again(next.value, input));
      isFirst = false;
      decoder.push(piece);
      yield* out;
      out = [];
    }
  }
  decoder.push(new Uint8Array(0), true);
  yield* out;
}

/** The first piece, and what follows it. */
function again(first: Buffer, rest: AsyncIterator<Buffer>): Readable {
  async function* all(): AsyncGenerator<Buffer> {
    yield first;
    yield* { [Symbol.asyncIterator]: () => rest };
  }
  return Readable.from(all(), { objectMode: false });
}
