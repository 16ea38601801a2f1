import { barPieces, type Mark } from './bars.js';
import type { Part } from './stacked-bar.js';
import { label as textAt, picture } from './svg.js';

export interface BarRow {
  readonly label: string;
  /** The number, as text, at the right. */
  readonly value: string;
  readonly parts: readonly Part[];
  readonly marks?: readonly Mark[];
  /** The value at the right end of this bar, when its scale is not that of the others. */
  readonly most?: number;
}

const [ROW, TEXT, TOP, THICK] = [38, 13, 20, 10];

/** Bars under each other, each with its name and its number above it; one scale for all that have none of their own. */
export function labelledBars(rows: readonly BarRow[], label: string, atLeast = 0): string {
  if (rows.length === 0) return '';
  const sums = rows.map(({ parts }) => parts.reduce((sum, { value }) => sum + Math.max(0, value), 0));
  const longest = Math.max(atLeast, ...sums.filter((_, index) => rows[index]?.most === undefined));
  const drawn = rows.map(
    (row, index) =>
      textAt('row-name', 0, index * ROW + TEXT, row.label) +
      textAt('row-value', '100%', index * ROW + TEXT, row.value, 'end') +
      barPieces(row.parts, row.most ?? longest, index * ROW + TOP, THICK, row.marks),
  );
  return picture(rows.length * ROW, label, 'rows', drawn.join(''));
}
