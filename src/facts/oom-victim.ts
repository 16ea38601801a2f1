/** Who was killed and why not another: oom_badness() of the kernel (mm/oom_kill.c) over the table of tasks. Pure. */
import type { Moment } from '../gather/kernel-log/schema.js';
import { bytes, percent } from '../format.js';
import { atLimit, ramOf, swapOf } from './oom-moment.js';

export type Task = NonNullable<Moment['tasks']>['top'][number];
export type TaskGroup = NonNullable<Moment['tasks']>['groups'][number];

/** oom_score_adj of a process that must not be killed (OOM_SCORE_ADJ_MIN). */
const NEVER = -1000;
/** PAGE_COUNTER_MAX is printed for a limit that is none: 2^63 less a page, in kB; 32-bit kernels have 2^31 pages. */
const NO_LIMIT = 2 ** 43;
/** One that was spared is worth a word from this share of memory, %. */
const WORTH = 5;
/** A pool of workers has this many at least; no member holds more than half of it. */
const POOL = 3;

/** Memory that goes when a process goes: resident and swapped, bytes. */
export const taskSize = ({ rss, swap }: Task): number => rss + swap;

/** What of a process is its own: shared pages left out where the columns tell them apart. */
export const ownSize = ({ rss, anon, swap }: { rss: number; anon?: number | null; swap: number }): number => (anon ?? rss) + swap;

/** The largest process of the table; undefined without a table, or when the part with the largest is missing. */
export const topTask = (moment: Moment): Task | undefined => (tasksShown(moment) ? largestListed(moment) : undefined);

const largestListed = ({ tasks }: Moment): Task | undefined => tasks?.top.toSorted((a, b) => taskSize(b) - taskSize(a))[0];

/** The largest pool of equal processes. */
export function topGroup({ tasks }: Moment): TaskGroup | undefined {
  if (tasks === undefined) return undefined;
  const largest = (name: string): number => Math.max(0, ...tasks.top.filter((task) => task.name === name).map(taskSize));
  return tasks.groups
    .filter(({ name, count, rss, swap }) => count >= POOL && largest(name) <= (rss + swap) / 2)
    .toSorted((a, b) => ownSize(b) - ownSize(a))[0];
}

/** What a score is measured against: RAM and swap, or the limits of the cgroup; bytes. */
export function pointsTotal(moment: Moment): number | undefined {
  const { memcg } = moment;
  if (atLimit(moment)) {
    const swap = memcg === undefined ? undefined : swapRoom(memcg);
    return memcg?.limit === undefined || swap === undefined ? undefined : memcg.limit + swap;
  }
  const ram = ramOf(moment);
  return ram === undefined ? undefined : ram + (swapOf(moment)?.total ?? 0);
}

/** v2 counts swap by itself, v1 together with memory. Without a limit it is all swap of the host, which is not printed here. */
function swapRoom({ limit = 0, swapLimit, swapUsage = 0, usage = 0 }: NonNullable<Moment['memcg']>): number | undefined {
  if (swapLimit === undefined || swapLimit >= NO_LIMIT) return undefined;
  return swapLimit >= limit && swapUsage >= usage ? swapLimit - limit : swapLimit;
}

/**
 * The points of a process by oom_badness() since 2.6.36, scaled to the 1000 of /proc/PID/oom_score: (rss + swap + page tables)
 * / total, plus oom_score_adj. The 3 % that root had less before 4.17 depend on a capability that the table does not show.
 * @returns null when it must not be killed or cannot be scored, as for the heuristics of older kernels
 */
export function scoreOf(task: Task, moment: Moment): number | null {
  const total = pointsTotal(moment);
  if (!scored(moment) || total === undefined || total === 0 || task.oomScoreAdj === NEVER || task.pid === 1) return null;
  return (1000 * (task.rss + task.swap + (task.pageTables ?? 0))) / total + (task.oomScoreAdj ?? 0);
}

const scored = ({ tasks }: Moment): boolean => tasks?.columns.includes('oom_score_adj') ?? false;

/** The one killed, with its row of the table where it has one. */
export interface Killed {
  readonly name: string;
  readonly pid: number | null;
  /** Resident, bytes; null: not printed. */
  readonly rss: number | null;
  readonly row: Task | undefined;
}

/** The first that was killed; undefined when nobody was. */
export function killedOf({ victims = [], tasks }: Moment): Killed | undefined {
  const [victim] = victims;
  if (!victim) return undefined;
  const row = victim.pid === null ? undefined : tasks?.top.find(({ pid }) => pid === victim.pid);
  const parts = [victim.anonRssBytes, victim.fileRssBytes, victim.shmemRssBytes].filter((part) => part !== null);
  const rss = parts.length > 0 ? parts.reduce((total, part) => total + part, 0) : (row?.rss ?? null);
  return { name: victim.name, pid: victim.pid, rss, row };
}

/** So much larger than all that are listed, and not among them: its row is on a page that was not copied. */
const CUT = 1.5;

/** True when a table of tasks is shown that may hold the largest: what was killed is in it, or is no larger than what is. */
export function tasksShown(moment: Moment): boolean {
  if ((moment.tasks?.count ?? 0) === 0) return false;
  const [killed, largest] = [killedOf(moment), largestListed(moment)];
  if (killed === undefined || killed.row !== undefined || killed.rss === null || largest === undefined) return true;
  return killed.rss <= CUT * largest.rss;
}

