import { count, oneOf, row, seconds, text } from '../../json-schema.js';
import { type BpfOutput, splitKey } from '../tracing/bpftrace-output.js';
import type { HistTable } from '../tracing/hist.js';
import type { PerfSample } from '../tracing/perf-script.js';
import { vmstatForm } from '../tracing/readings.js';
import { fieldOf, numberOf, numericRows, sampledStacks, summed, symbolsOf } from '../tracing/symbols.js';
import { microsecondsOf, secondsOf, timedTriggers } from '../tracing/timed-hist.js';
import { defineTrace, type Seen, type Setting } from '../tracing/trace.js';

const MICRO = 1e-6;
const BEGIN = 'compaction:mm_compaction_begin';
const END = 'compaction:mm_compaction_end';
const ASKED = 'compaction:mm_compaction_try_to_compact_pages';
const MIGRATION = 'migrate:mm_migrate_pages';
const FALLBACK = 'kmem:mm_page_alloc_extfrag';
const KINDS = ['compaction', 'asked', 'fallback', 'migration'] as const;

interface Row {
  comm: string;
  kind: (typeof KINDS)[number];
  count: number;
  order?: number;
  fallbackOrder?: number;
  changedOwnership?: number;
  totalSeconds?: number;
  reason?: string;
  failed?: number;
}

const has = ({ kernel }: Setting, event: string, ...fields: string[]): boolean =>
  fields.every((field) => kernel.fields(event)?.includes(field) === true);
const owned = (setting: Setting): boolean => has(setting, FALLBACK, 'change_ownership');
const asks = (setting: Setting): boolean => has(setting, ASKED, 'order');
const migrates = (setting: Setting): boolean => has(setting, MIGRATION, 'succeeded', 'failed', 'reason');
const ends = (setting: Setting): boolean => has(setting, END, 'status') && has(setting, BEGIN, 'zone_start');

/** Making room for large blocks: who compacts or asks for it, and with what end; pages moved, and why; blocks broken into by another kind of page. */
export default defineTrace({
  title: 'Compaction, migration and fragmentation',
  answers: 'Who waits while pages are moved to make a large block, which order is asked for, and who breaks up large blocks?',
  docs: 'https://github.com/torvalds/linux/blob/v6.12/include/trace/events/compaction.h',
  tools: ['compactsnoop', 'extfrag', 'migrate'],
  byDefault: true,
  // NUMA balancing migrates page by page, compaction 32 at a time; extfrag is not counted by the kernel: each is a part of a refill of 63
  rate: ({ perSecond }) =>
    (perSecond('numa_pages_migrated') ?? 0) +
    (perSecond('pgmigrate_success', 'pgmigrate_fail') ?? 0) / 32 +
    (perSecond('compact_stall', 'compact_daemon_wake') ?? 0) * 4,
  cost: 2,
  row: row(
    {
      comm: text(),
      kind: oneOf(
        KINDS,
        'compaction: of a zone; asked: by an allocation that waits; fallback: a block of another kind was used; migration',
      ),
      count: count('times; of migration, pages'),
    },
    {
      order: count('of the allocation'),
      fallbackOrder: count('of the block that was taken'),
      changedOwnership: count('times that the whole block became of the allocation’s kind'),
      totalSeconds: seconds('in it'),
      reason: text('of the migration, as the kernel names it'),
      failed: count('pages that could not be moved'),
    },
  ),
  order: ({ totalSeconds, count: times }) => (totalSeconds ?? 0) * 1e6 + times,
  forms: [
    {
      backend: 'tracepoint',
      needs: [FALLBACK],
      program,
      scratch: ['@compaction_since'],
      read: readBpf,
    },
    {
      backend: 'tracefs',
      needs: [FALLBACK],
      triggers: (setting) => ({
        fallback: {
          event: FALLBACK,
          hist: `keys=alloc_order,fallback_order,common_pid.execname:vals=hitcount${owned(setting) ? ',change_ownership' : ''}:size=2048`,
        },
        ...(asks(setting) ? { asked: { event: ASKED, hist: 'keys=order,common_pid.execname:vals=hitcount:size=2048' } } : {}),
        ...(migrates(setting)
          ? { migration: { event: MIGRATION, hist: 'keys=reason,common_pid.execname:vals=hitcount,succeeded,failed:size=2048' } }
          : {}),
        ...(ends(setting)
          ? {
              ...timedTriggers('compaction', { begin: BEGIN, end: END, saved: 'zone_start' }),
              compaction: { event: END, hist: 'keys=common_pid.execname:vals=hitcount:size=2048' },
              status: { event: END, hist: 'keys=status:vals=hitcount:size=128' },
            }
          : {}),
      }),
      read: readHist,
    },
    {
      backend: 'perf-record',
      needs: [FALLBACK],
      loss: 'not how long a compaction took',
      event: (setting) =>
        [FALLBACK, ...(asks(setting) ? [ASKED] : []), ...(migrates(setting) ? [MIGRATION] : []), ...(ends(setting) ? [END] : [])].join(','),
      text: true,
      read: readSamples,
    },
    {
      backend: 'perf-stat',
      needs: [FALLBACK],
      loss: 'counted for the whole host: not by process, nor how long',
      events: ({ kernel }) => [FALLBACK, ASKED, MIGRATION, END].filter((event) => kernel.fields(event) !== null),
      read: (counts) => ({
        rows: [],
        totals: {
          compaction: counts.get(END) ?? 0,
          asked: counts.get(ASKED) ?? 0,
          fallback: counts.get(FALLBACK) ?? 0,
          migration: counts.get(MIGRATION) ?? 0,
        },
      }),
    },
    vmstatForm('counted for the whole host: not by process, nor how long; blocks broken into are not counted', {
      stalled: ['compact_stall'],
      failed: ['compact_fail'],
      succeeded: ['compact_success'],
      kcompactdWakes: ['compact_daemon_wake'],
      migratedPages: ['pgmigrate_success'],
      migrationFailedPages: ['pgmigrate_fail'],
      numaMigratedPages: ['numa_pages_migrated'],
      hugePageFallbacks: ['thp_fault_fallback'],
    }),
  ],
});

