import type { KernelLog, Victim } from './schema.js';
import { kills } from './kills.js';
import { believedFrames } from './moment/call-trace.js';
import { constraintOf } from './moment/constraint.js';
import { type Draft, type EventDraft, PART } from './moment/draft.js';
import { looksLikeOom } from './moment/evidence.js';
import { isRich, isWorthKeeping, momentOf } from './moment/finish.js';
import { memcgOf } from './moment/memcg.js';
import { pageSizeOf, USUAL_PAGE } from './moment/page-size.js';
import { settle } from './moment/tasks.js';
import { releaseOf } from './moment/trigger.js';
import type { LogLine } from './prefix.js';
import { subsystemOf } from './subsystem.js';
import { adds, reachOf, repeats, tell } from './told.js';

/** So many events are kept, the last ones. */
const KEPT = 200;
/** So many reports are kept: those that show the memory first, of these the last. */
const REPORTS = 12;
/** Names of victims that are counted; a log that is not hostile has a few dozen. */
const NAMES = 1000;
/** Two programs say the same within that, seconds. */
const AT_ONCE = 5;
/** Events whose moment the kernel prints: warn_alloc(). */
const FOLLOWED: ReadonlySet<string> = new Set([
  'allocation-failure',
  'allocation-stall',
  'vmalloc-failure',
  'cma-failure',
  'percpu-failure',
]);

type Found = Pick<KernelLog, 'events' | 'kernel'> & Required<Pick<KernelLog, 'dropped' | 'kills' | 'totals' | 'reports'>>;

/** Folds lines into events and keeps the last of them, and the last of the reports. */
export interface Events {
  readonly take: (record: LogLine) => void;
  /** The events, in the order of the log; one that was folded stands where it happened last. */
  readonly all: () => Found;
}

/** Starts with no event. */
export function events(): Events {
  const kept = new Map<string, EventDraft>();
  const killsByName = new Map<string, number>();
  const totals = new Map<string, number>();
  const reports: { event: EventDraft | null; draft: Draft; rich: boolean }[] = [];
  let kernel: string | undefined;
  let serial = 0;
  let dropped = 0;
  /** The event to which the next lines may add. */
  let recent: { event: EventDraft; lines: number } | null = null;
  /** The last report of an OOM that shows more than its first lines. */
  let lastOom: Draft | null = null;

  const oom = kills({
    began: (event) => keep(`kill ${serial++}`, event),
    ended,
    killed: ({ name }: Victim) => {
      if (killsByName.has(name) || killsByName.size < NAMES) killsByName.set(name, (killsByName.get(name) ?? 0) + 1);
    },
  });

  function keep(key: string, event: EventDraft): void {
    kept.delete(key);
    kept.set(key, event);
    const [oldest] = kept.keys();
    if (kept.size <= KEPT || oldest === undefined) return;
    kept.delete(oldest);
    dropped += 1;
  }
  function total(kind: string, many: number): void {
    totals.set(kind, (totals.get(kind) ?? 0) + many);
  }
  function fold(record: LogLine): void {
    const { text, time, wallTime, program } = record;
    const told = tell(text, program, time);
    if (told === null) return follow(text);
    const more = recent?.lines === 0 ? repeats(recent.event, told.event) : null;
    if (recent !== null && more !== null) {
      Object.assign(recent.event, more);
      if (program === null) oom.follow(record, recent.event);
      return;
    }
    const key = told.key ?? `told ${serial++}`;
    const seen = kept.get(key);
    const again = told.once === true && seen !== undefined && time !== null && seen.time !== null && Math.abs(time - seen.time) <= AT_ONCE;
    const event: EventDraft = seen ?? { ...told.event };
    if (!again) total(event.kind, told.event.count);
    if (seen) {
      if (seen.firstTime === undefined && seen.time !== null) seen.firstTime = seen.time;
      Object.assign(seen, { count: seen.count + (again ? 0 : told.event.count), time: time ?? seen.time });
    }
    if (wallTime !== undefined) event.wallTime = wallTime;
    keep(key, event);
    recent = { event, lines: 0 };
    if (program === null && FOLLOWED.has(event.kind)) oom.follow(record, event);
  }
  function follow(text: string): void {
    if (recent === null) return;
    recent.lines += 1;
    const details = adds(recent.event, text);
    if (details !== null) Object.assign(recent.event, details);
    if (recent.lines >= reachOf(recent.event.kind)) recent = null;
  }
  function ended(draft: Draft): void {
    if (draft.tasks !== null) settle(draft.tasks);
    const isOom = draft.event === null ? !draft.asked && looksLikeOom(draft, pageSizeOf(draft) ?? USUAL_PAGE) : draft.kind.includes('oom');
    if (isOom && draft.event === null) {
      draft.kind = 'oom-kill';
      draft.event = { kind: 'oom-kill', time: draft.time, text: 'Mem-Info:', count: 1 };
      if (draft.wallTime !== undefined) draft.event.wallTime = draft.wallTime;
      keep(`kill ${serial++}`, draft.event);
    }
    if (isOom) {
      judge(draft);
      if (!isCut(draft)) lastOom = draft;
      else if (lastOom !== null) judgeAs(lastOom, draft);
    } else if (draft.kind === 'allocation-failure' || draft.kind === 'allocation-stall' || draft.kind === 'memory-dump')
      draft.tail = draft.ended;
    if (draft.event !== null) complete(draft.event, draft);
    if (draft.event !== null && isOom) total(draft.event.kind, 1);
    if (draft.event === null ? !isRich(draft) : !isWorthKeeping(draft)) return;
    const rich = isRich(draft);
    const before = reports.findLast(({ event }) => event !== null && event === draft.event);
    // of alike events that were folded, those that show the memory
    if (before?.rich === true && !rich) return;
    reports.push({ event: draft.event, draft, rich });
    if (reports.length > REPORTS) reports.splice(least(), 1);
  }
  /** The report to give up: one without memory, one whose event has a later, the oldest. */
  function least(): number {
    const older = reports.slice(0, -1);
    const thin = older.findIndex(({ rich }) => !rich);
    if (thin >= 0) return thin;
    return Math.max(
      0,
      older.findIndex(({ event }, at) => event !== null && reports.some((later, place) => place > at && later.event === event)),
    );
  }
  return {
    take: (record) => {
      if (kernel === undefined && record.program === null) kernel = releaseOf(record.text);
      if (record.program === null && oom.take(record)) {
        if (recent !== null) follow(record.text);
        return;
      }
      fold(record);
    },
    all: () => {
      oom.end();
      const page = reports.map(({ draft }) => pageSizeOf(draft)).find((size) => size !== null) ?? null;
      reports.forEach(({ event }, at) => {
        if (event) event.report = at;
      });
      const all = [...kept.values()];
      const quoted = new Set(all.filter((event) => isQuoted(event, all)));
      const less = (counts: ReadonlyMap<string, number>, of: (event: EventDraft) => string): Record<string, number> => {
        const left = new Map(counts);
        for (const event of quoted) left.set(of(event), (left.get(of(event)) ?? 1) - 1);
        return Object.fromEntries(left);
      };
      return {
        events: all.filter((event) => !quoted.has(event)),
        dropped,
        kills: less(killsByName, (event) => event.victims?.[0]?.name ?? ''),
        totals: less(totals, ({ kind }) => kind),
        // one host has one size of pages: a report that shows it speaks for those that do not
        reports: reports.map(({ draft }) => momentOf(draft, page)),
        ...(kernel === undefined ? {} : { kernel }),
      };
    },
  };
}

