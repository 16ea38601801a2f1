import type { Snapshot } from '../gather/snapshot.js';
import { rateBetween, readingsOf } from './pairs.js';
import type { Report } from './report.js';

type Series = Report['series'];
type Counters = Readonly<Record<string, number>>;
interface Reading {
  readonly at: number;
  readonly counters: Counters;
}

/** Pages looked at, and freed: by kswapd and by tasks themselves; kernels before 4.8 count by zone. */
const SCAN = /^pgscan_(?:kswapd|direct|khugepaged|proactive)(?:_(?:dma|dma32|normal|high|movable|device))?$/;
const STEAL = /^pgsteal_(?:kswapd|direct|khugepaged|proactive)(?:_(?:dma|dma32|normal|high|movable|device))?$/;
/** Tasks that had to reclaim for themselves: by zone since 4.10. */
const STALL = /^allocstall(?:_(?:dma|dma32|normal|movable|device))?$/;

/** What changed while the host was watched, by name: [seconds since the first sample, value]. Rates stand at the end of their interval. */
export function seriesOf(snapshot: Snapshot): Series {
  const start = snapshot.samples[0]?.monotonic ?? 0;
  const { pageSize } = snapshot.subject;
  const meminfo = readingsOf(snapshot, 'meminfo').map(({ data, sample }) => ({ at: sample.monotonic - start, counters: data as Counters }));
  const vmstat = readingsOf(snapshot, 'vmstat').map(({ data, sample }) => ({ at: sample.monotonic - start, counters: data as Counters }));
  const all: Series = {
    'mem.available_bytes': gauge(meminfo, (counters) => counters['MemAvailable']),
    'mem.free_bytes': gauge(meminfo, (counters) => counters['MemFree']),
    'mem.dirty_bytes': gauge(meminfo, (counters) => counters['Dirty']),
    'swap.used_bytes': gauge(meminfo, swapUsed),
    ...pressureSeries(snapshot, start),
    'swap.in_bytes_per_second': rates(vmstat, (counters) => counters['pswpin'], pageSize),
    'swap.out_bytes_per_second': rates(vmstat, (counters) => counters['pswpout'], pageSize),
    'reclaim.scan_pages_per_second': rates(vmstat, (counters) => sum(counters, SCAN), 1),
    'reclaim.steal_pages_per_second': rates(vmstat, (counters) => sum(counters, STEAL), 1),
    'reclaim.allocstall_per_second': rates(vmstat, (counters) => sum(counters, STALL), 1),
    // one counter for both kinds before 5.9
    'refault.file_pages_per_second': rates(vmstat, (counters) => counters['workingset_refault_file'] ?? counters['workingset_refault'], 1),
    'refault.anon_pages_per_second': rates(vmstat, (counters) => counters['workingset_refault_anon'], 1),
    'fault.major_per_second': rates(vmstat, (counters) => counters['pgmajfault'], 1),
  };
  return Object.fromEntries(Object.entries(all).filter(([, points]) => points.length > 0));
}

/** Shares of the time that tasks were stalled, by interval. */
function pressureSeries(snapshot: Snapshot, start: number): Series {
  const found: Series = {};
  for (const [name, resource] of [
    ['mem', 'memory'],
    ['io', 'io'],
    ['cpu', 'cpu'],
  ] as const)
    for (const kind of ['some', 'full'] as const) {
      const readings = readingsOf(snapshot, 'pressure').map(({ data, sample }) => {
        const total = data[resource]?.[kind]?.total;
        return { at: sample.monotonic - start, counters: total === undefined ? {} : { total } };
      });
      found[`psi.${name}.${kind}_pct`] = rates(readings, (counters) => counters['total'], 100);
    }
  return found;
}

const gauge = (readings: readonly Reading[], value: (counters: Counters) => number | undefined): number[][] =>
  readings.flatMap(({ at, counters }) => {
    const found = value(counters);
    return found === undefined ? [] : [[at, found]];
  });

function swapUsed(counters: Counters): number | undefined {
  const [total, free] = [counters['SwapTotal'], counters['SwapFree']];
  return total === undefined || free === undefined ? undefined : Math.max(0, total - free);
}

function rates(readings: readonly Reading[], value: (counters: Counters) => number | undefined, unit: number): number[][] {
  return readings.slice(1).flatMap((reading, index) => {
    const before = readings[index];
    const rate = before ? rateBetween(value(before.counters), value(reading.counters), reading.at - before.at) : null;
    return rate === null ? [] : [[reading.at, rate * unit]];
  });
}

function sum(counters: Counters, pattern: RegExp): number | undefined {
  const found = Object.keys(counters).filter((name) => pattern.test(name));
  return found.length === 0 ? undefined : found.reduce((total, name) => total + (counters[name] ?? 0), 0);
}
