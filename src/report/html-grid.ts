import type { Grid } from './html-tables.js';

interface PageCell {
  readonly text: string;
  readonly number: boolean;
  readonly head: boolean;
  readonly long: boolean;
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
export function pageGrid(whole: Grid, { bars = [], notes = [], tones = {} }: GridExtras = {}) {
  const { head, rows, same } = withoutSame(whole);
  const drawn = bars.some((svg) => svg !== '');
  const picture = <T>(first: T, rest: readonly T[], chart: T): T[] => (drawn ? [first, chart, ...rest] : [first, ...rest]);
  const [firstHead, ...restHeads] = head.map((cell) => ({ ...cell, chart: false, tone: tones[cell.text] ?? null }));
  if (!firstHead) return { head: [], rows: [], barred: false, same };
  return {
    barred: drawn,
    same,
    head: picture(firstHead, restHeads, { text: '', number: false, chart: true, tone: null }),
    rows: rows.map((cells, index) => {
      const [first, ...rest] = cells.map((cell, column): PageCell => ({
        ...cell,
        chart: false,
        svg: '',
        notes: column === 0 ? (notes[index] ?? []) : [],
      }));
      return first
        ? picture(first, rest, { text: '', number: false, head: false, long: false, chart: true, svg: bars[index] ?? '', notes: [] })
        : [];
    }),
  };
}

/** What a column says that says nothing: no limit, no event, no rate. */
const NOTHING = /^(?:none|–|0(?: (?:B|%|pages\/s))?|0(?: B)?\/s)?$/;
const UNKNOWN = '–';
/** With fewer rows nothing is gained. */
const LEAST_ROWS = 3;

/** A table without the columns that say the same nothing in every row, and what they say: `Limit none`. */
function withoutSame({ head, rows }: Grid): Grid & { readonly same: string[] } {
  const texts = head.map((_, column) => new Set(rows.map((cells) => cells[column]?.text ?? '')));
  const [kept, same]: [number[], string[]] = [[], []];
  for (const [column, said] of texts.entries()) {
    const known = [...said].filter((text) => text !== UNKNOWN);
    const [only = UNKNOWN] = known;
    if (column === 0 || rows.length < LEAST_ROWS || known.length > 1 || !NOTHING.test(only)) kept.push(column);
    else if (only !== '') same.push(`${head[column]?.text ?? ''} ${only === UNKNOWN ? 'not known' : only}`);
  }
  const pick = <T>(all: readonly T[]): T[] => all.filter((_, column) => kept.includes(column));
  return { head: pick(head), rows: rows.map(pick), same };
}
