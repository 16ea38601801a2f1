/** Who held the memory at the last OOM, and who was killed for it. */
import { containerName } from '../gather/kernel-log/moment/cgroup-names.js';
import type { Moment } from '../gather/kernel-log/schema.js';
import { defineFacts, type Entity, Unknown } from './fact.js';
import { atLimit, lastMoment, ramOf, swapOf } from './oom-moment.js';
import {
  killedOf,
  ownSize,
  protectedLarger,
  type Task,
  taskSize,
  type TaskGroup,
  topGroup,
  topTask,
  victimShare,
  victimText,
} from './oom-victim.js';
import type { View } from './view.js';

const TABLE = 'table of tasks of the last OOM that the kernel log shows';
const OF_ALL = 'RAM + swap used; at the limit of a cgroup, of its limit';
/** In swap is so much more than all that the table lists: rows of it are missing. */
const CUT = 2;
const SHARED = 'pages that processes share count for each of them where the table does not tell them apart; at most 100';

export default defineFacts({
  'oom.tasks': {
    title: 'Processes listed at the last OOM',
    unit: 'count',
    formula: `rows of the ${TABLE}`,
    value: (view) => tasks(view).count,
  },
  'oom.protected_tasks': {
    title: 'Processes that must not be killed, at the last OOM',
    unit: 'count',
    formula: `rows with oom_score_adj −1000; ${TABLE}`,
    value: (view) => tasks(view).protected,
  },
  'oom.top_pct': {
    title: 'The largest process at the last OOM, share of memory',
    unit: '%',
    formula: `100 × max(rss + swap) / (${OF_ALL}); ${TABLE}`,
    validity: SHARED,
    value: (view) => capped(taskSize(top(view)), memory(view)),
  },
  'oom.top_bytes': {
    title: 'The largest process at the last OOM',
    unit: 'bytes',
    formula: `max(rss + swap); ${TABLE}`,
    value: (view) => taskSize(top(view)),
  },
  'oom.top_anon_share_pct': {
    title: 'The largest process at the last OOM, share of all processes',
    unit: '%',
    formula: `100 × max(rss + swap) / Σ(rss + swap), of anonymous pages where the table tells them apart; ${TABLE}; of swap used, when that is more than twice Σ(rss + swap): then rows are missing`,
    validity: SHARED,
    value: (view) => capped(Math.max(0, ...tasks(view).top.map(ownSize)), all(view)),
  },
  'oom.group_pct': {
    title: 'The largest pool of equal processes at the last OOM, share of memory',
    unit: '%',
    formula: `100 × Σ(rss + swap) of at least 3 processes of one name, none with more than half of it / (${OF_ALL}); ${TABLE}; 0: there is no such pool`,
    validity: SHARED,
    value: (view) => (pooled(view) ? capped(ownSize(group(view)), memory(view)) : 0),
  },
  'oom.group_share_pct': {
    title: 'The largest pool of equal processes at the last OOM, share of all processes',
    unit: '%',
    formula: `as oom.group_pct, / Σ(rss + swap) of all processes`,
    validity: SHARED,
    value: (view) => (pooled(view) ? capped(ownSize(group(view)), all(view)) : 0),
  },
  'oom.group_count': {
    title: 'Processes of the largest pool of equal processes at the last OOM',
    unit: 'count',
    formula: `as oom.group_pct`,
    value: (view) => (pooled(view) ? group(view).count : 0),
  },
  'oom.victim_rss_bytes': {
    title: 'Resident memory of the process killed last',
    unit: 'bytes',
    formula: 'anon-rss + file-rss + shmem-rss of “Killed process”, else rss of its row',
    value: (view) => {
      const { rss } = killed(view);
      if (rss === null) throw new Unknown('the kernel log does not tell the size of the one killed', 'kernel-log');
      return rss;
    },
  },
  'oom.victim_share_pct': {
    title: 'The process killed last against the largest process',
    unit: '%',
    formula: `100 × rss + swap of the one killed / max(rss + swap); ${TABLE}`,
    value: (view) => {
      const share = victimShare(moment(view));
      if (share === undefined) throw new Unknown('the kernel log does not show both the one killed and the other processes', 'kernel-log');
      return share;
    },
  },
  'oom.victim_is_largest': {
    title: 'The process killed last was the largest',
    unit: 'boolean',
    formula: `no row has more rss + swap; ${TABLE}`,
    value: (view) => {
      const { row, pid } = killed(view);
      return row ? taskSize(row) >= taskSize(top(view)) : top(view).pid === pid;
    },
  },
  'oom.victim_protected_larger': {
    title: 'A larger process was spared for its oom_score_adj at the last OOM',
    unit: 'boolean',
    formula: `a row with more rss + swap than the one killed, and an oom_score_adj below zero and below that of the one killed; ${TABLE}`,
    value: (view) => {
      killed(view);
      top(view);
      return protectedLarger(moment(view)) !== undefined;
    },
  },
  'oom.victim_text': {
    title: 'Why this process was killed and not another',
    unit: 'text',
    formula: `oom_badness() over the ${TABLE}: 1000 × (rss + swap + page tables) / (RAM + swap, or the limit) + oom_score_adj`,
    reference: 'https://elixir.bootlin.com/linux/latest/source/mm/oom_kill.c',
    value: (view) => victimText(moment(view)),
  },
  'owner.oom_process': {
    title: 'The largest process at the last OOM',
    unit: 'entity',
    formula: `max(rss + swap); ${TABLE}`,
    value: (view) => named(top(view)),
  },
  'owner.oom_group': {
    title: 'The largest pool of equal processes at the last OOM',
    unit: 'entity',
    formula: `as oom.group_pct`,
    value: (view): Entity => {
      const found = group(view);
      return { kind: 'process-group', name: found.name, bytes: ownSize(found) };
    },
  },
  'owner.oom_cgroup': {
    title: 'The cgroup whose limit was met at the last OOM',
    unit: 'entity',
    formula: 'its systemd unit, container or pod where the path names one, else its path; with its usage',
    value: (view): Entity => {
      const found = moment(view);
      const name = atLimit(found) ? cgroupName(found) : null;
      if (name === null) throw new Unknown('the last OOM was not at the limit of a cgroup that the kernel log names');
      return { kind: 'cgroup', name, bytes: found.memcg?.usage ?? null };
    },
  },
});

