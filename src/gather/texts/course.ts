import type { TextBlock } from './recognise.js';

/** A path of its own: no file of the kernel tells it. */
export const COURSE_FILE = 'course.txt';
/** Fewer readings are before and after. */
const FEWEST = 3;
/** A blank line, a prompt and a command may stand between. */
const APART = 3;
const MEMINFO = 'proc/meminfo';
const FIELD = /^([\w()]{1,40}):\s+(\d{1,15}) kB$/gm;

type Reading = ReadonlyMap<string, string>;

export interface Course {
  /** A line `Name: 1 2 3` for each field that all readings have, the last perhaps not, in kB. */
  readonly text: string;
  readonly blocks: readonly TextBlock[];
}

/**
 * The readings of /proc/meminfo that follow each other without a clock (a loop around grep or free): no rate can be made of them, but
 * whether a figure rose, fell or came back. Null when there are fewer than three; of several such rows the longest. Pure.
 */
export function courseOf(blocks: readonly TextBlock[]): Course | null {
  const runs: { blocks: TextBlock[]; readings: Reading[] }[] = [];
  let before: TextBlock | undefined;
  for (const block of blocks) {
    const run = before !== undefined && follows(before, block) ? runs.at(-1) : undefined;
    if (run) run.blocks.push(block);
    else runs.push({ blocks: [block], readings: [] });
    runs.at(-1)?.readings.push(...untimed(block));
    before = block;
  }
  const [longest] = runs.toSorted((a, b) => b.readings.length - a.readings.length);
  if (!longest || longest.readings.length < FEWEST) return null;
  const { readings } = longest;
  // the last may be cut
  const names = [...(readings[0]?.keys() ?? [])].filter((name) => readings.slice(0, -1).every((reading) => reading.has(name)));
  const lines = names.flatMap((name) => {
    const values = readings.flatMap((reading) => reading.get(name) ?? []);
    return values.length < FEWEST ? [] : [`${name}: ${values.join(' ')}\n`];
  });
  return lines.length === 0 ? null : { text: lines.join(''), blocks: longest.blocks };
}

/** What a block says of /proc/meminfo, moment by moment; nothing when it says when that was. */
function untimed({ samples, date }: TextBlock): Reading[] {
  if (date !== null || samples.some(({ time, offset, files }) => time !== null || offset !== undefined || !files.has(MEMINFO))) return [];
  return samples.map(({ files }) => new Map([...(files.get(MEMINFO) ?? '').matchAll(FIELD)].map(([, name = '', kib = '']) => [name, kib])));
}

const follows = (before: TextBlock, block: TextBlock): boolean =>
  before.kind === block.kind && before.name === block.name && block.firstLine - before.lastLine <= APART;
