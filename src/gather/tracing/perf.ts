import { type Attempt, type Engine, endOf, type EngineContext, type Job } from './engine.js';
import { parsePerfScript } from './perf-script.js';
import { parsePerfStat } from './perf-stat.js';
import type { PerfRecordForm, PerfStatForm } from './trace.js';

/* oxlint-disable typescript/no-explicit-any -- of any trace */
type RecordJob = Job<PerfRecordForm<any>>;
type StatJob = Job<PerfStatForm<any>>;
/* oxlint-enable typescript/no-explicit-any */

const START_SECONDS = 15;
/** perf script names the frames of all samples. */
const SCRIPT_SECONDS = 60;

/** Samples with stacks, piped from `perf record` into `perf script`: nothing is written to a disk. One process for each event. */
export const perfRecordEngine: Engine<RecordJob> = async (jobs, context) =>
  new Map(await Promise.all(jobs.map(async (job): Promise<[string, Attempt]> => [job.id, await record(job, context)])));

/** Everything that is only counted, in one `perf stat`. */
export const perfStatEngine: Engine<StatJob> = async (jobs, context) => {
  const { host, ground, seconds, signal } = context;
  const events = [...new Set(jobs.flatMap(({ form, setting }) => form.events(setting)))];
  const pid = jobs[0]?.setting.pid ?? null;
  const which = pid === null ? ['-a'] : ['-p', String(pid)];
  const running = host.start(ground.command('perf') ?? 'perf', [
    'stat',
    ...which,
    '-x,',
    ...events.flatMap((event) => ['-e', event]),
    '--',
    'sleep',
    String(seconds),
  ]);
  const { status, stderr } = await endOf(running, START_SECONDS + seconds, host, signal);
  const counts = parsePerfStat(stderr);
  return new Map(
    jobs.map(({ id, form, setting }): [string, Attempt] => {
      const wanted = form.events(setting);
      const probes = wanted.filter((event) => counts.has(event));
      if (probes.length === 0) return [id, { failed: `perf stat counted nothing${said(stderr, status)}` }];
      return [id, { seen: form.read(counts, setting), seconds, lost: 0, probes }];
    }),
  );
};

async function record({ form, setting }: RecordJob, { host, ground, seconds, signal }: EngineContext): Promise<Attempt> {
  const perf = ground.command('perf') ?? 'perf';
  const which = setting.pid === null ? ['-a'] : ['-p', String(setting.pid)];
  const event = typeof form.event === 'string' ? form.event : form.event(setting);
  // --no-period: perf else asks for the period of each sample of a tracepoint, and the kernel takes every event, whatever -c says (perf_swevent_event)
  const recorded = [
    'record',
    '-q',
    '-e',
    event,
    '-c',
    String(setting.period),
    '--no-period',
    ...which,
    '-g',
    '-o',
    '-',
    '--',
    'sleep',
    String(seconds),
  ];
  const script = `perf=$1; shift; "$perf" "$@" | "$perf" script -i - -F comm,pid,period,event,ip,sym${form.text === true ? ',trace' : ''}`;
  const running = host.start('/bin/sh', ['-c', script, 'sh', perf, ...recorded]);
  const ended = await endOf(running, START_SECONDS + seconds + SCRIPT_SECONDS, host, signal);
  const { status, stdout } = ended;
  const stderr = ended.stderr.replaceAll(/^'trace' not valid for .*$/gm, '');
  const samples = parsePerfScript(stdout);
  // the signal that ends perf record ends perf script as well, with or without what it has read
  if (samples.length === 0 && signal?.aborted === true) return { failed: 'perf was ended before it printed what it had seen' };
  if (samples.length === 0 && (status !== 0 || stderr.trim() !== ''))
    return { failed: `perf record gave no samples${said(stderr, status)}` };
  const lost = Number(/lost (\d+)/i.exec(stderr)?.[1] ?? 0);
  return { seen: form.read(samples, setting), seconds, lost, probes: event.split(',').map((each) => `perf:${each}`) };
}

function said(stderr: string, status: number | null): string {
  const line =
    stderr
      .split('\n')
      .find((text) => /error|fail|not |no |denied|permission|warning/i.test(text))
      ?.trim() ?? '';
  return ` (status ${status ?? 'none'}${line === '' ? '' : `: ${line.slice(0, 200)}`})`;
}
