import type { Unit } from '../../facts/fact.js';

type Row = Readonly<Record<string, unknown>>;
type Cell = number | string | boolean | null;

/** How the rows of a trace are shown. */
export interface Shown {
  /** The words before the fact that names who; without a fact those before the first row. */
  readonly answer?: readonly [lead: string, fact?: string];
  /** A fact that says more, and the words before it. */
  readonly also?: readonly [lead: string, fact: string];
  readonly columns: readonly (readonly [name: string, unit: Unit, value: (row: Row, seconds: number) => Cell])[];
  /** What the counts of stacks are. */
  readonly stacks?: string;
}

const cellOf = (value: unknown): Cell =>
  typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? value : null;
const field =
  (name: string) =>
  (row: Row): Cell =>
    cellOf(row[name]);
const numberOf = (row: Row, name: string): number => Number(row[name] ?? 0);
const cellOver = (value: unknown, seconds: number): Cell => (typeof value === 'number' && seconds > 0 ? value / seconds : null);
const perSecond =
  (name: string) =>
  (row: Row, seconds: number): Cell =>
    cellOver(row[name], seconds);
/** `postgres [812]` */
const who = ({ comm, pid }: Row): Cell => {
  const name = typeof comm === 'string' ? comm : '';
  return typeof pid === 'number' ? `${name} [${pid}]`.trim() : name;
};
const WHO = ['Process', 'text', who] as const;

