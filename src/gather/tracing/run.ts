import { traces } from '../traces/index.js';
import type { Tree } from '../tree.js';
import { bpftraceEngine } from './bpftrace.js';
import type { Attempt, Engine, EngineContext, Job } from './engine.js';
import { type Ground, groundOf, type Room } from './ground.js';
import type { TraceHost } from './host.js';
import { perfRecordEngine, perfStatEngine } from './perf.js';
import { procEngine } from './proc.js';
import { admitted, tooDear } from './rates.js';
import type { AnyForm, AnyTrace, Backend, Rates, Seen, Stack, Traced } from './trace.js';
import { tracefsEngine } from './tracefs.js';

export interface TraceOptions {
  /** Ids of traces, as chosen. */
  readonly ids: readonly string[];
  readonly seconds: number;
  readonly pid: number | null;
  /** Only by these means: the name of a backend, or of its tool (`bpftrace`, `perf`). */
  readonly by: string | null;
  readonly host: TraceHost;
  /** For what is read of /proc. */
  readonly tree: Tree;
  readonly rates: Rates | null;
  readonly room: Room;
  readonly signal?: AbortSignal;
  /** Gets a short line when a round begins. */
  readonly onProgress?: (line: string) => void;
}

/** How each trace fared, by id. */
export type TraceResults = Record<string, Traced<Record<string, unknown>>>;

const MOST_ROWS = 40;
const MOST_STACKS = 300;
const MOST_SECONDS = 15;

const registry: Readonly<Record<string, AnyTrace>> = traces;

/* oxlint-disable typescript/no-explicit-any -- each engine gets the jobs of its own kind only */
const ENGINES: Readonly<Record<string, Engine<any>>> = {
  bpftrace: bpftraceEngine,
  tracefs: tracefsEngine,
  'perf-record': perfRecordEngine,
  'perf-stat': perfStatEngine,
  proc: procEngine,
};
/* oxlint-enable typescript/no-explicit-any */

const engineOf = (backend: Backend): string => (backend in ENGINES ? backend : 'bpftrace');

interface Underway {
  readonly id: string;
  readonly trace: AnyTrace;
  readonly period: number;
  readonly seconds: number;
  /** The form to try next. */
  at: number;
  readonly tried: { backend: Backend; reason: string }[];
}

/**
 * Runs traces side by side, each in the best form that the host allows; one that fails goes down its ladder in the next round. Nothing is
 * left attached when it returns. Never rejects because of what the host is like: that is said in the result of the trace.
 */
export async function runTraces(options: TraceOptions): Promise<TraceResults> {
  const { host, tree, signal } = options;
  const ground = groundOf(host, options.room);
  const results: TraceResults = {};
  let underway: Underway[] = [];
  for (const id of options.ids) {
    const trace = registry[id];
    if (!trace) continue;
    if (trace.needsPid === true && options.pid === null) {
      results[id] = without('refused', 'it looks at one process: --pid tells which', []);
      continue;
    }
    const admission = admitted(trace, options.rates);
    if ('refused' in admission && !trace.forms.some(free)) results[id] = without('refused', admission.refused, []);
    else underway.push(begin(id, only(trace, options.by), admission, options.seconds));
  }
  for (let round = 1; underway.length > 0; round += 1) {
    const jobs = underway.map((one) => ({ one, job: next(one, ground, options) }));
    for (const { one, job } of jobs) if (job === null) results[one.id] = exhausted(one);
    const ready = jobs.flatMap(({ one, job }) => (job === null ? [] : [{ one, job }]));
    underway = [];
    if (ready.length === 0) break;
    options.onProgress?.(
      round === 1 ? `tracing: ${ready.length} traces, ${options.seconds} s` : `tracing: ${ready.length} traces again, by other means`,
    );
    const attempts = await sideBySide(ready, { host, ground, tree, ...(signal === undefined ? {} : { signal }) });
    for (const { one, job } of ready) {
      const attempt = attempts.get(one.id) ?? { failed: 'nothing came back' };
      if (!('failed' in attempt)) results[one.id] = await finished(one, job, attempt, tree);
      else {
        one.tried.push({ backend: job.form.backend, reason: attempt.failed });
        one.at += 1;
        if (signal?.aborted === true) results[one.id] = { ...exhausted(one), status: 'failed', reason: 'ended early' };
        else underway.push(one);
      }
    }
  }
  return Object.fromEntries(options.ids.flatMap((id) => (results[id] === undefined ? [] : [[id, results[id]]])));
}

/** The trace with the forms that go by these means. */
function only(trace: AnyTrace, by: string | null): AnyTrace {
  if (by === null) return trace;
  return {
    ...trace,
    forms: trace.forms.filter(({ backend }) => backend === by || engineOf(backend) === by || backend.split('-')[0] === by),
  };
}

/** Attaches to nothing, so that no rate speaks against it; perf stat is called for each event too. */
const free = ({ backend }: AnyForm): boolean => backend === 'proc';

