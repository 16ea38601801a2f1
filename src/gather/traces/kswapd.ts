import { count, row, text } from '../../json-schema.js';
import { splitKey } from '../tracing/bpftrace-output.js';
import { vmstatForm } from '../tracing/readings.js';
import { numberOf, numericRows, summed } from '../tracing/symbols.js';
import { defineTrace } from '../tracing/trace.js';

const WOKEN = 'vmscan:mm_vmscan_wakeup_kswapd';
const WAKE = 'vmscan:mm_vmscan_kswapd_wake';
const SLEEP = 'vmscan:mm_vmscan_kswapd_sleep';

/** Who wakes the background reclaim, and for how large a block. The kernel traces true wake-ups only; a node that gave up has none. */
export default defineTrace({
  title: 'Wake-ups of kswapd',
  answers: 'Whose allocations wake the background reclaim, and of which order?',
  docs: 'https://github.com/torvalds/linux/blob/v6.12/include/trace/events/vmscan.h',
  tools: ['wakeup-kswapd'],
  byDefault: true,
  rate: ({ perSecond }) => perSecond('pageoutrun'),
  cost: 1,
  row: row({ node: count(), order: count('of the allocation: 2^order pages'), comm: text('who woke it'), count: count('times') }),
  order: ({ count: times }) => times,
  forms: [
    {
      backend: 'tracepoint',
      needs: [`${WOKEN}#nid`, `${WOKEN}#order`],
      program: ({ kernel, pid }) =>
        [
          `tracepoint:${WOKEN}${pid === null ? '' : ` /pid == ${pid}/`} { @kswapd_woken[args->nid, args->order, comm] = count(); }`,
          kernel.fields(WAKE) ? `tracepoint:${WAKE} { @kswapd_runs = count(); }` : '',
          kernel.fields(SLEEP) ? `tracepoint:${SLEEP} { @kswapd_sleeps = count(); }` : '',
        ].join('\n'),
      read: (output) => ({
        rows: (output.maps.get('kswapd_woken') ?? []).flatMap(({ key, value }) => {
          const parts = splitKey(key, 2);
          const [node, order] = parts?.numbers ?? [];
          return node === undefined || order === undefined ? [] : [{ node, order, comm: parts?.rest ?? '', count: value }];
        }),
        totals: { runs: output.maps.get('kswapd_runs')?.[0]?.value ?? 0, sleeps: output.maps.get('kswapd_sleeps')?.[0]?.value ?? 0 },
      }),
    },
    {
      backend: 'tracefs',
      needs: [`${WOKEN}#nid`, `${WOKEN}#order`],
      triggers: () => ({ woken: { event: WOKEN, hist: 'keys=nid,order,common_pid.execname:vals=hitcount:size=2048' } }),
      read: ({ woken }) => ({
        rows: summed(
          numericRows(woken, 'nid', 'order').map(({ keys, values }) => ({
            node: Number(keys['nid']),
            order: Number(keys['order']),
            comm: keys['common_pid'] ?? '',
            count: values['hitcount'] ?? 0,
          })),
          ({ node, order, comm }) => `${node},${order},${comm}`,
          (row) => row,
          (sum, more) => ({ ...sum, count: sum.count + more.count }),
        ),
      }),
    },
    {
      backend: 'perf-record',
      needs: [WOKEN],
      event: WOKEN,
      text: true,
      read: (samples) => ({
        rows: summed(
          samples.map((sample) => ({
            node: numberOf(sample.text, 'nid') ?? 0,
            order: numberOf(sample.text, 'order') ?? 0,
            comm: sample.comm,
            count: sample.period,
          })),
          ({ node, order, comm }) => `${node},${order},${comm}`,
          (row) => row,
          (sum, more) => ({ ...sum, count: sum.count + more.count }),
        ),
      }),
    },
    {
      backend: 'perf-stat',
      needs: [WOKEN],
      loss: 'counted for the whole host: not by whom, nor for which order',
      events: ({ kernel }) => [WOKEN, WAKE, SLEEP].filter((event) => kernel.fields(event) !== null),
      read: (counts) => ({
        rows: [],
        totals: { woken: counts.get(WOKEN) ?? 0, runs: counts.get(WAKE) ?? 0, sleeps: counts.get(SLEEP) ?? 0 },
      }),
    },
    vmstatForm('counted for the whole host: not by whom, nor for which order', {
      balancingRuns: ['pageoutrun'],
      sleptTooEarly: ['kswapd_low_wmark_hit_quickly', 'kswapd_high_wmark_hit_quickly'],
      scannedPages: ['pgscan_kswapd', 'pgscan_kswapd_normal', 'pgscan_kswapd_movable', 'pgscan_kswapd_dma32', 'pgscan_kswapd_dma'],
      reclaimedPages: ['pgsteal_kswapd', 'pgsteal_kswapd_normal', 'pgsteal_kswapd_movable', 'pgsteal_kswapd_dma32', 'pgsteal_kswapd_dma'],
    }),
  ],
});
