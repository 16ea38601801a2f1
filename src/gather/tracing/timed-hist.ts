import type { HistTable } from './hist.js';
import type { HistTrigger, Setting } from './trace.js';

/**
 * How long the time between two events of a thread was, summed, by histogram triggers. The kernel takes an expression
 * (`common_timestamp.usecs-$since`) as a value, but never prints it (hist_trigger_entry_print passes over HIST_FIELD_FL_EXPR): so the times of
 * all begins and of all ends are summed, and their difference taken. That the expression is there keeps out the ends whose begin was not
 * seen; onmax() tells when the last begin was. At most two values beside hitcount can be had of one trigger.
 */
export function timedTriggers(
  name: string,
  { begin, end, saved, key = '' }: { begin: string; end: string; saved: string; key?: string },
): Record<string, HistTrigger> {
  const since = `md_${name}_since`;
  return {
    [`${name} since`]: {
      event: begin,
      hist: `keys=common_pid${key}:vals=hitcount,common_timestamp.usecs:${since}=common_timestamp.usecs:onmax($${since}).save(${saved}):size=2048`,
      twice: true,
    },
    [`${name} until`]: {
      event: end,
      hist: `keys=common_pid${key}:vals=hitcount,common_timestamp.usecs,common_timestamp.usecs-$${since}:size=2048`,
      twice: true,
    },
  };
}

/** As a part of a row. */
export const secondsOf = (microseconds: number | undefined): { totalSeconds?: number } =>
  microseconds === undefined ? {} : { totalSeconds: microseconds / 1e6 };

/** With so many pairs the first and the last begin are as far apart as the readings are. */
const MANY = 50;
const NOTHING = { times: 0, sum: 0, last: 0 };

/**
 * Microseconds, by the values of the keys joined with commas: the id of the thread first. What one of the triggers saw before the other was
 * set is taken off by a first reading of both.
 */
export function microsecondsOf(
  tables: Readonly<Record<string, HistTable>>,
  name: string,
  { seconds }: Pick<Setting, 'seconds'>,
): Map<string, number> {
  const [begins, ends] = [keyed(tables[`${name} since`]), keyed(tables[`${name} until`])];
  const [begun, ended] = [tables[`${name} since before`], tables[`${name} until before`]].map((table) => table && keyed(table));
  return new Map(
    [...ends].flatMap(([key, end]) => {
      const begin = begins.get(key);
      if (begin === undefined) return [];
      const [first, last] = [begun?.get(key) ?? NOTHING, ended?.get(key) ?? NOTHING];
      // ends without a begin: negative when one has not ended yet
      const more = end.times - last.times - (begin.times - first.times);
      const sum = end.sum - last.sum - (begin.sum - first.sum);
      if (begun === undefined) return more === 0 || more === -1 ? [[key, Math.max(0, sum - more * begin.last)]] : [];
      const took = sum - more * begin.last;
      const between = first.times === 0 ? 0 : begin.last - first.last;
      // one that was open at the first reading began at `first.last`, one that is open now at `begin.last`: which of them is known by this,
      // that no thread is in it longer than it was traced
      const most = between > 0 && begin.times - first.times >= MANY ? between * 1.02 : (seconds * 1.2 + 0.2) * 1e6;
      if (took >= 0 && took <= most) return [[key, took]];
      return between <= 0 ? [] : [[key, took - Math.floor(took / between) * between]];
    }),
  );
}

const keyed = (table: HistTable | undefined) =>
  new Map(
    (table?.rows ?? []).map(({ keys, values }) => [
      Object.values(keys).toReversed().join(),
      { times: values['hitcount'] ?? 0, sum: timeOf(values), last: values['max'] ?? timeOf(values) },
    ]),
  );

/** The name of the value differs between kernels: with the unit, or without. */
const timeOf = (values: Readonly<Record<string, number>>): number => values['common_timestamp.usecs'] ?? values['common_timestamp'] ?? 0;
