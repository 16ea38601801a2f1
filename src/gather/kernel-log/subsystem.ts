import { THROUGH, WORK } from './subsystem-names.js';

/** `__alloc_skb+0x6a/0x220`, `? tcp_ack+0x…`, `xfs_buf_alloc [xfs]`: the name, and the module in brackets. */
const FUNCTION = /^(?:\? )?([\w.$]{1,128})(?:\+0x[0-9a-f/x]{1,40})?(?: \[(\w{1,64})\b.{0,40}\])?/;
/** Not the work, and begins like it: the printing of the report and how all allocations go. */
const COMMON =
  /^(?:dump_stack|show_|warn_alloc|__warn|__alloc_page|alloc_page|__get_free_page|get_page_from|dump_header|oom_|out_of_memory|pagefault_out|__oom|mempool_alloc_|dma_pool_|security_file|ret_from|entry_|do_syscall|system_call|invoke_syscall|el0|kthread|worker_thread|process_one_work|mem_cgroup_|charge_memcg|try_charge)/;

/** Named when nothing else is: they are how memory is asked for. */
const LAST = new Set(['vmalloc', 'slab']);

const table = (names: Readonly<Record<string, string>>): readonly (readonly [subsystem: string, prefixes: readonly string[]])[] =>
  Object.entries(names).map(([subsystem, prefixes]) => [subsystem, prefixes.trim().split(/\s+/)]);
const work = table(WORK);
const through = table(THROUGH);

/**
 * The part of the kernel whose work asked for memory, by the functions of a call trace (innermost first, without those that
 * the kernel marks `?`); null: the trace does not tell. A module of no known subsystem is named itself. What every allocation
 * goes through (slab, page cache, page fault, …) is named when nothing more particular is.
 */
export function subsystemOf(functions: readonly string[]): string | null {
  const named = functions.flatMap((text) => {
    const match = FUNCTION.exec(text.trim());
    return match?.[1] === undefined || COMMON.test(match[1]) ? [] : [{ name: match[1], module: match[2] }];
  });
  for (const { name, module } of named) {
    const found = within(work, name) ?? (module === undefined ? null : (within(work, `${module}_`) ?? module));
    if (found !== null) return found;
  }
  const ways = named.map(({ name }) => within(through, name)).filter((way) => way !== null);
  return ways.find((way) => !LAST.has(way)) ?? ways[0] ?? null;
}

/** True for a function that does the work of some part of the kernel, or of a module: not one that all allocations go through. */
export const isWork = (name: string, module: string | undefined): boolean => within(work, name) !== null || module !== undefined;

const within = (rows: typeof work, name: string): string | null =>
  rows.find(([, prefixes]) => prefixes.some((prefix) => name.startsWith(prefix)))?.[0] ?? null;
