/** From rows of sar to what the kernel's files would have said at these times. Pure. */
import { decimal, size } from './figures.js';
import { countersText, filesFrom, meminfoText, type Values } from './files.js';
import { hasRates, type SarTable } from './sar-columns.js';
import type { Moment } from './series.js';

/** One row of one table. */
export interface SarRow {
  readonly table: SarTable;
  /** Seconds, rising; the start of the interval that rates are for, and its end. */
  readonly since: number | null;
  readonly at: number;
  readonly columns: readonly string[];
  readonly words: readonly string[];
}

/** Pages of the size that nearly all hosts use; sar does not tell it. */
const HUGE = 2 * 2 ** 20;

const figure = ({ columns, words }: SarRow, name: string): number | null => {
  const index = columns.indexOf(name);
  return index < 0 ? null : decimal((words[index] ?? '').replace(/%$/, ''), true);
};
const kib = ({ columns, words }: SarRow, name: string): number | null => {
  const index = columns.indexOf(name);
  return index < 0 ? null : size(words[index] ?? '', 1024);
};

/** A moment for each time that has a row, in their order. */
export function sarMoments(rows: readonly SarRow[]): Moment[] {
  const times = [...new Set(rows.map(({ at }) => at))].sort((a, b) => a - b);
  const byTime = new Map<number, SarRow[]>(times.map((at) => [at, []]));
  for (const row of rows) byTime.get(row.at)?.push(row);
  const doubled = countsTwice(rows);
  const fullest = fullestOf(rows);
  const sums = new Map<string, number>();
  const rated = rows.filter(({ table }) => hasRates(table));
  const moments = times.map((at): Moment => {
    const here = byTime.get(at) ?? [];
    for (const row of here) if (hasRates(row.table)) addRates(sums, row, doubled);
    const pressure = here.find(({ table }) => table === 'pressure');
    const load = here.find(({ table }) => table === 'load');
    return {
      at,
      files: filesFrom({
        'proc/meminfo': meminfoText(Object.assign({}, ...here.map((row) => levels(row, fullest)))),
        'proc/vmstat': here.some(({ table }) => hasRates(table)) ? countersText(counters(sums)) : null,
        'proc/pressure/memory': pressure ? pressureText(pressure, sums) : null,
        'proc/loadavg': load ? loadText(load) : null,
      }),
    };
  });
  // rates need the time at which the first interval began; where levels are wanted too, that moment would lack them
  const begin = rated[0]?.since ?? null;
  const alone = begin !== null && (moments.length === 1 || rated.length === rows.length);
  const start =
    alone && begin < (times[0] ?? 0) ? countersText(Object.fromEntries(Object.keys(counters(sums)).map((name) => [name, 0]))) : null;
  return start === null || begin === null ? moments : [{ at: begin, files: new Map([['proc/vmstat', start]]) }, ...moments];
}

/** sysstat before 12.7.5 adds all pgsteal_* on kernels since 5.8, where each page is counted under two names: it shows in a %vmeff above 100. */
const countsTwice = (rows: readonly SarRow[]): boolean => rows.some((row) => (figure(row, '%vmeff') ?? 0) > 105);

/** The sums of /proc/vmstat: those of stall times are kept beside them. */
const counters = (sums: ReadonlyMap<string, number>): Values => Object.fromEntries([...sums].filter(([name]) => !name.startsWith('#')));

function addRates(sums: Map<string, number>, row: SarRow, doubled: boolean): void {
  const seconds = row.since === null ? 0 : Math.max(0, row.at - row.since);
  const add = (name: string, rate: number | null): void => {
    if (rate !== null && rate >= 0) sums.set(name, (sums.get(name) ?? 0) + rate * seconds);
  };
  const rate = (name: string): number | null => figure(row, name);
  add('pgpgin', rate('pgpgin/s'));
  add('pgpgout', rate('pgpgout/s'));
  add('pgfault', rate('fault/s'));
  add('pgmajfault', rate('majflt/s'));
  add('pgfree', rate('pgfree/s'));
  add('pswpin', rate('pswpin/s'));
  add('pswpout', rate('pswpout/s'));
  const [kswapd, direct, steal] = [rate('pgscank/s'), rate('pgscand/s'), rate('pgsteal/s')];
  add('pgscan_kswapd', kswapd);
  add('pgscan_direct', direct);
  if (kswapd === null || direct === null || steal === null) return;
  // who reclaimed is not told, only who scanned: shared out alike, and never more than was scanned
  const scanned = kswapd + direct;
  const stolen = Math.min(scanned, doubled ? steal / 2 : steal);
  add('pgsteal_kswapd', scanned === 0 ? 0 : (stolen * kswapd) / scanned);
  add('pgsteal_direct', scanned === 0 ? 0 : (stolen * direct) / scanned);
}

