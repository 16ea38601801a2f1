import type { ReadResult } from './tree.js';

/** Notes of failed reads, folded: one a pattern and status, however many thousand files there were. */
export interface Failures {
  /** Notes a read under the pattern it belongs to (`proc/[pid]/stat`); absence and success are only counted. */
  readonly note: (read: ReadResult, pattern: string) => void;
  /** Notes text that was read but is not what its parser accepts. */
  readonly garbled: (read: ReadResult, pattern: string, reason: string) => void;
  /** One result a pattern and status, after one that carries the bytes of all the reads. */
  readonly results: () => ReadResult[];
}

/** Starts a list of folded failures; `root` names the whole, as in `proc`. */
export function failures(root: string): Failures {
  const folded = new Map<string, { first: ReadResult; pattern: string; times: number }>();
  let bytes = 0;
  let seconds = 0;

  function add(read: ReadResult, pattern: string): void {
    const key = `${pattern} ${read.status}`;
    const seen = folded.get(key);
    if (seen) seen.times += 1;
    // the text is dropped at once: what failed may have been a truncated megabyte
    else folded.set(key, { first: { ...read, text: '', bytes: 0 }, pattern, times: 1 });
  }
  return {
    note: (read, pattern) => {
      bytes += read.bytes;
      seconds += read.seconds;
      if (read.status !== 'ok' && read.status !== 'absent') add(read, pattern);
    },
    garbled: (read, pattern, reason) => add({ ...read, status: 'failed', reason }, pattern),
    results: () => [
      { path: root, status: 'ok', text: '', bytes, seconds },
      ...[...folded.values()].map(({ first, pattern, times }) => {
        const reason = first.reason ?? first.status;
        return times === 1
          ? { ...first, reason }
          : { ...first, path: pattern, reason: `${reason} (${times} of them, the first is ${first.path})` };
      }),
    ],
  };
}
