import { defineFacts } from './fact.js';

/** What the host is told to do when memory runs out. */
export default defineFacts({
  'oom.panic_setting': {
    title: 'What the host is set to do when memory runs out',
    unit: 'count',
    formula: 'vm.panic_on_oom: 0 kill, 1 panic, 2 panic at the limit of a cgroup as well',
    reference: 'https://docs.kernel.org/admin-guide/sysctl/vm.html#panic-on-oom',
    value: (view) => view.sysctl('panic_on_oom'),
  },
  'oom.kill_allocating_setting': {
    title: 'The task that asks is killed, whoever holds the memory',
    unit: 'boolean',
    formula: 'vm.oom_kill_allocating_task ≠ 0',
    reference: 'https://docs.kernel.org/admin-guide/sysctl/vm.html#oom-kill-allocating-task',
    value: (view) => view.sysctl('oom_kill_allocating_task') !== 0,
  },
});
