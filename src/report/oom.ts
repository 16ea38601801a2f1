import type { FactSet } from '../facts/fact.js';
import { cgroupName } from '../facts/oom-killed.js';
import { atLimit, bare, OOM_KINDS } from '../facts/oom-moment.js';
import { sheetOf } from '../facts/oom-sheet.js';
import { killedOf, ownSize, scoreOf, taskName, taskSize, victimText } from '../facts/oom-victim.js';
import { whyOf } from '../facts/oom-why.js';
import { zoneName, zonesOf } from '../facts/oom-zones.js';
import type { KernelLog, Moment } from '../gather/kernel-log/schema.js';
import type { Snapshot } from '../gather/snapshot.js';
import { paragraphOf } from './oom-paragraph.js';
import type { OomMoment, OomReport } from './oom-schema.js';
import { readingsOf } from './pairs.js';

const [MOMENTS, TASKS, GROUPS, ZONES] = [3, 10, 5, 24];

/** The section on OOM: the moments of the log that tell the most. Failed allocations are shown when there was no OOM. */
export function oomOf(snapshot: Snapshot, { facts }: FactSet): OomReport | null {
  const log = readingsOf(snapshot, 'kernel-log').at(-1)?.data;
  if (!log) return null;
  const chosen = telling(candidates(log));
  if (chosen.length === 0) return null;
  const now = facts['oom.is_now']?.value;
  return { now: typeof now === 'boolean' ? now : null, moments: chosen.map((moment) => momentRow(moment, again(moment, facts))) };
}

/** Reports of OOM; a kill that has none; or else those of allocations. */
function candidates({ reports = [], events }: KernelLog): readonly Moment[] {
  const ooms = reports.filter(({ kind }) => OOM_KINDS.includes(kind));
  if (ooms.length > 0) return ooms;
  const event = events.findLast(({ kind }) => OOM_KINDS.includes(kind));
  if (event) return [bare(event)];
  return reports.filter(({ kind }) => kind.startsWith('allocation-'));
}

/** Those that tell the most, one of each kind of alike ones, of equals the newest; the newest first. */
function telling(moments: readonly Moment[]): Moment[] {
  const sorted = moments
    .map((moment, index) => ({ moment, index, weight: weightOf(moment) }))
    .toSorted((a, b) => b.weight - a.weight || b.index - a.index);
  const kinds = new Map<string, (typeof sorted)[number]>();
  for (const entry of sorted) {
    const kind = kindOf(entry.moment);
    if (!kinds.has(kind)) kinds.set(kind, entry);
  }
  return [...kinds.values()]
    .slice(0, MOMENTS)
    .toSorted((a, b) => b.index - a.index)
    .map(({ moment }) => moment);
}

/** Alike are those with the same cause, victim and cgroup, or the same asker of a failed allocation. */
const kindOf = (moment: Moment): string =>
  JSON.stringify([
    moment.kind,
    whyOf(moment).why,
    killedOf(moment)?.name ?? moment.trigger?.name ?? null,
    atLimit(moment) ? moment.memcg?.path : null,
  ]);

const weightOf = (moment: Moment): number =>
  Number(sheetOf(moment) !== null) * 2 +
  Number(moment.tasks !== undefined) +
  Number(moment.victims !== undefined) +
  Number(moment.complete.head);

/** A sentence on how often the same was killed. */
function again(moment: Moment, facts: FactSet['facts']): string {
  const [name, all, hour] = ['oom.repeat_name', 'oom.repeat_count_log', 'oom.repeat_count_hour'].map((fact) => facts[fact]?.value);
  const same = name === killedOf(moment)?.name || (atLimit(moment) && name === moment.memcg?.path);
  if (!same || typeof name !== 'string' || typeof all !== 'number' || all < 2) return '';
  const recent = typeof hour === 'number' && hour > 1 ? (hour === all ? ', all within an hour' : `, ${hour} of them within an hour`) : '';
  return ` It is not the only one: the log holds ${all} kills of ${name}${recent}.`;
}

function momentRow(moment: Moment, repeated: string): OomMoment {
  const [reason, sheet] = [whyOf(moment), sheetOf(moment)];
  return {
    kind: moment.kind,
    time: moment.time,
    wallTime: moment.wallTime ?? null,
    why: reason.why,
    paragraph: paragraphOf(moment, reason, sheet) + repeated,
    victim: moment.kind.startsWith('allocation') ? '' : victimText(moment),
    trigger: moment.trigger === undefined ? null : taskName(moment.trigger),
    gfp: moment.gfpMask ?? null,
    order: moment.order ?? null,
    kernel: moment.kernel ?? null,
    sheet: sheet && {
      of: sheet.of,
      totalBytes: sheet.totalBytes,
      totalSource: sheet.totalSource,
      lines: sheet.lines.map(({ name, bytes, source }) => ({ name, bytes, source })),
      unaccountedBytes: sheet.unaccountedBytes,
      missing: [...sheet.missing],
    },
    tasks: taskRows(moment),
    groups: (moment.tasks?.groups ?? [])
      .filter(({ count }) => count > 1)
      .toSorted((a, b) => ownSize(b) - ownSize(a))
      .slice(0, GROUPS)
      .map(({ name, count, rss, anon, swap }) => ({ name, count, rssBytes: rss, anonBytes: anon, swapBytes: swap })),
    zones: zonesOf(moment)
      .slice(0, ZONES)
      .map((zone) => ({
        name: zoneName(zone),
        freeBytes: zone.free,
        minBytes: zone.min,
        lowBytes: zone.low,
        reserveBytes: zone.reserve,
        managedBytes: zone.managed,
        usable: zone.usable,
        short: zone.short,
      })),
    memcg: memcgRow(moment),
  };
}

function taskRows(moment: Moment): OomMoment['tasks'] {
  const killed = killedOf(moment);
  const pids = new Set((moment.victims ?? []).map(({ pid }) => pid));
  const sorted = (moment.tasks?.top ?? []).toSorted((a, b) => taskSize(b) - taskSize(a));
  const first = sorted.slice(0, TASKS);
  // the one killed is shown, however small
  const shown = killed?.row && !first.includes(killed.row) ? [...first.slice(0, TASKS - 1), killed.row] : first;
  return shown.map((task) => ({
    name: task.name,
    pid: task.pid,
    rssBytes: task.rss,
    anonBytes: task.anon ?? null,
    swapBytes: task.swap,
    oomScoreAdj: task.oomScoreAdj ?? null,
    score: scoreOf(task, moment),
    killed: task.pid !== null && pids.has(task.pid),
  }));
}

function memcgRow(moment: Moment): OomMoment['memcg'] {
  const { memcg } = moment;
  const name = cgroupName(moment);
  if (memcg === undefined || name === null || !atLimit(moment)) return null;
  const { path, usage, limit, failcnt } = memcg;
  return { name, path: path ?? null, usageBytes: usage ?? null, limitBytes: limit ?? null, failcnt: failcnt ?? null };
}
