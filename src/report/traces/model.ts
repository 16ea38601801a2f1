import { count, duration } from '../../format.js';
import { valueText } from '../../rules/value.js';
import { plural } from '../words.js';
import type { ReportTrace } from './schema.js';

/** More rows are left to the JSON. */
export const MOST_ROWS = 12;

const MEANS: Readonly<Record<string, string>> = {
  tracepoint: 'bpftrace, tracepoints',
  fentry: 'bpftrace, function entry',
  kprobe: 'bpftrace, kprobes',
  usdt: 'bpftrace, probes of libc',
  software: 'bpftrace, software events',
  tracefs: 'histograms of tracefs',
  'perf-record': 'perf record',
  'perf-stat': 'perf stat',
  proc: 'differences of /proc',
};

/** What pages show of traces: those that saw somebody, those that saw nothing, those that could not be. Null when nothing was traced. */
export function tracesModel(traces: readonly ReportTrace[] | undefined) {
  if (traces === undefined || traces.length === 0) return null;
  const done = traces.filter(({ status }) => status === 'ok');
  return {
    seen: done.filter(saw).map(traceModel),
    nothing: done
      .filter((trace) => !saw(trace))
      .map(({ id, title, answer, ...rest }) => ({ id, title, answer: answer ?? '', how: howText(rest) })),
    not: traces.filter(({ status }) => status !== 'ok').map(notModel),
  };
}

const saw = ({ rows, stacks, answer }: ReportTrace): boolean =>
  rows.length + stacks.length > 0 || (answer ?? '').startsWith('For the whole host');

function traceModel(trace: ReportTrace) {
  const { id, title, answers, answer, columns, rows, rowsSeen, notes } = trace;
  const more = Math.max(rowsSeen, rows.length) - Math.min(rows.length, MOST_ROWS);
  return {
    id,
    title,
    answers,
    answer: answer ?? '',
    how: howText(trace),
    notes: notes.map(capital),
    heads: columns.map(({ name, unit }) => ({ text: name, number: unit !== 'text' })),
    rows: rows.slice(0, MOST_ROWS).map((cells) => cells.map((cell, index) => cellText(cell, columns[index]?.unit ?? 'text'))),
    more: more > 0 ? `and ${plural(more, 'more row')}` : '',
    stacks: trace.stacks,
    stackUnit: trace.stackUnit,
  };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1).replace(/\.$/, '');

/** A cell as people read it; an empty one is a dash. */
export const cellText = (cell: ReportTrace['rows'][number][number], unit: ReportTrace['columns'][number]['unit']): string =>
  cell === null || cell === '' ? '–' : valueText(cell, unit === 'pages' ? 'count' : unit);

/** By which means, how long, how much of it: `bpftrace, tracepoints, 8 s; one event in 20; 3 lost`. */
export function howText({ backend, seconds, period, lost }: Pick<ReportTrace, 'backend' | 'seconds' | 'period' | 'lost'>): string {
  const parts = [
    `${MEANS[backend ?? ''] ?? backend ?? 'by no means'}, ${duration(seconds)}`,
    period > 1 ? `one event in ${count(period)} was taken, and the counts scaled up` : null,
    lost > 0 ? `${count(lost)} lost` : null,
  ];
  return parts.filter((part) => part !== null).join('; ');
}

const WORDS = { refused: 'refused', unsupported: 'cannot be done here', failed: 'failed', ok: 'done' } as const;

const notModel = ({ id, title, status, reason, command, tools }: ReportTrace) => ({
  id,
  title,
  word: WORDS[status],
  reason: reason ?? '',
  command: command ?? '',
  tools: tools.length === 0 ? '' : tools.join(', '),
});