/**
 * A kill that is told once more without its time: people quote the line above the log that holds it. A process dies once, and two
 * of one number and name never had the same sizes.
 */
function isQuoted(event: EventDraft, all: readonly EventDraft[]): boolean {
  const [victim, ...more] = event.victims ?? [];
  if (event.time !== null || event.wallTime !== undefined || victim === undefined || more.length > 0) return false;
  if (victim.pid === null || victim.anonRssBytes === null) return false;
  const isSame = (other: Victim): boolean =>
    other.pid === victim.pid &&
    other.name === victim.name &&
    other.totalVmBytes === victim.totalVmBytes &&
    other.anonRssBytes === victim.anonRssBytes;
  return all.some(
    (other) => other !== event && (other.time !== null || other.wallTime !== undefined) && (other.victims ?? []).some(isSame),
  );
}

/** Whose OOM it was: known when all its lines are. */
function judge(draft: Draft): void {
  const { event } = draft;
  const found = constraintOf(draft);
  const memcg = draft.globalOom !== true && (draft.memcgSaid || found?.constraint === 'CONSTRAINT_MEMCG');
  if (draft.kind !== 'oom-no-victim') draft.kind = memcg ? 'memcg-oom-kill' : 'oom-kill';
  if (event === null) return;
  event.kind = draft.kind as EventDraft['kind'];
  if (found) event.constraint = found.constraint;
  const cgroup = memcg || draft.memcgSaid ? memcgOf(draft)?.path : undefined;
  if (cgroup !== undefined) event.cgroup = cgroup;
}

/** The frames that tell whose OOM it was: of the allocation, and of the killer. */
const TELLING = /^(?:__)?alloc_pages|out_of_memory/;

/** Nothing but the first line, and a call trace that was cut before it tells: a ring that was read while it was written. */
const isCut = ({ head, part, frames, victims, memcgSaid, panic, reaped }: Draft): boolean =>
  head &&
  part <= PART.trace &&
  victims.length === 0 &&
  reaped.length === 0 &&
  !memcgSaid &&
  panic === undefined &&
  !frames.some(({ name }) => TELLING.test(name));

/** In a storm the next OOM of the same program, right after the last, is another of the same. */
function judgeAs(before: Draft, draft: Draft): void {
  const { event } = draft;
  const at = before.last ?? before.time;
  if (
    event === null ||
    before.event === null ||
    before.kind === draft.kind ||
    at === null ||
    draft.time === null ||
    Math.abs(draft.time - at) > AT_ONCE
  )
    return;
  if (draft.trigger === undefined || draft.trigger.name !== before.trigger?.name) return;
  draft.kind = before.kind;
  event.kind = before.event.kind;
  if (before.event.constraint !== undefined) event.constraint = before.event.constraint;
  if (before.event.cgroup !== undefined) event.cgroup = before.event.cgroup;
}

/** What the report says of its event. */
function complete(event: EventDraft, draft: Draft): void {
  if (draft.trigger) event.trigger = { name: draft.trigger.name, pid: draft.trigger.pid };
  const subsystem = subsystemOf(believedFrames(draft).map(({ name, module }) => (module === null ? name : `${name} [${module}]`)));
  if (subsystem !== null && event.subsystem === undefined) event.subsystem = subsystem;
}
