import { clock } from './clock.js';
import { events } from './events.js';
import { framer } from './frame.js';
import { cleanLine } from './clean.js';
import { type LogLine, type Style, takePrefix } from './prefix.js';
import { scanner } from './scan.js';
import type { KernelLog } from './schema.js';

/** A kernel log that is read as it comes. */
export interface LogReader {
  readonly push: (piece: Uint8Array) => void;
  readonly end: () => KernelLog;
}

/** Reads a kernel log in one pass. It is text of many origins: what is not recognised is passed over, nothing is an error. */
export function readLog(text: string): KernelLog {
  const reader = logReader();
  reader.push(Buffer.from(text));
  return reader.end();
}

/** The same for bytes that come in pieces; holds one piece at a time. When they fail, what came before is read, and `fault` says why. */
export async function readLogStream(pieces: AsyncIterable<Uint8Array>): Promise<{ log: KernelLog; bytes: number; fault?: string }> {
  const reader = logReader();
  let bytes = 0;
  try {
    for await (const piece of pieces) {
      bytes += piece.length;
      reader.push(piece);
    }
  } catch (error) {
    const fault = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { log: reader.end(), bytes, fault };
  }
  return { log: reader.end(), bytes };
}

function logReader(): LogReader {
  const found = events();
  const times = clock();
  const styles = new Map<Style, number>();
  function take(record: LogLine): void {
    styles.set(record.style, (styles.get(record.style) ?? 0) + 1);
    times.take(record);
    found.take(record);
  }
  const frame = framer(take, utf8);
  let passed = '';
  const scan = scanner({
    line: (line) => {
      passed = '';
      frame.line(line);
    },
    gap: (last) => {
      frame.gap();
      passed = last;
    },
    greedy: frame.greedy,
  });
  return {
    push: scan.push,
    end: () => {
      scan.end();
      frame.end();
      // the last line tells the time even when it has nothing to do with memory
      if (passed !== '') times.take(takePrefix(cleanLine(utf8(passed))));
      const usual = [...styles].sort(([a, m], [b, n]) => Number(a === 'plain') - Number(b === 'plain') || n - m)[0];
      return { from: usual?.[0] ?? 'plain', lines: scan.count(), ...times.all(), ...found.all() };
    },
  };
}

// oxlint-disable-next-line no-control-regex -- a byte above 127 begins or continues a character
const ASCII = /^[\0-\u007F]*$/;

const utf8 = (line: string): string => (ASCII.test(line) ? line : Buffer.from(line, 'latin1').toString('utf8'));
