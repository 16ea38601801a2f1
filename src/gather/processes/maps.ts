import { eachLine } from '../ranking.js';

/** What is read from /proc/PID/maps. */
export interface Maps {
  readonly count: number;
  /** False when the text ends within a line: there are more. */
  readonly whole: boolean;
  /** Address space of all that was counted, without vsyscall, which the kernel does not count in VmSize. */
  readonly bytes: number;
  readonly heapBytes: number;
  /** Heaps of the malloc of glibc beside the main one. */
  readonly arenas: number;
  /** Address space in them that malloc has taken into use. */
  readonly arenaBytes: number;
  /** The malloc by the libraries that are mapped; null when it cannot be told. */
  readonly allocator: string | null;
}

/** HEAP_MAX_SIZE of malloc/arena.c of glibc on 64-bit machines: twice DEFAULT_MMAP_THRESHOLD_MAX. */
const ARENA = 64 * 1024 * 1024;
const LINE = /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) ([r-][w-][x-])[ps] [0-9a-f]+ [0-9a-f]+:[0-9a-f]+ (\d+)(?: +(.*))?$/;
const ALLOCATORS: readonly (readonly [RegExp, string])[] = [
  [/\/libjemalloc[^/]*\.so/, 'jemalloc'],
  [/\/libtcmalloc[^/]*\.so/, 'tcmalloc'],
  [/\/libmimalloc[^/]*\.so/, 'mimalloc'],
  [/\/ld-musl-/, 'musl'],
  [/\/libc(?:-2\.\d+)?\.so/, 'glibc'],
];

/**
 * Counts mappings. An arena is a mapping at a multiple of 64 MiB that may be written, and beside it the rest of its 64 MiB that may not.
 * Null when no line is one of maps.
 */
export function parseMaps(text: string): Maps | null {
  const sums = { count: 0, bytes: 0, heapBytes: 0, arenas: 0, arenaBytes: 0 };
  const libraries = new Set<string>();
  let whole = true;
  let before: { start: number; end: number } | null = null;
  for (const each of eachLine(text)) {
    const match = LINE.exec(each.line);
    if (!match || !each.whole) {
      whole = false;
      break;
    }
    const [, low = '', high = '', access, inode, name = ''] = match;
    // exact for user addresses, which have 57 bits at most and end in twelve zeros
    const [start, end] = [Number.parseInt(low, 16), Number.parseInt(high, 16)];
    if (end < start) {
      whole = false;
      break;
    }
    sums.count += 1;
    if (name !== '[vsyscall]') sums.bytes += end - start;
    if (name === '[heap]') sums.heapBytes += end - start;
    const anonymous = inode === '0' && name === '';
    if (before && anonymous && access === '---' && start === before.end && end === before.start + ARENA) {
      sums.arenas += 1;
      sums.arenaBytes += before.end - before.start;
    }
    before = anonymous && access === 'rw-' && start % ARENA === 0 ? { start, end } : null;
    for (const [pattern, allocator] of ALLOCATORS) if (pattern.test(name)) libraries.add(allocator);
  }
  if (sums.count === 0) return null;
  // another allocator stands before that of the C library
  return { ...sums, whole, allocator: ALLOCATORS.find(([, allocator]) => libraries.has(allocator))?.[1] ?? null };
}
