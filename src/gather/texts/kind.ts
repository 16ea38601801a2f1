/** What a text may know beside its lines. */
export interface TextHost {
  /** Bytes of a page, when some other text tells it; 4096 otherwise. */
  readonly pageSize: number;
  /** Bytes of RAM, when some other text tells it: what is told as a share of it is known then. */
  readonly ram?: number;
  /** What is told of the block beside its lines: the path (`proc/pressure/io`), else the command, else the name of the text. */
  readonly told?: string;
}

/**
 * What one moment of a text says, as the kernel's own files would have said it: path below the root → text, the paths of raw
 * evidence (`proc/meminfo`, `proc/123/status`, `kernel-log.txt`, …). So every way in ends at the parsers of the sources.
 */
export interface TextSample {
  readonly files: ReadonlyMap<string, string>;
  /** Seconds since the epoch, when the text says the date and the time. */
  readonly time: number | null;
  /** Seconds after the first sample of the same block (of `vmstat 5`, `sar`); absent when there is one sample only. */
  readonly offset?: number;
}

/** One kind of text that people paste: a file of /proc, or what a tool printed. One file of kinds/ each. */
export interface TextKind {
  /** As people call it: `/proc/meminfo`, `free`, `vmstat`. */
  readonly title: string;
  /** Where its format is described (https). */
  readonly docs: string;
  /** `kernel`: a file as the kernel wrote it. `tool`: made from one, rounded perhaps: the kernel's own words outrank it. */
  readonly origin: 'kernel' | 'tool';
  /** Names of files that often hold it. A hint only: it lets `span` accept a text that has lost its header. */
  readonly hint?: RegExp;
  /**
   * How many of the lines from `at` on belong to one block of this kind; 0 when none begins here. Lines are clean: no
   * quoting, no prompt, no colours, not joined. `hinted`: the name of the file, or the path or command that was told for the
   * lines (`told`, as in TextHost), matches `hint`.
   */
  readonly span: (lines: readonly string[], at: number, hinted: boolean, told?: string) => number;
  /** What the block says; several samples when it has rows over time, in their order. Empty when it holds nothing usable. */
  readonly read: (lines: readonly string[], host: TextHost) => readonly TextSample[];
}

/** The shape of one file in kinds/: the id of the kind is the name of its file. */
export const defineText = (kind: TextKind): TextKind => kind;

/** One sample without a time. */
export const oneSample = (files: ReadonlyMap<string, string>): readonly TextSample[] => (files.size === 0 ? [] : [{ files, time: null }]);
