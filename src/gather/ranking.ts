/** For long tables of which only the largest rows are kept. */

export interface Line {
  readonly line: string;
  /** From 1. */
  readonly number: number;
  /** False for a last line without its end: it may have been cut. */
  readonly whole: boolean;
}

/** The lines that are not blank, one at a time: a table of MiBs is never held twice. */
export function* eachLine(text: string): Generator<Line> {
  let from = 0;
  for (let number = 1; from < text.length; number += 1) {
    const found = text.indexOf('\n', from);
    const end = found < 0 ? text.length : found;
    const line = text.slice(from, end).trimEnd();
    from = end + 1;
    if (line !== '') yield { line, number, whole: found >= 0 };
  }
}

/** The `kept` largest by bytes that hold any. */
export const largest = <T extends { readonly bytes: number }>(rows: readonly T[], kept: number): T[] =>
  rows
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, kept);
