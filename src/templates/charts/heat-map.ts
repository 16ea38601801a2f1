import { scaleThreshold } from 'd3-scale';
import { element, hint, label as textAt, picture, share } from './svg.js';

export interface HeatRow {
  readonly label: string;
  readonly value: string;
  /** By column: what is written, what the pointer shows, and the share (0 to 1) that gives the colour. */
  readonly cells: readonly { readonly text: string; readonly hint: string; readonly share: number }[];
}

const [HEAD, NAME, CELL, GAP] = [18, 18, 24, 8];
/** Shares from which a cell is darker; a cell of exactly zero is empty. */
const level = scaleThreshold<number, number>([Number.MIN_VALUE, 0.02, 0.08, 0.2, 0.45], [0, 1, 2, 3, 4, 5]);

/** Rows of cells, darker where there is more; every cell has its number, so that no colour needs to be read. */
export function heatMap(heads: readonly string[], rows: readonly HeatRow[], label: string): string {
  if (heads.length === 0 || rows.length === 0) return '';
  const width = 1 / heads.length;
  const top = heads.map((head, index) => textAt('tick', share((index + 0.5) * width), 12, head, 'middle'));
  const drawn = rows.map((row, index) => {
    const y = HEAD + index * (NAME + CELL + GAP);
    const cells = row.cells.map((cell, column) => {
      const step = level(cell.share);
      return element(
        'svg',
        { class: 'heat', x: share(column * width), y: y + NAME, width: share(width), height: CELL },
        hint(cell.hint) +
          element('rect', { class: `h${step}`, width: '100%', height: CELL }) +
          textAt(`heat-number hi${step}`, '50%', 16, cell.text, 'middle'),
      );
    });
    return textAt('row-name', 0, y + 13, row.label) + textAt('row-value', '100%', y + 13, row.value, 'end') + cells.join('');
  });
  return picture(HEAD + rows.length * (NAME + CELL + GAP), label, 'heat-map', [...top, ...drawn].join(''));
}
