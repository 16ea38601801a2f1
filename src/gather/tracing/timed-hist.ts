import type { HistTable } from './hist.js';

/**
 * How long the time between two events of a thread was, summed, by histogram triggers. The kernel takes an expression
 * (`common_timestamp.usecs-$since`) as a value, but never prints it (hist_trigger_entry_print passes over HIST_FIELD_FL_EXPR): so the times of
 * all begins and of all ends are summed, and their difference taken. That the expression is there keeps out the ends whose begin was not seen;
 * of begins one may have no end yet, the last one, whose time onmax() tells; a thread of which more were missed (while the triggers were set) is left out. At most two values beside hitcount can be had of one trigger.
 */
export function timedTriggers(
  name: string,
  { begin, end, saved, key = '' }: { begin: string; end: string; saved: string; key?: string },
): Record<string, { event: string; hist: string }> {
  const since = `md_${name}_since`;
  return {
    [`${name} since`]: {
      event: begin,
      hist: `keys=common_pid${key}:vals=hitcount,common_timestamp.usecs:${since}=common_timestamp.usecs:onmax($${since}).save(${saved}):size=2048`,
    },
    [`${name} until`]: {
      event: end,
      hist: `keys=common_pid${key}:vals=hitcount,common_timestamp.usecs,common_timestamp.usecs-$${since}:size=2048`,
    },
  };
}

/** As a part of a row. */
export const secondsOf = (microseconds: number | undefined): { totalSeconds?: number } =>
  microseconds === undefined ? {} : { totalSeconds: microseconds / 1e6 };

/** Microseconds, by the values of the keys joined with commas: the id of the thread first. */
export function microsecondsOf(tables: Readonly<Record<string, HistTable>>, name: string): Map<string, number> {
  const [begins, ends] = [keyed(tables[`${name} since`]), keyed(tables[`${name} until`])];
  return new Map(
    [...ends].flatMap(([key, end]) => {
      const begin = begins.get(key);
      const open = (begin?.['hitcount'] ?? 0) - (end['hitcount'] ?? 0);
      if (begin === undefined || open < 0 || open > 1) return [];
      return [[key, Math.max(0, timeOf(end) - timeOf(begin) + (open === 1 ? (begin['max'] ?? timeOf(begin)) : 0))]];
    }),
  );
}

const keyed = (table: HistTable | undefined) =>
  new Map((table?.rows ?? []).map(({ keys, values }) => [Object.values(keys).toReversed().join(), values]));

/** The name of the value differs between kernels: with the unit, or without. */
const timeOf = (values: Readonly<Record<string, number>>): number => values['common_timestamp.usecs'] ?? values['common_timestamp'] ?? 0;
