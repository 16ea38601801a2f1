import type { Sample, Snapshot, SourceId } from '../../gather/snapshot.js';
import { rateBetween } from '../pairs.js';

/** Intervals shown; more samples are thinned evenly, so that the whole time is covered. */
const MOST = 30;

export interface Interval {
  readonly before: Sample;
  readonly after: Sample;
  readonly seconds: number;
}

export interface Timeline {
  /** Samples that have one of the sources, thinned. */
  readonly samples: readonly Sample[];
  readonly intervals: readonly Interval[];
  /** From the first sample to the last; null when there is one only. */
  readonly all: Interval | null;
  /** Said when samples were left out, or when there are too few for rates. */
  readonly notes: readonly string[];
}

/** The samples in which one of these sources was read, and the intervals between them. */
export function timeline(snapshot: Snapshot, ids: readonly SourceId[]): Timeline {
  const found = snapshot.samples.filter((sample) => ids.some((id) => sample.sources[id] !== undefined));
  const samples = thinned(found);
  const intervals = samples.slice(1).flatMap((after, index) => interval(samples[index], after));
  const notes = [
    ...(found.length > samples.length ? [`Every ${Math.ceil((found.length - 1) / MOST)}. of ${found.length} samples is shown.`] : []),
    ...(intervals.length === 0 && found.length > 0 ? ['One sample: no rates.'] : []),
  ];
  return { samples, intervals, all: interval(samples[0], samples.at(-1))[0] ?? null, notes };
}

function interval(before: Sample | undefined, after: Sample | undefined): Interval[] {
  const seconds = before && after ? after.monotonic - before.monotonic : 0;
  return before && after && seconds > 0 ? [{ before, after, seconds }] : [];
}

/** Every n-th sample and the last, at most MOST + 1. */
function thinned(samples: readonly Sample[]): Sample[] {
  const step = Math.ceil((samples.length - 1) / MOST);
  return step <= 1 ? [...samples] : samples.filter((_, index) => index % step === 0 || index === samples.length - 1);
}

/** How fast a value of the samples rose in an interval; null when it is missing or went back. */
export const rateIn = ({ before, after, seconds }: Interval, value: (sample: Sample) => number | null | undefined): number | null =>
  rateBetween(value(before) ?? undefined, value(after) ?? undefined, seconds);

/** The time of a sample as sar prints it, in UTC; the seconds since the first sample when the clock is not known. */
export function clock(sample: Sample, first: Sample | undefined): string {
  if (sample.time === null || Math.abs(sample.time) > 8e12) return `+${(sample.monotonic - (first?.monotonic ?? 0)).toFixed(1)}s`;
  return new Date(Math.round(sample.time) * 1000).toISOString().slice(-13, -5);
}
