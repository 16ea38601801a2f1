import { unsigned, words } from '../lines.js';

/** The memory of one process in bytes. */
export interface ProcessMemory {
  readonly anon: number;
  readonly file: number;
  readonly shmem: number;
  readonly swap: number;
  readonly pte: number;
  readonly locked: number;
  readonly hugetlb: number | null;
  readonly hwm: number;
}

/** What /proc/PID/status says of memory: bytes by the kernel's names. The name of the process is escaped in it, so no line can be forged. */
export type StatusSizes = ReadonlyMap<string, number>;

const SIZES = /^(Vm(?:RSS|HWM|Lck|PTE|PMD|Swap)|Rss(?:Anon|File|Shmem)|HugetlbPages):[ \t]+(\d{1,15}) kB$/gm;

/** Reads the sizes in /proc/PID/status; empty for kernel threads and zombies, which have no memory. */
export const parseStatus = (text: string): StatusSizes =>
  new Map([...text.matchAll(SIZES)].map(([, name = '', digits = '']) => [name, Number(digits) * 1024]));

/** RSS and its shared part from /proc/PID/statm, in bytes. @throws ParseError */
export function parseStatm(text: string, pageSize: number): { rss: number; shared: number } {
  const [, resident, shared] = words(text);
  return { rss: unsigned(resident, 'resident') * pageSize, shared: unsigned(shared, 'shared') * pageSize };
}

/** True where the kernel tells anonymous, file and shared memory apart (4.5, or backported). */
export const tellsKinds = (status: StatusSizes): boolean => status.has('RssAnon');

/**
 * The memory of a process. Before 4.5 only statm divides it: anon = resident − shared, and shared memory of both kinds,
 * file and shmem, is counted as file.
 */
export function memoryOf(status: StatusSizes, statm: { rss: number; shared: number } | undefined): ProcessMemory {
  const size = (name: string): number => status.get(name) ?? 0;
  const resident = statm ?? { rss: size('VmRSS'), shared: 0 };
  const known = tellsKinds(status);
  return {
    anon: known ? size('RssAnon') : Math.max(0, resident.rss - resident.shared),
    file: known ? size('RssFile') : Math.min(resident.rss, resident.shared),
    shmem: size('RssShmem'),
    swap: size('VmSwap'),
    // VmPMD stood apart until 4.15
    pte: size('VmPTE') + size('VmPMD'),
    locked: size('VmLck'),
    hugetlb: status.get('HugetlbPages') ?? null,
    hwm: size('VmHWM'),
  };
}
