import { bytes } from '../../format.js';
import { labelledBars } from '../../templates/charts/labelled-bars.js';
import type { Report } from '../report.js';

type Rows = Report['tables']['numa'];

/** More nodes than this are left to the table. */
const MOST = 16;

const PARTS = [
  ['private', 't0'],
  ['file', 't2'],
  ['shared', 't4'],
  ['slab', 't1'],
  ['huge pages', 't6'],
  ['page tables', 't7'],
  ['other', 't8'],
  ['free', 'free'],
] as const;

/** What to say when not all nodes are drawn. */
export const numaNote = (rows: Rows): string => (rows.length > MOST ? `The picture has the first ${MOST} of ${rows.length} nodes.` : '');

/** What fills a node, in the order of the parts. */
function sizesOf(row: Rows[number]): number[] {
  const named = [row.anonBytes, row.fileBytes, row.shmemBytes, row.slabBytes, row.hugetlbBytes, row.pageTablesBytes].map(
    (size) => size ?? 0,
  );
  const other = Math.max(0, row.totalBytes - row.freeBytes - named.reduce((sum, size) => sum + size, 0));
  return [...named, other, row.freeBytes];
}

/** The parts that any node has something of. */
export function numaKeys(rows: Rows): { name: string; tone: string; index: number }[] {
  const all = rows.slice(0, MOST).map(sizesOf);
  return PARTS.flatMap(([name, tone], index) => (all.some((sizes) => (sizes[index] ?? 0) > 0) ? [{ name, tone, index }] : []));
}

/** The nodes, each cut into what fills it, on one scale. */
export function numaBars(rows: Rows): string {
  const keys = numaKeys(rows);
  const drawn = rows.slice(0, MOST).map((row) => {
    const sizes = sizesOf(row);
    return {
      label: `Node ${row.node}`,
      value: `${bytes(row.freeBytes)} free of ${bytes(row.totalBytes)}`,
      parts: keys.map(({ name, tone, index }) => ({ label: `${name} ${bytes(sizes[index] ?? 0)}`, value: sizes[index] ?? 0, tone })),
    };
  });
  return labelledBars(
    drawn,
    `Memory by NUMA node: ${drawn.map(({ label, value, parts }) => `${label}: ${value}, ${parts.map((part) => part.label).join(', ')}`).join('; ')}.`,
  );
}
