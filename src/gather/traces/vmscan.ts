import { count, row, seconds, text } from '../../json-schema.js';
import type { HistTable } from '../tracing/hist.js';
import { readingOf, risen } from '../tracing/readings.js';
import vmstat from '../sources/vmstat.js';
import { symbolOf } from '../tracing/symbols.js';
import { microsecondsOf, timedTriggers } from '../tracing/timed-hist.js';
import { defineTrace, type ProcForm, type Setting } from '../tracing/trace.js';

const MICRO = 1e-6;
const START = 'vmscan:mm_shrink_slab_start';
const END = 'vmscan:mm_shrink_slab_end';
const SHRINK = 'mm_shrink_slab';
/** Each shrinker is called for each cgroup, even when it has nothing to free, ten thousands of times a second: one call in so many is timed. */
const SHRINKS = 4;

/** All events of reclaim but `lru_isolate`, which comes with every batch of pages, in all kernels since 3.10: those that there are are counted. */
const EVENTS = [
  'mm_vmscan_kswapd_wake',
  'mm_vmscan_kswapd_sleep',
  'mm_vmscan_wakeup_kswapd',
  'mm_vmscan_direct_reclaim_begin',
  'mm_vmscan_memcg_reclaim_begin',
  'mm_vmscan_memcg_softlimit_reclaim_begin',
  'mm_vmscan_node_reclaim_begin',
  'mm_vmscan_reclaim_pages',
  'mm_vmscan_lru_shrink_active',
  'mm_vmscan_lru_shrink_inactive',
  'mm_vmscan_inactive_list_is_low',
  'mm_vmscan_throttled',
  'mm_vmscan_writepage',
  'mm_vmscan_write_folio',
];

const COUNTERS = ['kswapd', 'direct', 'khugepaged', 'proactive', 'anon', 'file']
  .flatMap((by) => [`pgscan_${by}`, `pgsteal_${by}`])
  .concat('pageoutrun', 'allocstall_dma', 'allocstall_dma32', 'allocstall_normal', 'allocstall_movable', 'allocstall', 'slabs_scanned')
  .concat('kswapd_inodesteal', 'pginodesteal', 'kswapd_low_wmark_hit_quickly', 'kswapd_high_wmark_hit_quickly', 'nr_vmscan_write')
  .concat('nr_vmscan_immediate_reclaim', 'pgscan_direct_throttle', 'zone_reclaim_failed', 'drop_pagecache', 'drop_slab', 'pgrotated');

const counted = ({ kernel }: Setting): string[] => EVENTS.filter((name) => kernel.fields(`vmscan:${name}`) !== null);
const shrinkers = ({ kernel }: Setting): boolean =>
  kernel.fields(START)?.includes('shrink') === true && kernel.fields(END)?.includes('shrink') === true;

