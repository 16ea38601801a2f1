import { count, row, seconds, text } from '../../json-schema.js';
import { byProcess } from '../tracing/bpftrace-output.js';
import { vmstatForm } from '../tracing/readings.js';
import { fieldOf, numberOf, numericRows, sampledStacks, summed } from '../tracing/symbols.js';
import { defineTrace } from '../tracing/trace.js';

const EVENT = 'writeback:balance_dirty_pages';
const MILLI = 1e-3;

/**
 * Writers that the kernel put to sleep because too much is dirty. The event also comes when a task is let go at once, with a pause of 0 or
 * less (mm/page-writeback.c, `min(pause, 0L)`): those are no pauses. The unit is ms, whatever HZ is.
 */
export default defineTrace({
  title: 'Writers held back by dirty memory',
  answers: 'Who is made to wait because more was written than the disks can take, and for which disk?',
  docs: 'https://github.com/torvalds/linux/blob/v6.12/include/trace/events/writeback.h',
  tools: ['balance-dirty-pages'],
  byDefault: true,
  // a task comes by once in 32 pages that it dirties, and less often when it is held back; not at all below the background threshold
  rate: ({ perSecond }) => {
    const dirtied = perSecond('nr_dirtied');
    return dirtied === null ? null : dirtied / 32;
  },
  cost: 1,
  row: row(
    { comm: text(), count: count('pauses'), pausedSeconds: seconds('of sleep that the kernel asked for, over all its threads') },
    { pid: count(), device: text('major:minor of the device written to') },
  ),
  order: ({ pausedSeconds }) => pausedSeconds,
  forms: [
    {
      backend: 'tracepoint',
      needs: [`${EVENT}#pause`],
      // not by device: how an array of characters is made a string differs between versions of bpftrace
      program: ({ pid }) =>
        `tracepoint:${EVENT} /args->pause > 0${pid === null ? '' : ` && pid == ${pid}`}/ {
  @dirty_throttling_ms[pid, comm] = sum(args->pause); @dirty_throttling_n[pid, comm] = count(); @dirty_throttling_h = hist(args->pause); }`,
      read: (output) => {
        const paused = byProcess(output, 'dirty_throttling_ms');
        const buckets = output.histograms.get('dirty_throttling_h')?.get('');
        return {
          rows: [...byProcess(output, 'dirty_throttling_n')].map(([key, { pid, comm, value }]) => ({
            comm,
            pid,
            count: value,
            pausedSeconds: (paused.get(key)?.value ?? 0) * MILLI,
          })),
          ...(buckets ? { histograms: { 'pause milliseconds': buckets } } : {}),
        };
      },
    },
    {
      backend: 'tracefs',
      needs: [`${EVENT}#pause`, `${EVENT}#bdi`],
      triggers: () => ({ paused: { event: EVENT, hist: 'keys=bdi,common_pid.execname:vals=hitcount,pause:size=2048 if pause > 0' } }),
      read: ({ paused }) => ({
        rows: numericRows(paused, 'pid').map(({ keys, values }) => ({
          comm: keys['common_pid'] ?? '',
          pid: Number(keys['pid']),
          device: keys['bdi'] ?? '',
          count: values['hitcount'] ?? 0,
          pausedSeconds: (values['pause'] ?? 0) * MILLI,
        })),
      }),
    },
    {
      backend: 'perf-record',
      needs: [EVENT],
      event: EVENT,
      text: true,
      read: (samples) => {
        const pauses = samples.flatMap((sample) => {
          const pause = numberOf(sample.text, 'pause') ?? 0;
          return pause > 0
            ? [{ sample, pause, device: /^bdi ([^ ]{1,32}):/.exec(sample.text)?.[1] ?? fieldOf(sample.text, 'bdi') ?? '' }]
            : [];
        });
        return {
          rows: summed(
            pauses.map(({ sample: { comm, pid, period }, pause, device }) => ({
              comm,
              pid,
              device,
              count: period,
              pausedSeconds: pause * period * MILLI,
            })),
            ({ pid, device, comm }) => `${pid},${device},${comm}`,
            (row) => row,
            (sum, more) => ({ ...sum, count: sum.count + more.count, pausedSeconds: sum.pausedSeconds + more.pausedSeconds }),
          ),
          stacks: sampledStacks(pauses.map(({ sample }) => sample)),
        };
      },
    },
    vmstatForm('how much was dirtied and written, of the whole host: not who was made to wait', {
      dirtiedPages: ['nr_dirtied'],
      writtenPages: ['nr_written'],
    }),
  ],
});
