/**
 * The one seam to the outside world. A tree shows one sample of one host as files below a root, whatever they come from:
 * the live host, a directory, an archive. Paths are relative, without a leading slash, as in raw evidence:
 * `proc/meminfo`, `sys/fs/cgroup/…`, and the made ones: `statfs.txt`, `kernel-log.txt`, and `proc/PID/fd.links`, the links in
 * the directory fd of a process, a line "number target" each.
 */

export const READ_STATUSES = ['ok', 'absent', 'denied', 'unsupported', 'timeout', 'truncated', 'failed'] as const;

/**
 * What became of one read. `absent`: ENOENT, ESRCH, ENOTDIR. `denied`: EACCES, EPERM. `unsupported`: EOPNOTSUPP, EINVAL
 * (PSI built but not enabled, a cgroup file that the root has not). `timeout`: the deadline passed. `truncated`: the size
 * bound was met; text holds what came before it.
 */
export type ReadStatus = (typeof READ_STATUSES)[number];

export interface ReadResult {
  readonly path: string;
  readonly status: ReadStatus;
  /** What was read, decoded as UTF-8 with replacement; empty unless status is ok or truncated. */
  readonly text: string;
  readonly bytes: number;
  readonly seconds: number;
  /** Why it is not ok: the errno name or a short sentence. */
  readonly reason?: string;
}

export interface ReadLimits {
  /** At most this many bytes are kept (default 1 MiB). */
  readonly maxBytes?: number;
  /** The read is given up after this many milliseconds (default 250). */
  readonly deadlineMs?: number;
}

export interface Tree {
  /** Reads files in the order given, one result a path; never rejects because of what the host holds. */
  read(paths: readonly string[], limits?: ReadLimits): Promise<ReadResult[]>;
  /** The names in a directory, sorted; empty when it is absent or may not be read. */
  list(dir: string): Promise<string[]>;
  /** The bytes of a file as they come, for one that may be too large to hold; null when the tree has none to give: then `read` tells why. */
  readonly open?: (path: string) => Promise<AsyncIterable<Uint8Array> | null>;
}

/** True for the statuses whose text can be parsed. */
export const readable = (result: ReadResult): boolean => result.status === 'ok' || result.status === 'truncated';

/** Reads one file. */
export async function readOne(tree: Tree, path: string, limits?: ReadLimits): Promise<ReadResult> {
  const [result] = await tree.read([path], limits);
  return result ?? { path, status: 'failed', text: '', bytes: 0, seconds: 0, reason: 'nothing was read' };
}

/**
 * Expands path patterns against a tree: `*` stands for any run of characters inside one path segment.
 * Names are sorted as the tree lists them; a pattern without `*` stands for itself, present or not.
 */
export async function expand(tree: Tree, patterns: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const pattern of patterns) found.push(...(await expandOne(tree, '', pattern.split('/'))));
  return found;
}

async function expandOne(tree: Tree, prefix: string, segments: readonly string[]): Promise<string[]> {
  const wild = segments.findIndex((segment) => segment.includes('*'));
  if (wild < 0) return [join(prefix, segments)];
  const dir = join(prefix, segments.slice(0, wild));
  const matches = segmentPattern(segments[wild] ?? '');
  const found: string[] = [];
  for (const name of await tree.list(dir))
    if (matches.test(name)) found.push(...(await expandOne(tree, `${dir}/${name}`, segments.slice(wild + 1))));
  return found;
}

const join = (prefix: string, segments: readonly string[]): string => [...(prefix ? [prefix] : []), ...segments].join('/');

const segmentPattern = (segment: string): RegExp =>
  new RegExp(
    `^${segment
      .split('*')
      .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
      .join('[^/]*')}$`,
  );
