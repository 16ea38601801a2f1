import { defineFacts, Unknown } from './fact.js';
import { leastSquares, type Point } from './fit.js';
import { zoneSum } from './sums.js';
import type { View } from './view.js';

const MIB = 1 << 20;
/** The fewest readings that a fitted line can be judged by, and the share of the variance it must explain. */
const FIT_POINTS = 4;
const FIT_R2 = 0.8;

/** Where memory is heading. */
export default defineFacts({
  'mem.avail_slope_bytes_per_second': {
    title: 'Change of available memory',
    unit: 'bytes/s',
    formula: 'least-squares slope of MemAvailable over all readings of /proc/meminfo',
    validity: 'at least 4 readings, and R² ≥ 0.8',
    value: (view) => fitted(series(view, available)),
  },
  'mem.falling': {
    title: 'Available memory and free swap fall fast enough to be no noise',
    unit: 'boolean',
    formula: 'mean slope of (MemAvailable + SwapFree) < −max(0.01 % of MemTotal, 1 MiB)/s and their drop > max(1 % of MemTotal, 32 MiB)',
    validity: 'from the first and the last reading: needs two samples only',
    value: (view) => falls(view, series(view, availableAndSwap)),
  },
  'mem.tte_s': {
    title: 'Time until memory and swap are exhausted, if it goes on like this',
    unit: 's',
    formula: '(MemAvailable + SwapFree − Σ low) / −slope of (MemAvailable + SwapFree)',
    validity:
      'an order of magnitude, not a forecast; unknown unless mem.falling. With 4 readings or more the slope is a least-squares fit with R² ≥ 0.8, with fewer that of the first and the last',
    value: timeToExhaustion,
  },
});

function timeToExhaustion(view: View): number {
  const points = series(view, availableAndSwap);
  if (!falls(view, points)) throw new Unknown('available memory does not fall, or too little to tell');
  const slope = points.length >= FIT_POINTS ? fitted(points) : meanSlope(points);
  const left = (points.at(-1)?.[1] ?? 0) - (view.maybe(() => zoneSum(view, 'low')) ?? 0);
  return Math.max(0, left) / -slope;
}

function falls(view: View, points: readonly Point[]): boolean {
  const total = view.meminfo('MemTotal');
  const drop = (points[0]?.[1] ?? 0) - (points.at(-1)?.[1] ?? 0);
  return meanSlope(points) < -Math.max(0.0001 * total, MIB) && drop > Math.max(0.01 * total, 32 * MIB);
}

function meanSlope(points: readonly Point[]): number {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || last[0] <= first[0]) throw new Unknown('only one sample of meminfo: a trend needs two');
  return (last[1] - first[1]) / (last[0] - first[0]);
}

function fitted(points: readonly Point[]): number {
  if (points.length < FIT_POINTS) throw new Unknown(`only ${points.length} readings of meminfo: a fitted trend needs ${FIT_POINTS}`);
  const { slope, r2 } = leastSquares(points);
  if (r2 < FIT_R2) throw new Unknown(`the readings do not lie on a line (R² ${r2.toFixed(2)})`);
  return slope;
}

function series(view: View, value: (meminfo: Readonly<Record<string, number>>) => number | undefined): Point[] {
  view.last('meminfo');
  view.used('/proc/meminfo MemAvailable, SwapFree');
  const points = view.readings('meminfo').flatMap(({ data, sample }): Point[] => {
    const bytes = value(data);
    return bytes === undefined ? [] : [[sample.monotonic, bytes]];
  });
  if (points.length === 0) throw new Unknown('/proc/meminfo has neither MemAvailable nor the fields it could be estimated from');
  return points;
}

/** MemAvailable, or what it is made of: the parts that are left out do not change within a sample. */
function available(meminfo: Readonly<Record<string, number>>): number | undefined {
  if (meminfo['MemAvailable'] !== undefined) return meminfo['MemAvailable'];
  const parts = ['MemFree', 'Active(file)', 'Inactive(file)', 'SReclaimable'].map((name) => meminfo[name]);
  return parts.reduce<number | undefined>((sum, part) => (sum === undefined || part === undefined ? undefined : sum + part), 0);
}

function availableAndSwap(meminfo: Readonly<Record<string, number>>): number | undefined {
  const bytes = available(meminfo);
  return bytes === undefined ? undefined : bytes + (meminfo['SwapFree'] ?? 0);
}
