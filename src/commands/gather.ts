import type { GatherOptions } from '../cli.js';
import { EXIT, InputError } from '../errors.js';
import { gatherLive } from '../gather/gather.js';
import { redact } from '../gather/redact/redact.js';
import type { Snapshot } from '../gather/snapshot.js';
import { writeDocument } from './output.js';
import { progress } from './progress.js';

/** What a shell makes of a program that a signal ended: 128 and its number. */
const ENDED_BY = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof ENDED_BY;

/** `memdoctor gather`: the snapshot, as JSON. @returns the exit status. */
export async function gather(options: GatherOptions & { output?: string }): Promise<number> {
  const snapshot = await gatherSnapshot(options);
  await writeDocument(`${JSON.stringify(snapshot)}\n`, options.output);
  return EXIT.done;
}

/**
 * Gathers on this host with progress on stderr; the first Ctrl-C or SIGTERM ends the watching early, the second the program.
 * @throws InputError as gatherLive(), or when raw evidence and redaction are asked for at once.
 */
export async function gatherSnapshot(options: GatherOptions): Promise<Snapshot> {
  if (options.redact === true && options.raw !== undefined)
    throw new InputError('--raw keeps the evidence as it is on the host: it cannot be given with --redact');
  const show = progress(options.duration, options.quiet);
  const controller = new AbortController();
  const interrupt = (signal: Signal): void => {
    if (controller.signal.aborted) {
      show.done();
      process.exit(ENDED_BY[signal]);
    }
    controller.abort();
    show.ending();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    const snapshot = await gatherLive({
      durationSeconds: options.duration,
      intervalSeconds: options.interval,
      root: options.root,
      ...(options.raw === undefined ? {} : { rawDir: options.raw }),
      onProgress: show.sampled,
      signal: controller.signal,
    });
    return options.redact === true ? redact(snapshot) : snapshot;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    show.done();
  }
}
