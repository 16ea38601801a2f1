/** Facts that traces give: who it is, how much, and the reason when nobody was asked. */
import { describe, expect, it } from 'vitest';
import { deriveFacts } from '../src/facts/derive.js';
import type { FactSet } from '../src/facts/fact.js';
import { quantileBound, stackText } from '../src/facts/traced-rows.js';
import type { TraceResults } from '../src/gather/tracing/run.js';
import { sampleTraces, traced, untraced } from './traces-sample.js';

const factsOf = (traces: TraceResults | undefined, pageSize = 4096): FactSet =>
  deriveFacts({
    format: 'memdoctor-snapshot',
    schemaVersion: '1.0',
    memdoctorVersion: '0',
    subject: { hostname: null, kernel: null, arch: null, capturedAt: null, origin: 'live', pageSize, clockTicks: 100 },
    samples: [{ time: null, monotonic: 0, sources: {} }],
    sources: {},
    ...(traces === undefined ? {} : { traces }),
  });
const names = (set: FactSet) => Object.keys(set.facts).filter((name) => name.startsWith('traced.'));

describe('facts of traces', () => {
  const all = factsOf(sampleTraces());

  it.each([
    ['traced.reclaim_seconds', 1.38],
    ['traced.reclaim_worst_pct', 16.25],
    ['traced.reclaim_max_s', 0.061],
    // the bucket ends at 65.5 ms, but the longest took 61
    ['traced.reclaim_p99_s', 0.061],
    ['traced.reclaim_who', 'ledger[812] 1.3 s (90 times, the longest 61 ms); http, proxy[77] 80 ms (4 times, the longest 30 ms)'],
    ['traced.memcg_reclaim_who', 'ledger[812] 6 times'],
    ['traced.reclaimer', { kind: 'process', name: 'ledger', pid: 812, bytes: null }],
    ['traced.kswapd_rate', 81 / 8],
    ['traced.kswapd_order', 9],
    ['traced.kswapd_who', 'ledger 7.5/s for 4 KiB; simulate 2.5/s for 2 MiB; ksoftirqd/0 0.125/s for 32 KiB'],
    ['traced.fault_rate', 10_000],
    ['traced.major_fault_who', 'ledger[812] 20/s'],
    ['traced.growth_bytes_per_second', 10 * 2 ** 20],
    ['traced.growth_who', 'ledger[812] 10 MiB/s'],
    ['traced.growth_stack', 'load_book → parse_row → malloc → sysmalloc'],
    // a file that two read is one
    ['traced.file_who', '/srv/ledger/book.db 22 MiB/s; 254:0 inode 912 50 KiB/s'],
    ['traced.swap_in_who', 'ledger[812] 2000 pages/s (page faults that waited for a disk, those of files too)'],
    ['traced.dirty_who', 'backup 2.4 s'],
    ['traced.compaction_seconds', 1],
    ['traced.compaction_who', 'simulate 900 ms; kcompactd0 100 ms'],
    ['traced.extfrag_rate', 160],
    ['traced.page_callers', 'drm_gem_get_pages 10 MiB/s'],
    ['traced.slab_sites', 'alloc_inode 110 KiB/s'],
    ['traced.thp_who', 'simulate[91] hugepage for 512 MiB'],
    ['traced.shm_who', 'indexer[90] 4 times (64 MiB)'],
    ['traced.arena_who', 'ledger[812] 64 (3 new)'],
  ])('%s', (name, value) => {
    if (typeof value === 'number') expect(all.facts[name]?.value).toBeCloseTo(value, 9);
    else expect(all.facts[name]?.value).toEqual(value);
    expect(all.facts[name]?.from.join()).toMatch(/^trace:/);
  });

  it('sizes go by the page size of the host', () =>
    expect(factsOf(sampleTraces(), 65_536).facts['traced.file_bytes_per_second']?.value).toBe(
      16 * Number(all.facts['traced.file_bytes_per_second']?.value),
    ));

  it('without traces all are unknown, and say how they would be known', () => {
    const none = factsOf(undefined);
    expect(names(none).length).toBeGreaterThan(25);
    for (const name of names(none))
      expect(none.facts[name]).toMatchObject({
        value: null,
        reason: expect.stringMatching(/^[a-z-]+ was not traced: run with --trace [a-z-]+, as root$/),
      });
    for (const [name, set] of Object.entries(none.items)) if (name.startsWith('traced.')) expect(set.items).toBeNull();
  });

  it.each(['refused', 'unsupported', 'failed'] as const)('the reason of one that was %s is said', (status) => {
    const { facts } = factsOf({ reclaim: untraced(status, 'pressure is too high') });
    expect(facts['traced.reclaim_who']).toMatchObject({
      value: null,
      reason: expect.stringMatching(/^the trace reclaim .*: pressure is too high$/),
    });
  });

  it('a quiet host has zeros, and nobody', () => {
    const { facts, items } = factsOf({ reclaim: traced([]), kswapd: traced([]), compaction: traced([]) });
    expect(facts['traced.reclaim_max_s']?.value).toBe(0);
    expect(facts['traced.reclaim_worst_pct']?.value).toBe(0);
    expect(facts['traced.kswapd_rate']?.value).toBe(0);
    expect(facts['traced.extfrag_rate']?.value).toBe(0);
    expect(facts['traced.reclaim_who']?.reason).toBe('no task had to reclaim while it was traced');
    expect(items['traced.reclaimers']?.items).toEqual([]);
  });

  it('counted for the whole host is not nobody', () => {
    const { facts } = factsOf({ reclaim: traced([], { backend: 'perf-stat', totals: { direct: 40 } }) });
    expect(facts['traced.reclaim_max_s']?.value).toBeNull();
    expect(facts['traced.reclaim_who']?.reason).toBe('reclaim was counted for the whole host, not by process');
  });

  it('without times there are counts, but no times', () => {
    const { facts, items } = factsOf({ reclaim: traced([{ comm: 'a', scope: 'direct', count: 3, pages: 9 }]) });
    expect(facts['traced.reclaim_who']?.value).toBe('a 3 times');
    expect(facts['traced.reclaim_seconds']?.value).toBeNull();
    expect(items['traced.reclaimers']?.items?.[0]).toMatchObject({ name: 'a', count: 3, total_s: null });
  });

  it('fallbacks that left the block its kind are not counted where that was seen', () => {
    const rows = [{ comm: 'a', kind: 'fallback', count: 800, changedOwnership: 8, order: 0 }];
    expect(factsOf({ compaction: traced(rows) }).facts['traced.extfrag_rate']?.value).toBe(1);
  });
});

describe('parts', () => {
  it('a quantile is the bound of its bucket', () => {
    const buckets = [
      { min: 8, max: 15, count: 98 },
      { min: 16, max: 31, count: 1 },
      { min: 1024, max: 2047, count: 1 },
    ];
    expect(quantileBound(buckets, 0.99)).toBe(31);
    expect(quantileBound(buckets, 1)).toBe(2047);
    expect(quantileBound([], 0.5)).toBeNull();
  });

  it('a stack in words has the innermost names, without addresses', () => {
    expect(stackText('a;main;0x7f0011223344;grow;malloc')).toBe('main → grow → malloc');
    expect(stackText('a;0x7f0011223344;[unknown]')).toBe('');
    expect(stackText('a')).toBe('');
    // every growth of a heap ends in these
    expect(stackText('a;__brk')).toBe('');
  });
});
