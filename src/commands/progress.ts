import { fit } from '../report/columns.js';

/** How often the line is written anew, in milliseconds. */
const EVERY = 250;

export interface Progress {
  /** A sample was taken. */
  readonly sampled: () => void;
  /** Traces are run: `tracing: 7 traces, 8 s`. */
  readonly tracing: (line: string) => void;
  /** The watching ends before its time. */
  readonly ending: () => void;
  /** Takes the line away. */
  readonly done: () => void;
}

interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly write: (text: string) => unknown;
}

/** Shows on stderr what is being done, for how long, and how long it will take: one line that rewrites itself. Silent unless on a terminal. */
export function progress(
  durationSeconds: number,
  quiet: boolean | undefined,
  terminal: Terminal = process.stderr,
  now: () => number = () => performance.now() / 1000,
): Progress {
  if (quiet || terminal.isTTY !== true) return { sampled: () => {}, tracing: () => {}, ending: () => {}, done: () => {} };
  const started = now();
  let samples = 0;
  let ended = false;
  let traced: string | undefined;
  const show = (): void => {
    terminal.write(
      `\r\u001B[K${fit(said({ elapsed: now() - started, durationSeconds, samples, ended, traced }), (terminal.columns ?? 80) - 1)}`,
    );
  };
  const timer = setInterval(show, EVERY);
  timer.unref();
  show();
  return {
    sampled: () => {
      samples += 1;
      show();
    },
    tracing: (line) => {
      traced = line;
      show();
    },
    ending: () => {
      ended = true;
      show();
    },
    done: () => {
      clearInterval(timer);
      terminal.write('\r\u001B[K');
    },
  };
}

/** What the line says; times in seconds. */
export function said(at: {
  elapsed: number;
  durationSeconds: number;
  samples: number;
  ended: boolean;
  traced?: string | undefined;
}): string {
  const { elapsed, durationSeconds, samples, ended, traced } = at;
  const time = `${elapsed.toFixed(1)} s`;
  if (ended) return `memdoctor: ending early: the last sample (Ctrl-C again stops at once) … ${time}`;
  if (traced !== undefined) return `memdoctor: ${traced} (Ctrl-C: report now) … ${time}`;
  const taken = `${samples} ${samples === 1 ? 'sample' : 'samples'}`;
  if (durationSeconds <= 0) return `memdoctor: reading the host once … ${time}`;
  if (samples === 0) return `memdoctor: reading the host: the first sample … ${time}`;
  const left = durationSeconds - elapsed;
  if (left <= 0) return `memdoctor: reading the host: the last sample … ${time}, ${taken}`;
  return `memdoctor: watching: ${elapsed.toFixed(1)} of ${durationSeconds} s, ${taken}, about ${Math.ceil(left)} s left (Ctrl-C: report now)`;
}
