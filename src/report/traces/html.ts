import { pageGrid } from '../html-grid.js';
import { grid } from '../html-tables.js';
import type { PageModel } from '../model.js';
import { plural } from '../words.js';
import { flameFigure } from './flame-figure.js';

/** What the page adds to the traces: tables as the page shows them, flame graphs. */
export function pageTraces(traces: PageModel['traces']) {
  if (traces === null) return null;
  return {
    ...traces,
    nothingCount: plural(traces.nothing.length, 'trace'),
    notCount: plural(traces.not.length, 'trace'),
    seen: traces.seen.map((trace, index) => ({
      ...trace,
      // the answer is to be seen anyway
      open: index === 0 || trace.stacks.length > 0,
      table: pageGrid(
        grid(
          trace.rows,
          trace.heads.map(({ text, number }, index) => [text, (row) => row[index] ?? '', number ? 'n' : 't'] as const),
        ),
      ),
      flame: flameFigure(trace),
    })),
  };
}
