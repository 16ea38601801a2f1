import { count, row, seconds, text } from '../../json-schema.js';
import { byProcess, foldedStacks } from '../tracing/bpftrace-output.js';
import { vmstatForm } from '../tracing/readings.js';
import { folded, framesOf, numberOf, numericRows, sampledStacks, summed } from '../tracing/symbols.js';
import { microsecondsOf, secondsOf, timedTriggers } from '../tracing/timed-hist.js';
import { defineTrace, type Setting } from '../tracing/trace.js';

const MICRO = 1e-6;
const throttles = ({ kernel }: Setting): boolean => kernel.fields('vmscan:mm_vmscan_throttled')?.includes('usec_delayed') === true;
const ENDS = ['vmscan:mm_vmscan_direct_reclaim_end', 'vmscan:mm_vmscan_memcg_reclaim_end'];

/** Tasks that had to reclaim memory themselves before they got any, and how long it took them. */
export default defineTrace({
  title: 'Reclaim that tasks had to do themselves',
  answers: 'Who waits for memory: in direct reclaim, or in reclaim for a limit of its cgroup?',
  docs: 'https://github.com/torvalds/linux/blob/v6.12/include/trace/events/vmscan.h',
  tools: ['drsnoop', 'vmscan'],
  byDefault: true,
  rate: ({ perSecond }) => perSecond('allocstall_normal', 'allocstall_movable', 'allocstall_dma32', 'allocstall_dma', 'allocstall'),
  cost: 5,
  row: row(
    {
      comm: text(),
      scope: text('direct: the host was short; memcg: a limit of the cgroup'),
      count: count('times'),
      pages: count('reclaimed'),
    },
    { pid: count(), totalSeconds: seconds('in reclaim'), maxSeconds: seconds('the longest one') },
  ),
  order: ({ totalSeconds, maxSeconds, count: times }) => (totalSeconds ?? maxSeconds ?? 0) * 1e6 + times,
  forms: [
    {
      backend: 'tracepoint',
      needs: ['vmscan:mm_vmscan_direct_reclaim_begin', 'vmscan:mm_vmscan_direct_reclaim_end#nr_reclaimed'],
      program: (setting) =>
        [
          timed(setting, 'direct', 'direct_reclaim'),
          setting.kernel.fields('vmscan:mm_vmscan_memcg_reclaim_end') ? timed(setting, 'memcg', 'memcg_reclaim') : '',
          throttles(setting) ? 'tracepoint:vmscan:mm_vmscan_throttled { @reclaim_throttled[args->reason] = sum(args->usec_delayed); }' : '',
        ].join('\n'),
      scratch: ['@reclaim_direct_since', '@reclaim_memcg_since'],
      stackMaps: ['@reclaim_stacks'],
      read: (output, setting) => ({
        rows: (['direct', 'memcg'] as const).flatMap((scope) => {
          const of = (what: string) => byProcess(output, `reclaim_${scope}_${what}`);
          const [total, max, pages] = [of('us'), of('max'), of('pages')];
          return [...of('n')].map(([key, { pid, comm, value }]) => ({
            comm,
            pid,
            scope,
            count: value,
            pages: pages.get(key)?.value ?? 0,
            totalSeconds: (total.get(key)?.value ?? 0) * MICRO,
            maxSeconds: (max.get(key)?.value ?? 0) * MICRO,
          }));
        }),
        // the event came with 6.1
        ...(throttles(setting)
          ? {
              totals: { throttledSeconds: (output.maps.get('reclaim_throttled') ?? []).reduce((sum, { value }) => sum + value, 0) * MICRO },
            }
          : {}),
        histograms: Object.fromEntries(
          (['direct', 'memcg'] as const).flatMap((scope) => {
            const buckets = output.histograms.get(`reclaim_${scope}_h`)?.get('');
            return buckets ? [[`${scope} microseconds`, buckets]] : [];
          }),
        ),
        stacks: foldedStacks(output, 'reclaim_stacks'),
      }),
    },
    {
      backend: 'tracefs',
      needs: ['vmscan:mm_vmscan_direct_reclaim_begin', 'vmscan:mm_vmscan_direct_reclaim_end#nr_reclaimed'],
      loss: 'no histogram of how long each took; how long in all is left out where an end or a begin was missed',
      // a variable is gone when it was read: one for each that reads it
      triggers: ({ kernel }) => ({
        ...timedHist('direct', 'direct_reclaim'),
        ...(kernel.fields('vmscan:mm_vmscan_memcg_reclaim_end') ? timedHist('memcg', 'memcg_reclaim') : {}),
      }),
      read: (tables, setting) => ({
        rows: (['direct', 'memcg'] as const).flatMap((scope) => {
          const took = microsecondsOf(tables, scope, setting);
          const longest = new Map(tables[`${scope} max`]?.rows.map(({ keys, values }) => [keys['pid'], values['max']]));
          return numericRows(tables[scope], 'pid').map(({ keys, values }) => ({
            comm: keys['common_pid'] ?? '',
            pid: Number(keys['pid']),
            scope,
            count: values['hitcount'] ?? 0,
            pages: values['nr_reclaimed'] ?? 0,
            ...secondsOf(took.get(keys['pid'] ?? '')),
            ...longestOf(longest.get(keys['pid'])),
          }));
        }),
        stacks: (['direct', 'memcg'] as const).flatMap((scope) =>
          (tables[`${scope} stacks`]?.rows ?? []).map((row) =>
            folded(row.keys['common_pid'] ?? '', framesOf(row), row.values['hitcount'] ?? 0),
          ),
        ),
      }),
    },
    {
      backend: 'perf-record',
      needs: ['vmscan:mm_vmscan_direct_reclaim_end#nr_reclaimed'],
      loss: 'not how long it took',
      event: ({ kernel }) => ENDS.filter((event) => kernel.fields(event) !== null).join(','),
      text: true,
      read: (samples) => ({
        rows: summed(
          samples.map(({ comm, pid, period, event, text: fields }) => ({
            comm,
            pid,
            scope: event.includes('memcg') ? 'memcg' : 'direct',
            count: period,
            pages: (numberOf(fields, 'nr_reclaimed') ?? 0) * period,
          })),
          ({ comm, pid, scope }) => `${scope},${pid},${comm}`,
          (first) => first,
          (sum, more) => ({ ...sum, count: sum.count + more.count, pages: sum.pages + more.pages }),
        ),
        stacks: sampledStacks(samples),
      }),
    },
    {
      backend: 'perf-stat',
      needs: ['vmscan:mm_vmscan_direct_reclaim_end'],
      loss: 'counted for the whole host: not by process, and not how long',
      events: ({ kernel }) => ENDS.filter((event) => kernel.fields(event) !== null),
      read: (counts) => ({
        rows: [],
        totals: {
          direct: counts.get('vmscan:mm_vmscan_direct_reclaim_end') ?? 0,
          memcg: counts.get('vmscan:mm_vmscan_memcg_reclaim_end') ?? 0,
        },
      }),
    },
    vmstatForm('counted for the whole host: not by process, not how long, and not of limits of cgroups', {
      direct: ['allocstall', 'allocstall_dma', 'allocstall_dma32', 'allocstall_normal', 'allocstall_movable'],
      directPages: ['pgsteal_direct', 'pgsteal_direct_dma', 'pgsteal_direct_dma32', 'pgsteal_direct_normal', 'pgsteal_direct_movable'],
    }),
  ],
});

