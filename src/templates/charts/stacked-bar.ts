import { element, hint, picture } from './svg.js';

export interface Part {
  /** What it is and how much, for the hint. */
  readonly label: string;
  readonly value: number;
  /** A class of the style sheet that gives the colour. */
  readonly tone: string;
}

const WIDTH = 1000;
const HEIGHT = 36;

/** One bar, cut into parts that together make the whole width; parts below zero are left out. */
export function stackedBar(parts: readonly Part[], label: string): string {
  const drawn = parts.filter((part) => part.value > 0);
  const total = drawn.reduce((sum, part) => sum + part.value, 0);
  if (total === 0) return '';
  let x = 0;
  const pieces = drawn.map((part) => {
    const width = (WIDTH * part.value) / total;
    const piece = element('rect', { class: part.tone, x, y: 0, width, height: HEIGHT }, hint(part.label));
    x += width;
    return piece;
  });
  return picture(WIDTH, HEIGHT, label, 'stacked', pieces.join('')).replace('<svg', '<svg preserveAspectRatio="none"');
}
