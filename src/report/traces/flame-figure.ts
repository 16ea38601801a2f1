import { count, percent } from '../../format.js';
import { flameChart } from '../../templates/charts/flame.js';
import { layFlame, LEAST_SHARE } from '../chart-data/flame.js';
import { pictureName } from '../chart-data/name.js';
import type { ReportTrace } from './schema.js';

/** So many boxes are drawn, fewer when their names make the picture larger than this many characters. */
const BOXES = [240, 120, 60, 30, 12, 4] as const;
const LARGEST = 48_000;
const NAME = 70;
const STACKS = 10;

/** A flame graph of a trace, with the words around it and its largest stacks as a table; null without stacks. */
export function flameFigure({ title, stacks, stackUnit }: Pick<ReportTrace, 'title' | 'stacks' | 'stackUnit'>) {
  const counted = stacks.filter((each) => each.count > 0).map((each) => ({ stack: named(each.stack), count: each.count }));
  if (counted.length === 0) return null;
  const alternative = `Flame graph of ${counted.length} stacks. The table below has the largest.`;
  let drawn = { svg: '', left: 0, total: 0 };
  for (const most of BOXES) {
    const { frames, levels, total, left } = layFlame(counted, most);
    const boxes = frames.map(({ name, depth, from, width, count: own }) => ({
      name: pictureName(name, NAME),
      hint: `${pictureName(name, NAME)}: ${count(own)} ${stackUnit}, ${percent(100 * width)}`,
      depth,
      from,
      width,
      kind: kindOf(name, depth),
    }));
    drawn = { svg: flameChart(boxes, levels, alternative), left, total };
    if (drawn.svg.length <= LARGEST) break;
  }
  const { svg, left, total } = drawn;
  return {
    title,
    svg,
    caption: `By ${stackUnit}, of ${count(total)}: the process at the top, under each function those that it called.`,
    left:
      left === 0
        ? ''
        : `${left === 1 ? 'One box is' : `${count(left)} boxes are`} not drawn: narrower than ${percent(100 * LEAST_SHARE)}, or too many.`,
    most: counted.slice(0, STACKS).map((each) => ({
      stack: each.stack.split(';').map((frame) => pictureName(frame, NAME)),
      count: count(each.count),
      share: percent((100 * each.count) / total),
    })),
  };
}

/** An address, or what tools write in the place of a name. */
const UNNAMED = /^(?:0x)?[0-9a-f]{6,16}$|^\[?unknown\]?$/;
const NO_NAME = '[no names]';
const kindOf = (name: string, depth: number): 'who' | 'code' | 'none' => (depth === 0 ? 'who' : name === NO_NAME ? 'none' : 'code');

/** A stack with functions that have no names as one frame, however many call each other: nobody reads addresses in a picture. */
const named = (stack: string): string =>
  stack
    .split(';')
    .map((frame, depth) => (depth > 0 && UNNAMED.test(frame) ? NO_NAME : frame))
    .filter((frame, depth, frames) => frame !== NO_NAME || frames[depth - 1] !== NO_NAME)
    .join(';');