/** begin and end of one kind of reclaim by the same thread; only `nr_reclaimed` of `end` is the same in every kernel since 3.10. */
function timed({ pid }: Setting, scope: string, event: string): string {
  const own = pid === null ? '' : ` /pid == ${pid}/`;
  const map = `@reclaim_${scope}`;
  return `tracepoint:vmscan:mm_vmscan_${event}_begin${own} { ${map}_since[tid] = nsecs; @reclaim_stacks[kstack(24), comm] = count(); }
tracepoint:vmscan:mm_vmscan_${event}_end /${map}_since[tid]/ { $u = (nsecs - ${map}_since[tid]) / 1000;
  ${map}_n[pid, comm] = count(); ${map}_us[pid, comm] = sum($u); ${map}_max[pid, comm] = max($u); ${map}_pages[pid, comm] = sum(args->nr_reclaimed);
  ${map}_h = hist($u); delete(${map}_since[tid]); }`;
}

/** Not there for a task that began while the triggers were set. */
const longestOf = (microseconds: number | undefined) => (microseconds === undefined ? {} : { maxSeconds: microseconds * MICRO });

function timedHist(scope: string, event: string) {
  const [begin, end] = [`vmscan:mm_vmscan_${event}_begin`, `vmscan:mm_vmscan_${event}_end`];
  const max = `md_${scope}_m`;
  return {
    ...timedTriggers(scope, { begin, end, saved: 'order' }),
    [`${scope} stacks`]: { event: begin, hist: 'keys=common_pid.execname,stacktrace:vals=hitcount:size=512' },
    [`${scope} since for max`]: { event: begin, hist: `keys=common_pid:${max}=common_timestamp.usecs:size=2048` },
    [scope]: { event: end, hist: 'keys=common_pid.execname:vals=hitcount,nr_reclaimed:size=2048' },
    [`${scope} max`]: {
      event: end,
      hist: `keys=common_pid.execname:md_took_${scope}=common_timestamp.usecs-$${max}:onmax($md_took_${scope}).save(nr_reclaimed):size=2048`,
    },
  };
}
