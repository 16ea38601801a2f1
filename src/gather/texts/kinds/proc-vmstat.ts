import { defineText } from '../kind.js';
import { fileOf, runOfNames } from '../shape.js';

const COUNTER = /^\s*(?:\/?proc\/vmstat:)?([a-z][a-z0-9_]{2,60})\s+(\d{1,20})\s*$/;
/** Names that no other list of counters has. */
const KNOWN =
  /^(?:nr_[a-z]\w+|pg(?:pg(?:in|out)|alloc|free|activate|deactivate|lazyfree|(?:maj)?fault|refill|steal|scan|inodesteal|rotated|migrate|demote|promote|skip|reuse)\w*|pswp(?:in|out)|kswapd_\w+|pageoutrun|allocstall\w*|slabs_scanned|compact_\w+|htlb_\w+|numa_(?:hit|miss|foreign|interleave|local|other|pte_updates|hint_faults\w*|pages_migrated|huge_pte_updates|task_migrated)|unevictable_pgs_\w+|thp_\w+|workingset_\w+|drop_(?:slab|pagecache)|oom_kill|balloon_\w+|swap_ra\w*|zone_reclaim_failed|zswp\w+|zswpin|zswpout|swpin_zero|swpout_zero|direct_map_\w+|ksm_\w+|cow_ksm|vma_lock_\w+)$/;

/** /proc/vmstat, whole or in part. memory.stat of a cgroup shares some names, but begins with others. */
export default defineText({
  title: '/proc/vmstat',
  docs: 'https://docs.kernel.org/admin-guide/mm/concepts.html',
  origin: 'kernel',
  hint: /^(?:proc[-_.])?vmstat$|proc[-_.]vmstat/,
  span: (lines, at, _, told = '') => {
    const [, first = ''] = COUNTER.exec(lines[at] ?? '') ?? [];
    if (!KNOWN.test(first) || /memory[._-]stat|cgroup|memcg/.test(told)) return 0;
    return runOfNames(lines, at, COUNTER);
  },
  read: (lines) =>
    fileOf(
      'proc/vmstat',
      lines.flatMap((line) => {
        const match = COUNTER.exec(line);
        return match ? [`${match[1]} ${match[2]}`] : [];
      }),
    ),
});
