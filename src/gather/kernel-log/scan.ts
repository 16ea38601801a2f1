import { nextWord } from './words.js';

/** A line is read to here: printk's own bound is 1024 bytes, paths of cgroups may make it longer. */
const LONGEST = 4096;
/** A record of the journal has all its fields in one line. */
const LONGEST_RECORD = 65_536;
/** So many lines at the beginning are read whatever they say: they show how the log is written. */
const FIRST_LINES = 200;
/** Lines read after one that begins a report, and after one that tells something by itself. */
const REPORT_LINES = 300;
const EVENT_LINES = 8;
const TASK_ROW = /\[ {0,8}\d{1,8}\](?: {1,8}-?\d{1,20}){4}/;
const NEWLINE = 10;

/** Cuts bytes that come in pieces into lines, and gives those that may matter. */
export interface Scanner {
  readonly push: (piece: Uint8Array) => void;
  readonly end: () => void;
  /** Lines seen so far, those passed over too. */
  readonly count: () => number;
}

/** Who takes the lines, one character a byte: a line break is never a part of another character in UTF-8. */
export interface Taker {
  readonly line: (line: string) => void;
  /** Lines were passed over here; this is the last of them. */
  readonly gap: (last: string) => void;
  /** True when every line is needed. */
  readonly greedy: () => boolean;
}

/** Starts at the beginning of a text. Holds one piece and one line at most. */
export function scanner(taker: Taker): Scanner {
  /** The piece at hand, after the beginning of a line that the one before left: one place for all, so that nothing is left to collect. */
  let work = Buffer.alloc(0);
  let filled = 0;
  let count = 0;
  let left = FIRST_LINES;
  /** The end of a line that is too long is passed over. */
  let dropping = false;

  function append(piece: Uint8Array): void {
    if (filled + piece.length > work.length) {
      const larger = Buffer.allocUnsafeSlow(filled + piece.length + LONGEST_RECORD);
      work.copy(larger, 0, 0, filled);
      work = larger;
    }
    work.set(piece, filled);
    filled += piece.length;
  }
  function give(bytes: Buffer, from: number, to: number): void {
    count += 1;
    left -= 1;
    // `{`, after RS or a blank perhaps
    const most = bytes[from] === 123 || bytes[from + 1] === 123 ? LONGEST_RECORD : LONGEST;
    const line = bytes.toString('latin1', from, Math.min(to, from + most));
    taker.line(line);
    if (left <= 0 && TASK_ROW.test(line)) left = REPORT_LINES;
  }
  /** Passes over what lies between two line beginnings. */
  function pass(bytes: Buffer, from: number, to: number): void {
    if (from >= to) return;
    for (let at = from; at < to; at = bytes.indexOf(NEWLINE, at) + 1) count += 1;
    const before = beginOf(bytes, to - 1, from);
    taker.gap(bytes.toString('latin1', before, Math.min(to - 1, before + LONGEST)));
  }
  /** Reads the whole lines that end at `end`. */
  function read(bytes: Buffer, end: number): void {
    for (let at = 0; at < end;) {
      if (left <= 0 && !taker.greedy()) {
        const word = nextWord(bytes, at, end);
        const begin = word ? beginOf(bytes, word.at, at) : end;
        // the line before may be the beginning of a wrapped one
        const lead = word && begin > at ? beginOf(bytes, begin - 1, at) : begin;
        pass(bytes, at, lead);
        at = lead;
        left = word ? (word.report ? REPORT_LINES : EVENT_LINES) + (lead < begin ? 1 : 0) : 0;
        continue;
      }
      const stop = bytes.indexOf(NEWLINE, at);
      give(bytes, at, stop);
      at = stop + 1;
    }
  }
  return {
    count: () => count,
    push: (piece) => {
      let from = 0;
      if (dropping) {
        from = piece.indexOf(NEWLINE) + 1;
        if (from === 0) return;
        dropping = false;
      }
      append(piece.subarray(from));
      const end = filled === 0 ? 0 : work.lastIndexOf(NEWLINE, filled - 1) + 1;
      read(work, end);
      work.copyWithin(0, end, filled);
      filled -= end;
      if (filled <= LONGEST_RECORD) return;
      give(work, 0, filled);
      filled = 0;
      dropping = true;
    },
    end: () => {
      if (filled === 0) return;
      append(Uint8Array.of(NEWLINE));
      read(work, filled);
      filled = 0;
    },
  };
}

/** Where the line begins that holds the byte at `at`, not before `from`. */
const beginOf = (bytes: Buffer, at: number, from: number): number =>
  at <= from ? from : Math.max(from, bytes.lastIndexOf(NEWLINE, at - 1) + 1);