function begin(id: string, trace: AnyTrace, admission: ReturnType<typeof admitted>, seconds: number): Underway {
  const most = Math.min(trace.mostSeconds ?? MOST_SECONDS, seconds);
  if ('period' in admission) return { id, trace, period: admission.period, seconds: most, at: 0, tried: [] };
  const tried = trace.forms.filter((form) => !free(form)).map(({ backend }) => ({ backend, reason: admission.refused }));
  return { id, trace: { ...trace, forms: trace.forms.filter(free) }, period: 1, seconds: most, at: 0, tried };
}

/** The next form that nothing speaks against. */
function next(one: Underway, ground: Ground, { pid, rates }: TraceOptions): Job | null {
  const rate = rates === null ? null : (one.trace.rate?.(rates) ?? null);
  for (; one.at < one.trace.forms.length; one.at += 1) {
    const form: AnyForm | undefined = one.trace.forms[one.at];
    if (form === undefined) break;
    const reason = ground.against(form) ?? tooDear(form, rates);
    const setting = { kernel: ground.kernel, seconds: one.seconds, pid, period: one.period, ...(rate === null ? {} : { rate }) };
    if (reason === null) return { id: one.id, form, setting };
    one.tried.push({ backend: form.backend, reason });
  }
  return null;
}

/** All engines at the same time; of one engine those of one length together, and one length after the other: a host gets one tracer of a kind. */
async function sideBySide(
  ready: readonly { one: Underway; job: Job }[],
  context: Omit<EngineContext, 'seconds'>,
): Promise<Map<string, Attempt>> {
  const attempts = new Map<string, Attempt>();
  await Promise.all(
    Object.entries(ENGINES).map(async ([engine, run]) => {
      const own = ready.filter(({ job }) => engineOf(job.form.backend) === engine);
      for (const seconds of new Set(own.map(({ one }) => one.seconds))) {
        const jobs = own.filter(({ one }) => one.seconds === seconds).map(({ job }) => job);
        for (const [id, attempt] of await run(jobs, { ...context, seconds })) attempts.set(id, attempt);
      }
    }),
  );
  return attempts;
}

async function finished(
  one: Underway,
  job: Job,
  attempt: Exclude<Attempt, { failed: string }>,
  tree: Tree,
): Promise<Traced<Record<string, unknown>>> {
  const seen = attempt.seen as Seen<Record<string, unknown>>;
  const rows = seen.rows.toSorted((a, b) => one.trace.order(b) - one.trace.order(a));
  const kept: readonly Record<string, unknown>[] = rows.slice(0, one.trace.mostRows ?? MOST_ROWS);
  const resolved: { rows: readonly Record<string, unknown>[]; notes?: readonly string[] } =
    one.trace.resolve === undefined || kept.length === 0 ? { rows: kept } : ((await one.trace.resolve(tree, kept)) as typeof resolved);
  const notes = [...(seen.notes ?? []), ...(resolved.notes ?? []), ...(job.form.loss === undefined ? [] : [job.form.loss])];
  return {
    status: 'ok',
    backend: job.form.backend,
    seconds: Math.round(attempt.seconds * 1000) / 1000,
    // these count every event
    period: ['tracefs', 'perf-stat', 'proc'].includes(job.form.backend) ? 1 : one.period,
    lost: attempt.lost,
    probes: [...attempt.probes],
    tried: one.tried,
    rows: [...resolved.rows],
    rowsSeen: rows.length,
    ...(seen.totals === undefined ? {} : { totals: { ...seen.totals } }),
    ...(seen.histograms === undefined ? {} : { histograms: mutable(seen.histograms) }),
    ...(seen.stacks === undefined ? {} : { stacks: largest(seen.stacks) }),
    ...(notes.length === 0 ? {} : { notes }),
  };
}

/** Equal stacks as one. */
function largest(stacks: readonly Stack[]): Stack[] {
  const sums = new Map<string, number>();
  for (const { stack, count } of stacks) sums.set(stack, (sums.get(stack) ?? 0) + count);
  return [...sums]
    .map(([stack, count]) => ({ stack, count }))
    .toSorted((a, b) => b.count - a.count)
    .slice(0, MOST_STACKS);
}

const mutable = (histograms: NonNullable<Seen<unknown>['histograms']>) =>
  Object.fromEntries(Object.entries(histograms).map(([name, buckets]) => [name, buckets.map((bucket) => ({ ...bucket }))]));

function exhausted({ tried }: Underway): Traced<Record<string, unknown>> {
  const reasons = [...new Set(tried.map(({ reason }) => reason))];
  return without('unsupported', reasons.join('; ') || 'it cannot be done by these means', tried);
}

const without = (
  status: 'unsupported' | 'refused',
  reason: string,
  tried: { backend: Backend; reason: string }[],
): Traced<Record<string, unknown>> => ({
  status,
  reason,
  backend: null,
  seconds: 0,
  period: 1,
  lost: 0,
  probes: [],
  tried,
  rows: [],
  rowsSeen: 0,
});
