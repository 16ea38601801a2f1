import type { GatherOptions } from '../cli.js';
import { EXIT, InputError } from '../errors.js';
import { gatherLive } from '../gather/gather.js';
import { redact } from '../gather/redact/redact.js';
import type { Snapshot } from '../gather/snapshot.js';
import { chooseTraces } from '../gather/tracing/choose.js';
import type { TraceRequest } from '../gather/tracing/live.js';
import { writeDocument } from './output.js';
import { untilInterrupted } from './interrupt.js';
import { progress } from './progress.js';

/** `memdoctor gather`: the snapshot, as JSON. @returns the exit status. */
export async function gather(options: GatherOptions & { output?: string }): Promise<number> {
  const snapshot = await gatherSnapshot(options);
  await writeDocument(`${JSON.stringify(snapshot)}\n`, options.output);
  return EXIT.done;
}

function traceRequest({ trace, traceSeconds, pid }: GatherOptions): TraceRequest | undefined {
  if (trace === undefined) return undefined;
  return { ids: chooseTraces(trace), seconds: traceSeconds, ...(pid === undefined ? {} : { pid }) };
}

/**
 * Gathers on this host with progress on stderr; the first Ctrl-C or SIGTERM ends the watching early, the second the program.
 * @throws InputError as gatherLive(), or when raw evidence and redaction are asked for at once.
 */
export async function gatherSnapshot(options: GatherOptions): Promise<Snapshot> {
  if (options.redact === true && options.raw !== undefined)
    throw new InputError('--raw keeps the evidence as it is on the host: it cannot be given with --redact');
  const trace = traceRequest(options);
  const show = progress(options.duration, options.quiet);
  try {
    const snapshot = await untilInterrupted(
      (signal) =>
        gatherLive({
          durationSeconds: options.duration,
          intervalSeconds: options.interval,
          root: options.root,
          ...(options.raw === undefined ? {} : { rawDir: options.raw }),
          ...(trace === undefined ? {} : { trace }),
          onProgress: show.sampled,
          onTracing: show.tracing,
          signal,
        }),
      { ending: show.ending, stopping: show.done },
    );
    return options.redact === true ? redact(snapshot) : snapshot;
  } finally {
    show.done();
  }
}
