import type { GatherOptions } from '../cli.js';
import { EXIT } from '../errors.js';
import { gatherLive } from '../gather/gather.js';
import type { Snapshot } from '../gather/snapshot.js';
import { progress, writeDocument } from './output.js';

/** `memdoctor gather`: the snapshot, as JSON. @returns the exit status. */
export async function gather(options: GatherOptions & { output?: string }): Promise<number> {
  const snapshot = await gatherSnapshot(options);
  await writeDocument(`${JSON.stringify(snapshot)}\n`, options.output);
  return EXIT.done;
}

/** Gathers on this host with progress on stderr; the first Ctrl-C ends the watching early, the second the program. */
export async function gatherSnapshot(options: GatherOptions): Promise<Snapshot> {
  const show = progress(options.quiet);
  const controller = new AbortController();
  const interrupt = () => {
    show('ending early: taking the last sample … (Ctrl-C again to stop at once)');
    controller.abort();
  };
  process.once('SIGINT', interrupt);
  try {
    return await gatherLive({
      durationSeconds: options.duration,
      intervalSeconds: options.interval,
      root: options.root,
      ...(options.raw === undefined ? {} : { rawDir: options.raw }),
      onProgress: show,
      signal: controller.signal,
    });
  } finally {
    process.off('SIGINT', interrupt);
    show('');
  }
}