/** By trace. One that is not here shows its rows as they are. */
export const SHOWN: Readonly<Record<string, Shown>> = {
  reclaim: {
    answer: ['Waited in reclaim', 'traced.reclaim_who'],
    columns: [
      WHO,
      ['For', 'text', ({ scope }) => (scope === 'memcg' ? 'a limit of its cgroup' : 'the host')],
      ['In reclaim', 's', field('totalSeconds')],
      ['Longest', 's', field('maxSeconds')],
      ['Times', 'count', field('count')],
      ['Reclaimed', 'pages', field('pages')],
    ],
    stacks: 'times in reclaim',
  },
  kswapd: {
    answer: ['Woke kswapd', 'traced.kswapd_who'],
    columns: [
      ['Process', 'text', field('comm')],
      ['Node', 'count', field('node')],
      ['Order', 'count', field('order')],
      ['Wake-ups', 'count', field('count')],
    ],
  },
  'page-faults': {
    answer: ['Took page faults', 'traced.fault_who'],
    columns: [
      WHO,
      ['Faults', 'count', field('faults')],
      ['A second', '1/s', perSecond('faults')],
      ['From disk', 'count', field('majorFaults')],
      ['Writes', 'count', field('writes')],
      ['Reads', 'count', field('reads')],
    ],
    stacks: 'page faults',
  },
  'heap-growth': {
    answer: ['Heaps grew', 'traced.growth_who'],
    also: ['the first most often by', 'traced.growth_stack'],
    columns: [
      WHO,
      [
        'Growth',
        'bytes/s',
        (row, seconds) =>
          seconds > 0 ? (numberOf(row, 'brkBytes') + numberOf(row, 'mmapBytes') - numberOf(row, 'munmapBytes')) / seconds : null,
      ],
      ['By brk', 'bytes', field('brkBytes')],
      ['By mmap', 'bytes', field('mmapBytes')],
      ['Given back', 'bytes', field('munmapBytes')],
      ['Calls', 'count', field('calls')],
    ],
    stacks: 'calls that grew a heap',
  },
  'file-faults': {
    answer: ['Read into the page cache', 'traced.file_who'],
    columns: [
      ['File', 'text', field('file')],
      ['Process', 'text', field('comm')],
      ['Pages', 'pages', field('pages')],
      ['A second', 'pages/s', perSecond('pages')],
    ],
  },
  vmscan: {
    answer: ['Most of all'],
    columns: [
      ['Event', 'text', field('event')],
      ['Shrinker', 'text', field('shrinker')],
      ['Times', 'count', field('count')],
      ['A second', '1/s', perSecond('count')],
      ['Time in it', 's', field('seconds')],
      ['Freed', 'count', field('freed')],
    ],
  },
  'swap-in': {
    answer: ['Read back from swap', 'traced.swap_in_who'],
    columns: [WHO, ['Pages', 'pages', field('pages')], ['A second', 'pages/s', perSecond('pages')]],
  },
  'dirty-throttling': {
    answer: ['Had to wait for dirty pages', 'traced.dirty_who'],
    columns: [WHO, ['Disk', 'text', field('device')], ['Paused', 's', field('pausedSeconds')], ['Times', 'count', field('count')]],
  },
  slab: {
    answer: ['Took slab objects', 'traced.slab_sites'],
    columns: [
      ['Call site', 'text', field('site')],
      ['Cache', 'text', field('cache')],
      ['For', 'text', field('comm')],
      ['Objects', 'count', field('count')],
      ['Bytes', 'bytes', field('bytes')],
    ],
    stacks: 'objects',
  },
  'page-allocations': {
    answer: ['Took pages', 'traced.page_callers'],
    columns: [
      ['Caller', 'text', field('caller')],
      ['Pages', 'pages', field('pages')],
      ['A second', 'pages/s', perSecond('pages')],
      ['Times', 'count', field('count')],
    ],
    stacks: 'pages',
  },
  compaction: {
    answer: ['Compacted memory', 'traced.compaction_who'],
    columns: [
      ['Process', 'text', field('comm')],
      ['What', 'text', field('kind')],
      ['Order', 'count', field('order')],
      ['From order', 'count', field('fallbackOrder')],
      ['Times', 'count', field('count')],
      ['Blocks changed', 'count', field('changedOwnership')],
      ['Time in it', 's', field('totalSeconds')],
      ['Why', 'text', field('reason')],
      ['Failed', 'count', field('failed')],
    ],
  },
  'malloc-arenas': {
    answer: ['Arenas of malloc', 'traced.arena_who'],
    columns: [WHO, ['Arenas', 'count', field('arenas')], ['New', 'count', field('newArenas')], ['Heaps', 'bytes', field('heapBytes')]],
  },
  oom: {
    answer: ['Killed'],
    columns: [
      ['Killed', 'text', who],
      ['Private', 'bytes', field('anonBytes')],
      ['oom_score_adj', 'count', field('adj')],
      ['At', 's', field('time')],
    ],
  },
  shm: {
    answer: ['Made shared segments', 'traced.shm_who'],
    columns: [
      WHO,
      ['Call', 'text', field('call')],
      ['Times', 'count', field('count')],
      ['Size', 'bytes', field('bytes')],
      ['Key', 'text', ({ key }) => (typeof key === 'number' ? `0x${key.toString(16)}` : cellOf(key))],
    ],
  },
  llc: {
    answer: ['Most of all'],
    columns: [
      ['Process', 'text', field('comm')],
      ['References', 'count', field('references')],
      ['Misses', 'count', field('misses')],
      ['Hits', '%', field('hitPct')],
    ],
  },
  thp: {
    answer: ['Asked about huge pages', 'traced.thp_who'],
    columns: [WHO, ['Advice', 'text', field('advice')], ['For', 'bytes', field('bytes')]],
  },
  pfaults: {
    columns: [
      ['Address', 'text', field('address')],
      ['Access', 'text', field('access')],
      ['Kind', 'text', field('kind')],
      ['Took', 's', ({ microseconds }) => (typeof microseconds === 'number' ? microseconds * 1e-6 : null)],
      ['Process', 'text', field('comm')],
    ],
  },
};

/** A column for each member of the rows, as they are. */
export const plainColumns = (rows: readonly Row[]): Shown['columns'] =>
  [...new Set(rows.flatMap((row) => Object.keys(row)))].map((name) => [
    name,
    rows.some((row) => typeof row[name] === 'string') ? 'text' : 'count',
    field(name),
  ]);
