import { defineFacts, Unknown } from './fact.js';
import { leastSquares, type Point } from './fit.js';
import { grownProcesses, isBack } from './growth.js';
import { zoneSum } from './sums.js';
import type { View } from './view.js';

const MIB = 1 << 20;
/** The fewest readings that a fitted line can be judged by, and the share of the variance it must explain. */
const FIT_POINTS = 4;
const FIT_R2 = 0.8;

/** A fall: its size as a share of MemTotal and in bytes, and its bytes a second. */
interface Floor {
  readonly share: number;
  readonly bytes: number;
  readonly perSecond: number;
}
/** Files, slab and services come and go. */
const NOISE: Floor = { share: 0.01, bytes: 32 * MIB, perSecond: MIB };
/** Where the growth of processes accounts for most of the fall, it is no coming and going of others. */
const EXPLAINED: Floor = { share: 0.005, bytes: 8 * MIB, perSecond: MIB / 4 };
const MOST = 0.7;
/** Of a fall that is AnonPages’ for the most part: processes are read one by one, and at other moments than /proc/meminfo. */
const MUCH = 0.4;

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
    formula:
      'their drop, less what went to processes that had been as large before (VmHWM of the first sample), > max(1 % of MemTotal, 32 MiB) and > max(0.01 % of MemTotal, 1 MiB)/s; > max(0.5 %, 8 MiB) and > max(0.01 %, 0.25 MiB)/s where the growth of processes is 0.7 or more of it, or 0.4 and that of AnonPages 0.7; and so of (MemFree + Active(file) + Inactive(file) + SReclaimable + SwapFree)',
    validity:
      'from the first and the last reading: needs two samples only. MemAvailable leaves out up to the low watermark of the file cache, and as much of reclaimable slab: while these are small, reading files or a walk through /proc lowers it',
    reference: 'https://github.com/torvalds/linux/blob/v6.12/mm/show_mem.c',
    value: isFalling,
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
  if (!isFalling(view)) throw new Unknown('available memory does not fall, or too little to tell');
  const slope = points.length >= FIT_POINTS ? fitted(points) : meanSlope(points);
  const left = (points.at(-1)?.[1] ?? 0) - (view.maybe(() => zoneSum(view, 'low')) ?? 0);
  return Math.max(0, left) / -slope;
}

function isFalling(view: View): boolean {
  const own = growth(view);
  if (!falls(view, series(view, availableAndSwap), own)) return false;
  const whole = view.readings('meminfo').flatMap(({ data, sample }): Point[] => {
    const bytes = withSwap(wholeOf(data), data);
    return bytes === undefined ? [] : [[sample.monotonic, bytes]];
  });
  return whole.length < 2 || falls(view, whole, own);
}

/** Bytes that processes took in the sample. */
interface Growth {
  /** Of those that became larger than they ever were. */
  readonly fresh: number;
  /** Of those that had been as large before. */
  readonly back: number;
  /** AnonPages, those of new processes too. */
  readonly anon: number;
}

function growth(view: View): Growth {
  const rising = (view.maybe(() => grownProcesses(view)) ?? { grown: [] }).grown.filter(({ bytes }) => bytes > 0);
  const sum = (some: typeof rising): number => some.reduce((all, { bytes }) => all + bytes, 0);
  const anon = view.readings('meminfo').flatMap(({ data }) => data['AnonPages'] ?? []);
  return {
    fresh: sum(rising.filter((one) => !isBack(one))),
    back: sum(rising.filter(isBack)),
    anon: (anon.at(-1) ?? 0) - (anon[0] ?? 0),
  };
}

function falls(view: View, points: readonly Point[], { fresh, back, anon }: Growth): boolean {
  const total = view.meminfo('MemTotal');
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || last[0] <= first[0]) throw new Unknown('only one sample of meminfo: a trend needs two');
  const drop = first[1] - last[1] - back;
  const explained = fresh >= MOST * drop || (fresh >= MUCH * drop && anon >= MOST * drop);
  const { share, bytes, perSecond } = explained ? EXPLAINED : NOISE;
  return drop / (last[0] - first[0]) > Math.max(0.0001 * total, perSecond) && drop > Math.max(share * total, bytes);
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
const available = (meminfo: Readonly<Record<string, number>>): number | undefined => meminfo['MemAvailable'] ?? wholeOf(meminfo);

/** What is free or could be dropped, without the allowances that si_mem_available() makes. */
function wholeOf(meminfo: Readonly<Record<string, number>>): number | undefined {
  const parts = ['MemFree', 'Active(file)', 'Inactive(file)', 'SReclaimable'].map((name) => meminfo[name]);
  return parts.reduce<number | undefined>((sum, part) => (sum === undefined || part === undefined ? undefined : sum + part), 0);
}

const availableAndSwap = (meminfo: Readonly<Record<string, number>>): number | undefined => withSwap(available(meminfo), meminfo);

const withSwap = (bytes: number | undefined, meminfo: Readonly<Record<string, number>>): number | undefined =>
  bytes === undefined ? undefined : bytes + (meminfo['SwapFree'] ?? 0);
