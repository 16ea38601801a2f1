import type { Sample, Snapshot, SourceId } from '../../gather/snapshot.js';
import { clock, type Interval, timeline } from './intervals.js';
import { two } from './numbers.js';
import { notGathered, type ToolTable } from './tool.js';

type Maybe = number | null | undefined;
type Rate = readonly [name: string, value: (interval: Interval) => Maybe];
type Level = readonly [name: string, value: (sample: Sample) => Maybe, text: (value: Maybe) => string];

const utc = (samples: readonly Sample[]): string[] =>
  samples.some(({ time }) => time !== null) ? ['Times are in UTC; sar prints local time.'] : [];

/** A report of sar with a figure for each interval, and the average over all of them. */
export function sarRates(
  snapshot: Snapshot,
  id: SourceId,
  how: string,
  columns: readonly Rate[],
  notes: readonly string[] = [],
): ToolTable {
  const { intervals, all, samples, notes: said } = timeline(snapshot, [id]);
  if (samples.length === 0) return notGathered(snapshot, id, how);
  const row = (interval: Interval): string[] => columns.map(([, value]) => two(value(interval)));
  if (!all) return { notes: said };
  return {
    columns: ['time', ...columns.map(([name]) => name)],
    rows: [...intervals.map((interval) => [clock(interval.after, samples[0]), ...row(interval)]), ['Average:', ...row(all)]],
    notes: [...notes, ...said, ...utc(samples)],
  };
}

/** A report of sar with levels as they are at the end of each interval, and their average. */
export function sarLevels(
  snapshot: Snapshot,
  id: SourceId,
  how: string,
  columns: readonly Level[],
  notes: readonly string[] = [],
): ToolTable {
  const { samples: all, notes: said } = timeline(snapshot, [id]);
  if (all.length === 0) return notGathered(snapshot, id, how);
  const samples = all.length > 1 ? all.slice(1) : all;
  // a text may hold a part of the fields only
  if (samples.every((sample) => columns.every(([, value]) => typeof value(sample) !== 'number'))) return notGathered(snapshot, id, how);
  return {
    columns: ['time', ...columns.map(([name]) => name)],
    rows: [
      ...samples.map((sample) => [clock(sample, all[0]), ...columns.map(([, value, text]) => text(value(sample)))]),
      ...(samples.length > 1 ? [['Average:', ...columns.map(([, value, text]) => text(mean(samples.map(value))))]] : []),
    ],
    notes: [...notes, ...said.filter((note) => !note.startsWith('One sample')), ...utc(samples)],
  };
}

function mean(values: readonly Maybe[]): number | null {
  const known = values.filter((value) => typeof value === 'number');
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0) / known.length;
}
