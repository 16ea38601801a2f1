import { count, type Infer, list, map, nullable, number, oneOf, row, seconds, text } from '../../json-schema.js';
import type { Tree } from '../tree.js';
import type { BpfOutput } from './bpftrace-output.js';
import type { HistTable } from './hist.js';
import type { PerfSample } from './perf-script.js';

/** The means of a trace, the best first: a trace takes the first one that this host allows. */
export const BACKENDS = [
  'tracepoint',
  'fentry',
  'kprobe',
  'usdt',
  'software',
  'hardware',
  'tracefs',
  'perf-record',
  'perf-stat',
  'proc',
] as const;
export type Backend = (typeof BACKENDS)[number];

/** What the kernel and the tools here offer, as forms ask for it. */
export interface TraceKernel {
  /** The fields of a tracepoint (`vmscan:mm_vmscan_direct_reclaim_end`), without the common ones; null when there is none of that name. */
  readonly fields: (event: string) => readonly string[] | null;
  /** The format file of a tracepoint, whole; empty when there is none. */
  readonly format: (event: string) => string;
  /** Whether a kernel function is there to attach to. */
  readonly traceable: (name: string) => boolean;
  /** The C library of this host, when it has this probe built in (`memory_arena_new`); null when not. */
  readonly usdt?: (probe: string) => string | null;
}

/** What was asked for, and what the kernel has: what a program is built from. */
export interface Setting {
  readonly kernel: TraceKernel;
  readonly seconds: number;
  /** Only this process. */
  readonly pid: number | null;
  /** One event in so many is taken; 1 for each. */
  readonly period: number;
  /** Events per second, measured before; missing when that could not be. */
  readonly rate?: number;
}

/** What a trace saw; rows in any order, all of them. */
export interface Seen<Row> {
  readonly rows: readonly Row[];
  /** Sums over everything seen, by name. */
  readonly totals?: Readonly<Record<string, number>>;
  /** Power-of-two histograms by name. */
  readonly histograms?: Readonly<Record<string, readonly Bucket[]>>;
  /** Stacks, by what made them: `page-faults`. */
  readonly stacks?: readonly Stack[];
  /** What must be said with it. */
  readonly notes?: readonly string[];
}

/** min ≤ value ≤ max. */
export interface Bucket {
  readonly min: number;
  readonly max: number;
  readonly count: number;
}

/** A stack, folded as FlameGraph and speedscope read it: `comm;outermost;…;innermost`. */
export interface Stack {
  readonly stack: string;
  readonly count: number;
}

interface CommonForm {
  /**
   * The events without which the form says nothing: `vmscan:mm_vmscan_direct_reclaim_end`, with a field that it must have
   * `vmscan:mm_vmscan_direct_reclaim_end#nr_reclaimed`; kernel functions as `function:handle_mm_fault`, files as `file:proc/allocinfo`,
   * probes of the C library as `usdt:memory_arena_new`.
   */
  readonly needs: readonly string[];
  /** What is not seen this way, for the reader. */
  readonly loss?: string;
  /** For a form that sees other events than the trace, or each of them where the trace takes one in many: as in the trace. */
  readonly rate?: (rates: Rates) => number | null;
  readonly cost?: number;
}

/** A bpftrace program. All names of maps begin with the id of the trace, `-` as `_`, so that programs can be put together: `@reclaim_n`. */
export interface BpfForm<Row> extends CommonForm {
  readonly backend: 'tracepoint' | 'fentry' | 'kprobe' | 'usdt' | 'software' | 'hardware';
  readonly program: (setting: Setting) => string;
  /** Maps that are of no use to `read`, cleared at the end. */
  readonly scratch?: readonly string[];
  /** Maps keyed by a stack: printed last (naming the frames may take long), the largest ones only. */
  readonly stackMaps?: readonly string[];
  readonly read: (output: BpfOutput, setting: Setting) => Seen<Row>;
}

export interface HistTrigger {
  readonly event: string;
  /** What is written into its `trigger` after `hist:`. */
  readonly hist: string;
  /** Read when all triggers are set, too, as `NAME before`. */
  readonly twice?: boolean;
}

/** Histogram triggers in an instance of tracefs of our own. */
export interface HistForm<Row> extends CommonForm {
  readonly backend: 'tracefs';
  /** By a name for `read`. Triggers are set in this order. */
  readonly triggers: (setting: Setting) => Readonly<Record<string, HistTrigger>>;
  readonly read: (tables: Readonly<Record<string, HistTable>>, setting: Setting) => Seen<Row>;
}

/** Samples with stacks. */
export interface PerfRecordForm<Row> extends CommonForm {
  readonly backend: 'perf-record';
  /** As `perf record -e` takes it: tracepoints of which the kernel has not all are to be left out. */
  readonly event: string | ((setting: Setting) => string);
  /** Tracepoints: their fields are wanted as text (`PerfSample.text`). */
  readonly text?: boolean;
  readonly read: (samples: readonly PerfSample[], setting: Setting) => Seen<Row>;
}

