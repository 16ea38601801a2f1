import type { TraceResults } from '../src/gather/tracing/run.js';

type Result = TraceResults[string];
type Row = Record<string, unknown>;

/** A trace that went well. */
export const traced = (rows: Row[], more: Partial<Result> = {}): Result => ({
  status: 'ok',
  backend: 'tracepoint',
  seconds: 8,
  period: 1,
  lost: 0,
  probes: [],
  tried: [],
  rows,
  rowsSeen: rows.length,
  ...more,
});

/** One that gave nothing, and why. */
export const untraced = (status: 'refused' | 'unsupported' | 'failed', reason: string): Result => ({
  ...traced([], { status, reason, backend: null, seconds: 0 }),
  tried: status === 'unsupported' ? [{ backend: 'tracepoint', reason }] : [],
});

/** Hand-made results of every trace that facts are made of. */
export const sampleTraces = (): TraceResults => ({
  reclaim: traced(
    [
      { comm: 'ledger', pid: 812, scope: 'direct', count: 84, pages: 5376, totalSeconds: 1.2, maxSeconds: 0.061 },
      { comm: 'ledger', pid: 812, scope: 'memcg', count: 6, pages: 192, totalSeconds: 0.1, maxSeconds: 0.02 },
      { comm: 'http, proxy', pid: 77, scope: 'direct', count: 4, pages: 256, totalSeconds: 0.08, maxSeconds: 0.03 },
    ],
    {
      totals: { throttledSeconds: 0 },
      histograms: {
        'direct microseconds': [
          { min: 512, max: 1023, count: 20 },
          { min: 8192, max: 16_383, count: 67 },
          { min: 32_768, max: 65_535, count: 1 },
        ],
        'memcg microseconds': [{ min: 16_384, max: 32_767, count: 6 }],
      },
      stacks: [
        {
          stack: 'ledger;entry_SYSCALL_64;do_syscall_64;vfs_read;filemap_fault;__alloc_pages;try_to_free_pages;do_try_to_free_pages',
          count: 40,
        },
        { stack: 'ledger;asm_exc_page_fault;handle_mm_fault;do_anonymous_page;__alloc_pages;try_to_free_pages', count: 44 },
        { stack: 'http, proxy;asm_exc_page_fault;handle_mm_fault;__alloc_pages;try_to_free_pages', count: 4 },
      ],
    },
  ),
  kswapd: traced([
    { node: 0, order: 0, comm: 'ledger', count: 60 },
    { node: 0, order: 9, comm: 'simulate', count: 20 },
    { node: 0, order: 3, comm: 'ksoftirqd/0', count: 1 },
  ]),
  'page-faults': traced(
    [
      { comm: 'ledger', pid: 812, faults: 80_000, majorFaults: 160, writes: 60_000, reads: 20_000 },
      { comm: 'indexer', pid: 90, faults: 4000 },
    ],
    {
      period: 20,
      lost: 3,
      stacks: [
        { stack: 'ledger;_start;main;load_book;parse_row;malloc;0x7f3a11223344', count: 52_000 },
        { stack: 'ledger;_start;main;load_book;memcpy', count: 20_000 },
        { stack: 'ledger;_start;main;report', count: 8000 },
        { stack: 'indexer;_start;main;merge', count: 4000 },
      ],
    },
  ),
  'heap-growth': traced(
    [
      { comm: 'ledger', pid: 812, brkBytes: 40 << 20, mmapBytes: 60 << 20, munmapBytes: 20 << 20, calls: 90 },
      { comm: 'indexer', pid: 90, brkBytes: 0, mmapBytes: 8 << 20, munmapBytes: 8 << 20 },
    ],
    {
      stacks: [
        { stack: 'ledger;_start;main;load_book;parse_row;malloc;sysmalloc;brk', count: 70 },
        { stack: 'ledger;_start;main;0x55aa00112233;mmap', count: 20 },
      ],
    },
  ),
  'file-faults': traced([
    { file: '/srv/ledger/book.db', comm: 'ledger', pages: 40_960 },
    { file: '/srv/ledger/book.db', comm: 'indexer', pages: 4096 },
    { file: '254:0 inode 912', comm: 'cp', pages: 100, device: '254:0', inode: 912 },
  ]),
  vmscan: traced([{ event: 'mm_vmscan_lru_shrink_inactive', count: 4000 }]),
  'swap-in': traced([{ comm: 'ledger', pid: 812, pages: 16_000 }], {
    backend: 'software',
    tried: [{ backend: 'kprobe', reason: 'this kernel has no kprobes' }],
    notes: ['major faults stand for pages read from swap'],
  }),
  'dirty-throttling': traced([{ comm: 'backup', count: 30, pausedSeconds: 2.4 }]),
  slab: traced([{ site: 'alloc_inode', count: 800, cache: 'ext4_inode_cache', bytes: 900_000 }]),
  'page-allocations': traced([{ caller: 'drm_gem_get_pages', pages: 20_480, count: 40 }], {
    stacks: [{ stack: 'viewer;ioctl;drm_ioctl;drm_gem_get_pages;__alloc_pages', count: 20_480 }],
  }),
  compaction: traced([
    { comm: 'simulate', kind: 'compaction', count: 40, totalSeconds: 0.9 },
    { comm: 'kcompactd0', kind: 'compaction', count: 2, totalSeconds: 0.1 },
    { comm: 'simulate', kind: 'asked', count: 40, order: 9 },
    { comm: 'ledger', kind: 'fallback', count: 1200, order: 0, fallbackOrder: 6 },
    { comm: 'kworker/u8:1', kind: 'fallback', count: 80, order: 3, fallbackOrder: 7 },
    { comm: 'simulate', kind: 'migration', count: 300, reason: 'compaction', failed: 20 },
  ]),
  'malloc-arenas': traced([{ comm: 'ledger', pid: 812, arenas: 64, newArenas: 3 }], { backend: 'proc' }),
  shm: traced([
    { comm: 'indexer', pid: 90, call: 'shmget', count: 4, bytes: 64 << 20 },
    { comm: 'indexer', pid: 90, call: 'shmat', count: 4 },
  ]),
  thp: traced([{ comm: 'simulate', pid: 91, advice: 'hugepage', bytes: 512 << 20 }]),
  llc: untraced('unsupported', 'this machine does not count cache misses'),
  oom: untraced('refused', 'pressure is too high: 45 % of the time nothing went on'),
});
