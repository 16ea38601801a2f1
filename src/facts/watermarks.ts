/** What the kernel keeps free, by the formula it sets its watermarks by, for hosts whose /proc/zoneinfo was not read. */
import type { View } from './view.js';

const KIB = 1024;
/** init_per_zone_wmark_min(): min_free_kbytes = 4 × √(KiB that can be used), within these bounds. */
const LEAST_KIB = 128;
const MOST_KIB = 262_144;
/** __setup_per_zone_wmarks(): low and high are one and two steps above min, a step being a quarter of min or 0.1 % of memory. */
const QUARTER = 0.25;
const SCALE = 1 / 1000;

/** Sums over all zones, in bytes. @throws Unknown without MemTotal. */
export function keptFree(view: View): { readonly min: number; readonly low: number; readonly high: number } {
  const total = view.meminfo('MemTotal');
  const set = view.maybe(() => KIB * view.sysctl('min_free_kbytes'));
  const min = set ?? KIB * Math.min(MOST_KIB, Math.max(LEAST_KIB, 4 * Math.sqrt(total / KIB)));
  const step = Math.max(QUARTER * min, SCALE * total);
  return { min, low: min + step, high: min + 2 * step };
}
