import { count } from '../../format.js';
import { cut } from '../escape.js';
import type { PageModel } from '../model.js';

const [STACKS, LINE] = [5, 300];

/** What Markdown adds to the traces: names as code, the largest stacks as text. */
export function markdownTraces(traces: PageModel['traces']) {
  if (traces === null) return null;
  return {
    ...traces,
    seen: traces.seen.map((trace) => ({
      ...trace,
      rows: trace.rows.map((cells) => cells.map((shown, index) => ({ shown, text: trace.heads[index]?.number !== true && shown !== '–' }))),
      stackText: trace.stacks
        .slice(0, STACKS)
        .map((each) => `${cut(each.stack, LINE)} ${count(each.count)}`)
        .join('\n'),
    })),
  };
}
