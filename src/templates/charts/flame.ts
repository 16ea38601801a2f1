import { element, hint, label as textAt, picture, share } from './svg.js';

/** A box of a flame graph: its names are cut and visible already. */
export interface FlameBox {
  readonly name: string;
  readonly hint: string;
  readonly depth: number;
  readonly from: number;
  readonly width: number;
  /** `who`: the process; `code`: a function; `none`: an address without a name. */
  readonly kind: 'who' | 'code' | 'none';
}

const [LEVEL, PAD] = [18, 4];
/** The picture is about so wide where it is read most, a character so wide: a name is cut to its box. */
const [PAGE, CHARACTER] = [1040, 7];
const LEAST_TEXT = 3;

/**
 * A flame graph hung up (an icicle graph): processes at the top, under each function those that it called, so that what is wide stands by
 * its caption however deep a narrow one goes. Every box has its whole name and figures as a hint.
 */
export function flameChart(boxes: readonly FlameBox[], levels: number, label: string): string {
  if (boxes.length === 0) return '';
  const drawn = boxes.map(({ name, hint: said, depth, from, width, kind }) => {
    const room = Math.floor((width * PAGE - 2 * PAD) / CHARACTER);
    const text = fitted(name, room);
    // a picture of its own cuts what is too long on a narrow screen
    return element(
      'svg',
      { x: share(from), y: depth * LEVEL, width: share(width), height: LEVEL },
      hint(said) +
        element('rect', { class: `flame-${kind}`, width: '100%', height: LEVEL }) +
        (text === '' ? '' : textAt('flame-name', PAD, 13, text)),
    );
  });
  return picture(levels * LEVEL, label, 'flame', drawn.join(''));
}

function fitted(name: string, room: number): string {
  if (room < LEAST_TEXT) return '';
  const characters = Array.from(name);
  return characters.length <= room ? name : `${characters.slice(0, room - 1).join('')}…`;
}
