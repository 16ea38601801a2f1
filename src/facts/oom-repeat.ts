/** Whether the same process or cgroup is killed again and again. */
import type { LogEvent } from '../gather/kernel-log/schema.js';
import { ageOf } from './oom-age.js';
import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

const [HOUR, DAY] = [3600, 86_400];
const LOSSY = 'the kernel log is a ring: there may have been more';
const KILLS: readonly string[] = ['oom-kill', 'memcg-oom-kill'];

export default defineFacts({
  'oom.repeat_name': {
    title: 'Who is killed again and again',
    unit: 'text',
    formula: 'the victim’s name or the cgroup of most kills within the last hour, then day, then in all of the log; at least two',
    validity: LOSSY,
    value: (view) => {
      const [most] = repeated(view);
      if (!most || most.log < 2) throw new Unknown('nobody was killed twice in the kernel log');
      return most.name;
    },
  },
  'oom.repeat_count_hour': {
    title: 'Kills of the one killed most often, within an hour',
    unit: 'count',
    formula: 'kills of one name or cgroup not older than 3600 s by the uptime, or by the end of a log given alone',
    validity: LOSSY,
    value: (view) => timed(view, 'hour'),
  },
  'oom.repeat_count_day': {
    title: 'Kills of the one killed most often, within 24 hours',
    unit: 'count',
    formula: 'as oom.repeat_count_hour, not older than 86400 s',
    validity: LOSSY,
    value: (view) => timed(view, 'day'),
  },
  'oom.repeat_count_log': {
    title: 'Kills of the one killed most often, in all of the log',
    unit: 'count',
    formula: 'kills of one name or cgroup, of any age',
    validity: LOSSY,
    value: (view) => Math.max(0, ...repeated(view).map(({ log }) => log)),
  },
  'oom.repeat_peak_hour': {
    title: 'Most kills of one name or cgroup within any hour of the log',
    unit: 'count',
    formula: 'the largest number of kills of one name or cgroup whose time stamps are within 3600 s',
    validity: LOSSY,
    value: (view) => {
      const all = repeated(view);
      if (all.length > 0 && all.every(({ ages }) => ages.length === 0))
        throw new Unknown('the kernel log has no time stamps', 'kernel-log');
      return Math.max(0, ...all.map(({ ages }) => densest(ages)));
    },
  },
});

interface Repeated {
  readonly name: string;
  readonly hour: number;
  readonly day: number;
  readonly log: number;
  /** Of each kill with a time stamp, in seconds. */
  readonly ages: readonly number[];
  readonly untimed: number;
}

/** Kills by name of the victim and by cgroup, the most frequent first. @throws Unknown when no log was read. */
function repeated(view: View): Repeated[] {
  const log = view.last('kernel-log');
  view.used(`kernel log (${log.from})`);
  const found = new Map<string, { ages: number[]; untimed: number }>();
  for (const event of log.events.filter(({ kind }) => KILLS.includes(kind))) {
    const age = view.maybe(() => ageOf(view, event).seconds);
    for (const name of namesOf(event)) {
      const entry = found.get(name) ?? { ages: [], untimed: 0 };
      found.set(name, entry);
      if (age === undefined) entry.untimed += event.count;
      else for (let index = 0; index < Math.min(event.count, 1000); index += 1) entry.ages.push(age);
    }
  }
  return [...found]
    .map(([name, { ages, untimed }]) => {
      const logged = Object.hasOwn(log.kills ?? {}, name) ? (log.kills?.[name] ?? 0) : 0;
      return { name, ages, untimed, hour: within(ages, HOUR), day: within(ages, DAY), log: Math.max(ages.length + untimed, logged) };
    })
    .toSorted((a, b) => b.hour - a.hour || b.day - a.day || b.log - a.log);
}

const within = (ages: readonly number[], most: number): number => ages.filter((age) => age <= most).length;

/** A kill counts once for the name, however many processes of it were killed, and once for the cgroup. */
const namesOf = ({ kind, victims = [], cgroup }: LogEvent): string[] => [
  ...new Set([...victims.map(({ name }) => name), ...(cgroup !== undefined && kind === 'memcg-oom-kill' ? [cgroup] : [])]),
];

function timed(view: View, span: 'hour' | 'day'): number {
  const all = repeated(view);
  if (all.some(({ untimed }) => untimed > 0)) throw new Unknown('the kernel log has no time stamps for some of the kills', 'kernel-log');
  return Math.max(0, ...all.map((entry) => entry[span]));
}

/** The most of these that lie within one hour. */
function densest(ages: readonly number[]): number {
  const sorted = ages.toSorted((a, b) => a - b);
  let [most, start] = [0, 0];
  for (const [end, age] of sorted.entries()) {
    while (age - (sorted[start] ?? 0) > HOUR) start += 1;
    most = Math.max(most, end - start + 1);
  }
  return most;
}
