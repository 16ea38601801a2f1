import type { Grid } from './html-tables.js';

interface PageCell {
  readonly text: string;
  readonly number: boolean;
  readonly head: boolean;
  /** A cell that holds a picture alone. */
  readonly chart: boolean;
  readonly svg: string;
  readonly notes: readonly string[];
}

/** What a page adds to a plain table. */
export interface GridExtras {
  /** A picture for each row, in a column of its own after the first. */
  readonly bars?: readonly string[];
  /** Small lines under the first cell of each row. */
  readonly notes?: readonly (readonly string[])[];
  /** The colour of a column's part of the bars, by its head. */
  readonly tones?: Readonly<Record<string, string>>;
}

/** A table as the page shows it. */
export function pageGrid({ head, rows }: Grid, { bars = [], notes = [], tones = {} }: GridExtras = {}) {
  const drawn = bars.some((svg) => svg !== '');
  const picture = <T>(first: T, rest: readonly T[], chart: T): T[] => (drawn ? [first, chart, ...rest] : [first, ...rest]);
  const [firstHead, ...restHeads] = head.map((cell) => ({ ...cell, chart: false, tone: tones[cell.text] ?? null }));
  if (!firstHead) return { head: [], rows: [], barred: false };
  return {
    barred: drawn,
    head: picture(firstHead, restHeads, { text: '', number: false, chart: true, tone: null }),
    rows: rows.map((cells, index) => {
      const [first, ...rest] = cells.map((cell, column): PageCell => ({
        ...cell,
        chart: false,
        svg: '',
        notes: column === 0 ? (notes[index] ?? []) : [],
      }));
      return first ? picture(first, rest, { text: '', number: false, head: false, chart: true, svg: bars[index] ?? '', notes: [] }) : [];
    }),
  };
}
