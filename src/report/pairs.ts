import type { Sample, Snapshot, SourceData, SourceId } from '../gather/snapshot.js';

/** The readings of a source, in time order. */
export function readingsOf<Id extends SourceId>(snapshot: Snapshot, id: Id): { data: SourceData<Id>; sample: Sample }[] {
  return snapshot.samples.flatMap((sample) => {
    const data = sample.sources[id];
    return data === undefined ? [] : [{ data: data as SourceData<Id>, sample }];
  });
}

/** The outer readings of a source and the seconds between them; `first` is null and seconds 0 when there is one only. */
export function outer<Id extends SourceId>(
  snapshot: Snapshot,
  id: Id,
): { first: SourceData<Id> | null; last: SourceData<Id>; seconds: number } | null {
  const readings = readingsOf(snapshot, id);
  const [first, last] = [readings[0], readings.at(-1)];
  if (!first || !last) return null;
  const seconds = last.sample.monotonic - first.sample.monotonic;
  return seconds > 0 ? { first: first.data, last: last.data, seconds } : { first: null, last: last.data, seconds: 0 };
}

/** How fast a counter rose; null when a value is missing, the counter went back, or no time passed. */
export function rateBetween(before: number | undefined, after: number | undefined, seconds: number): number | null {
  if (before === undefined || after === undefined || after < before || !(seconds > 0)) return null;
  return (after - before) / seconds;
}

/** By how much a counter rose; null when a value is missing or it went back. */
export const rise = (before: number | undefined, after: number | undefined): number | null =>
  before === undefined || after === undefined || after < before ? null : after - before;
