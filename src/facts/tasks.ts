import { defineFacts, type Entity, Unknown } from './fact.js';
import type { View } from './view.js';

const GIB = 2 ** 30;
/** Of all tasks: with less it is not the one that makes them many. */
const SHARE = 0.3;

/** How many tasks there are for the memory of the host. */
export default defineFacts({
  'tasks.total': {
    title: 'Tasks that exist',
    unit: 'count',
    formula: 'fourth field of /proc/loadavg, behind the slash; the line “Tasks:” of top',
    validity: 'threads count as well; top counts processes only',
    reference: 'https://man7.org/linux/man-pages/man5/proc_loadavg.5.html',
    value: (view) => {
      view.used('/proc/loadavg');
      return view.last('loadavg').total;
    },
  },
  'tasks.per_gib': {
    title: 'Tasks for each GiB of RAM',
    unit: '1',
    formula: 'tasks.total ÷ (MemTotal ÷ 1 GiB)',
    value: (view) => view.number('tasks.total') / (view.number('mem.total_bytes') / GIB),
  },
  'tasks.zombies': {
    title: 'Processes that have ended and that nobody has waited for',
    unit: 'count',
    formula: 'those in state Z of /proc/PID/stat',
    validity: 'each keeps its entry (task_struct, some KiB) and its pid, and no other memory',
    reference: 'https://man7.org/linux/man-pages/man2/wait.2.html',
    value: (view) => {
      view.used('/proc/PID/stat state');
      return view.last('processes').states['Z'] ?? 0;
    },
  },
  'tasks.many_zombies': {
    title: 'Most tasks have ended, and nobody has waited for them',
    unit: 'boolean',
    formula: 'tasks.zombies above half of tasks.total',
    value: (view) => view.number('tasks.zombies') > view.number('tasks.total') / 2,
  },
  'tasks.top_count': {
    title: 'Tasks of the name that has most',
    unit: 'count',
    formula: 'max over names of (processes of that name, or Σ Threads of those that were read one by one)',
    validity: 'of the hundred processes with most memory, and the forty names; unknown below 30 % of all tasks',
    value: (view) => crowd(view).tasks,
  },
  'owner.tasks': {
    title: 'Who has most of the tasks: one process with its threads, or all processes of a name',
    unit: 'entity',
    formula: 'the name of tasks.top_count; one process when half of these are its threads',
    value: (view) => crowd(view).entity,
  },
});

interface Crowd {
  readonly tasks: number;
  readonly entity: Entity;
}

/** @throws Unknown when no name has a fair share of the tasks. */
function crowd(view: View): Crowd {
  const { groups, top, threads, visible } = view.last('processes');
  view.used('/proc/PID/status Name, Threads');
  const names = new Set([...groups, ...top].map(({ name }) => name));
  const crowds = [...names].map((name): Crowd => {
    const own = top.filter((process) => process.name === name).toSorted((a, b) => b.threads - a.threads);
    const ofThreads = own.reduce((sum, process) => sum + process.threads, 0);
    const tasks = Math.max(ofThreads, groups.find((group) => group.name === name)?.count ?? 0);
    const [first] = own;
    // how much they hold is not the point, and kernel stacks are charged to nobody
    if (first && first.threads > tasks / 2) return { tasks, entity: { kind: 'process', name, pid: first.pid, bytes: null } };
    return { tasks, entity: { kind: 'process-group', name, bytes: null } };
  });
  const most = crowds.toSorted((a, b) => b.tasks - a.tasks)[0];
  if (!most || most.tasks < SHARE * Math.max(threads, visible)) throw new Unknown('no process, and no name, has a fair share of the tasks');
  return most;
}
