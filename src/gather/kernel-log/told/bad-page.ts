import { defineFamily, numberAs, textAs, trigger } from './family.js';

/** mm/page_alloc.c, mm/memory.c, mm/pgtable-generic.c, kernel/fork.c, mm/slub.c: the kernel met a state of memory that cannot be. */
export default defineFamily({
  begins: ['BUG: Bad ', 'BUG: non-zero ', 'kernel BUG at ', 'BUG ', 'mm/', 'include/', './include/', 'arch/'],
  holds: [' stalled pool shutdown'],
  sayings: [
    {
      kind: 'bad-page',
      pattern: /^BUG: Bad page (state|map|cache) in process (.{1,64}?)(?: {1,2}(?:pfn|pte|pmd):|$)/,
      tells: ([, , name = '']) => trigger(name, undefined),
      alike: ([, what = '', name = '']) => `${what} ${name}`,
    },
    {
      kind: 'bad-page',
      pattern: /^(?:mm|\.\/include|include|arch)\/[\w./-]{1,80}:\d{1,6}: bad p(?:gd|4d|ud|md) /,
      alike: () => 'page table',
    },
    {
      kind: 'kernel-bug',
      pattern: /^BUG: (Bad rss-counter state|non-zero (?:nr_\w{1,8}|pgtables_bytes) on freeing mm)/,
      alike: ([, what = '']) => what,
    },
    { kind: 'kernel-bug', pattern: /^kernel BUG at (?:\.\/)?(?:mm\/|include\/linux\/(?:mm|page|swapops|slab|huge_mm)[\w-]{0,20}\.h)/ },
    {
      // mm/slub.c, slab_bug()
      kind: 'kernel-bug',
      pattern: /^BUG (\S{1,64}) \((?:Not tainted|Tainted|[A-Z]).{0,40}\): /,
      tells: ([, cache]) => textAs('device', cache),
    },
    {
      // net/core/page_pool.c: pages of a network driver that never come back
      kind: 'kernel-bug',
      pattern: /^(?:page_pool_release_retry|\w{1,40})\(\) stalled pool shutdown:? (?:id \d{1,10}, )?\d{1,10} inflight (\d{1,10}) sec/,
      tells: ([, waited]) => ({ ...numberAs('seconds', waited), subsystem: 'net' }),
    },
  ],
});
