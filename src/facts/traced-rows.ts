import type { TraceData, TraceId } from '../gather/snapshot.js';
import type { Bucket } from '../gather/tracing/trace.js';
import { type Entity, Unknown } from './fact.js';
import { privateBytes } from './growth.js';
import type { View } from './view.js';

/** What a trace saw, by its rows. @throws Unknown, also when it was counted for the whole host alone: then nobody can be named. */
export function tracedRows<Id extends TraceId>(view: View, id: Id): TraceData<Id> {
  const trace = view.traced(id);
  if (!(trace.seconds > 0)) throw new Unknown(`the trace ${id} has no length`);
  const whole = trace.backend === 'perf-stat' || trace.backend === 'proc';
  if (whole && trace.rows.length === 0 && Object.values(trace.totals ?? {}).some((total) => total > 0))
    throw new Unknown(`${id} was counted for the whole host, not by process`);
  return trace as TraceData<Id>;
}

export interface Group<Row> {
  readonly name: string;
  readonly pid?: number;
  readonly rows: readonly Row[];
  readonly sum: number;
}

/** Rows put together by process (or by name alone where there is no pid), the largest sum first; those of zero left out. */
export function byWho<Row extends { comm: string; pid?: number }>(rows: readonly Row[], amount: (row: Row) => number): Group<Row>[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row.pid ?? ''} ${row.comm}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()]
    .map((members) => {
      const { comm, pid } = members[0] as Row;
      return { name: comm, ...(pid === undefined ? {} : { pid }), rows: members, sum: members.reduce((sum, row) => sum + amount(row), 0) };
    })
    .filter(({ sum }) => sum > 0)
    .toSorted((a, b) => b.sum - a.sum);
}

/** Somebody that a trace names, with what the process holds where /proc says so. */
export function entityOf(view: View, { name, pid }: { readonly name: string; readonly pid?: number }): Entity {
  const processes = view.maybe(() => view.last('processes').top) ?? [];
  const own = pid === undefined ? undefined : processes.find((each) => each.pid === pid);
  return { kind: 'process', name, ...(pid === undefined ? {} : { pid }), bytes: own ? privateBytes(own) : null };
}

/** As the items of other sets are named: `postgres[812]`. */
export const whoName = ({ name, pid }: { readonly name: string; readonly pid?: number }): string =>
  pid === undefined ? name : `${name}[${pid}]`;

const TOLD = 3;

/** The first few in words: `postgres[812] 1.2 s; java[77] 80 ms; and 4 more`. @throws Unknown when there is nobody. */
export function tellWho<T>(all: readonly T[], text: (each: T) => string, nobody: string): string {
  if (all.length === 0) throw new Unknown(nobody);
  const more = all.length - TOLD;
  return `${all.slice(0, TOLD).map(text).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

/**
 * The upper bound of the power-of-two bucket in which the share lies: the true value is at most this, and at least half of it.
 * Null without events.
 */
export function quantileBound(buckets: readonly Bucket[], share: number): number | null {
  const ordered = buckets.filter(({ count }) => count > 0).toSorted((a, b) => a.max - b.max);
  const all = ordered.reduce((sum, { count }) => sum + count, 0);
  let seen = 0;
  for (const { max, count } of ordered) {
    seen += count;
    if (seen >= share * all) return max;
  }
  return null;
}

/** An address, or what tools write in the place of a name; and the calls that every stack of growth ends in. */
const SAYS_NOTHING = /^(?:0x)?[0-9a-f]{6,16}$|^\[?unknown\]?$|^_{0,4}(?:s?brk|mmap(?:64)?|mremap|syscall)$/;

/** A stack in words: who, and the innermost frames that say what was called, the outer first. */
export function stackText(stack: string, frames = 4): string {
  const [, ...rest] = stack.split(';');
  const named = rest.filter((frame) => !SAYS_NOTHING.test(frame));
  return named.slice(-frames).join(' → ');
}
