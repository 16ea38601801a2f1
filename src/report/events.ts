import type { Snapshot, SourceData } from '../gather/snapshot.js';
import { readingsOf } from './pairs.js';
import type { Report } from './report.js';

type Event = SourceData<'kernel-log'>['events'][number];

/** What the kernel log says happened, in time order; what a line does not say is null. */
export function eventsOf(snapshot: Snapshot): Report['events'] {
  const log = readingsOf(snapshot, 'kernel-log').at(-1)?.data;
  if (!log) return [];
  return log.events.map((event) => eventOf(event, `kernel log (${log.from})`)).toSorted((a, b) => (a.time ?? 0) - (b.time ?? 0));
}

function eventOf(
  { kind, time, text, count, order, gfpMask, constraint, cgroup, trigger, victims }: Event,
  source: string,
): Report['events'][number] {
  const plain = { kind, time, source, text, count };
  if (!/^oom|oom-kill$|^allocation/.test(kind)) return plain;
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