function program(setting: Setting): string {
  const own = setting.pid === null ? '' : ` /pid == ${setting.pid}/`;
  const key = '[args->alloc_order, args->fallback_order, comm]';
  return [
    `tracepoint:${FALLBACK}${own} { @compaction_ef${key} = count(); ${owned(setting) ? `@compaction_own${key} = sum(args->change_ownership); ` : ''}}`,
    asks(setting) ? `tracepoint:${ASKED}${own} { @compaction_ask[args->order, comm] = count(); }` : '',
    migrates(setting)
      ? `tracepoint:${MIGRATION}${own} { @compaction_ok[args->reason, comm] = sum(args->succeeded); @compaction_bad[args->reason, comm] = sum(args->failed); }`
      : '',
    ends(setting)
      ? `tracepoint:${BEGIN}${own} { @compaction_since[tid] = nsecs; }
tracepoint:${END} /@compaction_since[tid]/ { $u = (nsecs - @compaction_since[tid]) / 1000; @compaction_us[comm] = sum($u); @compaction_n[comm] = count();
  @compaction_h = hist($u); @compaction_st[args->status] = count(); delete(@compaction_since[tid]); }`
      : '',
  ].join('\n');
}

function readBpf(output: BpfOutput, { kernel }: Setting): Seen<Row> {
  const of = (name: string) => new Map((output.maps.get(`compaction_${name}`) ?? []).map(({ key, value }) => [key, value]));
  const reasons = symbolsOf(kernel.format(MIGRATION), 'reason');
  const [took, changed, moved, failed] = [of('us'), of('own'), of('ok'), of('bad')];
  const rows: Row[] = [...of('n')].map(([comm, times]) => ({
    comm,
    kind: 'compaction',
    count: times,
    totalSeconds: (took.get(comm) ?? 0) * MICRO,
  }));
  for (const [key, times] of of('ef')) {
    const parts = splitKey(key, 2);
    const [order, fallbackOrder] = parts?.numbers ?? [];
    if (parts === null || order === undefined || fallbackOrder === undefined) continue;
    const more = changed.has(key) ? { changedOwnership: changed.get(key) ?? 0 } : {};
    rows.push({ comm: parts.rest, kind: 'fallback', count: times, order, fallbackOrder, ...more });
  }
  for (const [key, times] of of('ask')) {
    const parts = splitKey(key, 1);
    if (parts) rows.push({ comm: parts.rest, kind: 'asked', count: times, order: parts.numbers[0] ?? 0 });
  }
  for (const [key, pages] of moved) {
    const parts = splitKey(key, 1);
    const code = parts?.numbers[0] ?? 0;
    if (parts)
      rows.push({
        comm: parts.rest,
        kind: 'migration',
        count: pages,
        reason: reasons.get(code) ?? String(code),
        failed: failed.get(key) ?? 0,
      });
  }
  const buckets = output.histograms.get('compaction_h')?.get('');
  return {
    rows,
    totals: statuses(
      [...of('st')].map(([key, times]) => [Number(key), times]),
      kernel.format(END),
    ),
    ...(buckets ? { histograms: { 'compaction microseconds': buckets } } : {}),
  };
}