/** Counts for the whole host. */
export interface PerfStatForm<Row> extends CommonForm {
  readonly backend: 'perf-stat';
  readonly events: (setting: Setting) => readonly string[];
  /** `counts`: by event; one that could not be counted is missing. */
  readonly read: (counts: ReadonlyMap<string, number>, setting: Setting) => Seen<Row>;
}

/** Two readings of /proc, before and after. */
export interface ProcForm<Row, Reading> extends CommonForm {
  readonly backend: 'proc';
  readonly reading: (tree: Tree, setting: Setting) => Promise<Reading>;
  readonly read: (before: Reading, after: Reading, setting: Setting) => Seen<Row>;
}

export type Form<Row> =
  | BpfForm<Row>
  | HistForm<Row>
  | PerfRecordForm<Row>
  | PerfStatForm<Row>
  // oxlint-disable-next-line typescript/no-explicit-any -- what one form reads is its own business
  | ProcForm<Row, any>;

/** Events per second of counters in /proc/vmstat, measured just before; null when the kernel has no such counter. */
export interface Rates {
  readonly cpus: number;
  readonly perSecond: (...counters: readonly string[]) => number | null;
}

export interface Trace<S> {
  /** What it shows, in a few words. */
  readonly title: string;
  /** The question that it answers. */
  readonly answers: string;
  /** Where the kernel documents, or defines, the events (https). */
  readonly docs: string;
  /** The tools that show the same: each is taken for the name of the trace on the command line too. */
  readonly tools: readonly string[];
  /** Part of `default`: cheap on any host. All others run when they are named, or with `all`. */
  readonly byDefault: boolean;
  /** Never part of `all`: it waits for something rare, or costs too much. */
  readonly onlyByName?: string;
  /** At most so many seconds. */
  readonly mostSeconds?: number;
  /** Events per second that it will see; null when it cannot be told. */
  readonly rate?: (rates: Rates) => number | null;
  /** What one event costs, in microseconds. */
  readonly cost?: number;
  /** True when it can take one event in many (`Setting.period`), so that a high rate does not forbid it. */
  readonly samples?: boolean;
  /** It never takes more than one event in so many: work may begin after the rate was measured. */
  readonly leastPeriod?: number;
  /** It looks at one process only. */
  readonly needsPid?: boolean;
  /** Rows that are kept; 40 unless told. */
  readonly mostRows?: number;
  /** One row of what was seen. */
  readonly row: S;
  /** The largest rows first. */
  readonly order: (row: Infer<S>) => number;
  /** Looks up in /proc what the rows that are kept name by number; never rejects because of what is there. */
  readonly resolve?: (tree: Tree, rows: readonly Infer<S>[]) => Promise<{ rows: readonly Infer<S>[]; notes?: readonly string[] }>;
  /** The ladder, best first. */
  readonly forms: readonly Form<Infer<S>>[];
}

/** The shape of one file in traces/: the id of the trace is the name of its file. */
export const defineTrace = <const S>(trace: Trace<S>): Trace<S> => trace;

// oxlint-disable-next-line typescript/no-explicit-any -- a registry holds traces of all rows
export type AnyTrace = Trace<any>;
// oxlint-disable-next-line typescript/no-explicit-any -- as above
export type AnyForm = Form<any>;

/** `unsupported`: no form can run here. `refused`: it could, but would do harm, or was not asked to. */
export const TRACE_STATUSES = ['ok', 'unsupported', 'refused', 'failed'] as const;

const bucket = row({ min: number(), max: number(), count: count() });

/** How a trace fared, with rows of its own schema. */
export const tracedSchema = <const S>(item: S) =>
  row(
    {
      status: oneOf(TRACE_STATUSES),
      backend: nullable(oneOf(BACKENDS, 'the means that it was done by')),
      seconds: seconds('traced'),
      period: count('one event in so many was taken; counts are scaled up already'),
      lost: count('events, stacks or keys that found no room'),
      probes: list(text(), 'events and functions that it was attached to'),
      tried: list(row({ backend: oneOf(BACKENDS), reason: text() }), 'the better means, and why they could not be used'),
      rows: list(item, 'the largest first, at most 40, or 200 page faults of one process'),
      rowsSeen: count('rows before they were cut'),
    },
    {
      reason: text('why it is not ok'),
      totals: map(number(), 'sums over all that was seen'),
      histograms: map(list(bucket)),
      stacks: list(row({ stack: text('comm;outermost;…;innermost'), count: count() }), 'the largest first, at most 300'),
      notes: list(text()),
    },
  );

export type Traced<Row> = Omit<Infer<ReturnType<typeof tracedSchema>>, 'rows'> & { rows: Row[] };
