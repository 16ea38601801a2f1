import { eachLine } from '../ranking.js';

/** What the open files of a process are. */
export interface OpenFiles {
  readonly open: number;
  /** By kind: pipe, socket, eventfd …; see kindOf(). */
  readonly kinds: Record<string, number>;
  /** Inodes of its sockets, the first of them. */
  readonly sockets: number[];
}

const SOCKETS = 200;
/** Kinds of anonymous inodes are the names of kernel code; what is longer, or of other letters, is none of the kernel's. */
const ANONYMOUS = /^anon_inode:\[?([A-Za-z][\w-]{0,30})/;

/**
 * Counts the lines "number target" of fd.links. Null when there is none. A last line "total number" tells that not all were looked at:
 * the kinds are then those of the first ones. `inMemory` tells whether a path lies in tmpfs.
 */
export function parseOpenFiles(text: string, inMemory: (path: string) => boolean): OpenFiles | null {
  const kinds = new Map<string, number>();
  const sockets: number[] = [];
  let open = 0;
  for (const { line, whole } of eachLine(text)) {
    const total = /^total (\d{1,10})$/.exec(line)?.[1];
    if (total !== undefined) open = Math.max(open, Number(total));
    const target = /^\d{1,10} (.*)$/.exec(line)?.[1];
    if (target === undefined || !whole) continue;
    const kind = kindOf(target, inMemory);
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    open += total === undefined ? 1 : 0;
    const inode = /^socket:\[(\d{1,15})\]$/.exec(target)?.[1];
    if (inode !== undefined && sockets.length < SOCKETS) sockets.push(Number(inode));
  }
  if (open === 0) return null;
  return { open, kinds: Object.fromEntries([...kinds].sort(([a, b], [c, d]) => d - b || (a < c ? -1 : 1))), sockets };
}

/** The kind of what an open file's link names: the names are made by d_path() and the dname of pseudo file systems. */
export function kindOf(target: string, inMemory: (path: string) => boolean): string {
  if (target.startsWith('pipe:[')) return 'pipe';
  if (target.startsWith('socket:[')) return 'socket';
  const anonymous = ANONYMOUS.exec(target)?.[1];
  if (anonymous !== undefined) return anonymous;
  // 2.6.32 had a file system of its own for it
  if (target === 'inotify') return 'inotify';
  if (target.startsWith('/memfd:')) return 'memfd';
  if (target.startsWith('/dmabuf:')) return 'dmabuf';
  if (/^\/SYSV[0-9a-f]{8}\b/.test(target)) return 'sysv-shm';
  if (target === '/dev/zero (deleted)') return 'shared-anonymous';
  if (/^\/(?:drm mm object|i915|anon_hugepage)\b/.test(target)) return 'gpu-or-huge';
  if (/^[a-z_]{1,20}:\[\d+\]$/.test(target)) return 'namespace';
  if (!target.startsWith('/')) return 'other';
  const deleted = target.endsWith(' (deleted)');
  if (inMemory(deleted ? target.slice(0, -' (deleted)'.length) : target)) return deleted ? 'deleted-in-memory' : 'file-in-memory';
  if (target.startsWith('/dev/')) return 'device';
  return deleted ? 'deleted-file' : 'file';
}

/** Whether a path lies in tmpfs or ramfs, by /proc/self/mountinfo; without it, by the places where they are by custom. */
export function memoryPlaces(mountinfo: string): (path: string) => boolean {
  const types = new Map<string, string>();
  for (const { line } of eachLine(mountinfo)) {
    const [left = '', right = ''] = line.split(' - ');
    const [point, type] = [left.split(' ')[4], right.split(' ')[0]];
    if (point !== undefined && type !== undefined) types.set(point, type);
  }
  if (types.size === 0) return (path) => path.startsWith('/dev/shm/') || path.startsWith('/run/');
  return (path) => {
    for (let end = path.lastIndexOf('/'); end >= 0; end = end === 0 ? -1 : path.lastIndexOf('/', end - 1)) {
      const type = types.get(end === 0 ? '/' : path.slice(0, end));
      // devtmpfs holds devices, not data
      if (type !== undefined) return type === 'tmpfs' || type === 'ramfs' || type === 'hugetlbfs';
    }
    return false;
  };
}
