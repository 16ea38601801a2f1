import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

const ERRNO = 'https://man7.org/linux/man-pages/man3/errno.3.html';
const PASTED = 'only what somebody pasted: a live host does not tell';
/** Requests for address space: the kernel refuses them by its promises and by limits, hardly ever for want of pages. */
const PROMISES: readonly string[] = ['fork', 'mmap', 'exec', 'malloc', 'allocate'];

/** What programs wrote when they were refused memory. */
export default defineFacts({
  'errors.refused': {
    title: 'Messages of programs that were refused memory',
    unit: 'count',
    formula:
      'lines with ENOMEM or its text (Cannot allocate memory), without those of swapoff, of mlock, of threads, and of runtimes at a limit of their own',
    validity: PASTED,
    reference: ERRNO,
    value: (view) => counted(view, PROMISES),
  },
  'errors.fork_refused': {
    title: 'Messages of programs that could not start another',
    unit: 'count',
    formula: 'lines with ENOMEM or its text, of fork or exec',
    validity: PASTED,
    reference: ERRNO,
    value: (view) => counted(view, ['fork', 'exec']),
  },
  'errors.tasks_refused': {
    title: 'Messages of programs that were refused another process or thread',
    unit: 'count',
    formula:
      'lines with EAGAIN or its text (Resource temporarily unavailable) of fork or a thread, of runtimes that could not make a thread, and “fork rejected by pids controller”',
    validity: `${PASTED}; 0 also when nobody pasted any`,
    reference: 'https://man7.org/linux/man-pages/man2/fork.2.html',
    value: (view) => (view.readings('errors').length === 0 ? 0 : counted(view, ['tasks', 'thread'])),
  },
  'errors.cgroups_refused': {
    title: 'Messages of programs that could not make another memory cgroup',
    unit: 'count',
    formula: 'lines “mkdir /sys/fs/cgroup/…: no space left on device”, and “mkdir /sys/fs/cgroup/memory/…: cannot allocate memory”',
    validity: `${PASTED}; 0 also when nobody pasted any`,
    reference: 'https://man7.org/linux/man-pages/man2/mkdir.2.html',
    value: (view) => (view.readings('errors').length === 0 ? 0 : counted(view, ['cgroup', 'cgroup-memory'])),
  },
  'errors.cgroups_enomem': {
    title: 'A program could not make another memory cgroup, and was told that memory lacks',
    unit: 'boolean',
    formula: 'a line “mkdir /sys/fs/cgroup/memory/…: cannot allocate memory”',
    validity: `${PASTED}; kernels before 5.8 say so too when they have no number left for it`,
    reference: 'https://github.com/torvalds/linux/commit/11d6761218d19ca06ae5387f4e3692c4fa9e7493',
    value: (view) => view.readings('errors').length > 0 && counted(view, ['cgroup-memory']) > 0,
  },
  'errors.operation_named': {
    title: 'A message says what was refused',
    unit: 'boolean',
    formula: 'a line with ENOMEM or its text names fork, mmap, exec or an allocator',
    validity: PASTED,
    value: (view) =>
      counted(
        view,
        PROMISES.filter((name) => name !== 'allocate'),
      ) > 0,
  },
  'errors.heap_full': {
    title: 'Messages of programs whose runtime met the limit of its own heap',
    unit: 'count',
    formula:
      'lines with java.lang.OutOfMemoryError (but for threads), “JavaScript heap out of memory” and “Allowed memory size of N bytes exhausted”',
    validity: `${PASTED}; the kernel has no part in it`,
    value: (view) => counted(view, ['heap']),
  },
  'errors.swapoff_refused': {
    title: 'Messages of swapoff that there is no memory for it',
    unit: 'count',
    formula: 'lines “swapoff failed: Cannot allocate memory”',
    validity: PASTED,
    reference: 'https://man7.org/linux/man-pages/man2/swapon.2.html',
    value: (view) => counted(view, ['swapoff']),
  },
  'errors.text': {
    title: 'The first message of a program that was refused memory',
    unit: 'text',
    formula: 'the line',
    validity: PASTED,
    value: (view) => {
      const [first] = view.last('errors');
      if (!first) throw new Unknown('no message was found');
      return first.text;
    },
  },
});

function counted(view: View, operations: readonly string[]): number {
  const errors = view.last('errors');
  view.used('messages of programs');
  return errors.filter(({ operation }) => operations.includes(operation)).reduce((sum, { count }) => sum + count, 0);
}
