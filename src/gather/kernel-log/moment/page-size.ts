import type { Draft } from './draft.js';
import { totalVmOf } from './tasks.js';

const KIB = 1024;
const SIZES = [4, 8, 16, 32, 64, 256].map((size) => size * KIB);
/** So many tasks' page tables are all of whole pages of 16 or 64 KiB by chance once in 4^16. */
const TABLES = 16;
/** Where no evidence says otherwise. */
export const USUAL_PAGE = 4 * KIB;

/**
 * The size of a page by the evidence of the report: the smallest free block; a victim's total_vm in the table (pages) and
 * in its kill (kB); a node's or zones' sizes beside the same in pages; page tables, which come in whole pages.
 */
export function pageSizeOf(draft: Draft): number | null {
  if (draft.smallestBlock !== undefined && SIZES.includes(draft.smallestBlock)) return draft.smallestBlock;
  for (const { pid, totalVmBytes } of draft.victims) {
    const pages = pid === null || draft.tasks === null ? undefined : totalVmOf(draft.tasks, pid);
    const size = (totalVmBytes ?? 0) / (pages || NaN);
    if (SIZES.includes(size)) return size;
  }
  return byRatio(draft) ?? byTables(draft);
}

function byRatio({ pages, nodes, zones }: Draft): number | null {
  for (const name of ['inactive_anon', 'active_anon', 'inactive_file', 'active_file'] as const) {
    const counted = pages[name] ?? 0;
    const bytes = [...nodes.values()].reduce((sum, { values }) => sum + (values[name] ?? 0), 0);
    const size = counted > 1000 ? nearest(bytes / counted) : null;
    if (size !== null) return size;
  }
  const free = zones.reduce((sum, { values }) => sum + (values['free'] ?? 0), 0);
  return (pages['free'] ?? 0) > 1000 ? nearest(free / (pages['free'] ?? NaN)) : null;
}

/** The two are not read at once: within a fifth is the same. */
const nearest = (size: number): number | null => SIZES.find((one) => Math.abs(size / one - 1) < 0.2) ?? null;

function byTables({ tasks }: Draft): number | null {
  if (tasks === null || tasks.tables < TABLES) return null;
  return [64 * KIB, 16 * KIB, 4 * KIB].find((size) => tasks.tableBits % size === 0) ?? null;
}
