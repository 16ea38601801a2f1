import { boolean, bytes, constant, count, type Infer, list, map, nullable, oneOf, row, seconds, text } from '../json-schema.js';
import { SOURCE_STATUSES } from './collect.js';
import { sources } from './sources/index.js';
import { traces } from './traces/index.js';
import { tracedSchema } from './tracing/trace.js';

/** The version of the snapshot's form; the major number changes when older readers would misread it. */
export const SNAPSHOT_VERSION = '1.0';

export const ORIGINS = ['live', 'snapshot', 'directory', 'sosreport', 'text'] as const;

type Schemas = { [Id in keyof typeof sources]: (typeof sources)[Id]['schema'] };
const schemas = Object.fromEntries(Object.entries(sources).map(([id, source]) => [id, source.schema])) as unknown as Schemas;

type RowSchemas = { [Id in keyof typeof traces]: (typeof traces)[Id]['row'] };
type TracedSchemas = { [Id in keyof RowSchemas]: ReturnType<typeof tracedSchema<RowSchemas[Id]>> };
const tracedSchemas = Object.fromEntries(
  Object.entries(traces).map(([id, trace]) => [id, tracedSchema(trace.row)]),
) as unknown as TracedSchemas;

const subject = row({
  hostname: nullable(text()),
  kernel: nullable(text('release, as uname -r prints it')),
  arch: nullable(text('machine, as uname -m prints it')),
  capturedAt: nullable(text('ISO 8601, UTC: when the last sample was read')),
  origin: oneOf(ORIGINS),
  pageSize: bytes(),
  clockTicks: count('USER_HZ'),
});

const sample = row({
  time: nullable(seconds('since the epoch')),
  monotonic: seconds('on a clock that is never set: only differences mean something'),
  sources: row({}, schemas, 'what was read in this sample, by source; a source that is missing was not read or gave nothing'),
});

const outcome = row(
  {
    status: oneOf(SOURCE_STATUSES),
    seconds: seconds('the longest time one reading of it took'),
    bytes: bytes('read at most in one sample'),
  },
  { reason: text() },
);

export const textsReadSchema = row(
  {
    recognised: list(
      row(
        { name: text('of the text'), kind: text(), title: text(), firstLine: count(), lastLine: count(), used: boolean() },
        { note: text('why not') },
      ),
      'blocks, in their order',
    ),
    unrecognised: list(row({ name: text('of the text'), line: count(), lastLine: count(), text: text('of the first line, cut') })),
  },
  {},
  'what was found in the texts that it was made from',
);

/** What redaction has replaced; a report tells it too. */
export const redactedSchema = map(count(), 'how many different names were replaced by pseudonyms, by kind');

/** The snapshot: the parsed evidence, and how each source fared. */
export const snapshotSchema = row(
  {
    format: constant('memdoctor-snapshot'),
    schemaVersion: text(),
    memdoctorVersion: text('that wrote it'),
    subject,
    samples: { ...list(sample, 'in time order'), minItems: 1 },
    sources: map(outcome, 'by source'),
  },
  {
    traces: row({}, tracedSchemas, 'short traces of the kernel, as far as they were asked for'),
    texts: textsReadSchema,
    notes: list(text(), 'what was passed over in an archive for safety'),
    redacted: redactedSchema,
  },
  'A memdoctor snapshot. Sizes are in bytes, times in seconds.',
);

export type Snapshot = Infer<typeof snapshotSchema>;
export type Sample = Infer<typeof sample>;
export type Subject = Infer<typeof subject>;
export type SourceReport = Infer<typeof outcome>;
export type TextsRead = Infer<typeof textsReadSchema>;
export type SourceId = keyof typeof sources;
/** What a source gives. */
export type SourceData<Id extends SourceId> = Infer<Schemas[Id]>;
export type TraceId = keyof typeof traces;
/** How a trace fared, with what it saw. */
export type TraceData<Id extends TraceId> = Infer<TracedSchemas[Id]>;
