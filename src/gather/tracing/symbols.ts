import type { HistRow, HistTable } from './hist.js';
import type { PerfSample } from './perf-script.js';
import { plainFrame } from './bpftrace-output.js';
import type { Stack } from './trace.js';

/**
 * What the numbers of a field mean, from the `__print_symbolic(REC->field, {0, "compaction"}, …)` of a tracepoint's format: enumerations
 * differ between kernels, and the kernel itself tells. Empty when it is not told in numbers (before 4.1 it named the enumerators).
 */
export function symbolsOf(format: string, field: string): Map<number, string> {
  const start = format.indexOf(`__print_symbolic(REC->${field},`);
  if (start < 0) return new Map();
  // one list: it ends where something else than a pair follows
  const pairs = /^[\s,]*((?:\{ {0,4}-?\d{1,10}, {0,4}"[^"]{1,80}" {0,4}\}[\s,]*)+)/.exec(
    format.slice(start + `__print_symbolic(REC->${field},`.length),
  );
  return new Map(
    [...(pairs?.[1] ?? '').matchAll(/\{ {0,4}(-?\d{1,10}), {0,4}"([^"]{1,80})" {0,4}\}/g)].map(([, value, name]) => [
      Number(value),
      name ?? '',
    ]),
  );
}

/** The rows of a histogram whose keys of these names are numbers, as all are unless the file was cut. */
export const numericRows = (table: HistTable | undefined, ...names: readonly string[]): readonly HistRow[] =>
  (table?.rows ?? []).filter(({ keys }) => names.every((name) => /^\d{1,18}$/.test(keys[name] ?? '')));

/** A value of `key=value` in the text of a tracepoint. */
export const fieldOf = (text: string, key: string): string | undefined => new RegExp(`(?:^|[ ,])${key}=([^ ,]{1,200})`).exec(text)?.[1];

export const numberOf = (text: string, key: string): number | undefined => {
  const found = fieldOf(text, key);
  return found !== undefined && /^-?\d{1,18}$/.test(found) ? Number(found) : undefined;
};

/** `[ffffffff812a3b40] super_cache_scan` of a key with `.sym`: the name. */
export const symbolOf = (key: string | undefined): string =>
  (key ?? '').replace(/^\[ *[0-9a-f]{1,16} *\]/, '').trim() || (key ?? '').trim();

/** The stack of a row of a histogram keyed by one (`common_stacktrace` from kernel 6.3 on), innermost first. */
export const framesOf = ({ keys }: HistRow): string[] =>
  (keys['common_stacktrace'] ?? keys['stacktrace'] ?? '')
    .split('\n')
    .map((frame) => frame.trim().replace(/\+0x[0-9a-f]+\/0x[0-9a-f]+( \[[\w-]+\])?$/, '$1'))
    .filter((frame) => frame !== '');

/** Frames, the innermost first, as a folded stack; `root` is the name of a process, or null. */
export function folded(root: string | null, frames: readonly string[], count: number): Stack {
  const all = [...(root === null ? [] : [root]), ...frames.toReversed()].map(plainFrame).filter((frame) => frame !== '');
  return { stack: all.join(';'), count };
}

/** The stacks of samples of perf. */
export const sampledStacks = (samples: readonly PerfSample[], countOf: (sample: PerfSample) => number = ({ period }) => period): Stack[] =>
  samples.filter(({ frames }) => frames.length > 0).map((sample) => folded(sample.comm, sample.frames, countOf(sample)));

/** Sums what has the same key; `add` puts one more into a sum. */
export function summed<Item, Sum>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  first: (item: Item) => Sum,
  add: (sum: Sum, item: Item) => Sum,
): Sum[] {
  const sums = new Map<string, Sum>();
  for (const item of items) {
    const key = keyOf(item);
    const before = sums.get(key);
    sums.set(key, before === undefined ? first(item) : add(before, item));
  }
  return [...sums.values()];
}
