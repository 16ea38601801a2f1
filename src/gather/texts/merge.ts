import type { TextBlock } from './recognise.js';
import type { Reading, Timeline } from './timeline.js';

/** What was made of the blocks. */
export interface Merged {
  /** By moment: path → text. */
  readonly files: readonly ReadonlyMap<string, string>[];
  /** The blocks of which something was used. */
  readonly used: ReadonlySet<TextBlock>;
}

/** Files of `name value` lines, of which one text can fill in what another lacks. */
const KEYED =
  /^told\.txt$|^proc\/(?:meminfo|vmstat|\d{1,10}\/status)$|^sys\/devices\/system\/node\/node\d{1,5}\/(?:meminfo|numastat|vmstat)$/;
/** What stands in several places is put together. */
const JOINED: readonly string[] = ['kernel-log.txt', 'errors.txt'];

type Keyed = Map<string, string>;

/**
 * Puts the readings of each moment together. For one path the kernel's own text outranks that of a tool, an exact one a
 * rounded one, a later one an earlier one; what the best of them lacks the next fills in, where lines have names.
 */
export function merge({ moments, readings }: Timeline): Merged {
  const used = new Set<TextBlock>();
  const last = moments.length - 1;
  const index = new Map(moments.map((moment, at) => [moment, at]));
  const byPath = new Map<string, Candidate[]>();
  const joined = new Map<string, string[]>();
  for (const [order, reading] of readings.entries())
    for (const [path, text] of reading.sample.files) {
      if (JOINED.includes(path)) {
        const texts = joined.get(path) ?? [];
        texts.push(text);
        joined.set(path, texts);
        used.add(reading.block);
        continue;
      }
      const moment = reading.at === null ? last : index.get(reading.at);
      // a moment that was thinned out
      if (moment === undefined) continue;
      const list = byPath.get(path) ?? [];
      byPath.set(path, list);
      list.push({ reading, text, order, moment, series: reading.at !== null });
    }
  const files = moments.map(() => new Map<string, string>());
  for (const [path, candidates] of byPath) placePath(path, candidates, files, used);
  for (const [path, texts] of joined) files.at(-1)?.set(path, texts.join(''));
  return { files, used };
}

interface Candidate {
  readonly reading: Reading;
  readonly text: string;
  readonly order: number;
  readonly moment: number;
  /** One of several over time. */
  readonly series: boolean;
}

function placePath(path: string, candidates: readonly Candidate[], files: readonly Map<string, string>[], used: Set<TextBlock>): void {
  const series = candidates.filter((candidate) => candidate.series);
  const single = candidates.filter((candidate) => !candidate.series);
  if (!KEYED.test(path)) {
    // where there is a series, the change matters more than one reading more
    for (const [moment, group] of byMoment(series.length > 0 ? series : single))
      take(group.toSorted(byRank).slice(0, 1), path, moment, files, used);
    return;
  }
  const still = stillValues(single, used);
  const moments = byMoment(series);
  if (moments.size === 0) {
    if (still.size > 0) write(files.at(-1), path, still);
    return;
  }
  const values = new Map<number, Keyed>();
  for (const [moment, group] of moments) values.set(moment, filled(group.toSorted(byRank), used));
  joinStill(path, values, still, files.length - 1);
  for (const [moment, keyed] of values) write(files[moment], path, keyed);
}

/** The values of texts without a time: those of the best, filled in from the others of another kind, or with other names. */
function stillValues(single: readonly Candidate[], used: Set<TextBlock>): Keyed {
  const longest = new Map<string, number>();
  const sizeOf = ({ text }: Candidate): number => text.split('\n').length;
  for (const candidate of single) {
    const { kind } = candidate.reading.block;
    longest.set(kind, Math.max(longest.get(kind) ?? 0, sizeOf(candidate)));
  }
  // a few lines that were picked out are less than the whole, also when they came later
  const isPart = (candidate: Candidate): number => Number(sizeOf(candidate) * 2 < (longest.get(candidate.reading.block.kind) ?? 0));
  const ranked = single.toSorted((a, b) => (a.reading.block.kind === b.reading.block.kind ? isPart(a) - isPart(b) : 0) || byRank(a, b));
  const kinds = new Map<string, Set<string>>();
  const kept = ranked.filter(({ reading, text }) => {
    const { kind } = reading.block;
    const names = [...keyedOf(text).keys()];
    const known = kinds.get(kind) ?? new Set<string>();
    // an earlier reading of the same kind is of another moment: nothing of it fits, unless it is another part of the file
    if (names.some((name) => known.has(name))) return false;
    kinds.set(kind, new Set([...known, ...names]));
    return true;
  });
  return filled(kept, used);
}

/**
 * Joins one reading with a series. Counters of a series begin anywhere: they are moved so that they end at the one that was
 * read. Gauges are those of the last moment.
 */
function joinStill(path: string, values: Map<number, Keyed>, still: Keyed, last: number): void {
  const end = Math.max(...values.keys());
  for (const [name, text] of still) {
    const ended = values.get(end)?.get(name);
    const isCounter = path.endsWith('vmstat') && !name.startsWith('nr_');
    if (ended === undefined || !isCounter) {
      if (ended === undefined || end === last) values.set(last, (values.get(last) ?? new Map<string, string>()).set(name, text));
      continue;
    }
    const rise = numberOf(text) - numberOf(ended);
    if (!(rise > 0)) continue;
    for (const keyed of values.values()) {
      const line = keyed.get(name);
      if (line !== undefined) keyed.set(name, `${name} ${numberOf(line) + rise}`);
    }
  }
}

const numberOf = (line: string): number => Number(/(\d+)\D*$/.exec(line)?.[1] ?? Number.NaN);

/** The first of the texts, with the lines that it lacks from the others. */
function filled(ranked: readonly Candidate[], used: Set<TextBlock>): Keyed {
  const all: Keyed = new Map();
  for (const { text, reading } of ranked)
    for (const [name, line] of keyedOf(text)) {
      if (all.has(name)) continue;
      all.set(name, line);
      used.add(reading.block);
    }
  return all;
}

/** The lines of a text by their names: what stands before the first colon, or blank. */
function keyedOf(text: string): Keyed {
  const found: Keyed = new Map();
  for (const line of text.split('\n')) {
    const name = /^\s*(Node \d+ [\w()]+|[^\s:]+)/.exec(line)?.[1];
    if (name !== undefined) found.set(name, line);
  }
  return found;
}

function byMoment(candidates: readonly Candidate[]): Map<number, Candidate[]> {
  const found = new Map<number, Candidate[]>();
  for (const candidate of candidates) found.set(candidate.moment, [...(found.get(candidate.moment) ?? []), candidate]);
  return found;
}

const byRank = (a: Candidate, b: Candidate): number => rankOf(b) - rankOf(a) || b.order - a.order;

/** 2: of the kernel; 1: of a tool, exact; 0: rounded to MiB or more. */
function rankOf({ reading, text }: Candidate): number {
  if (reading.block.origin === 'kernel') return 2;
  return [...text.matchAll(/: +(\d{1,20}) kB$/gm)].some(([, digits]) => Number(digits) % 1024 !== 0) ? 1 : 0;
}

function take(
  [best]: readonly Candidate[],
  path: string,
  moment: number,
  files: readonly Map<string, string>[],
  used: Set<TextBlock>,
): void {
  if (!best) return;
  files[moment]?.set(path, best.text);
  used.add(best.reading.block);
}

const write = (files: Map<string, string> | undefined, path: string, keyed: Keyed): void =>
  void files?.set(path, `${[...keyed.values()].join('\n')}\n`);
