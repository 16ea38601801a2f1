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

/** A file of processes that the collector script reads, and of which of them. */
export interface ProcessReads {
  /** Below /proc/PID; `fd.links` is made. */
  readonly file: string;
  /**
   * Those with most anonymous memory and swap, resident memory, address space, threads, room for open files, pinned memory; those that wait
   * uninterruptibly; those of the 30 with most resident memory, the ones that may not use all nodes first; or those of which the kernel
   * does not tell anonymous memory.
   */
  readonly of: 'all' | 'memory' | 'rss' | 'vsize' | 'threads' | 'slots' | 'pinned' | 'blocked' | 'narrow' | 'undivided';
  /** How many; all when it does not say. */
  readonly most?: number;
  /** Reading it may block, so that each is read by a process of its own. */
  readonly alone?: boolean;
  /** It is read only where this path is there. */
  readonly where?: string;
}

/** What the collector script does for a source that walks; the script's variables, for that of cgroups. */
export interface CollectorPlan {
  readonly processes?: readonly ProcessReads[];
  readonly cgroups?: Readonly<Record<string, string | number>>;
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
   * first and the last), `first` or `last` of them (does not change; or is wanted as late as possible). `pasted`: never, it comes
   * with pasted text only.
   */
  readonly cadence: 'every' | 'full' | 'first' | 'last' | 'pasted';
  /** Costs the host more than a moment (long walks under a lock): a live run reads it after the others, and not under memory pressure. */
  readonly heavy?: boolean;
  readonly limits?: ReadLimits;
  /** The command whose output holds it, or the best of it: what a person is asked to paste who showed none. It only reads. */
  readonly paste?: string;
  /** For a source that walks: how the collector script (collector/collect.sh) does it. */
  readonly collector?: CollectorPlan;
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
