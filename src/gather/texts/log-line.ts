import { looksJson, ofJson } from '../kernel-log/journal.js';
import { tell } from '../kernel-log/told.js';
import { takePrefix } from '../kernel-log/prefix.js';

/** What begins a report of the kernel about memory where the lines have no prefix any more. */
const STRONG =
  /\binvoked oom-killer\b|^oom-killer: gfp_mask=|\bpage allocation (?:failure|stalls)\b|^Mem-[Ii]nfo:|^Out of [Mm]emory: Kill|^oom-kill:constraint=|^Memory cgroup (?:out of memory|stats for)|^Killed process \d{1,10}[ ,(]|^Tasks? in \/.{0,4096} killed as a result|^memory: usage \d{1,15}kB, limit|^Tasks state \(memory values|^\[ {0,8}pid {0,8}\] {1,4}uid|\bvmalloc(?:_node_range)?\b.{0,60}(?:error|failed|failure)|^SLU[BG]: Unable to allocate|^(?:Node \d{1,4} )?(?:DMA|DMA32|Normal|HighMem|Movable) free:\d{1,15}kB|^active_anon:\d{1,15} inactive_anon|^Active:\d{1,12} inactive:\d|^EDAC \w{1,20}:|^Memory failure: 0x|\[Hardware Error\]|^Unreclaimable slab info|^Write-error on swap-device|^zram: |^cma: |^percpu: allocation failed|^INFO: task .{1,80} blocked for more than|^BUG: |^WARNING: (?:CPU|at)|^lowmemorykiller: |^XFS: .{1,80} possible memory allocation deadlock|^__vm_enough_memory: |^oom_reaper: |^Kernel panic - not syncing|^DMA per-cpu:|^Out of memory and no killable|^Purging GPU memory/;

/** What may follow inside such a report. */
const WEAK =
  /^(?:CPU: ?\d|Pid: \d|Hardware name:|Call [Tt]race:|Stack:|Code:|Backtrace:|Modules linked in:|Process \w|Tainted:|Workqueue:|NIP |LR |GPR\d|PC is|pc :|lr :|sp :|x\d{1,2}\s?:|RIP: |[RE][A-Z0-9]{1,2}: ?[0-9a-f]|DR\d:|FS:|CR\d:|EFLAGS|\[?<[0-9a-f]{8,16}>\]?|\(?\[<|Exception stack|Krnl |--?\[ cut here|---\[ end|[-=]{3,})|^[ \t]{0,12}(?:\? |<TASK>|<\/TASK>|<IRQ>|<\/IRQ>|\[<[0-9a-f]{8,16}>\]|\([0-9a-f]{8,16}\)|\[[0-9a-f]{8,16}\])|^[ \t]{0,12}(?:\? )?[\w.$]{2,100}\+0x[0-9a-f]{1,8}(?:\/0x[0-9a-f]{1,8})?|^[ \t]{0,4}(?:active_file|unevictable|slab_reclaimable|mapped|free|kernel_misc_reclaimable|sec_pagetables|inactive_anon|isolated_anon|dirty|writeback|nr_\w{2,40}):\d|^Node \d{1,4} |^(?:DMA|DMA32|Normal|HighMem|Movable|Device)(?: free:| per-cpu|: \d)|^[ \t]{0,4}(?:DMA|DMA32|Normal|HighMem|Movable)\b.{0,10}:|^lowmem_reserve|^(?:protections?|cpu \d{1,4} (?:hot|cold)|CPU {1,5}\d{1,4}: (?:hi|Hot))|^\d{1,15} (?:total )?(?:pagecache |reserved |swap |slab |free |pages |page |shared |hwpoisoned|cma |bounce|lowmem|highmem|dirty|writeback)|^Swap cache|^(?:Free|Total) swap|^Free pages:|^(?:memory\+swap|swap|kmem|memsw): usage|^Memory cgroup stats|^(?:cache|rss|rss_huge|mapped_file|anon|file|kernel|kernel_stack|pagetables|sec_pagetables|percpu|sock|vmalloc|shmem|zswap|zswapped|swapcached|file_\w{2,30}|anon_\w{2,30}|shmem_\w{2,30}|inactive_\w{4}|active_\w{4}|unevictable|slab\w{0,20}|workingset_\w{2,40}|pg\w{2,40}|thp_\w{2,40}|numa_\w{2,40}|zswp\w{2,20}|swpin_zero|swpout_zero|hugetlb) \d{1,20}$|^cache:\d|^\[ {0,10}\d{1,10}\] {1,6}\d|^\[ {0,8}pid {0,8}\]|^Name {2,40}Used|^\S{1,40} {1,40}\d{1,12}KB {1,20}\d{1,12}KB|^(?:Task|Tasks) |^oom-kill|^Out of|^Killed|^oom_|^Memory cgroup|^[ \t]{1,8}(?:cache|node \d{1,4}): ?|^[ \t]{0,4}kmalloc|^.{1,64}: (?:page allocation|vmalloc)/;

/**
 * How surely a line is of a kernel log: 2, it has the prefix of one or words that only the kernel prints; 1, it may stand
 * inside a report of one; 0, it does not look so.
 */
export function logCertainty(line: string): 0 | 1 | 2 {
  if (line === '') return 0;
  if (looksJson(line)) return ofJson(line) === null ? 0 : 2;
  const { style, text, program, time } = takePrefix(line);
  if (style === 'printk' || style === 'kmsg' || style === 'syslog') return 2;
  if (program === null && /^\s{0,8}(?:<\d>|kern +:|\[[^\]]{10,40}\] |kernel: )/.test(line) && text.length < line.trim().length) return 2;
  if (STRONG.test(text) || tell(text, program, time) !== null) return 2;
  return WEAK.test(text) ? 1 : 0;
}
