import { count, type Infer, list, nullable, oneOf, row, seconds, text } from '../../json-schema.js';
import { UNITS } from '../../facts/fact.js';
import { BACKENDS, TRACE_STATUSES } from '../../gather/tracing/trace.js';

const cell = { type: ['number', 'string', 'boolean', 'null'] } as const;

/** Who did it: what short traces of the kernel saw. */
export const tracesSchema = list(
  row(
    {
      id: text(),
      title: text(),
      answers: text('the question'),
      answer: nullable(text('in one sentence; null when it could not be traced')),
      status: oneOf(TRACE_STATUSES),
      reason: nullable(text('why it is not ok')),
      command: nullable(text('what to run where it can be traced')),
      tools: list(text(), 'tools that show the same'),
      backend: nullable(oneOf(BACKENDS)),
      seconds: seconds('traced'),
      period: count('one event in so many was taken; counts are scaled up already'),
      lost: count('events, stacks or keys that found no room'),
      columns: list(row({ name: text(), unit: oneOf(UNITS) })),
      rows: list(list(cell), 'a cell for each column, the largest first'),
      rowsSeen: count('rows before they were cut'),
      stacks: list(row({ stack: text('comm;outermost;…;innermost'), count: count() }), 'the largest first'),
      stackUnit: text('what the counts of stacks are'),
      notes: list(text(), 'what is to be kept in mind: what is not seen this way, and why not a better one'),
    },
    {},
  ),
  'absent when nothing was traced',
);

export type ReportTrace = Infer<typeof tracesSchema>[number];
