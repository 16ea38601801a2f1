import { styleText } from 'node:util';
import type { TraceHere } from '../gather/tracing/live.js';
import type { TraceResults } from '../gather/tracing/run.js';
import { fit, pad, wrap } from './columns.js';
import { cut, visible } from './escape.js';
import { tracesAlone } from './traces/build.js';
import { type Bold, traceText } from './traces/text.js';

interface Paper {
  readonly color: boolean;
  readonly width: number;
}

const boldOn = ({ color }: Paper): Bold => (color ? (text) => styleText('bold', text, { validateStream: false }) : (text) => text);
/** The narrowest terminal that lines are made for. */
const roomOn = ({ width }: Paper): number => Math.max(40, width);

/** Stacks as flamegraph.pl and speedscope read them, a line each: `comm;outermost;…;innermost count`, counts whole. */
export const foldedText = (traces: TraceResults): string =>
  Object.values(traces)
    .flatMap(({ stacks }) => stacks ?? [])
    .map(({ stack, count }) => ({ stack: visible(stack).trim(), count: Math.round(count) }))
    .filter(({ stack, count }) => stack !== '' && count > 0)
    .map(({ stack, count }) => `${stack} ${count}\n`)
    .join('');

/** What `memdoctor trace` without a list says: each trace, what it answers, and how it would be done here, or why not. */
export function traceListText(here: readonly TraceHere[], paper: Paper): string {
  const [bold, width] = [boldOn(paper), roomOn(paper)];
  const name = Math.max(4, ...here.map(({ id }) => id.length)) + 2;
  const room = width - name;
  const lines = here.flatMap(({ id, answers, backend, loss, tried, tools, in: part }) => {
    const how =
      backend === null
        ? `not here: ${[...new Set(tried.map(({ backend: means, reason }) => `${means}: ${reason}`))].join('; ') || 'it has no means'}`
        : `by ${backend}${loss === undefined ? '' : ` (${loss})`}; ${part === 'default' ? 'in default and all' : part === 'all' ? 'in all' : part}`;
    const like = tools.length === 0 ? [] : [`like ${tools.join(', ')}`];
    const [first = '', ...rest] = [answers, how, ...like].flatMap((text) => wrap(visible(cut(text, 400)), room));
    return [`${bold(pad(id, name))}${first}`, ...rest.map((line) => `${' '.repeat(name)}${line}`)];
  });
  const usable = here.filter(({ backend }) => backend !== null).length;
  return `${[...lines, '', ...wrap(`${usable} of ${here.length} can be traced here: sudo memdoctor trace LIST, with names or tools from above, default, or all.`, width)].map((line) => line.trimEnd()).join('\n')}\n`;
}

/** What traces have seen, for a terminal. `pageSize`: bytes. */
export function tracesText(traces: TraceResults, paper: Paper, pageSize: number): string {
  const [bold, width] = [boldOn(paper), roomOn(paper)];
  const blocks = tracesAlone(traces, pageSize).map((trace) => traceText(trace, width, bold));
  return blocks.length === 0 ? `${fit('Nothing was traced.', width)}\n` : `${blocks.join('\n\n')}\n`;
}
