import type { Sample, Snapshot, SourceData, SourceId } from '../gather/snapshot.js';
import type { Traced } from '../gather/tracing/trace.js';
import { type Entity, type Fact, type FactValue, type Item, Unknown } from './fact.js';

/** How a trace that gave nothing fared. */
const TRACE_WORDS = { refused: 'was refused', unsupported: 'cannot be done here', failed: 'failed' } as const;

/** One sample of one source. */
export interface Reading<Id extends SourceId> {
  readonly data: SourceData<Id>;
  readonly sample: Sample;
}

/**
 * What a fact's formula sees of a snapshot. Every accessor notes what was used, so that each fact carries its provenance, and
 * throws Unknown, with the reason, when the input is not there. `first` and `last` are the outer readings of a source: a rate
 * stands on both.
 */
export class View {
  readonly snapshot: Snapshot;
  readonly #resolve: (name: string) => Fact;
  readonly #resolveItems: (name: string) => { items: readonly Item[]; from: readonly string[] };
  readonly #from = new Set<string>();

  constructor(
    snapshot: Snapshot,
    resolve: (name: string) => Fact,
    resolveItems: (name: string) => { items: readonly Item[]; from: readonly string[] },
  ) {
    this.snapshot = snapshot;
    this.#resolve = resolve;
    this.#resolveItems = resolveItems;
  }

  /** Every file and field used so far. */
  get from(): string[] {
    return [...this.#from];
  }

  /** Notes a provenance by hand: `proc/zoneinfo count`. */
  used(what: string): void {
    this.#from.add(what);
  }

  get pageSize(): number {
    return this.snapshot.subject.pageSize;
  }

  /** All readings of a source, in time order; may be empty. */
  readings<Id extends SourceId>(id: Id): Reading<Id>[] {
    const found: Reading<Id>[] = [];
    for (const sample of this.snapshot.samples) {
      const data = sample.sources[id];
      if (data !== undefined) found.push({ data: data as SourceData<Id>, sample });
    }
    return found;
  }

  /** The last reading of a source. @throws Unknown with the source's own reason. */
  last<Id extends SourceId>(id: Id): SourceData<Id> {
    return this.#outer(id).last.data;
  }

  /** The first and the last reading of a source and the seconds between them. @throws Unknown when there are fewer than two. */
  pair<Id extends SourceId>(id: Id): { first: SourceData<Id>; last: SourceData<Id>; seconds: number } {
    const { first, last } = this.#outer(id);
    const seconds = last.sample.monotonic - first.sample.monotonic;
    if (first.sample === last.sample || !(seconds > 0)) throw new Unknown(`only one sample of ${id}: a rate needs two`, id);
    return { first: first.data, last: last.data, seconds };
  }

  /** A field of /proc/meminfo, in bytes (HugePages_*: count). @throws Unknown */
  meminfo(field: string): number {
    const value = this.last('meminfo')[field];
    this.used(`/proc/meminfo ${field}`);
    if (value === undefined) throw new Unknown(`/proc/meminfo has no ${field}`, 'meminfo');
    return value;
  }

  /** A counter or gauge of /proc/vmstat at the last sample. @throws Unknown */
  vmstat(field: string): number {
    const value = this.last('vmstat')[field];
    this.used(`/proc/vmstat ${field}`);
    if (value === undefined) throw new Unknown(`/proc/vmstat has no ${field}`, 'vmstat');
    return value;
  }

  /** A number in /proc/sys/vm. @throws Unknown when it was not read or is no number. */
  sysctl(name: string): number {
    const value = this.last('sysctl-vm')[name];
    this.used(`/proc/sys/vm/${name}`);
    if (value === undefined) throw new Unknown(`/proc/sys/vm/${name} was not read`, 'sysctl-vm');
    if (!/^\d{1,15}$/.test(value)) throw new Unknown(`/proc/sys/vm/${name} is no number`);
    return Number(value);
  }

  /** By how much a counter of /proc/vmstat rose between the first and the last sample. @throws Unknown also when it fell. */
  delta(field: string): number {
    const { first, last } = this.pair('vmstat');
    this.used(`/proc/vmstat ${field}`);
    const [a, b] = [first[field], last[field]];
    if (a === undefined || b === undefined) throw new Unknown(`/proc/vmstat has no ${field}`, 'vmstat');
    if (b < a) throw new Unknown(`${field} of /proc/vmstat went back from ${a} to ${b}: counters were reset between the samples`);
    return b - a;
  }

  /** Rise per second of a counter of /proc/vmstat. @throws Unknown */
  rate(field: string): number {
    return this.delta(field) / this.pair('vmstat').seconds;
  }

  /** Seconds between the first and the last reading of /proc/vmstat. @throws Unknown */
  get seconds(): number {
    return this.pair('vmstat').seconds;
  }

  /** What a trace saw. @throws Unknown when it was not asked for, or did not come about, with the trace's own reason. */
  traced(id: string): Traced<Record<string, unknown>> {
    const traces: Readonly<Record<string, Traced<Record<string, unknown>> | undefined>> = this.snapshot.traces ?? {};
    const trace = Object.hasOwn(traces, id) ? traces[id] : undefined;
    if (!trace) throw new Unknown(`${id} was not traced: run with --trace ${id}, as root`);
    if (trace.status !== 'ok') throw new Unknown(`the trace ${id} ${TRACE_WORDS[trace.status]}${trace.reason ? `: ${trace.reason}` : ''}`);
    this.used(`trace:${id}`);
    return trace;
  }

  /** Another fact. @throws Unknown with its reason. */
  fact(name: string): FactValue {
    const fact = this.#resolve(name);
    for (const source of fact.from) this.used(source);
    if (fact.value === null) throw new Unknown(fact.reason ?? `${name} is unknown`, fact.lacks);
    return fact.value;
  }

  /** Another fact that is a number. @throws Unknown */
  number(name: string): number {
    const value = this.fact(name);
    if (typeof value !== 'number') throw new TypeError(`the fact ${name} is not a number`);
    return value;
  }

  /** Another fact that names somebody. @throws Unknown */
  entity(name: string): Entity {
    const value = this.fact(name);
    if (typeof value !== 'object') throw new TypeError(`the fact ${name} is not an entity`);
    return value;
  }

  /** An item set. @throws Unknown */
  items(name: string): readonly Item[] {
    const { items, from } = this.#resolveItems(name);
    for (const source of from) this.used(source);
    return items;
  }

  /** The value of an expression, or undefined when an input of it is unknown. */
  maybe<T>(expression: () => T): T | undefined {
    try {
      return expression();
    } catch (error) {
      if (error instanceof Unknown) return undefined;
      throw error;
    }
  }

  /** The first and the last reading, without the list of all: that is what most formulas ask for. @throws Unknown */
  #outer<Id extends SourceId>(id: Id): { first: Reading<Id>; last: Reading<Id> } {
    const has = ({ sources }: Sample): boolean => sources[id] !== undefined;
    const [first, last] = [this.snapshot.samples.find(has), this.snapshot.samples.findLast(has)];
    if (!first || !last) throw new Unknown(this.#whyNot(id), id);
    const reading = (sample: Sample): Reading<Id> => ({ data: sample.sources[id] as SourceData<Id>, sample });
    return { first: reading(first), last: reading(last) };
  }

  #whyNot(id: SourceId): string {
    const report = this.snapshot.sources[id];
    if (!report || report.status === 'ok') return `${id} was not read`;
    return `${id} is ${report.status}${report.reason === undefined ? '' : ` (${report.reason})`}`;
  }
}
