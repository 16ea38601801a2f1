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
  /** Kept where it is by the kernel, for a device or a buffer shared with it (VmPin, since 3.1). */
  readonly pinned?: number;
  readonly data?: number;
  /** Slots in its table of open files: no fewer than it has open. */
  readonly fdSize?: number;
}

/** What /proc/PID/status says of memory: bytes by the kernel's names. The name of the process is escaped in it, so no line can be forged. */
export type StatusSizes = ReadonlyMap<string, number>;

const SIZES = /^(Vm(?:RSS|HWM|Lck|Pin|Data|PTE|PMD|Swap)|Rss(?:Anon|File|Shmem)|HugetlbPages):[ \t]+(\d{1,15}) kB$/gm;

/** Reads the sizes in /proc/PID/status, and FDSize, which counts; empty for kernel threads and zombies, which have no memory. */
export function parseStatus(text: string): StatusSizes {
  const sizes = new Map([...text.matchAll(SIZES)].map(([, name = '', digits = '']) => [name, Number(digits) * 1024]));
  const slots = /^FDSize:[ \t]+(\d{1,10})$/m.exec(text)?.[1];
  // a kernel thread has the table of the first process
  return slots === undefined || sizes.size === 0 ? sizes : sizes.set('FDSize', Number(slots));
}

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
    ...optional('pinned', status.get('VmPin')),
    ...optional('data', status.get('VmData')),
    ...optional('fdSize', status.get('FDSize')),
  };
}

const optional = <K extends string>(name: K, value: number | undefined): { [_ in K]?: number } =>
  value === undefined ? {} : ({ [name]: value } as { [_ in K]: number });
