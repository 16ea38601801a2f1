import type { Tree } from '../tree.js';
import type { Ground } from './ground.js';
import type { Ended, Running, TraceHost } from './host.js';
import type { AnyForm, Seen, Setting } from './trace.js';

/** One trace, in the form that is tried now. */
export interface Job<F extends AnyForm = AnyForm> {
  readonly id: string;
  readonly form: F;
  readonly setting: Setting;
}

/** It went, or why not: then the next form is tried. */
export type Attempt =
  | { readonly failed: string }
  // oxlint-disable-next-line typescript/no-explicit-any -- rows of any trace
  | { readonly seen: Seen<any>; readonly seconds: number; readonly lost: number; readonly probes: readonly string[] };

export interface EngineContext {
  readonly host: TraceHost;
  readonly ground: Ground;
  readonly tree: Tree;
  readonly seconds: number;
  readonly signal?: AbortSignal;
}

/** Runs all jobs of one kind at once, for `seconds`; never rejects because of what the host does. */
export type Engine<J extends Job = Job> = (jobs: readonly J[], context: EngineContext) => Promise<Map<string, Attempt>>;

/** Waits for a tool, at most `seconds`, or until the signal: then it is asked to end. */
export async function endOf(running: Running, seconds: number, host: TraceHost, signal: AbortSignal | undefined): Promise<Ended> {
  const over = new AbortController();
  const stop = (): void => running.interrupt();
  if (signal?.aborted === true) stop();
  signal?.addEventListener('abort', stop);
  const overdue = async (): Promise<void> => {
    await host.pause(seconds * 1000, over.signal);
    if (!over.signal.aborted) stop();
  };
  void overdue();
  try {
    return await running.ended;
  } finally {
    over.abort();
    signal?.removeEventListener('abort', stop);
  }
}