/** The share that the one killed has of the largest process of the table, %; undefined when it is not known. */
export function victimShare(moment: Moment): number | undefined {
  const [killed, largest] = [killedOf(moment), topTask(moment)];
  if (killed === undefined || largest === undefined) return undefined;
  if (killed.row) return taskSize(largest) > 0 ? (100 * taskSize(killed.row)) / taskSize(largest) : undefined;
  return killed.rss === null || largest.rss === 0 ? undefined : (100 * killed.rss) / largest.rss;
}

/** The largest process that was larger than the one killed and had a lower score by its oom_score_adj. */
export function protectedLarger(moment: Moment): Task | undefined {
  const killed = killedOf(moment);
  if (killed === undefined) return undefined;
  const size = killed.row ? taskSize(killed.row) : killed.rss;
  if (size === null) return undefined;
  const least = ((pointsTotal(moment) ?? 0) * WORTH) / 100;
  const adjusted = killed.row?.oomScoreAdj ?? moment.victims?.[0]?.oomScoreAdj ?? 0;
  return moment.tasks?.top
    .filter(
      (task) =>
        task.pid !== killed.pid &&
        taskSize(task) > size &&
        taskSize(task) >= least &&
        (task.oomScoreAdj ?? 0) < 0 &&
        (task.oomScoreAdj ?? 0) < adjusted,
    )
    .toSorted((a, b) => taskSize(b) - taskSize(a))[0];
}

export const taskName = ({ name, pid }: { readonly name: string; readonly pid: number | null }): string =>
  pid === null ? name || 'a process' : `${name || 'process'} [${pid}]`;

/** Why it was this one, in one or two sentences. */
export function victimText(moment: Moment): string {
  const killed = killedOf(moment);
  if (killed === undefined) return nobody(moment);
  const name = taskName(killed);
  const pool = atLimit(moment) ? ' Only processes of the cgroup could be chosen.' : '';
  if (moment.groupKill) return `${name} and all other processes of its cgroup were killed together, because memory.oom.group is set.`;
  if (moment.allocatingTask) return `${name} was killed because it asked for the memory (vm.oom_kill_allocating_task), whatever its size.`;
  const sacrifice =
    moment.sacrificed && killed.row !== topTask(moment)
      ? ' It is a child of the one that was chosen: kernels before 4.19 kill a child first.'
      : '';
  return `${chosen(moment, killed, name)}${sacrifice}${bypassed(moment)}${pool}`;
}

function nobody({ tasks, victims, panic }: Moment): string {
  if (panic !== undefined) return 'Nobody was killed: the kernel panicked.';
  if (victims !== undefined && victims.length > 0) return '';
  const all = tasks === undefined ? '' : ` Of ${tasks.count} processes listed, ${tasks.protected} are protected by oom_score_adj −1000.`;
  return `The log names nobody who was killed.${all}`;
}

function chosen(moment: Moment, { row, rss }: Killed, name: string): string {
  const largest = topTask(moment);
  if (largest === undefined) {
    const others = moment.tasks?.count ? 'lists a part of the other processes only' : 'lists no other processes';
    return rss === null ? `${name} was chosen; the log ${others}.` : `${name} held ${bytes(rss)}; the log ${others}.`;
  }
  if (row === undefined) {
    const size = rss === null ? '' : ` (${bytes(rss)})`;
    return `${name}${size} is not among the largest processes listed; ${taskName(largest)} held ${bytes(taskSize(largest))}.`;
  }
  const score = scoreOf(row, moment);
  const scores = (moment.tasks?.top ?? []).map((task) => ({ task, points: scoreOf(task, moment) }));
  const better = scores.filter(({ task, points }) => task !== row && points !== null && score !== null && points > score + 1);
  const size = `${bytes(taskSize(row))}${row.swap > 0 ? ` with ${bytes(row.swap)} in swap` : ''}`;
  if (score === null) return `${name} held ${size}${row === largest ? ', the most of all' : ''}.`;
  const points = `a score of ${Math.round(Math.min(1000, score))} of 1000`;
  const first = better.toSorted((a, b) => (b.points ?? 0) - (a.points ?? 0))[0];
  // a child in place of the one that had the score
  if (first && moment.sacrificed) return `${name} held ${size}.`;
  if (first)
    return `${name} (${size}) was killed with ${points} although ${taskName(first.task)} scores ${Math.round(Math.min(1000, first.points ?? 0))}: it may have been exiting, or not allowed here.`;
  const raised = (row.oomScoreAdj ?? 0) > 0 && row !== largest ? `, raised by its oom_score_adj of ${row.oomScoreAdj}` : '';
  return `${name} had the highest score (${points}${raised}): it held ${size}${row === largest ? ', the most of all processes' : ''}.`;
}

function bypassed(moment: Moment): string {
  const larger = protectedLarger(moment);
  if (larger === undefined) return '';
  const adjust = larger.oomScoreAdj ?? 0;
  const how = adjust <= NEVER ? 'protected by oom_score_adj −1000' : `favoured by oom_score_adj ${String(adjust).replace('-', '−')}`;
  const total = pointsTotal(moment);
  const share = total ? `, ${percent((100 * taskSize(larger)) / total)} of RAM and swap` : '';
  return ` ${taskName(larger)} was larger (${bytes(taskSize(larger))}${atLimit(moment) ? '' : share}) but is ${how}.`;
}
