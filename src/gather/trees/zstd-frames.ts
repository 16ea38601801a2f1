const MAGIC = 0xfd_2f_b5_28;
const SKIPPABLE = 0x18_4d_2a_50;
const BLOCK_HEADER = 3;
const NEED_MOST = 18;

/**
 * Follows the frames of a zstd stream (RFC 8878, 3.1) without unpacking them, and tells the window that each asks for:
 * the memory that unpacking takes. Bytes in, nothing out; what is no frame is left to the decoder to say.
 */
export function frameWalker(onWindow: (bytes: number) => void): (chunk: Uint8Array) => void {
  let held: Buffer = Buffer.alloc(0);
  /** Bytes of no interest that lie ahead. */
  let skip = 0;
  let inFrame = false;
  let checksum = false;
  let lost = false;

  /** Reads one header; the bytes that it has, 0 when more are needed. */
  function step(at: number): number {
    const left = held.length - at;
    if (inFrame) {
      if (left < BLOCK_HEADER) return 0;
      const header = held.readUIntLE(at, BLOCK_HEADER);
      const isLast = (header & 1) === 1;
      // a block of one repeated byte holds only that
      skip = ((header >> 1) & 3) === 1 ? 1 : header >> 3;
      if (isLast) {
        inFrame = false;
        skip += checksum ? 4 : 0;
      }
      return BLOCK_HEADER;
    }
    if (left < 8) return 0;
    const magic = held.readUInt32LE(at);
    if ((magic & 0xff_ff_ff_f0) >>> 0 === SKIPPABLE) {
      skip = held.readUInt32LE(at + 4);
      return 8;
    }
    lost = magic !== MAGIC;
    if (lost) return left;
    const descriptor = held[at + 4] ?? 0;
    const isSingle = (descriptor & 0x20) !== 0;
    const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
    const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
    const length = 5 + (isSingle ? 0 : 1) + dictionary + sizeBytes;
    if (left < length) return 0;
    onWindow(isSingle ? contentSize(at + 5 + dictionary, sizeBytes) : windowSize(held[at + 5] ?? 0));
    checksum = (descriptor & 4) !== 0;
    inFrame = true;
    return length;
  }
  const contentSize = (at: number, bytes: number): number =>
    bytes === 8 ? Number(held.readBigUInt64LE(at)) : held.readUIntLE(at, bytes) + (bytes === 2 ? 256 : 0);

  return (chunk) => {
    if (lost) return;
    let at = 0;
    if (held.length === 0 && skip >= chunk.length) {
      skip -= chunk.length;
      return;
    }
    held = held.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat([held, chunk]);
    while (!lost) {
      const passed = Math.min(skip, held.length - at);
      skip -= passed;
      at += passed;
      const read = skip > 0 ? 0 : step(at);
      if (read === 0) break;
      at += read;
    }
    held = Buffer.from(held.subarray(at, at + NEED_MOST));
  };
}

const windowSize = (descriptor: number): number => {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
};
