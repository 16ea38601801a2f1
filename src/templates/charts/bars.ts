import { element, hint, picture } from './svg.js';
import type { Part } from './stacked-bar.js';

const [WIDTH, HEIGHT] = [300, 14];

/** One horizontal bar of several parts, drawn against the longest of its table; zero parts draw an empty track. */
export function bar(parts: readonly Part[], longest: number, label: string): string {
  let x = 0;
  const pieces = parts
    .filter((part) => part.value > 0)
    .map((part) => {
      const width = longest > 0 ? (WIDTH * part.value) / longest : 0;
      const piece = element('rect', { class: part.tone, x, y: 0, width, height: HEIGHT }, hint(part.label));
      x += width;
      return piece;
    });
  const track = element('rect', { class: 'track', x: 0, y: 0, width: WIDTH, height: HEIGHT });
  return picture(WIDTH, HEIGHT, label, 'bar', track + pieces.join('')).replace('<svg', '<svg preserveAspectRatio="none"');
}
