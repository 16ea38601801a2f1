import { deriveFacts } from '../../facts/derive.js';
import type { FactSet } from '../../facts/fact.js';
import type { Snapshot } from '../../gather/snapshot.js';
import { traces as registry } from '../../gather/traces/index.js';
import type { TraceResults } from '../../gather/tracing/run.js';
import type { AnyTrace } from '../../gather/tracing/trace.js';
import { valueText } from '../../rules/value.js';
import type { ReportTrace } from './schema.js';
import { plainColumns, SHOWN, type Shown } from './shown.js';

const definitions: Readonly<Record<string, AnyTrace>> = registry;

/** What traces saw, for a report; in their order. Pure. */
export const reportTraces = (traces: TraceResults, factSet: FactSet): ReportTrace[] =>
  inOrder(traces).map(([id, trace]) => {
    const definition = Object.hasOwn(definitions, id) ? definitions[id] : undefined;
    const shown: Shown = (Object.hasOwn(SHOWN, id) ? SHOWN[id] : undefined) ?? { columns: plainColumns(trace.rows) };
    // a column that no row has anything for is none
    const columns = shown.columns.filter(([, , value]) => trace.rows.some((row) => value(row, trace.seconds) !== null));
    const ok = trace.status === 'ok';
    return {
      id,
      title: definition?.title ?? id,
      answers: definition?.answers ?? '',
      answer: ok ? answerOf(shown, trace, factSet) : null,
      status: trace.status,
      reason: trace.reason ?? null,
      command: ok ? null : `sudo memdoctor trace ${id}`,
      tools: [...(definition?.tools ?? [])],
      backend: trace.backend,
      seconds: trace.seconds,
      period: trace.period,
      lost: trace.lost,
      columns: columns.map(([name, unit]) => ({ name, unit })),
      rows: trace.rows.map((row) => columns.map(([, , value]) => value(row, trace.seconds))),
      rowsSeen: trace.rowsSeen,
      stacks: (trace.stacks ?? []).toSorted((a, b) => b.count - a.count).map(({ stack, count }) => ({ stack, count })),
      stackUnit: shown.stacks ?? 'events',
      notes: [...(trace.notes ?? []), ...(ok ? betterMeans(trace.tried) : [])],
    };
  });

/** The most telling first. */
function inOrder(traces: TraceResults): [string, TraceResults[string]][] {
  const places = Object.keys(SHOWN);
  const place = (id: string): number => (places.includes(id) ? places.indexOf(id) : places.length);
  return Object.entries(traces).toSorted(([a], [b]) => place(a) - place(b));
}

/** The same of traces alone. `pageSize`: bytes. */
export function tracesAlone(traces: TraceResults, pageSize: number): ReportTrace[] {
  const subject = { hostname: null, kernel: null, arch: null, capturedAt: null, origin: 'live', pageSize, clockTicks: 100 } as const;
  const snapshot = { format: 'memdoctor-snapshot', schemaVersion: '', memdoctorVersion: '', subject, samples: [], sources: {}, traces };
  return reportTraces(traces, deriveFacts(snapshot as unknown as Snapshot));
}

/** In one sentence: who; else what there was most of; else that there was nothing. */
function answerOf({ answer, also, columns }: Shown, { rows, seconds, totals = {} }: TraceResults[string], { facts }: FactSet): string {
  const fact = answer?.[1] === undefined ? undefined : facts[answer[1]];
  const more = also ? facts[also[1]]?.value : undefined;
  if (answer && typeof fact?.value === 'string')
    return sentence(`${answer[0]}: ${fact.value}${also && typeof more === 'string' ? `; ${also[0]} ${more}` : ''}`);
  const counted = Object.entries(totals).filter(([, value]) => value > 0);
  if (rows.length === 0 && counted.length > 0)
    return sentence(`For the whole host: ${counted.map(([name, value]) => `${words(name)} ${valueText(value, 'count')}`).join(', ')}`);
  if (fact?.reason !== undefined && rows.length === 0) return sentence(fact.reason);
  const [first] = rows;
  if (!first) return 'Nothing of the kind happened while it was traced.';
  const said = columns.flatMap(([name, unit, value]) => {
    const cell = value(first, seconds);
    return cell === null ? [] : [unit === 'text' ? String(cell) : `${name.toLowerCase()} ${valueText(cell, unit)}`];
  });
  return sentence(`${answer?.[0] ?? 'First'}: ${said.join(', ')}`);
}

/** `dirtiedPages` as people read it. */
const words = (name: string): string => name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

/** Why better means were passed by; what many have in common is said once. */
function betterMeans(tried: TraceResults[string]['tried']): string[] {
  const backends = new Map<string, string[]>();
  for (const { backend, reason } of tried) backends.set(reason, [...new Set([...(backends.get(reason) ?? []), backend])]);
  return [...backends].map(([reason, names]) => `Not by ${names.join(', ')}: ${reason}`);
}
