import type { Snapshot, SourceData } from '../gather/snapshot.js';
import { readingsOf } from './pairs.js';
import type { Report } from './report.js';

type Event = SourceData<'kernel-log'>['events'][number];

/**
 * What the kernel log says happened, in the order of the log: its times begin anew with every boot, and lines may have none.
 * What a line does not say is null.
 */
export function eventsOf(snapshot: Snapshot): Report['events'] {
  const log = readingsOf(snapshot, 'kernel-log').at(-1)?.data;
  if (!log) return [];
  return log.events.map((event) => eventOf(event, `kernel log (${log.from})`));
}

function eventOf(event: Event, source: string): Report['events'][number] {
  const { kind, time, text, count, order, gfpMask, constraint, cgroup, trigger, victims } = event;
  const plain = { kind, time, source, text, count, ...said(event) };
  if (!/^oom|oom-kill$|^allocation/.test(kind))
    return {
      ...plain,
      ...(order === undefined ? {} : { order }),
      ...(gfpMask === undefined ? {} : { gfpMask }),
      ...(cgroup === undefined ? {} : { cgroup }),
      ...(trigger === undefined ? {} : { trigger }),
      ...(victims === undefined ? {} : { victims }),
    };
  return {
    ...plain,
    order: order ?? null,
    gfpMask: gfpMask ?? null,
    constraint: constraint ?? null,
    cgroup: cgroup ?? null,
    trigger: trigger ?? null,
    victims: victims ?? [],
  };
}

const DETAILS = ['wallTime', 'firstTime', 'program', 'subsystem', 'device', 'bytes', 'seconds', 'harmless'] as const;

/** What else the line says. */
const said = (event: Event): Pick<Event, (typeof DETAILS)[number]> =>
  Object.fromEntries(DETAILS.flatMap((name) => (event[name] === undefined ? [] : [[name, event[name]]])));
