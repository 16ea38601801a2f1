import type { Infer } from '../json-schema.js';
import type { ReadLimits, ReadResult, Tree } from './tree.js';

/** What a parser may know of the host beside the text. */
export interface HostContext {
  /** Bytes of a page: 4096, 16384 or 65536. */
  readonly pageSize: number;
  /** USER_HZ, the unit of the times in /proc/PID/stat: 100 nearly everywhere. */
  readonly clockTicks: number;
}

/** What collect() gives: the data (null when there is nothing) and every read that was not ok. */
export interface Collected<T> {
  readonly data: T | null;
  readonly reads: readonly ReadResult[];
}

interface Common<S> {
  /** The kernel's name of the interface: `/proc/meminfo`. */
  readonly title: string;
  /** Where the kernel documents it (https). */
  readonly docs: string;
  /** The files it is read from, relative to the root; `*` stands for any run inside one path segment. */
  readonly reads: readonly string[];
  /**
   * How often a live run reads it: `every` sample and sub-sample (cheap, wanted as a series), `full` samples only (the
   * first and the last), `first` or `last` of them (does not change; or is wanted as late as possible).
   */
  readonly cadence: 'every' | 'full' | 'first' | 'last';
  readonly limits?: ReadLimits;
  readonly schema: S;
}

/** One file, one text. */
interface ParseOne<S> {
  readonly parse: (text: string, host: HostContext) => Infer<S>;
}
/** Several small files: `files` maps each path that could be read to its text, in the order of `reads`. */
interface ParseMany<S> {
  readonly parseFiles: (files: ReadonlyMap<string, string>, host: HostContext) => Infer<S>;
}
/** Too many files to hold at once (processes, cgroups): walks the tree itself, in bounded memory. */
interface Walk<S> {
  readonly collect: (tree: Tree, host: HostContext) => Promise<Collected<Infer<S>>>;
}

/** One thing the kernel offers to read. `parse` and `parseFiles` are pure and throw nothing but ParseError. */
export type Source<S> = Common<S> & (ParseOne<S> | ParseMany<S> | Walk<S>);

/** The shape of one file in sources/: the id of the source is the name of its file. Keys in this order. */
export const defineSource = <const S>(source: Source<S>): Source<S> => source;

/** Any source, its schema's type forgotten. */
// oxlint-disable-next-line typescript/no-explicit-any -- a registry holds sources of all schemas
export type AnySource = Source<any>;
