import { ParseError } from '../errors.js';
import type { AnySource, Collected, HostContext } from './source.js';
import { expand, readable, type ReadResult, type Tree } from './tree.js';

/** How one source fared in one sample. */
export interface SourceOutcome {
  readonly data: unknown;
  readonly status: SourceStatus;
  /** Why it is not ok, in one sentence. */
  readonly reason?: string;
  readonly seconds: number;
  readonly bytes: number;
}

export const SOURCE_STATUSES = ['ok', 'partial', 'absent', 'denied', 'unsupported', 'timeout', 'failed', 'skipped'] as const;
/** `partial`: some of its files could not be read or parsed; the reason says which. */
export type SourceStatus = (typeof SOURCE_STATUSES)[number];

/**
 * Reads and parses one source. Whatever goes wrong costs that source only and is said in its outcome: it never rejects.
 */
export async function collectSource(source: AnySource, tree: Tree, host: HostContext): Promise<SourceOutcome> {
  const started = performance.now();
  try {
    const { data, reads } = 'collect' in source ? await source.collect(tree, host) : await readAndParse(source, tree, host);
    const bytes = reads.reduce((sum, read) => sum + read.bytes, 0);
    return { data, ...judge(data, reads), seconds: (performance.now() - started) / 1000, bytes };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return {
      data: null,
      status: 'failed',
      reason: `${source.title}: ${error.message}`,
      seconds: (performance.now() - started) / 1000,
      bytes: 0,
    };
  }
}

async function readAndParse(source: Exclude<AnySource, { collect: unknown }>, tree: Tree, host: HostContext): Promise<Collected<unknown>> {
  const reads = (await tree.read(await expand(tree, source.reads), source.limits)).map(withoutPadding);
  const usable = reads.filter((read) => readable(read) && read.text.trim() !== '');
  if (usable.length === 0) return { data: null, reads: reads.map(emptyIsFailed) };
  if ('parseFiles' in source) return { data: source.parseFiles(new Map(usable.map((read) => [read.path, read.text])), host), reads };
  return { data: source.parse(usable[0]?.text ?? '', host), reads };
}

/** tar fills a file of /sys up to the page that its size pretends to be: the zeros are none of the kernel's. */
function withoutPadding(read: ReadResult): ReadResult {
  if (!read.text.endsWith('\0')) return read;
  let end = read.text.length;
  while (end > 0 && read.text.codePointAt(end - 1) === 0) end -= 1;
  return { ...read, text: read.text.slice(0, end) };
}

const emptyIsFailed = (read: ReadResult): ReadResult => (readable(read) ? { ...read, status: 'failed', reason: 'is empty' } : read);

/** The status of a source from its reads: the worst one that is not mere absence, when there are data as well, is `partial`. */
function judge(data: unknown, reads: readonly ReadResult[]): { status: SourceStatus; reason?: string } {
  const bad = reads.filter((read) => read.status !== 'ok' && read.status !== 'absent');
  const [first] = bad;
  const others = bad.length > 1 ? ` and ${bad.length - 1} more` : '';
  const reason = first && `${first.path}: ${first.reason ?? first.status}${others}`;
  if (data !== null) return reason === undefined ? { status: 'ok' } : { status: 'partial', reason };
  if (first === undefined || reason === undefined) return { status: 'absent', reason: absence(reads) };
  return { status: first.status === 'ok' || first.status === 'truncated' ? 'failed' : first.status, reason };
}

const absence = (reads: readonly ReadResult[]): string => {
  const [first] = reads;
  return first ? `${first.path} is not there` : 'none of its files is there';
};
