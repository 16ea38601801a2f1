import { bytes } from '../../format.js';
import { labelledBars } from '../../templates/charts/labelled-bars.js';
import type { Report } from '../report.js';

/** More nodes than this are left to the table. */
const MOST = 16;

export const NUMA_PARTS = [
  ['private', 't0'],
  ['file', 't2'],
  ['shared', 't4'],
  ['slab', 't1'],
  ['other', 't8'],
  ['free', 'free'],
] as const;

/** What to say when not all nodes are drawn. */
export const numaNote = (rows: Report['tables']['numa']): string =>
  rows.length > MOST ? `The picture has the first ${MOST} of ${rows.length} nodes.` : '';

/** The nodes, each cut into what fills it, on one scale. */
export function numaBars(rows: Report['tables']['numa']): string {
  const drawn = rows.slice(0, MOST).map((row) => {
    const [anon, file, shmem, slab] = [row.anonBytes ?? 0, row.fileBytes ?? 0, row.shmemBytes ?? 0, row.slabBytes ?? 0];
    const other = Math.max(0, row.totalBytes - row.freeBytes - anon - file - shmem - slab);
    const sizes = [anon, file, shmem, slab, other, row.freeBytes];
    return {
      label: `Node ${row.node}`,
      value: `${bytes(row.freeBytes)} free of ${bytes(row.totalBytes)}`,
      parts: NUMA_PARTS.map(([name, tone], index) => ({ label: `${name} ${bytes(sizes[index] ?? 0)}`, value: sizes[index] ?? 0, tone })),
    };
  });
  return labelledBars(
    drawn,
    `Memory by NUMA node: ${drawn.map(({ label, value, parts }) => `${label}: ${value}, ${parts.map((part) => part.label).join(', ')}`).join('; ')}.`,
  );
}
