import { bytes, duration, rate } from '../format.js';
import { defineFacts, type Entity, Unknown } from './fact.js';
import { byWho, entityOf, tellWho, tracedRows, whoName } from './traced-rows.js';
import type { View } from './view.js';

const COMPACTION = 'https://github.com/torvalds/linux/blob/v6.12/include/trace/events/compaction.h';
const KMEM = 'https://github.com/torvalds/linux/blob/v6.12/include/trace/events/kmem.h';

/** Traced: who waits for compaction and for the disk, who mixes page blocks, and who takes pages that no line of meminfo has. */
export default defineFacts({
  'traced.compaction_seconds': {
    title: 'Time spent in compaction, in the trace',
    unit: 's',
    formula: 'Σ (mm_compaction_end − mm_compaction_begin), all tasks and kcompactd',
    reference: COMPACTION,
    value: (view) => compacting(view).reduce((sum, { sum: seconds }) => sum + seconds, 0),
  },
  'traced.compaction_who': {
    title: 'Who compacted memory, and how long',
    unit: 'text',
    formula:
      'mm_compaction_end − mm_compaction_begin by process, the longest first; else who asked for it, by mm_compaction_try_to_compact_pages',
    reference: COMPACTION,
    value: (view) => {
      const { rows, seconds } = tracedRows(view, 'compaction');
      const long = compacting(view);
      if (long.length > 0) return tellWho(long, (who) => `${whoName(who)} ${duration(who.sum)}`, '');
      return tellWho(
        byWho(
          rows.filter(({ kind }) => kind === 'asked' || kind === 'compaction'),
          ({ count }) => count,
        ),
        (who) => `${whoName(who)} ${rate(who.sum / seconds)}`,
        'nobody compacted memory while it was traced',
      );
    },
  },
  'traced.extfrag_rate': {
    title: 'How often memory of one kind was taken from page blocks of another, which changed their kind',
    unit: '1/s',
    formula: 'mm_page_alloc_extfrag with change_ownership / time traced',
    validity: 'without the field change_ownership (before Linux 4.14), or by means that cannot look at it, all of them',
    reference: KMEM,
    value: (view) => {
      const { seconds } = tracedRows(view, 'compaction');
      return fallbacks(view).reduce((sum, { changed }) => sum + changed, 0) / seconds;
    },
  },
  'traced.extfrag_who': {
    title: 'Who took memory from page blocks of another kind, and how large',
    unit: 'text',
    formula: 'mm_page_alloc_extfrag by process and order, the most frequent first',
    reference: KMEM,
    value: (view) => {
      const { seconds } = tracedRows(view, 'compaction');
      return tellWho(
        fallbacks(view).toSorted((a, b) => b.changed - a.changed),
        ({ comm, order, changed }) => `${comm}${order === undefined ? '' : ` order ${order}`} ${rate(changed / seconds)}`,
        'no page block changed its kind while it was traced',
      );
    },
  },
  'traced.dirty_who': {
    title: 'Who was made to wait for dirty pages to be written',
    unit: 'text',
    formula: 'pause of balance_dirty_pages by process, the longest first',
    reference: 'https://github.com/torvalds/linux/blob/v6.12/include/trace/events/writeback.h',
    value: (view) =>
      tellWho(paused(view), (who) => `${whoName(who)} ${duration(who.sum)}`, 'the kernel made no writer wait while it was traced'),
  },
  'traced.writer': {
    title: 'The process that waited longest for dirty pages to be written',
    unit: 'entity',
    formula: 'max by process pause of balance_dirty_pages',
    reference: 'https://github.com/torvalds/linux/blob/v6.12/include/trace/events/writeback.h',
    value: (view): Entity => {
      const [first] = paused(view);
      if (!first) throw new Unknown('the kernel made no writer wait while it was traced');
      return entityOf(view, first);
    },
  },
  'traced.page_callers': {
    title: 'Which kernel code took pages',
    unit: 'text',
    formula: 'mm_page_alloc by the function that called the allocator, the most pages first; not what was given back since',
    reference: KMEM,
    value: (view) => {
      const { rows, seconds } = tracedRows(view, 'page-allocations');
      return tellWho(
        byWho(
          rows.map(({ caller, pages }) => ({ comm: caller, pages })),
          ({ pages }) => pages,
        ),
        ({ name, sum }) => `${name} ${bytes((sum * view.pageSize) / seconds)}/s`,
        'no page was allocated while it was traced',
      );
    },
  },
  'traced.slab_sites': {
    title: 'Which kernel code took slab objects',
    unit: 'text',
    formula: 'kmem_cache_alloc and kmalloc by call site, the most bytes first; where slabinfo was compared, by cache',
    reference: KMEM,
    value: (view) => {
      const { rows, seconds } = tracedRows(view, 'slab');
      const sites = rows.map(({ site, cache, comm, count, bytes: size }) => ({
        comm: (site !== undefined && !/^0x[0-9a-f]+$/.test(site) ? site : undefined) ?? cache ?? site ?? comm ?? 'somebody',
        amount: size ?? 0,
        count,
      }));
      const sized = sites.some(({ amount }) => amount > 0);
      return tellWho(
        byWho(sites, ({ amount, count }) => (sized ? amount : count)),
        ({ name, sum }) => `${name} ${sized ? `${bytes(sum / seconds)}/s` : rate(sum / seconds)}`,
        'no slab object was allocated while it was traced',
      );
    },
  },
});

const compacting = (view: View) =>
  byWho(
    tracedRows(view, 'compaction').rows.filter(({ kind }) => kind === 'compaction'),
    ({ totalSeconds }) => totalSeconds ?? 0,
  );
/** Those that changed the kind of a whole block, as far as that was seen. */
const fallbacks = (view: View) =>
  tracedRows(view, 'compaction')
    .rows.filter(({ kind }) => kind === 'fallback')
    .map(({ comm, order, count, changedOwnership }) => ({ comm, order, changed: changedOwnership ?? count }))
    .filter(({ changed }) => changed > 0);
const paused = (view: View) => byWho(tracedRows(view, 'dirty-throttling').rows, ({ pausedSeconds }) => pausedSeconds);
