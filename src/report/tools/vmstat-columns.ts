import type { Sample, Snapshot } from '../../gather/snapshot.js';
import { type Interval, rateIn, timeline } from './intervals.js';
import { kib, less, sum, whole } from './numbers.js';
import { NONE, notGathered, type ToolTable } from './tool.js';

const NAMES = ['r', 'b', 'swpd', 'free', 'buff', 'cache', 'si', 'so', 'bi', 'bo', 'in', 'cs', 'us', 'sy', 'id', 'wa', 'st'];
const GROUPS = [
  { name: 'procs', columns: 2 },
  { name: 'memory', columns: 4 },
  { name: 'swap', columns: 2 },
  { name: 'io', columns: 2 },
  { name: 'system', columns: 2 },
  { name: 'cpu', columns: 5 },
];
const CPU: readonly (readonly string[])[] = [['user', 'nice'], ['system', 'irq', 'softirq'], ['idle'], ['iowait'], ['steal']];
const RATES = 11;

/** vmstat by interval. `caches` gives the two columns after free, with their heads. Formulas: procps vmstat.c new_format(). */
export function vmstatTable(
  snapshot: Snapshot,
  heads: readonly [string, string],
  caches: (meminfo: Readonly<Record<string, number>>) => readonly [number | null | undefined, number | null | undefined],
): ToolTable {
  const { samples, intervals, notes } = timeline(snapshot, ['vmstat', 'meminfo']);
  const [only] = samples;
  if (!only) return notGathered(snapshot, 'vmstat', 'vmstat 1 10');
  const kibPerPage = snapshot.subject.pageSize / 1024;
  const levels = ({ sources: { stat, meminfo = {} } }: Sample): string[] => [
    // the reader itself runs
    whole(stat?.procsRunning === undefined ? null : Math.max(0, stat.procsRunning - 1)),
    whole(stat?.procsBlocked),
    ...[less(meminfo['SwapTotal'], meminfo['SwapFree']), meminfo['MemFree'], ...caches(meminfo)].map(kib),
  ];
  const rates = (interval: Interval): string[] => {
    const vmstat = (name: string, unit: number): string => {
      const rate = rateIn(interval, ({ sources }) => sources.vmstat?.[name]);
      return whole(rate === null ? null : rate * unit);
    };
    return [
      vmstat('pswpin', kibPerPage),
      vmstat('pswpout', kibPerPage),
      vmstat('pgpgin', 1),
      vmstat('pgpgout', 1),
      whole(rateIn(interval, ({ sources }) => sources.stat?.intr)),
      whole(rateIn(interval, ({ sources }) => sources.stat?.ctxt)),
      ...cpuShares(interval),
    ];
  };
  const rows =
    intervals.length === 0
      ? [[...levels(only), ...Array.from({ length: RATES }, () => NONE)]]
      : intervals.map((interval) => [...levels(interval.after), ...rates(interval)]);
  const gaps = rows.some((row) => row.slice(10).includes(NONE));
  return {
    columns: NAMES.map((name) => (name === 'buff' ? heads[0] : name === 'cache' ? heads[1] : name)),
    groups: GROUPS,
    rows,
    notes: [
      'Each line is one interval. The first line that vmstat itself prints is not: its rates and CPU shares are averages since boot (left out here), only its procs and memory columns are of the moment.',
      ...notes,
      ...(gaps && intervals.length > 0 ? [`${NONE}: /proc/stat was not read in every sample, or lacks the counter.`] : []),
    ],
  };
}

/** Shares of all CPU time in the interval, in whole percent; idle time may run backwards for a moment, and counts as none then. */
function cpuShares({ before, after }: Interval): string[] {
  const [old, now] = [before.sources.stat?.cpu, after.sources.stat?.cpu];
  if (!old || !now) return CPU.map(() => NONE);
  const spent = CPU.map((names) => {
    const total = (times: Readonly<Record<string, number>>) => names.reduce((all, name) => all + (times[name] ?? 0), 0);
    return Math.max(0, total(now) - total(old));
  });
  const all = sum(...spent) ?? 0;
  return spent.map((seconds, index) => whole(all > 0 ? (100 * seconds) / all : index === 2 ? 100 : 0));
}
