import type { Snapshot } from '../gather/snapshot.js';
import { rateBetween, readingsOf } from './pairs.js';
import type { Report } from './report.js';

type Series = Report['series'];
type Counters = Readonly<Record<string, number>>;

/** Pages looked at, and freed: by kswapd and by tasks themselves; kernels before 4.8 count by zone. */
const SCAN = /^pgscan_(?:kswapd|direct|khugepaged|proactive)(?:_(?:dma|dma32|normal|high|movable|device))?$/;
const STEAL = /^pgsteal_(?:kswapd|direct|khugepaged|proactive)(?:_(?:dma|dma32|normal|high|movable|device))?$/;

/** What changed while the host was watched, by name: [seconds since the first sample, value]. Rates stand at the end of their interval. */
export function seriesOf(snapshot: Snapshot): Series {
  const start = snapshot.samples[0]?.monotonic ?? 0;
  const { pageSize } = snapshot.subject;
  const available = readingsOf(snapshot, 'meminfo').flatMap(({ data, sample }) => {
    const value = data['MemAvailable'];
    return value === undefined ? [] : [[sample.monotonic - start, value]];
  });
  const pressure = readingsOf(snapshot, 'pressure').map(({ data, sample }) => ({
    at: sample.monotonic - start,
    counters: { ...(data.memory ? { some: data.memory.some.total } : {}), ...(data.memory?.full ? { full: data.memory.full.total } : {}) },
  }));
  const vmstat = readingsOf(snapshot, 'vmstat').map(({ data, sample }) => ({ at: sample.monotonic - start, counters: data as Counters }));
  const all: Series = {
    'mem.available_bytes': available,
    'psi.mem.some_pct': rates(pressure, (counters) => counters['some'], 100),
    'psi.mem.full_pct': rates(pressure, (counters) => counters['full'], 100),
    'swap.in_bytes_per_second': rates(vmstat, (counters) => counters['pswpin'], pageSize),
    'swap.out_bytes_per_second': rates(vmstat, (counters) => counters['pswpout'], pageSize),
    'reclaim.scan_pages_per_second': rates(vmstat, (counters) => sum(counters, SCAN), 1),
    'reclaim.steal_pages_per_second': rates(vmstat, (counters) => sum(counters, STEAL), 1),
  };
  return Object.fromEntries(Object.entries(all).filter(([, points]) => points.length > 0));
}

function rates(
  readings: readonly { at: number; counters: Counters }[],
  value: (counters: Counters) => number | undefined,
  unit: number,
): number[][] {
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
