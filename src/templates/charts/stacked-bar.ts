import { element, hint, label as textAt, picture, share } from './svg.js';

export interface Part {
  /** What it is and how much, for the hint. */
  readonly label: string;
  readonly value: number;
  /** A class of the style sheet that gives the colour. */
  readonly tone: string;
  /** The letter that the table beside it has for it. */
  readonly letter?: string;
  /** Written into the part where it has room. */
  readonly name?: string;
}

const HEIGHT = 44;
/** Parts narrower than this hold no letter, on a phone's 300 pixels either. */
const LEAST_FOR_LETTER = 0.035;
/** Pixels of the widest page, of a letter with its gaps, and of a character. */
const [WIDEST, LETTER, CHARACTER] = [960, 34, 8];

/** One bar, cut into parts that together make the whole width; parts of zero and below are left out. */
export function stackedBar(parts: readonly Part[], label: string): string {
  const drawn = parts.filter((part) => part.value > 0);
  const total = drawn.reduce((sum, part) => sum + part.value, 0);
  if (total === 0) return '';
  let at = 0;
  const pieces = drawn.map((part) => {
    const width = part.value / total;
    const piece = element(
      'svg',
      { x: share(at), width: share(width), height: HEIGHT },
      hint(part.label) + element('rect', { class: part.tone, width: '100%', height: HEIGHT }) + inscription(part, width),
    );
    at += width;
    return piece;
  });
  return picture(HEIGHT, label, 'stacked', pieces.join(''));
}

function inscription({ letter, name, tone }: Part, width: number): string {
  if (letter === undefined || width < LEAST_FOR_LETTER) return '';
  const ink = `on on-${tone}`;
  if (name === undefined || LETTER + name.length * CHARACTER > width * WIDEST) return textAt(`${ink} letter`, '50%', 28, letter, 'middle');
  return textAt(`${ink} letter`, 10, 28, letter) + textAt(`${ink} name`, 28, 28, name);
}
