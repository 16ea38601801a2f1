import type { LogEvent, Victim } from '../sources/kernel-log.js';
import { chosenOf, CONSTRAINT, GROUP_KILL, INVOKED, LIMIT_OF, MEMCG, NO_VICTIM, OOM_MEMCG, victimOf } from './kill-lines.js';
import type { LogLine } from './prefix.js';

/** Victims of one kill that are kept: memory.oom.group may kill a thousand. */
const VICTIMS = 100;
/** Lines of one kill are written at once; a slow console takes its time. */
const AT_ONCE = 5;
/** What is kept of the line that says an event best. */
export const TEXT_KEPT = 300;

/** An event while its lines are being read. */
export type Draft = { -readonly [K in keyof LogEvent]: LogEvent[K] };

/** Puts the lines of one kill together; `keep` is called with every report once its kill is known, or known to be missing. */
export interface Kills {
  /** The event that the line belongs to; null when it is no line of a kill. */
  readonly take: (record: LogLine) => Draft | null;
  /** Gives up the report that is open. */
  readonly end: () => void;
}

/**
 * Reads kills by the kernel, one event each. The line that names the trigger may be missing (it is rate limited, the kill
 * is not), or the kill (the log was cut; a panic).
 */
export function kills(keep: (event: Draft) => void): Kills {
  let opening: Draft | null = null;
  let last: Draft | null = null;
  /** Every further kill belongs to the last event: memory.oom.group. */
  let group: Draft | null = null;

  function end(): void {
    if (opening !== null) keep(opening);
    opening = null;
  }
  function begin({ text, time }: LogLine): Draft {
    end();
    opening = { kind: 'oom-kill', time, text: text.slice(0, TEXT_KEPT), count: 1 };
    return opening;
  }
  function kill(record: LogLine, victim: Victim): Draft {
    if (opening === null && last !== null && soonAfter(last, record) && (last === group || has(last, victim))) {
      if (!has(last, victim) && (last.victims?.length ?? 0) < VICTIMS) last.victims = [...(last.victims ?? []), victim];
      return last;
    }
    const event = opening ?? begin(record);
    Object.assign(event, { victims: [victim], text: record.text.slice(0, TEXT_KEPT) });
    if (MEMCG.test(record.text)) event.kind = 'memcg-oom-kill';
    end();
    last = event;
    return event;
  }
  function detail(record: LogLine): Draft | null {
    const { text } = record;
    const chosen = chosenOf(text);
    const [, constraint] = CONSTRAINT.exec(text) ?? [];
    const [, limit] = OOM_MEMCG.exec(text) ?? LIMIT_OF.exec(text) ?? [];
    const noVictim = NO_VICTIM.test(text);
    const announced = GROUP_KILL.test(text);
    if (opening === null && last !== null && soonAfter(last, record)) {
      if (announced) group = last;
      // a panic may follow for the same reason
      if (announced || (noVictim && last.kind === 'oom-no-victim')) return last;
    }
    if (!chosen && constraint === undefined && limit === undefined && !noVictim && !announced) return null;
    const event = opening ?? begin(record);
    if (announced) group = event;
    if (chosen) event.victims = [chosen];
    if (constraint !== undefined) event.constraint = constraint;
    if (limit !== undefined) event.cgroup = limit;
    if (limit !== undefined || constraint === 'CONSTRAINT_MEMCG' || MEMCG.test(text)) event.kind = 'memcg-oom-kill';
    if (noVictim) Object.assign(event, { kind: 'oom-no-victim', text: text.slice(0, TEXT_KEPT) });
    if (noVictim) {
      end();
      last = event;
    }
    return event;
  }
  return {
    end,
    take: (record) => {
      const invoked = INVOKED.exec(record.text);
      if (invoked) return Object.assign(begin(record), allocationOf(invoked));
      const victim = victimOf(record.text);
      return victim ? kill(record, victim) : detail(record);
    },
  };
}

function allocationOf([, name, mask = '', order]: RegExpExecArray): Partial<Draft> {
  return {
    gfpMask: mask,
    ...(name === undefined ? {} : { trigger: { name, pid: null } }),
    ...(order === undefined ? {} : { order: Number(order) }),
  };
}

const has = ({ victims }: Draft, { pid }: Victim): boolean => victims?.some((known) => known.pid === pid) ?? false;

const soonAfter = (event: Draft, { time }: LogLine): boolean =>
  time === null || event.time === null || Math.abs(time - event.time) <= AT_ONCE;
