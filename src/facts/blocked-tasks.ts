import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

/** Functions in which a task waits because memory is short, or for the writeback of dirty memory. */
const MEMORY_WAITS =
  /^(?:throttle_direct_reclaim|reclaim_throttle|congestion_wait\w*|wait_iff_congested|mem_cgroup_handle_over_high|mem_cgroup_oom_synchronize|balance_dirty_pages\w*|io_schedule_timeout|shrink_\w+|try_to_free_\w+|__alloc_pages\w*|alloc_pages\w*|too_many_isolated|compact_\w+|wait_on_page_bit\w*|folio_wait_bit\w*|__lock_page\w*|__folio_lock\w*|sleep_on_page\w*|do_swap_page|swap_readpage\w*|__swap_writepage\w*)$/;

/** Tasks that wait uninterruptibly, and for memory. */
export default defineFacts({
  'proc.blocked_count': {
    title: 'Tasks that wait uninterruptibly',
    unit: 'count',
    formula: 'processes in state D',
    value: (view) => {
      view.used('/proc/PID/stat state');
      return view.last('processes').states['D'] ?? 0;
    },
  },
  'proc.dstate_memory': {
    title: 'Tasks that wait uninterruptibly for memory',
    unit: 'count',
    formula: 'processes in state D in both samples whose wchan is a function of reclaim, writeback, compaction or swapping',
    validity: '32 at most; unknown when wchan may not be read, as without root',
    value: waiting,
  },
});

function waiting(view: View): number {
  const { first, last } = view.pair('processes');
  view.used('/proc/PID/wchan');
  const now = last.blocked ?? [];
  if (now.length === 0) return 0;
  if (now.every(({ wchan }) => wchan === undefined)) throw new Unknown('what the tasks wait for could not be read');
  const before = new Set((first.blocked ?? []).map(({ pid }) => pid));
  return now.filter(({ pid, wchan }) => before.has(pid) && wchan !== undefined && MEMORY_WAITS.test(wchan)).length;
}
