import type { TextBlock } from './recognise.js';
import type { TextSample } from './kind.js';

/** One sample of one block, and when it was. */
export interface Reading {
  readonly block: TextBlock;
  readonly sample: TextSample;
  /** Seconds, on the one clock of the timeline; null: when is not known, or does not matter. */
  readonly at: number | null;
}

/** A moment is the same as another that is so near. */
const SAME = 0.5;
/** So many moments are kept: a day of sar has 144. */
const MOST = 1000;

/** Readings by moment, in time order; the last moment also has all that is not a series. */
export interface Timeline {
  readonly moments: readonly number[];
  readonly readings: readonly Reading[];
  /** Seconds since the epoch of moment 0 of the clock; null when no text says. */
  readonly epoch: number | null;
}

/**
 * Puts the samples of all blocks on one clock. Series of several samples, and blocks that come again with another date, make
 * moments; series of which the times are not known, or do not meet, end together.
 */
export function timelineOf(blocks: readonly TextBlock[]): Timeline {
  const repeated = datedRepeats(blocks);
  const series = blocks.filter(({ samples }) => samples.length > 1).map((block) => timesOf(block));
  const tracks = [...series, ...repeated].filter(({ times }) => times.length > 1).toSorted((a, b) => b.times.length - a.times.length);
  const [main] = tracks;
  const dated = blocks.flatMap(({ date, samples }) => samples.map(({ time }) => time ?? date)).filter((time) => time !== null);
  const latest = dated.length === 0 ? null : Math.max(...dated);
  if (!main) return { moments: [0], readings: everything(blocks, new Map()), epoch: latest };
  const moments = [...main.times];
  const placed = new Map<TextSample, number>();
  for (const track of tracks) {
    const shift = track === main || meets(track, main) ? 0 : (main.times.at(-1) ?? 0) - (track.times.at(-1) ?? 0);
    for (const [index, sample] of track.samples.entries()) {
      const wanted = (track.times[index] ?? 0) + shift;
      const near = nearest(moments, wanted);
      const at = near !== null && Math.abs(near - wanted) <= SAME ? near : wanted;
      if (at === wanted && near !== at) insert(moments, at);
      placed.set(sample, at);
    }
  }
  return { moments: thinned(moments), readings: everything(blocks, placed), epoch: main.absolute ? 0 : null };
}

interface Track {
  readonly samples: readonly TextSample[];
  readonly times: readonly number[];
  readonly absolute: boolean;
}

function timesOf({ samples }: TextBlock): Track {
  const absolute = samples.every(({ time }) => time !== null);
  // how long it was between them nobody told: no rate can be made of them, and the last is what counts
  if (!absolute && samples.some(({ offset }) => offset === undefined)) return { samples: [], times: [], absolute };
  const times = samples.map(({ time, offset }) => (absolute ? (time ?? 0) : (offset ?? 0)));
  // a clock that goes back (midnight, daylight saving) makes no order
  return times.every((time, index) => index === 0 || time > (times[index - 1] ?? 0))
    ? { samples, times, absolute }
    : { samples: [], times: [], absolute };
}

/** Blocks of one kind with one sample each, which come again with later dates. */
function datedRepeats(blocks: readonly TextBlock[]): Track[] {
  // by the file too: other files of one kind are no repeats
  const byFile = new Map<string, Map<number, TextSample[]>>();
  for (const { kind, samples, date } of blocks) {
    const [sample, more] = samples;
    const time = sample?.time ?? date;
    if (sample === undefined || more !== undefined || time === null) continue;
    const [path = ''] = sample.files.keys();
    const known = byFile.get(`${kind} ${path}`) ?? new Map<number, TextSample[]>();
    byFile.set(`${kind} ${path}`, known.set(time, [...(known.get(time) ?? []), sample]));
  }
  return [...byFile.values()].map((known) => {
    const entries = [...known].toSorted(([a], [b]) => a - b);
    const largest = Math.max(0, ...entries.flatMap(([, samples]) => samples.map(sizeOf)));
    // a few lines picked out are no reading of the whole
    if (entries.some(([, samples]) => samples.some((sample) => sizeOf(sample) * 2 < largest)))
      return { samples: [], times: [], absolute: true };
    const pairs = entries.flatMap(([time, samples]) => samples.map((sample) => ({ time, sample })));
    return entries.length < 2
      ? { samples: [], times: [], absolute: true }
      : { samples: pairs.map(({ sample }) => sample), times: pairs.map(({ time }) => time), absolute: true };
  });
}

const sizeOf = ({ files }: TextSample): number => [...files.values()].reduce((sum, text) => sum + text.length, 0);

const everything = (blocks: readonly TextBlock[], placed: ReadonlyMap<TextSample, number>): Reading[] =>
  blocks.flatMap((block) => block.samples.map((sample) => ({ block, sample, at: placed.get(sample) ?? null })));

const meets = (a: Track, b: Track): boolean =>
  a.absolute && b.absolute && (a.times[0] ?? 0) <= (b.times.at(-1) ?? 0) && (b.times[0] ?? 0) <= (a.times.at(-1) ?? 0);

/** Where `value` is, or would be, in sorted numbers. */
function place(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function nearest(sorted: readonly number[], value: number): number | null {
  const at = place(sorted, value);
  const [before, after] = [sorted[at - 1], sorted[at]];
  if (before === undefined) return after ?? null;
  return after === undefined || value - before <= after - value ? before : after;
}

const insert = (sorted: number[], value: number): void => void sorted.splice(place(sorted, value), 0, value);

/** The first, the last, and evenly some between. */
function thinned(moments: readonly number[]): number[] {
  const unique = [...new Set(moments)];
  if (unique.length <= MOST) return unique;
  const step = (unique.length - 1) / (MOST - 1);
  return Array.from({ length: MOST }, (_, index) => unique[Math.round(index * step)] ?? 0);
}
