import type { TraceCommandOptions } from '../cli.js';
import { EXIT } from '../errors.js';
import { chooseTraces } from '../gather/tracing/choose.js';
import { pageSizeHere, traceHere, tracesHere } from '../gather/tracing/live.js';
import { foldedText, traceListText, tracesText } from '../report/traces-text.js';
import { chooseColor, chooseWidth, writeDocument } from './output.js';
import { untilInterrupted } from './interrupt.js';

/** Whose stacks are printed when none is named. */
const WITH_STACKS = 'page-faults,heap-growth,reclaim';

/** `memdoctor trace`: what can be traced here; `memdoctor trace LIST`: what was seen. @returns the exit status. */
export async function trace(asked: string | undefined, options: TraceCommandOptions): Promise<number> {
  const list = asked ?? (options.folded ? WITH_STACKS : undefined);
  const paint = { color: chooseColor(options.color, options.output), width: chooseWidth(options.output) };
  if (list === undefined) {
    const here = tracesHere();
    await writeDocument(options.format === 'json' ? `${JSON.stringify(here, null, 1)}\n` : traceListText(here, paint), options.output);
    return EXIT.done;
  }
  const { seconds, pid, by } = options;
  const request = { ids: chooseTraces(list), seconds, ...(pid === undefined ? {} : { pid }), ...(by === undefined ? {} : { by }) };
  const traces = await untilInterrupted((signal) =>
    traceHere(request, { signal, onProgress: sayer(options.quiet), ...(options.raw === undefined ? {} : { rawDir: options.raw }) }),
  );
  const text = options.folded
    ? foldedText(traces)
    : options.format === 'json'
      ? `${JSON.stringify(traces, null, 1)}\n`
      : tracesText(traces, paint, await pageSizeHere());
  await writeDocument(text, options.output);
  return Object.values(traces).some(({ status }) => status === 'ok') ? EXIT.done : EXIT.usage;
}

/** Progress, a line each, on a terminal. */
const sayer =
  (quiet: boolean | undefined) =>
  (line: string): void => {
    if (!quiet && process.stderr.isTTY) process.stderr.write(`memdoctor: ${line} …\n`);
  };