function readHist(tables: Readonly<Record<string, HistTable>>, setting: Setting): Seen<Row> {
  const { kernel } = setting;
  const reasons = symbolsOf(kernel.format(MIGRATION), 'reason');
  const took = microsecondsOf(tables, 'compaction', setting);
  const rowsOf = (name: string, ...numbers: readonly string[]) =>
    numericRows(tables[name], ...numbers).map(({ keys, values }) => ({
      keys,
      values,
      comm: keys['common_pid'] ?? '',
      times: values['hitcount'] ?? 0,
    }));
  const rows: Row[] = [
    ...rowsOf('compaction').map(({ comm, times, keys }): Row => ({
      comm,
      kind: 'compaction',
      count: times,
      ...secondsOf(took.get(keys['pid'] ?? '')),
    })),
    ...rowsOf('asked', 'order').map(({ comm, times, keys }): Row => ({ comm, kind: 'asked', count: times, order: Number(keys['order']) })),
    ...rowsOf('fallback', 'alloc_order', 'fallback_order').map(({ comm, times, keys, values }): Row => ({
      comm,
      kind: 'fallback',
      count: times,
      order: Number(keys['alloc_order']),
      fallbackOrder: Number(keys['fallback_order']),
      ...(values['change_ownership'] === undefined ? {} : { changedOwnership: values['change_ownership'] }),
    })),
    ...rowsOf('migration').map(({ comm, keys, values }): Row => ({
      comm,
      kind: 'migration',
      count: values['succeeded'] ?? 0,
      reason: reasons.get(Number(keys['reason'])) ?? keys['reason'] ?? '',
      failed: values['failed'] ?? 0,
    })),
  ];
  const ended = rowsOf('status', 'status').map(({ keys, times }): [number, number] => [Number(keys['status']), times]);
  return { rows: together(rows), totals: statuses(ended, kernel.format(END)) };
}

function readSamples(samples: readonly PerfSample[]): Seen<Row> {
  const ended = new Map<string, number>();
  const rows = samples.flatMap(({ comm, period, event, text: fields }): Row[] => {
    if (event.startsWith(FALLBACK)) {
      const [order, fallbackOrder] = [numberOf(fields, 'alloc_order') ?? 0, numberOf(fields, 'fallback_order') ?? 0];
      const changed = numberOf(fields, 'change_ownership');
      return [
        {
          comm,
          kind: 'fallback',
          count: period,
          order,
          fallbackOrder,
          ...(changed === undefined ? {} : { changedOwnership: changed * period }),
        },
      ];
    }
    if (event.startsWith(ASKED)) return [{ comm, kind: 'asked', count: period, order: numberOf(fields, 'order') ?? 0 }];
    if (event.startsWith(MIGRATION)) {
      const [moved, failed] = [numberOf(fields, 'nr_succeeded') ?? 0, numberOf(fields, 'nr_failed') ?? 0];
      return [{ comm, kind: 'migration', count: moved * period, reason: fieldOf(fields, 'reason') ?? '', failed: failed * period }];
    }
    const status = fieldOf(fields, 'status') ?? '';
    ended.set(`status ${status}`, (ended.get(`status ${status}`) ?? 0) + period);
    return [{ comm, kind: 'compaction', count: period }];
  });
  return { rows: together(rows), totals: Object.fromEntries(ended), stacks: sampledStacks(samples) };
}

/** Threads of one name as one. */
const together = (rows: readonly Row[]): Row[] =>
  summed(
    rows,
    ({ comm, kind, order, fallbackOrder, reason }) => [kind, order, fallbackOrder, reason, comm].join(','),
    (first) => first,
    (sum, more) => ({
      ...sum,
      count: sum.count + more.count,
      ...(sum.totalSeconds === undefined ? {} : { totalSeconds: sum.totalSeconds + (more.totalSeconds ?? 0) }),
      ...(sum.changedOwnership === undefined ? {} : { changedOwnership: sum.changedOwnership + (more.changedOwnership ?? 0) }),
      ...(sum.failed === undefined ? {} : { failed: sum.failed + (more.failed ?? 0) }),
    }),
  );

/** `status partial_skipped`: 12, by the names of this kernel. */
function statuses(counts: readonly (readonly [number, number])[], format: string): Record<string, number> {
  const names = symbolsOf(format, 'status');
  return Object.fromEntries(counts.map(([code, times]) => [`status ${names.get(code) ?? code}`, times]));
}