/** What people call the cgroup; null when the log does not name it. */
export function cgroupName({ memcg }: Moment): string | null {
  if (memcg === undefined) return null;
  return containerName(memcg) ?? memcg.unit ?? memcg.path ?? null;
}

const moment = (view: View): Moment => {
  view.used(`kernel log (${view.last('kernel-log').from})`);
  return lastMoment(view);
};

function tasks(view: View): NonNullable<Moment['tasks']> {
  const found = moment(view).tasks;
  if (found === undefined || found.count === 0)
    throw new Unknown('the kernel log does not list the processes of the last OOM', 'kernel-log');
  return found;
}

function top(view: View): Task {
  tasks(view);
  const found = topTask(moment(view));
  if (!found) throw new Unknown('the kernel log does not list the processes of the last OOM', 'kernel-log');
  return found;
}

function group(view: View): TaskGroup {
  tasks(view);
  const found = topGroup(moment(view));
  if (!found) throw new Unknown('no three equal processes share a name in the table of the last OOM');
  return found;
}

/** Whether the table has a pool at all. */
function pooled(view: View): boolean {
  tasks(view);
  return topGroup(moment(view)) !== undefined;
}

function killed(view: View): NonNullable<ReturnType<typeof killedOf>> {
  const found = killedOf(moment(view));
  if (!found) throw new Unknown('the kernel log does not name the victim of the last OOM', 'kernel-log');
  return found;
}

/** What the shares of processes are of, bytes. */
function memory(view: View): number {
  const found = moment(view);
  const size = atLimit(found) ? (found.memcg?.limit ?? found.memcg?.usage) : ramOf(found);
  if (size === undefined || size === 0)
    throw new Unknown(`the report of the last OOM does not tell the size of ${atLimit(found) ? 'the limit' : 'RAM'}`);
  return atLimit(found) ? size : size + (swapOf(found)?.used ?? 0);
}

/** What all processes hold, bytes. A table that explains less than half of what lies in swap has lost rows. */
function all(view: View): number {
  const size = ownSize(tasks(view).totals);
  if (size === 0) throw new Unknown('the processes of the last OOM hold nothing');
  const found = moment(view);
  const swapped = atLimit(found) ? 0 : (swapOf(found)?.used ?? 0);
  return swapped > CUT * size ? swapped : size;
}

const capped = (part: number, whole: number): number => Math.min(100, (100 * part) / whole);

const named = (task: Task): Entity => ({
  kind: 'process',
  name: task.name,
  ...(task.pid === null ? {} : { pid: task.pid }),
  bytes: taskSize(task),
});
