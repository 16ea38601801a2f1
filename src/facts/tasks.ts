import { defineFacts } from './fact.js';

const GIB = 2 ** 30;

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
});
