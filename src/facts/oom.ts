import type { SourceData } from '../gather/snapshot.js';
import { defineFacts, Unknown } from './fact.js';
import { type Age, ageOf } from './oom-age.js';
import { lastMoment } from './oom-moment.js';
import type { View } from './view.js';

export type LogEvent = SourceData<'kernel-log'>['events'][number];

const LOSSY = 'the kernel log is a ring: earlier kills may be gone, so the counters outrank it';

/** What the OOM killer did. */
export default defineFacts({
  'oom.kills_boot': {
    title: 'Processes killed by the OOM killers since boot',
    unit: 'count',
    formula: 'oom_kill',
    validity: 'kernel 4.13 and later; kills at cgroup limits included',
    value: (view) => view.vmstat('oom_kill'),
  },
  'oom.d_kills': {
    title: 'Processes killed by the OOM killers in the sample',
    unit: 'count',
    formula: 'Δ oom_kill',
    validity: 'kernel 4.13 and later; kills at cgroup limits included',
    value: (view) => view.delta('oom_kill'),
  },
  'oom.log_kills': {
    title: 'Kills for want of memory on the host, in the kernel log',
    unit: 'count',
    formula: 'events “Out of memory: Killed process” of the kernel log',
    validity: LOSSY,
    value: (view) => countOf(view, 'oom-kill'),
  },
  'oom.log_memcg_kills': {
    title: 'Kills at cgroup limits, in the kernel log',
    unit: 'count',
    formula: 'events “Memory cgroup out of memory: Killed process” of the kernel log',
    validity: LOSSY,
    value: (view) => countOf(view, 'memcg-oom-kill'),
  },
  'oom.last_kill_age_s': {
    title: 'Time since the last OOM kill',
    unit: 's',
    formula: 'uptime − time stamp of the last OOM kill in the kernel log; of a log given alone: its end − time stamp',
    validity: LOSSY,
    value: (view) => lastAge(view).seconds,
  },
  'oom.age_from': {
    title: 'What the age of the last OOM kill is measured against',
    unit: 'text',
    formula: '“uptime”, or “log end” for a log given alone',
    value: (view) => lastAge(view).from,
  },
  'oom.is_now': {
    title: 'The OOM killer acts now',
    unit: 'boolean',
    formula: 'Δ oom_kill > 0, or a kill in the kernel log not older than 3600 s by the uptime',
    validity: 'unknown for a log given alone: it may be of any day',
    value: isNow,
  },
  'oom.no_victim_count': {
    title: 'OOMs that found nobody to kill',
    unit: 'count',
    formula: 'events “no killable processes” of the kernel log',
    validity: LOSSY,
    value: (view) => totalOf(view, ['oom-no-victim']),
  },
  'oom.swapoff_killed': {
    title: 'The OOM killer of the host chose swapoff',
    unit: 'boolean',
    formula: 'a “Killed process” of the kernel log names it',
    validity: LOSSY,
    reference: 'https://docs.kernel.org/admin-guide/mm/concepts.html#oom-killer',
    value: (view) =>
      events(view).some(({ kind, victims }) => kind === 'oom-kill' && victims?.some(({ name }) => name === 'swapoff') === true),
  },
  'oom.manual_count': {
    title: 'Kills that were asked for by hand',
    unit: 'count',
    formula: 'OOM events of the kernel log with order −1 (SysRq F)',
    validity: LOSSY,
    value: (view) =>
      events(view)
        .filter(({ order }) => order === -1)
        .reduce((sum, event) => sum + event.count, 0),
  },
  'oom.userspace_kills': {
    title: 'Kills and evictions by user-space guards',
    unit: 'count',
    formula: 'events of earlyoom, systemd-oomd, kubelet and their like in the log',
    validity: LOSSY,
    value: (view) => totalOf(view, USERSPACE),
  },
  'oom.userspace_program': {
    title: 'The user-space guard that killed last',
    unit: 'text',
    formula: 'program of the last of oom.userspace_kills',
    value: (view) => {
      const last = events(view).findLast(({ kind }) => USERSPACE.includes(kind));
      if (!last) throw new Unknown('the log holds no kill by a user-space guard');
      if (last.program === undefined) throw new Unknown('the log does not name the guard', 'kernel-log');
      return last.program;
    },
  },
  'oom.panic': {
    title: 'The kernel panicked for want of memory',
    unit: 'boolean',
    formula: 'a line of panic follows the last OOM that the kernel log shows',
    value: (view) => {
      events(view);
      return view.maybe(() => lastMoment(view))?.panic !== undefined;
    },
  },
  'oom.reaper_stuck_count': {
    title: 'Victims whose memory could not be taken',
    unit: 'count',
    formula: 'events “oom_reaper: unable to reap” of the kernel log',
    validity: LOSSY,
    value: (view) => totalOf(view, ['reaper-stuck']),
  },
});

const USERSPACE: readonly LogEvent['kind'][] = ['userspace-kill', 'eviction'];
/** A kill this young is of the present. */
const NOW = 3600;

const KILLS = ['oom-kill', 'memcg-oom-kill'] as const;
/** Of the host as a whole, or at the limit of a cgroup. */
export type Kill = (typeof KILLS)[number];

/** The last OOM kill of the kernel log, of these kinds. @throws Unknown when it holds none. */
export function lastKill(view: View, kinds: readonly Kill[] = KILLS): LogEvent {
  const wanted = new Set<string>(kinds);
  const last = events(view)
    .filter(({ kind }) => wanted.has(kind))
    .at(-1);
  if (!last) throw new Unknown(`the kernel log holds no ${kinds.length > 1 ? 'OOM kill' : kinds.join()}`);
  return last;
}

const lastAge = (view: View): Age => ageOf(view, lastKill(view));

/** Counters outrank the log: it is lossy, and may be of another day. */
function isNow(view: View): boolean {
  const inSample = view.maybe(() => view.number('oom.d_kills'));
  if (inSample !== undefined && inSample > 0) return true;
  const age = view.maybe(() => lastAge(view));
  if (age?.from === 'uptime' && age.seconds <= NOW) return true;
  if (inSample === undefined) events(view);
  const live = view.maybe(() => view.number('sample.uptime')) !== undefined;
  if (!live && inSample === undefined) throw new Unknown('a log given alone does not tell what is now');
  return false;
}

/** Of all of the log where it was counted, else of the events kept. */
function totalOf(view: View, kinds: readonly LogEvent['kind'][]): number {
  const kept = kinds.reduce((sum, kind) => sum + countOf(view, kind), 0);
  const { totals } = view.last('kernel-log');
  return Math.max(kept, totals === undefined ? 0 : kinds.reduce((sum, kind) => sum + (totals[kind] ?? 0), 0));
}

function countOf(view: View, kind: LogEvent['kind']): number {
  return events(view)
    .filter((event) => event.kind === kind)
    .reduce((sum, event) => sum + event.count, 0);
}

function events(view: View): readonly LogEvent[] {
  const log = view.last('kernel-log');
  view.used(`kernel log (${log.from})`);
  return log.events;
}
