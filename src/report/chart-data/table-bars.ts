import { bytes } from '../../format.js';
import { bar, type Mark } from '../../templates/charts/bars.js';
import type { Part } from '../../templates/charts/stacked-bar.js';
import type { Report } from '../report.js';

type Tables = Report['tables'];

const part = (label: string, value: number | null, tone: string): Part => ({
  label: `${label} ${bytes(value ?? 0)}`,
  value: value ?? 0,
  tone,
});

/** One bar for each process, against the longest. */
export function processBars(rows: Tables['processes']): string[] {
  const all = rows.map((row) => [
    part('private', row.anonBytes, 'anon'),
    part('shared', row.shmemBytes, 'shmem'),
    part('file', row.fileBytes, 'file'),
    part('swapped out', row.swapBytes, 'swap'),
  ]);
  const longest = Math.max(0, ...all.map((parts) => parts.reduce((sum, { value }) => sum + value, 0)));
  return all.map((parts) => bar(parts, longest));
}

/** One bar for each slab cache: what is in use of it, and what is held free. */
export function slabBars(rows: Tables['slab']): string[] {
  const longest = Math.max(0, ...rows.map((row) => row.bytes));
  return rows.map((row) => {
    const used = row.activePercent === null ? row.bytes : (row.bytes * Math.min(100, row.activePercent)) / 100;
    return bar([part('in use', used, 't0'), part('free inside', row.bytes - used, 'idle')], longest);
  });
}

/** Where the bar of a group ends that has memory.high alone: a little beyond it. */
const BEYOND_HIGH = 1.25;

/** One bar for each group against its limit; without one against memory.high, and without either against all RAM. */
export function cgroupBars(rows: Tables['cgroups'], totalBytes: number | null): string[] {
  return rows.map((row) => {
    const high = row.highBytes === null ? null : BEYOND_HIGH * Math.max(row.highBytes, row.currentBytes ?? 0);
    const most = row.limitBytes ?? high ?? totalBytes ?? row.currentBytes ?? 0;
    const working = row.workingSetBytes ?? row.currentBytes ?? 0;
    const marks: Mark[] = [
      ...(row.highBytes === null ? [] : [{ at: row.highBytes, label: `high ${bytes(row.highBytes)}`, kind: 'high' as const }]),
      ...(row.limitBytes === null ? [] : [{ at: row.limitBytes, label: `limit ${bytes(row.limitBytes)}`, kind: 'limit' as const }]),
    ];
    const parts = [part('working set', working, 't0'), part('idle file cache', Math.max(0, (row.currentBytes ?? 0) - working), 'idle')];
    return row.currentBytes === null ? '' : bar(parts, most, marks);
  });
}

/** One bar for each swap device, against its size. */
export const swapBars = (rows: Tables['swaps']): string[] => rows.map((row) => bar([part('used', row.usedBytes, 'swap')], row.sizeBytes));
