import { oneSample, type TextSample } from '../kind.js';

/** What one moment of a series holds. */
export interface Moment {
  readonly files: ReadonlyMap<string, string>;
  /** Seconds, on any clock; null when the text does not tell. */
  readonly at: number | null;
}

/** No series is longer: the last are kept. */
const LONGEST = 2000;
const DAY = 86_400;

/** Samples of moments in their order, those without files left out; offsets when all have a time. `date`: seconds since the epoch of clock 0. */
export function series(moments: readonly Moment[], date: number | null = null): readonly TextSample[] {
  const kept = moments.filter(({ files }) => files.size > 0).slice(-LONGEST);
  const [first] = kept;
  if (first === undefined) return [];
  const timed = kept.every(({ at }) => at !== null);
  const time = (at: number | null): number | null => (date === null || at === null ? null : date + at);
  if (kept.length === 1) return date === null ? oneSample(first.files) : [{ files: first.files, time: time(first.at) }];
  return kept.map(({ files, at }) => ({ files, time: time(at), ...(timed ? { offset: (at ?? 0) - (first.at ?? 0) } : {}) }));
}

/** Clock times as seconds that only rise: past midnight a day is added. */
export function rising(): (seconds: number) => number {
  let days = 0;
  let last = -Infinity;
  return (seconds) => {
    // half an hour back is a clock that was set, or rows out of order, and no midnight
    if (seconds + days * DAY < last - 1800) days += 1;
    last = Math.max(last, seconds + days * DAY);
    return last;
  };
}
