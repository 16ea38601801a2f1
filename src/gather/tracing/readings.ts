import type { Infer } from '../../json-schema.js';
import { collectSource } from '../collect.js';
import type { AnySource } from '../source.js';
import vmstat from '../sources/vmstat.js';
import { readOne, type Tree } from '../tree.js';
import type { ProcForm } from './trace.js';

/** What a source reads now. @throws Error with the reason when it gives nothing. */
export async function readingOf<S extends AnySource>(tree: Tree, source: S): Promise<DataOf<S>> {
  const { data, reason } = await collectSource(source, tree, { pageSize: await pageSizeOf(tree), clockTicks: 100 });
  if (data === null) throw new Error(reason ?? `${source.title} gave nothing`);
  return data as DataOf<S>;
}

type DataOf<S extends AnySource> = Infer<S['schema']>;

/** Bytes of a page, as the first mapping of this process tells; it is of no huge pages. */
export async function pageSizeOf(tree: Tree): Promise<number> {
  const { text } = await readOne(tree, 'proc/self/smaps');
  const kib = /^KernelPageSize: {1,20}(\d{1,6}) kB$/m.exec(text)?.[1];
  return kib === undefined ? 4096 : Number(kib) * 1024;
}

/** By how much counters of /proc/vmstat rose, by the names that the trace gives; those that the kernel has not are left out. */
export function risen(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
  names: Readonly<Record<string, readonly string[]>>,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(names).flatMap(([name, counters]) => {
      const known = counters.filter((counter) => before[counter] !== undefined && after[counter] !== undefined);
      const rise = known.reduce((sum, counter) => sum + Math.max(0, (after[counter] ?? 0) - (before[counter] ?? 0)), 0);
      return known.length === 0 ? [] : [[name, rise]];
    }),
  );
}

/** The last rung of a trace of events that /proc/vmstat counts: sums for the whole host. */
export const vmstatForm = (
  loss: string,
  names: Readonly<Record<string, readonly string[]>>,
): ProcForm<never, Readonly<Record<string, number>>> => ({
  backend: 'proc',
  needs: ['file:proc/vmstat'],
  loss,
  reading: (tree) => readingOf(tree, vmstat),
  read: (before, after) => ({ rows: [], totals: risen(before, after, names) }),
});
