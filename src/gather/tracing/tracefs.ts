import type { Attempt, Engine, EngineContext, Job } from './engine.js';
import { withSlash } from './ground.js';
import { type HistTable, parseHist } from './hist.js';
import type { TraceHost } from './host.js';
import type { HistForm } from './trace.js';

// oxlint-disable-next-line typescript/no-explicit-any -- of any trace
type HistJob = Job<HistForm<any>>;

/**
 * What the kernel calls common_pid is the number of a thread, and there is no field for that of its process: the threads that it has are
 * named one by one. A trigger that is set must fit in a page.
 */
const MOST_THREADS = 80;
/** Instances of ours: `memdoctor-<pid>`. */
const OURS = /^memdoctor-(\d{1,10})$/;

interface Armed {
  readonly job: HistJob;
  /** By the form's name for it: the event, and how many histograms were set on that event before. */
  readonly tables: Readonly<Record<string, { event: string; which: number; twice: boolean }>>;
}

/** Tables that were read when all triggers were set, by their names. */
type Before = Readonly<Record<string, HistTable>>;

/**
 * Histogram triggers in an instance of our own (Documentation/trace/histogram.rst), so that nobody else's tracing is touched. The kernel
 * counts; nothing is copied until the end. A keeper takes the instance away, however memdoctor ends; one that a killed keeper left is
 * taken away by the next run.
 */
export const tracefsEngine: Engine<HistJob> = async (jobs, context) => {
  const { host, ground, seconds, signal } = context;
  const instances = `${ground.tracefs ?? ''}/instances`;
  removeStale(host, instances);
  const dir = `${instances}/memdoctor-${process.pid}`;
  const kept = host.keepDir(dir);
  const results = new Map<string, Attempt>();
  const set: string[] = [];
  try {
    host.makeDir(dir);
    const threads = threadsOf(jobs[0]?.setting.pid ?? null, host);
    const armed = jobs.flatMap((job) => {
      const outcome = arm(job, dir, host, set, threads);
      if ('failed' in outcome) results.set(job.id, outcome);
      return 'failed' in outcome ? [] : [outcome];
    });
    const before = armed.map((each) => early(each, dir, host));
    const started = performance.now();
    if (armed.length > 0) await host.pause(seconds * 1000, signal);
    const traced = Math.min(seconds, (performance.now() - started) / 1000);
    for (const [index, each] of armed.entries())
      results.set(each.job.id, harvest(each, before[index] ?? {}, dir, traced, threads, context));
  } catch (error) {
    const failed = `tracefs: ${error instanceof Error ? error.message : String(error)}`;
    for (const { id } of jobs) if (!results.has(id)) results.set(id, { failed });
  } finally {
    disarm(dir, set, host);
    await kept.release();
  }
  return results;
};

/** Sets the triggers of one trace; appended: opening the file to write it anew would clear what others of ours have set. */
function arm(job: HistJob, dir: string, host: TraceHost, set: string[], threads: readonly string[]): Armed | { failed: string } {
  const tables: Record<string, { event: string; which: number; twice: boolean }> = {};
  for (const [name, { event, hist, twice = false }] of Object.entries(job.form.triggers(job.setting))) {
    const file = `${dir}/events/${withSlash(event)}/trigger`;
    try {
      host.writeText(file, `hist:${ofThreads(hist, threads.slice(0, MOST_THREADS))}\n`);
    } catch (error) {
      return { failed: `tracefs refused the trigger on ${event}: ${error instanceof Error ? error.message : String(error)}` };
    }
    tables[name] = { event, which: set.filter((one) => one === file).length, twice };
    set.push(file);
  }
  return { job, tables };
}

/** The threads of a process, by their numbers; none for all processes. */
const threadsOf = (pid: number | null, host: TraceHost): string[] => {
  if (pid === null) return [];
  const found = host.listDir(`/proc/${pid}/task`).filter((name) => /^\d{1,10}$/.test(name));
  return found.length > 0 ? found : [String(pid)];
};

/** A trigger that only these threads set off, if any are named; it may have a filter of its own. */
export function ofThreads(hist: string, threads: readonly string[]): string {
  if (threads.length === 0) return hist;
  const [keys = '', own] = hist.split(' if ');
  const named = threads.map((thread) => `common_pid == ${thread}`).join(' || ');
  return `${keys} if ${own === undefined ? named : `(${own}) && (${named})`}`;
}

function early({ tables }: Armed, dir: string, host: TraceHost): Before {
  return Object.fromEntries(
    Object.entries(tables)
      .filter(([, { twice }]) => twice)
      .map(([name, { event, which }]) => [
        `${name} before`,
        parseHist(host.readText(`${dir}/events/${withSlash(event)}/hist`) ?? '', which),
      ]),
  );
}

function harvest(
  { job, tables }: Armed,
  before: Before,
  dir: string,
  seconds: number,
  threads: readonly string[],
  { host }: EngineContext,
): Attempt {
  const read = Object.entries(tables).map(([name, { event, which }]) => {
    const text = host.readText(`${dir}/events/${withSlash(event)}/hist`);
    return [name, text === null ? null : parseHist(text, which)] as const;
  });
  const missing = read.find(([, table]) => table === null);
  if (missing) return { failed: `the histogram of ${tables[missing[0]]?.event ?? missing[0]} could not be read` };
  const found = Object.fromEntries(read.map(([name, table]) => [name, named(table ?? { rows: [], dropped: 0 }, host)]));
  const seen = job.form.read({ ...found, ...before }, job.setting);
  const only = threads.length > MOST_THREADS ? [`of ${threads.length} threads, the first ${MOST_THREADS} only`] : [];
  return {
    seen: job.setting.pid === null ? seen : { ...seen, notes: [...(seen.notes ?? []), ...only, 'without threads that began meanwhile'] },
    seconds,
    lost: Object.values(found).reduce((sum, { dropped }) => sum + dropped, 0),
    probes: [...new Set(Object.values(tables).map(({ event }) => `hist:${event}`))],
  };
}

/** The kernel keeps the name that a thread had at its first event: that of a shell, for what a shell started. Those that live are asked again. */
function named(table: HistTable, host: TraceHost): HistTable {
  const names = new Map<string, string | null>();
  const nameOf = (pid: string): string | null => {
    if (!names.has(pid)) names.set(pid, host.readText(`/proc/${pid}/comm`)?.replace(/\n$/, '') ?? null);
    return names.get(pid) ?? null;
  };
  const rows = table.rows.map((row) => {
    const { common_pid: known, pid } = row.keys;
    const name = known === undefined || pid === undefined ? null : nameOf(pid);
    return name === null || name === '' ? row : { ...row, keys: { ...row.keys, common_pid: name } };
  });
  return { ...table, rows };
}

/** The last trigger first: one whose variables another uses cannot go before it. An instance with triggers that define variables is busy. */
function disarm(dir: string, set: readonly string[], host: TraceHost): void {
  for (const file of new Set(set.toReversed()))
    try {
      host.clearText(file);
    } catch {
      // the keeper tries again
    }
}

function removeStale(host: TraceHost, instances: string): void {
  for (const name of host.listDir(instances)) {
    const pid = OURS.exec(name)?.[1];
    if (pid === undefined || Number(pid) === process.pid || host.exists(`/proc/${pid}`)) continue;
    void host.keepDir(`${instances}/${name}`).release();
  }
}
