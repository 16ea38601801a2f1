import { InputError } from '../../errors.js';
import type { Sample, SourceData, SourceId } from '../snapshot.js';
import meminfo from '../sources/meminfo.js';
import pressure from '../sources/pressure.js';
import stat from '../sources/stat.js';
import vmstat from '../sources/vmstat.js';
import { collectSource } from '../collect.js';
import type { HostContext } from '../source.js';
import { traces } from '../traces/index.js';
import { readOne, type Tree } from '../tree.js';
import { hostTree } from '../trees/host.js';
import { demandEmpty } from '../trees/recording.js';
import { groundOf, type Room } from './ground.js';
import { traceHost } from './host.js';
import { recordingHost } from './recording.js';
import { ratesOf } from './rates.js';
import { runTraces, type TraceResults } from './run.js';
import type { AnyTrace, Backend, Rates } from './trace.js';

/** What is asked for of tracing. */
export interface TraceRequest {
  /** Ids, as chooseTraces() gives them. */
  readonly ids: readonly string[];
  readonly seconds: number;
  /** Only this process. */
  readonly pid?: number;
  /** Only by these means, for comparison: `tracefs`. */
  readonly by?: string;
}

/** One trace, and how it would be done here. */
export interface TraceHere {
  readonly id: string;
  readonly title: string;
  readonly answers: string;
  readonly tools: readonly string[];
  readonly in: 'default' | 'all' | 'by name only';
  readonly backend: Backend | null;
  readonly loss?: string;
  readonly tried: readonly { backend: Backend; reason: string }[];
}

interface Rest {
  readonly signal?: AbortSignal;
  readonly onProgress?: (line: string) => void;
  /** Where what the tracers print is kept; empty or not there. */
  readonly rawDir?: string;
}

type Taken = Pick<Sample, 'monotonic' | 'sources'>;

/** Rates before tracing are measured over this, when there are no samples yet. */
const PILOT_MS = 1000;
const PILOT_DEADLINE_MS = 3000;

/**
 * Traces this host. The rates that decide what it can bear come from the samples, the outer ones that have vmstat; without two of them,
 * from two readings made now.
 * @throws InputError when the process is not there.
 */
export async function traceLive(
  request: TraceRequest,
  tree: Tree,
  context: HostContext,
  samples: readonly Taken[] = [],
  rest: Rest = {},
): Promise<TraceResults> {
  const pid = request.pid ?? null;
  if (pid !== null && (await readOne(tree, `proc/${pid}/stat`)).status !== 'ok')
    throw new InputError(`--pid ${pid}: there is no such process`);
  const seen = samples.filter(({ sources }) => sources.vmstat !== undefined);
  const taken = seen.length >= 2 ? seen : await pilot(tree, context);
  const { rawDir, ...told } = rest;
  return runTraces({
    ...told,
    ids: request.ids,
    seconds: request.seconds,
    pid,
    by: request.by ?? null,
    host: rawDir === undefined ? traceHost : recordingHost(traceHost, rawDir),
    tree,
    rates: rates(taken),
    room: room(taken),
  });
}

async function pilot(tree: Tree, context: HostContext): Promise<Taken[]> {
  const read = async (): Promise<Taken> => {
    const monotonic = performance.now() / 1000;
    const sources: Sample['sources'] = {};
    for (const [id, source] of Object.entries({ vmstat, meminfo, pressure, stat })) {
      // a host that is short of memory is slow to answer: without a rate most traces would be refused
      const { data } = await collectSource({ ...source, limits: { deadlineMs: PILOT_DEADLINE_MS } }, tree, context);
      if (data !== null) Object.assign(sources, { [id]: data });
    }
    return { monotonic, sources };
  };
  const first = await read();
  await traceHost.pause(PILOT_MS);
  return [first, await read()];
}

function rates(taken: readonly Taken[]): Rates | null {
  const [first, last] = [taken[0], taken.at(-1)];
  if (!first?.sources.vmstat || !last?.sources.vmstat) return null;
  return ratesOf({
    before: first.sources.vmstat,
    after: last.sources.vmstat,
    seconds: last.monotonic - first.monotonic,
    cpus: latest(taken, 'stat')?.cpus ?? 1,
  });
}

const room = (taken: readonly Taken[]): Room => ({
  availableBytes: latest(taken, 'meminfo')?.['MemAvailable'] ?? null,
  psiFull: latest(taken, 'pressure')?.memory?.full?.avg10 ?? null,
});

function latest<Id extends SourceId>(taken: readonly Taken[], id: Id): SourceData<Id> | undefined {
  return taken.findLast(({ sources }) => sources[id] !== undefined)?.sources[id] as SourceData<Id> | undefined;
}

/** Traces this host, without samples of it. @throws InputError as traceLive(). */
export async function traceHere(request: TraceRequest, rest: Rest): Promise<TraceResults> {
  if (rest.rawDir !== undefined) await demandEmpty(rest.rawDir);
  const host = hostTree('/');
  try {
    return await traceLive(request, host, await host.facts(), [], rest);
  } finally {
    await host.close();
  }
}

/** How large a page of this host is, in bytes: traces count pages. */
export async function pageSizeHere(): Promise<number> {
  const host = hostTree('/');
  try {
    const { pageSize } = await host.facts();
    return pageSize;
  } finally {
    await host.close();
  }
}

/** What could be traced on this host, and by which means; rates are not looked at. */
export function tracesHere(): TraceHere[] {
  const ground = groundOf(traceHost, { availableBytes: null, psiFull: null });
  const registry: Readonly<Record<string, AnyTrace>> = traces;
  return Object.entries(registry).map(([id, { title, answers, tools, byDefault, onlyByName, forms }]) => {
    const judged = forms.map((form) => ({ backend: form.backend, against: ground.against(form), loss: form.loss }));
    const usable = judged.find(({ against }) => against === null);
    return {
      id,
      title,
      answers,
      tools: [...tools],
      in: byDefault ? 'default' : onlyByName === undefined ? 'all' : 'by name only',
      backend: usable?.backend ?? null,
      ...(usable?.loss === undefined ? {} : { loss: usable.loss }),
      tried: judged
        .slice(0, usable === undefined ? undefined : judged.indexOf(usable))
        .map(({ backend, against }) => ({ backend, reason: against ?? '' })),
    };
  });
}
