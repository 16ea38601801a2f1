import { scanner } from '../kernel-log/scan.js';

/** What one log may keep: whole up to here, then the newest lines that may matter. */
export const LOG_BYTES = 8_388_608;
const NEWLINE = Buffer.from('\n');

/**
 * Keeps of a log, which may be of any length, what the reader of kernel logs would look at: all of it while it is short; of a longer one
 * the lines that may tell something, and of them the newest. So much memory is used twice at most.
 */
export function logKeeper(most = LOG_BYTES): { push: (piece: Uint8Array) => void; end: () => Buffer } {
  let held: Buffer[] = [];
  let size = 0;
  let condensing: ReturnType<typeof scanner> | null = null;

  function keep(bytes: Buffer): void {
    held.push(bytes);
    size += bytes.length;
  }
  /** Drops the oldest half when there is twice as much as is wanted. */
  function trim(): void {
    if (size <= most * 2) return;
    const all = Buffer.concat(held).subarray(-most);
    held = [Buffer.from(all.subarray(all.indexOf(NEWLINE) + 1))];
    size = held[0]?.length ?? 0;
  }
  function line(text: string): void {
    keep(Buffer.from(`${text}\n`, 'latin1'));
    if (held.length > 4096) held = [Buffer.concat(held)];
    trim();
  }
  return {
    push: (piece) => {
      if (condensing) return condensing.push(piece);
      // a copy: the piece may be a part of something large
      keep(Buffer.from(piece));
      if (size <= most) return;
      const begin = held;
      held = [];
      size = 0;
      condensing = scanner({ line, gap: line, greedy: () => false });
      for (const part of begin) condensing.push(part);
    },
    end: () => {
      condensing?.end();
      const all = Buffer.concat(held);
      if (all.length <= most) return all;
      const newest = all.subarray(-most);
      return newest.subarray(newest.indexOf(NEWLINE) + 1);
    },
  };
}

/** What is kept of a log that comes as a stream. */
export async function keepLog(pieces: AsyncIterable<Uint8Array>, most = LOG_BYTES): Promise<Buffer> {
  const keeper = logKeeper(most);
  for await (const piece of pieces) keeper.push(piece);
  return keeper.end();
}