/** How often each step of reclaim ran, and how long each shrinker took. */
export default defineTrace({
  title: 'What reclaim does',
  answers: 'Which steps does reclaim take, and which shrinker of a kernel cache takes the time?',
  docs: 'https://github.com/torvalds/linux/blob/v6.12/include/trace/events/vmscan.h',
  tools: ['vmscan', 'shrinkers'],
  byDefault: false,
  // the lists are walked in batches of 32 pages (SWAP_CLUSTER_MAX), kernel caches in batches of 128 objects (SHRINK_BATCH), with two events each
  rate: ({ perSecond }) => {
    const scanned = perSecond('pgscan_kswapd', 'pgscan_direct', 'pgscan_kswapd_normal', 'pgscan_direct_normal', 'pgscan_kswapd_movable');
    if (scanned === null) return null;
    return scanned / 16 + (perSecond('nr_vmscan_write') ?? 0) + (perSecond('slabs_scanned') ?? 0) / 64;
  },
  cost: 2,
  row: row(
    { event: text('tracepoint, counter, or mm_shrink_slab for calls of a shrinker'), count: count('times; of a counter, what it counts') },
    { shrinker: text('the function of the kernel cache'), seconds: seconds('in that shrinker'), freed: count('objects') },
  ),
  order: ({ seconds: took, count: times }) => (took ?? 0) * 1e6 + times,
  forms: [
    {
      backend: 'tracepoint',
      needs: ['vmscan:mm_vmscan_direct_reclaim_begin'],
      program: (setting) => {
        const own = setting.pid === null ? '' : ` /pid == ${setting.pid}/`;
        const events = counted(setting).map((name) => `tracepoint:vmscan:${name}${own} { @vmscan_n["${name}"] = count(); }`);
        if (!shrinkers(setting)) return events.join('\n');
        return `${events.join('\n')}
tracepoint:${START} /rand % ${SHRINKS} == 0${setting.pid === null ? '' : ` && pid == ${setting.pid}`}/ { @vmscan_since[tid] = nsecs; }
tracepoint:${END} /@vmscan_since[tid]/ { @vmscan_us[ksym(args->shrink)] = sum((nsecs - @vmscan_since[tid]) / 1000); @vmscan_calls[ksym(args->shrink)] = count();
  @vmscan_freed[ksym(args->shrink)] = sum(args->retval > 0 ? args->retval : 0); delete(@vmscan_since[tid]); }`;
      },
      scratch: ['@vmscan_since'],
      read: (output) => {
        const of = (name: string) => new Map((output.maps.get(name) ?? []).map(({ key, value }) => [key, value]));
        const [took, freed] = [of('vmscan_us'), of('vmscan_freed')];
        return {
          rows: [
            ...[...of('vmscan_n')].map(([event, times]) => ({ event, count: times })),
            ...[...of('vmscan_calls')].map(([shrinker, times]) => ({
              event: SHRINK,
              shrinker,
              count: times * SHRINKS,
              seconds: (took.get(shrinker) ?? 0) * MICRO * SHRINKS,
              freed: (freed.get(shrinker) ?? 0) * SHRINKS,
            })),
          ],
        };
      },
    },
    {
      backend: 'tracefs',
      needs: ['vmscan:mm_vmscan_direct_reclaim_begin'],
      triggers: (setting) => ({
        ...Object.fromEntries(
          counted(setting).map((name) => [name, { event: `vmscan:${name}`, hist: 'keys=common_pid.execname:vals=hitcount:size=2048' }]),
        ),
        ...(shrinkers(setting)
          ? {
              // a variable is found by the keys: they are the same on both sides
              ...timedTriggers('shrink', { begin: START, end: END, saved: 'nid', key: ',shrink' }),
              [SHRINK]: { event: END, hist: 'keys=shrink.sym:vals=hitcount,retval:size=512' },
            }
          : {}),
      }),
      read: (tables, setting) => ({
        rows: [
          ...Object.entries(tables).flatMap(([event, { rows }]) => {
            const times = rows.reduce((sum, { values }) => sum + (values['hitcount'] ?? 0), 0);
            return !event.startsWith('mm_vmscan') || times === 0 ? [] : [{ event, count: times }];
          }),
          ...shrinkersOf(tables, setting),
        ],
      }),
    },
    {
      backend: 'perf-stat',
      needs: ['vmscan:mm_vmscan_direct_reclaim_begin'],
      loss: 'counts only: not how long the shrinkers took',
      events: (setting) => [...counted(setting), ...(shrinkers(setting) ? ['mm_shrink_slab_end'] : [])].map((name) => `vmscan:${name}`),
      read: (counts) => ({
        rows: [...counts].flatMap(([event, times]) =>
          event.startsWith('vmscan:') && times > 0 ? [{ event: event.slice('vmscan:'.length), count: times }] : [],
        ),
      }),
    },
    {
      backend: 'proc',
      needs: ['file:proc/vmstat'],
      loss: 'counters of /proc/vmstat for the whole host: pages, not steps, and not how long the shrinkers took',
      reading: (tree) => readingOf(tree, vmstat),
      read: (before, after) => ({
        rows: Object.entries(risen(before, after, Object.fromEntries(COUNTERS.map((name) => [name, [name]])))).flatMap(([event, rise]) =>
          rise === 0 ? [] : [{ event, count: rise }],
        ),
      }),
    } satisfies ProcForm<{ event: string; count: number }, Readonly<Record<string, number>>>,
  ],
});

/** Times are by thread and address of the function, `18446744072649432256` or `0xffffffff…`; names by address too: `[ffffffff…] name`. */
function shrinkersOf(tables: Readonly<Record<string, HistTable>>, setting: Setting) {
  const took = new Map<bigint, number>();
  for (const [key, microseconds] of microsecondsOf(tables, 'shrink', setting)) {
    const address = /,((?:0x[0-9a-f]{1,16}|\d{1,20}))$/.exec(key)?.[1];
    if (address !== undefined) took.set(BigInt(address), (took.get(BigInt(address)) ?? 0) + microseconds);
  }
  return (tables[SHRINK]?.rows ?? []).map(({ keys, values }) => {
    const address = /^\[ *([0-9a-f]{1,16}) *\]/.exec(keys['shrink'] ?? '')?.[1];
    // of a shrinker that ran while the triggers were set the time is not known
    const spent = address === undefined ? undefined : took.get(BigInt(`0x${address}`));
    return {
      event: SHRINK,
      shrinker: symbolOf(keys['shrink']),
      count: values['hitcount'] ?? 0,
      ...(spent === undefined ? {} : { seconds: spent * MICRO }),
      freed: values['retval'] ?? 0,
    };
  });
}