const sum = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);

/** The row with the largest share of memory in use. */
function fullestOf(rows: readonly SarRow[]): SarRow | null {
  let found: SarRow | null = null;
  let most = -1;
  for (const row of rows) {
    const share = row.table === 'memory' ? (figure(row, '%memused') ?? 0) : -1;
    if (share > most) [found, most] = [row, share];
  }
  return found;
}

function levels(row: SarRow, fullest: SarRow | null): Values {
  const of = (name: string): number | null => kib(row, name);
  if (row.table === 'swap')
    return { SwapTotal: sum(of('kbswpfree'), of('kbswpused')), SwapFree: of('kbswpfree'), SwapCached: of('kbswpcad') };
  if (row.table === 'huge') {
    const [free, used] = [of('kbhugfree'), of('kbhugused')];
    const pages = (bytes: number | null): number | null => (bytes === null ? null : bytes / HUGE);
    return {
      HugePages_Total: pages(sum(free, used)),
      HugePages_Free: pages(free),
      HugePages_Rsvd: pages(of('kbhugrsvd')),
      HugePages_Surp: pages(of('kbhugsurp')),
      Hugepagesize: HUGE,
    };
  }
  if (row.table !== 'memory') return {};
  return {
    MemTotal: totalOf(row, fullest),
    MemFree: of('kbmemfree'),
    MemAvailable: of('kbavail'),
    Buffers: of('kbbuffers'),
    Cached: of('kbcached'),
    Active: of('kbactive'),
    Inactive: of('kbinact'),
    Dirty: of('kbdirty'),
    Shmem: of('kbshmem'),
    AnonPages: of('kbanonpg'),
    Slab: of('kbslab'),
    KernelStack: of('kbkstack'),
    PageTables: of('kbpgtbl'),
    Committed_AS: of('kbcommit'),
    // oldest sysstat has swap in the same table
    SwapTotal: sum(of('kbswpfree'), of('kbswpused')),
    SwapFree: of('kbswpfree'),
    SwapCached: of('kbswpcad'),
  };
}

/**
 * MemTotal is not told. Used was total − free until sysstat 12.0 and leaves the caches and slab out since: the percentage tells
 * which; where it is the latter, the row with the largest percentage gives the total with the least error of rounding.
 */
function totalOf(row: SarRow, fullest: SarRow | null): number | null {
  const [free, used, share] = [kib(row, 'kbmemfree'), kib(row, 'kbmemused'), figure(row, '%memused')];
  if (free === null || used === null) return null;
  if (share === null || Math.abs((100 * used) / Math.max(1, free + used) - share) <= 0.02) return free + used;
  const [buffers, cached, slab] = [kib(row, 'kbbuffers'), kib(row, 'kbcached'), kib(row, 'kbslab')];
  const whole = buffers === null || cached === null || slab === null ? null : free + used + buffers + cached + slab;
  if (whole !== null && Math.abs((100 * used) / whole - share) <= 0.02) return whole;
  const best = fullest ?? row;
  const [most, percent] = [kib(best, 'kbmemused'), figure(best, '%memused')];
  return most === null || percent === null || percent <= 0 ? null : Math.round((100 * most) / percent);
}

function pressureText(row: SarRow, sums: Map<string, number>): string | null {
  const seconds = row.since === null ? 0 : Math.max(0, row.at - row.since);
  const part = (kind: 'some' | 'full'): string | null => {
    const letter = kind[0] ?? '';
    const [short, middle, long, share] = ['-10', '-60', '-300', ''].map((end) => figure(row, `%${letter}mem${end}`));
    if (typeof short !== 'number' || typeof middle !== 'number' || typeof long !== 'number') return null;
    const key = `#psi-${kind}`;
    const total = (sums.get(key) ?? 0) + ((share ?? 0) / 100) * seconds * 1e6;
    sums.set(key, total);
    return `${kind} avg10=${short.toFixed(2)} avg60=${middle.toFixed(2)} avg300=${long.toFixed(2)} total=${Math.round(total)}`;
  };
  const parts = [part('some'), part('full')].filter((text) => text !== null);
  return parts.length === 0 ? null : `${parts.join('\n')}\n`;
}

function loadText(row: SarRow): string | null {
  const loads = ['ldavg-1', 'ldavg-5', 'ldavg-15'].map((name) => figure(row, name));
  const [running, total] = [figure(row, 'runq-sz'), figure(row, 'plist-sz')];
  if (loads.includes(null) || running === null || total === null) return null;
  return `${loads.map((load) => (load ?? 0).toFixed(2)).join(' ')} ${Math.round(running)}/${Math.round(total)} 0\n`;
}
