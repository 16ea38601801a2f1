import type { ProcessEntry, Processes } from '../../gather/sources/processes.js';
import { MOST_ROWS } from './tool.js';

export interface Resident extends ProcessEntry {
  /** Bytes. */
  readonly rss: number;
}

/** The processes with the most resident memory, of those that the snapshot holds. */
export const byResident = (processes: Processes): Resident[] =>
  processes.top
    .map((process) => ({ ...process, rss: process.anon + process.file + process.shmem }))
    .toSorted((a, b) => b.rss - a.rss || a.pid - b.pid);

/** What of the list is not shown. */
export const ofHowMany = ({ visible }: Processes): string =>
  `The largest ${MOST_ROWS} of ${visible} processes (the snapshot keeps the 100 with the most private, shared and swapped memory; kernel threads have none).`;
