import { scaleLinear } from 'd3-scale';
import { element, hint, picture, share } from './svg.js';
import type { Part } from './stacked-bar.js';

/** A place on a bar's scale: a limit, a watermark, an earlier value. */
export interface Mark {
  readonly at: number;
  readonly label: string;
  /** A class of the style sheet: `mark` with it. */
  readonly kind: 'limit' | 'high' | 'low' | 'min' | 'before';
}

const HEIGHT = 14;

/** The parts one after the other on a track, and marks across it; what goes beyond `most` is cut. */
export function barPieces(parts: readonly Part[], most: number, top: number, height: number, marks: readonly Mark[] = []): string {
  const scale = scaleLinear([0, Math.max(most, Number.MIN_VALUE)], [0, 1]).clamp(true);
  let sum = 0;
  const pieces = parts
    .filter((part) => part.value > 0)
    .map((part) => {
      const [from, to] = [scale(sum), scale(sum + part.value)];
      sum += part.value;
      return to > from
        ? element('rect', { class: part.tone, x: share(from), y: top, width: share(to - from), height }, hint(part.label))
        : '';
    });
  const track = element('rect', { class: 'track', x: 0, y: top, width: '100%', height });
  const across = marks
    .filter(({ at }) => at >= 0 && at <= most)
    .map(({ at, label, kind }) =>
      element(
        'line',
        { class: `mark ${kind}`, x1: share(scale(at)), x2: share(scale(at)), y1: top - 3, y2: top + height + 3 },
        hint(label),
      ),
    );
  return track + pieces.join('') + across.join('');
}

/** One bar for a cell of a table; the cells beside it say its numbers, so it has no text alternative. */
export const bar = (parts: readonly Part[], most: number, marks: readonly Mark[] = []): string =>
  picture(HEIGHT + 6, null, 'bar', barPieces(parts, most, 3, HEIGHT, marks));

/** How a mark looks, for a key. */
export const markKey = (kind: Mark['kind']): string =>
  element(
    'svg',
    { class: 'mark-key', width: 8, height: 14, 'aria-hidden': 'true' },
    element('line', { class: `mark ${kind}`, x1: 4, x2: 4, y1: 0, y2: 14 }),
  );
