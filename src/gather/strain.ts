import type { SourceOutcome } from './collect.js';
import type { SourceData } from './snapshot.js';

/** Tasks all wait for memory this share of the time, in %: then a long walk under a kernel lock makes it worse. */
const FULL_PCT = 20;
/** Available memory below this share of MemTotal, in %. */
const AVAILABLE_PCT = 2;
/** The two bounds, whole numbers, for the collector script. */
export const STRAIN = { fullPct: FULL_PCT, availablePct: AVAILABLE_PCT } as const;

/**
 * Why the host is not to be burdened now, from what was read in this sample; null when it can bear it, or nothing tells.
 */
export function strainOf(taken: ReadonlyMap<string, Pick<SourceOutcome, 'data'>>): string | null {
  const pressure = taken.get('pressure')?.data as SourceData<'pressure'> | null | undefined;
  const full = pressure?.memory?.full?.avg10 ?? 0;
  if (full >= FULL_PCT)
    return `skipped under memory pressure: all tasks wait for memory ${full.toFixed(1)} % of the time (limit ${FULL_PCT} %)`;
  const meminfo = taken.get('meminfo')?.data as SourceData<'meminfo'> | null | undefined;
  if (!meminfo) return null;
  const of = (field: string): number => meminfo[field] ?? 0;
  // kernels before 3.14 do not say what is available
  const available = meminfo['MemAvailable'] ?? of('MemFree') + of('Active(file)') + of('Inactive(file)');
  const share = (100 * available) / of('MemTotal');
  // not a number without MemTotal
  if (!(share < AVAILABLE_PCT)) return null;
  return `skipped under memory pressure: ${share.toFixed(1)} % of memory is available (limit ${AVAILABLE_PCT} %)`;
}
