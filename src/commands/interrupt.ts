/** What a shell makes of a program that a signal ended: 128 and its number. */
const ENDED_BY = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof ENDED_BY;

/**
 * Runs something that can end early: the first Ctrl-C or SIGTERM aborts its signal, the second ends the program.
 * `told` hears of both.
 */
export async function untilInterrupted<T>(
  work: (signal: AbortSignal) => Promise<T>,
  told: { ending?: () => void; stopping?: () => void } = {},
): Promise<T> {
  const controller = new AbortController();
  const interrupt = (signal: Signal): void => {
    if (controller.signal.aborted) {
      told.stopping?.();
      process.exit(ENDED_BY[signal]);
    }
    controller.abort();
    told.ending?.();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
