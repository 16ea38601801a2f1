import type { Readable } from 'node:stream';

/** A block of 100,000 bytes packs to no more than this many for each unit of the block size, with its tables. */
const UNIT = 101_000;
const TABLES = 25_000;
const PIECE = 262_144;

/**
 * Unpacks bzip2, a block at a time: a block of a few dozen bytes may hold 46 MB (runs of 255, coded twice), which leave here in pieces.
 * @throws Error when the data are damaged or end too early.
 */
export async function* bunzip2(source: Readable): AsyncGenerator<Uint8Array> {
  const { default: bzip2 } = await import('unbzip2-stream/lib/bzip2.js');
  const input = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const { bits, left, push } = bitReader();
  let ended = false;
  async function fill(wanted: number): Promise<void> {
    while (!ended && left() < wanted) {
      const next = await input.next();
      if (next.done === true) ended = true;
      else push(next.value);
    }
  }
  let units = 0;
  let crc = 0;
  let block = new Int32Array(0);
  for (;;) {
    await fill(TABLES + UNIT * Math.max(units, 1));
    if (units === 0) {
      // padding after the last stream is left alone
      if (left() === 0) return;
      units = bzip2.header(bits);
      crc = 0;
      block = new Int32Array(100_000 * units);
      continue;
    }
    const pieces: Buffer[] = [];
    let piece = Buffer.allocUnsafe(PIECE);
    let size = 0;
    const next = bzip2.decompress(
      bits,
      (byte) => {
        piece[size++] = byte;
        if (size < PIECE) return;
        pieces.push(piece);
        piece = Buffer.allocUnsafe(PIECE);
        size = 0;
      },
      block,
      block.length,
      crc,
    );
    yield* pieces;
    if (size > 0) yield piece.subarray(0, size);
    if (next === null) units = 0;
    else crc = next;
  }
}

/** Bits of bytes that come in pieces, the highest first. */
function bitReader(): { bits: (count: number | null) => number; left: () => number; push: (piece: Buffer) => void } {
  const pieces: Buffer[] = [];
  let current: Buffer = Buffer.alloc(0);
  let at = 0;
  let waiting = 0;
  let held = 0;
  let value = 0;
  function nextByte(): number {
    while (at >= current.length) {
      const next = pieces.shift();
      if (!next) throw new Error('unexpected end');
      waiting -= next.length;
      current = next;
      at = 0;
    }
    return current[at++] ?? 0;
  }
  return {
    push: (piece) => {
      pieces.push(piece);
      waiting += piece.length;
    },
    left: () => current.length - at + waiting,
    bits: (count) => {
      if (count === null) {
        held = 0;
        return 0;
      }
      let result = 0;
      for (let wanted = count; wanted > 0;) {
        if (held === 0) {
          value = nextByte();
          held = 8;
        }
        const taken = Math.min(wanted, held);
        held -= taken;
        wanted -= taken;
        result = (result << taken) | ((value >> held) & ((1 << taken) - 1));
      }
      return result;
    },
  };
}
