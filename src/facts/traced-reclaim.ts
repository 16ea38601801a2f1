import { bytes, count, duration, rate } from '../format.js';
import { defineFacts, type Entity, Unknown } from './fact.js';
import { byWho, entityOf, quantileBound, tellWho, tracedRows, whoName } from './traced-rows.js';
import type { View } from './view.js';

const DOCS = 'https://github.com/torvalds/linux/blob/v6.12/include/trace/events/vmscan.h';
const TIMED = 'unknown when the trace was done by means that cannot tell how long each took';

/** Traced: who waits in reclaim, and who wakes the background reclaim. */
export default defineFacts({
  'traced.reclaim_seconds': {
    title: 'Time that tasks spent in reclaim of their own, in the trace',
    unit: 's',
    formula: 'Σ (mm_vmscan_{direct,memcg}_reclaim_end − …_begin), all tasks',
    validity: TIMED,
    reference: DOCS,
    value: (view) => timedBy(view).reduce((sum, { sum: seconds }) => sum + seconds, 0),
  },
  'traced.reclaim_worst_pct': {
    title: 'Share of the trace that the most affected process spent in reclaim',
    unit: '%',
    formula: '100 × max by process Σ time in reclaim / time traced; may be above 100 with several threads',
    validity: TIMED,
    reference: DOCS,
    value: (view) => (100 * (timedBy(view)[0]?.sum ?? 0)) / tracedRows(view, 'reclaim').seconds,
  },
  'traced.reclaim_max_s': {
    title: 'Longest time that a task was in reclaim at a stretch',
    unit: 's',
    formula: 'max (mm_vmscan_{direct,memcg}_reclaim_end − …_begin)',
    validity: TIMED,
    reference: DOCS,
    value: (view) => {
      const rows = timed(view);
      return Math.max(0, ...rows.map(({ maxSeconds }) => maxSeconds ?? 0));
    },
  },
  'traced.reclaim_p99_s': {
    title: 'Of a hundred times in reclaim 99 were no longer than this',
    unit: 's',
    formula: 'upper bound of the power-of-two bucket that holds the 99th percentile, but never above the longest one',
    validity: 'up to twice the true value; unknown without a histogram',
    reference: DOCS,
    value: (view) => {
      const { histograms = {} } = tracedRows(view, 'reclaim');
      const bounds = Object.values(histograms).flatMap((buckets) => quantileBound(buckets, 0.99) ?? []);
      if (bounds.length === 0) throw new Unknown('the trace reclaim has no histogram');
      return Math.min(Math.max(...bounds) * 1e-6, view.number('traced.reclaim_max_s'));
    },
  },
  'traced.reclaim_who': {
    title: 'Who waited in reclaim, and how long',
    unit: 'text',
    formula: 'by process, the longest total first; times where they are known, else counts',
    reference: DOCS,
    value: (view) => {
      const { rows } = tracedRows(view, 'reclaim');
      const nobody = 'no task had to reclaim while it was traced';
      if (rows.some(({ totalSeconds }) => totalSeconds === undefined))
        return tellWho(
          byWho(rows, ({ count: times }) => times),
          (who) => `${whoName(who)} ${plural(who.sum)}`,
          nobody,
        );
      return tellWho(
        timedBy(view),
        (who) =>
          `${whoName(who)} ${duration(who.sum)} (${plural(who.rows.reduce((sum, { count }) => sum + count, 0))}, the longest ${duration(Math.max(...who.rows.map(({ maxSeconds }) => maxSeconds ?? 0)))})`,
        nobody,
      );
    },
  },
  'traced.memcg_reclaim_who': {
    title: 'Who waited in reclaim for a limit of its cgroup',
    unit: 'text',
    formula: 'mm_vmscan_memcg_reclaim_end by process, the most frequent first',
    reference: DOCS,
    value: (view) =>
      tellWho(
        byWho(
          tracedRows(view, 'reclaim').rows.filter(({ scope }) => scope === 'memcg'),
          ({ count: times }) => times,
        ),
        (who) => `${whoName(who)} ${plural(who.sum)}`,
        'no task had to reclaim for a cgroup while it was traced',
      ),
  },
  'traced.reclaimer': {
    title: 'The process that waited longest in reclaim',
    unit: 'entity',
    formula: 'max by process Σ time in reclaim',
    reference: DOCS,
    value: (view): Entity => {
      const [first] = timedBy(view);
      if (!first) throw new Unknown('no task had to reclaim while it was traced');
      return entityOf(view, first);
    },
  },
  'traced.kswapd_rate': {
    title: 'How often kswapd was woken, in the trace',
    unit: '1/s',
    formula: 'Σ mm_vmscan_wakeup_kswapd / time traced',
    reference: DOCS,
    value: (view) => {
      const { rows, seconds } = tracedRows(view, 'kswapd');
      return rows.reduce((sum, { count }) => sum + count, 0) / seconds;
    },
  },
  'traced.kswapd_order': {
    title: 'Largest order that kswapd was mostly woken for',
    unit: 'count',
    formula: 'largest order that makes up a tenth of the wake-ups; 2^order pages',
    reference: DOCS,
    value: (view) => {
      const { rows } = tracedRows(view, 'kswapd');
      const all = rows.reduce((sum, { count }) => sum + count, 0);
      if (all === 0) throw new Unknown('nobody woke kswapd while it was traced');
      const orders = [...new Set(rows.map(({ order }) => order))].toSorted((a, b) => b - a);
      const share = (order: number) => rows.filter((row) => row.order === order).reduce((sum, { count }) => sum + count, 0) / all;
      return orders.find((order) => share(order) >= 0.1) ?? 0;
    },
  },
  'traced.kswapd_who': {
    title: 'Who woke kswapd, and for which size',
    unit: 'text',
    formula: 'mm_vmscan_wakeup_kswapd by process and order, the most frequent first',
    reference: DOCS,
    value: (view) => {
      const { rows, seconds } = tracedRows(view, 'kswapd');
      const sorted = rows.filter(({ count }) => count > 0).toSorted((a, b) => b.count - a.count);
      return tellWho(
        sorted,
        ({ comm, order, count }) => `${comm} ${rate(count / seconds)} for ${bytes(view.pageSize * 2 ** order)}`,
        'nobody woke kswapd while it was traced',
      );
    },
  },
});

const plural = (times: number): string => (times === 1 ? 'once' : `${count(times)} times`);

/** @throws Unknown when some means that cannot tell times was used. */
function timed(view: View) {
  const { rows } = tracedRows(view, 'reclaim');
  if (rows.some(({ totalSeconds }) => totalSeconds === undefined)) throw new Unknown('the trace reclaim could not measure times here');
  return rows;
}

/** The longest first; who was in reclaim at all was there for the longest of its times at least. */
const timedBy = (view: View) => byWho(timed(view), ({ totalSeconds, maxSeconds }) => Math.max(totalSeconds ?? 0, maxSeconds ?? 0));
