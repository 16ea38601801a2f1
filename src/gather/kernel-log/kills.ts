import type { Victim } from './schema.js';
import { ALLOCATING, chosenOf, GROUP_KILL, invocationOf, MEMCG, NO_VICTIM, PANIC, reapedOf, unsized, victimOf } from './kill-lines.js';
import { OOM_TRACE, readCallTrace } from './moment/call-trace.js';
import { readConstraint, readLimitOf } from './moment/constraint.js';
import { type Draft, draftOf, type EventDraft, PART, type Part, type Reader } from './moment/draft.js';
import { readFreeLists } from './moment/free-lists.js';
import { readHugepages } from './moment/hugepages.js';
import { MEM_INFO, readContinuation, readMemInfo } from './moment/mem-info.js';
import { readMemcg } from './moment/memcg.js';
import { readSlabs } from './moment/slabs.js';
import { readTasks } from './moment/tasks.js';
import { readTotals } from './moment/totals.js';
import { readTrigger } from './moment/trigger.js';
import { readZones, repeatsZone } from './moment/zones.js';
import type { LogLine } from './prefix.js';

/** Victims of one kill that are kept: memory.oom.group may kill a thousand. */
const VICTIMS = 100;
/** Lines of one kill are written at once; a slow console takes its time. */
const AT_ONCE = 5;
/** A report of thousands of tasks on a serial console. */
const SLOW = 60;
/** What is kept of the line that says an event best. */
const TEXT_KEPT = 300;
/** Lines in between that belong to something else, or to parts that nothing is read of (registers, code, per-CPU lists). */
const FOREIGN = 120;
/** Reports that are open at once: one a task or CPU, where printk names them. */
const OPEN = 32;
/** Ended reports among which the reaper looks for its victim. */
const RECENT = 8;

/** Lines with which a report whose head is missing may begin; all that stand alone in a log of another matter are not among them. */
const HEADLESS =
  /^(?:Mem-[Ii]nfo:|oom-kill:|oom_reaper: reaped|[Mm]emory cgroup (?:out|stats)|[Oo]ut of [Mm]emory|Killed process|OOM killed|VM: killing|Tasks? (?:in \/|state)|Tasks in \/|\[ {0,12}(?:pid|\d{1,10}) {0,8}\] {1,12}(?:uid|\d{1,10}) |(?:memory|memory\+swap|swap|kmem): usage|Unreclaimable slab info|Kernel panic - not|Free pages: | {1,4}(?:unevictable|slab_reclaimable):\d|[Aa]ctive_anon:\d|Active:\d|\d{1,15} (?:total pagecache pages|pages in swap cache|pages (?:of )?RAM)|Swap cache stats: |(?:Free|Total) swap {0,2}[=:]|(?:Node \d{1,4} )?(?:[A-Z][A-Za-z0-9]{1,15} free:\d|active_anon:\d))/;
/** `, nodemask=(null),cpuset=/,mems_allowed=0`: of an allocation failure since 4.10. */
const PLACED = /,cpuset=(.{1,1024}?),mems_allowed=([\d,-]{1,200})/;
const SHOW_MEMORY = /^[Ss]ys[Rr]q ?: Show Memory/;

/** What only dump_header() prints: a report with one of them is an OOM's. */
const PROOFS: readonly Reader[] = [readLimitOf, readMemcg, readSlabs, readTasks, readConstraint];
/** What any show_mem() prints. */
const MEMORY: readonly Reader[] = [readMemInfo, readZones, readFreeLists, readHugepages, readTotals, readContinuation];
const ASIDE: readonly Reader[] = [readTrigger, readCallTrace];

/** Who is told what the lines tell. */
export interface Told {
  /** An event that begins; it goes on being filled. */
  readonly began: (event: EventDraft) => void;
  /** A report that is complete, or given up. */
  readonly ended: (draft: Draft) => void;
  /** A line that says that a process was killed. */
  readonly killed: (victim: Victim) => void;
}

/** Puts the lines of reports together. */
export interface Kills {
  /** True when the line belongs to a report. */
  readonly take: (record: LogLine) => boolean;
  /** An allocation failure or stall: the memory that follows is that of its moment. */
  readonly follow: (record: LogLine, event: EventDraft) => void;
  /** Gives up the reports that are open. */
  readonly end: () => void;
}

/**
 * Reads reports of the kernel: OOM kills, one event each, and the memory that allocation failures, stalls and SysRq M print.
 * Any line may be missing: the one that names the trigger (it is rate limited, the kill is not), or the kill (the log was
 * cut; a panic). Where printk names the caller, reports may be interleaved; without, a new head ends the one before.
 */
export function kills({ began, ended, killed }: Told): Kills {
  const open = new Map<string, Draft>();
  const recent: Draft[] = [];
  /** Lines without a caller, in a log that has them, go on the one before. */
  let caller = '';

  function close(key: string): void {
    const draft = open.get(key);
    if (draft === undefined) return;
    open.delete(key);
    ended(draft);
    if (draft.event !== null && recent.push(draft) > RECENT) recent.shift();
  }
  function begin(draft: Draft, { wallTime }: LogLine): Draft {
    close(caller);
    const [oldest] = open.keys();
    if (open.size >= OPEN && oldest !== undefined) close(oldest);
    if (wallTime !== undefined) draft.wallTime = wallTime;
    open.set(caller, draft);
    return draft;
  }
  function beginEvent(record: LogLine, kind: Draft['kind'] = 'oom-kill'): Draft {
    const draft = begin(draftOf(kind, null, record.time), record);
    prove(draft, record.text);
    return draft;
  }
  /** The report is an OOM's from here on. */
  function prove(draft: Draft, text: string): void {
    if (draft.event !== null) return;
    draft.kind = 'oom-kill';
    draft.event = { kind: 'oom-kill', time: draft.time, text: text.slice(0, TEXT_KEPT), count: 1 };
    if (draft.wallTime !== undefined) draft.event.wallTime = draft.wallTime;
    began(draft.event);
  }
  /** The open OOM report in which the part may come next, or another. */
  function oomAt(part: Part, record: LogLine): Draft {
    const draft = open.get(caller);
    if (draft === undefined || draft.part > part || draft.kind.startsWith('allocation') || draft.asked || stale(draft, record))
      return beginEvent(record);
    prove(draft, record.text);
    return draft;
  }
  function invoked(record: LogLine): boolean {
    const head = invocationOf(record.text, record.style !== 'plain');
    if (head === null) return false;
    const before = open.get(caller);
    if (before?.event === null && !stale(before, record)) before.followed = true;
    const draft = beginEvent(record);
    const event = draft.event;
    draft.head = true;
    if (head.order !== undefined) draft.order = head.order;
    if (head.gfpMask !== undefined) draft.gfpMask = head.gfpMask;
    if (head.nodemask !== undefined) draft.nodemask = head.nodemask;
    if (head.name !== undefined)
      draft.trigger = { name: head.name, pid: null, ...(head.oomScoreAdj === undefined ? {} : { oomScoreAdj: head.oomScoreAdj }) };
    if (event && head.gfpMask !== undefined) event.gfpMask = head.gfpMask;
    if (event && head.order !== undefined) event.order = head.order;
    if (event && head.name !== undefined) event.trigger = { name: head.name, pid: null };
    return true;
  }
  function kill(record: LogLine): boolean {
    const before = open.get(caller);
    const victim = named(victimOf(record.text), before);
    if (victim === null) return false;
    // a fault of one that is being killed already has no number, and is no other kill
    const again = victim.pid === null && before !== undefined && before.killed && has(before, victim);
    if (!again) killed(victim);
    if (before?.killed && !stale(before, record) && (before.groupKill === true || has(before, victim))) {
      if (!has(before, victim) && before.victims.length < VICTIMS) before.victims.push(victim);
      show(before);
      return true;
    }
    const draft = before?.killed ? beginEvent(record) : oomAt(PART.killed, record);
    Object.assign(draft, { part: PART.killed, killed: true, tail: true, victims: [victim] });
    if (MEMCG.test(record.text)) draft.memcgSaid = true;
    if (ALLOCATING.test(record.text)) draft.allocatingTask = true;
    if (draft.event) draft.event.text = record.text.slice(0, TEXT_KEPT);
    show(draft);
    return true;
  }
  function choose(record: LogLine): boolean {
    const chosen = chosenOf(record.text);
    if (chosen === null) return false;
    const line = record.text.startsWith('oom-kill:');
    const draft = oomAt(line ? PART.constraint : PART.chosen, record);
    if (line) readConstraint(record.text, draft);
    else draft.part = PART.chosen;
    // since 5.0 the kill itself is of the one that the line names
    if (!line) draft.chosen = chosen.victim;
    if (chosen.score !== undefined) draft.chosenScore = chosen.score;
    if (MEMCG.test(record.text)) draft.memcgSaid = true;
    if (ALLOCATING.test(record.text)) draft.allocatingTask = true;
    draft.victims = [chosen.victim];
    show(draft);
    return true;
  }
  function verdict(record: LogLine): boolean {
    const { text } = record;
    const announced = GROUP_KILL.test(text);
    const noVictim = NO_VICTIM.test(text);
    const panic = PANIC.test(text);
    if (!announced && !noVictim && !panic) return false;
    const before = open.get(caller);
    // a panic follows for the reason that was said before it
    const same = before !== undefined && !stale(before, record) && (announced || (!before.killed && !before.kind.startsWith('alloc')));
    const draft = same ? before : beginEvent(record);
    prove(draft, text);
    if (announced) Object.assign(draft, { groupKill: true, memcgSaid: true });
    if (panic) draft.panic = text.slice(0, TEXT_KEPT);
    if (noVictim) draft.kind = 'oom-no-victim';
    if (!announced) draft.tail = true;
    if (!announced && draft.event && draft.event.kind !== 'oom-no-victim') draft.event.text = text.slice(0, TEXT_KEPT);
    if (noVictim && draft.event) draft.event.kind = 'oom-no-victim';
    return true;
  }
  function reap(record: LogLine): boolean {
    const reaped = reapedOf(record.text);
    if (reaped === null) return false;
    const all = [...recent, ...open.values()];
    let draft = all.findLast((one) => one.victims.some(({ pid }) => pid === reaped.pid));
    if (draft === undefined) {
      // the reaper takes what was killed: the lines of that kill are missing
      const last = all.findLast(({ kind }) => kind.includes('oom'));
      draft = beginEvent(record);
      draft.part = PART.killed;
      draft.killed = true;
      if (last?.memcgSaid === true) draft.memcgSaid = true;
      draft.victims = [unsized(reaped.name, reaped.pid)];
      show(draft);
    }
    if (draft.reaped.length < VICTIMS) draft.reaped.push(reaped);
    return true;
  }
  /** What dump_header() prints between its first line and the kill. */
  function proof(record: LogLine): boolean {
    const { text } = record;
    const current = open.get(caller);
    // a row or a value is read as such where its table has begun
    if (current !== undefined && (current.stats !== null || current.slabTable) && (readMemcg(text, current) || readSlabs(text, current)))
      return true;
    const probe = scratch();
    const reader = PROOFS.find((read) => read(text, probe));
    if (reader === undefined) return false;
    const draft = oomAt(probe.part, record);
    reader(text, draft);
    if (probe.part !== PART.memcg) draft.stats = null;
    if (probe.part !== PART.slabs) draft.slabTable = false;
    return true;
  }
  /** What any show_mem() prints. */
  function memory(record: LogLine): boolean {
    const { text } = record;
    const probe = scratch();
    const reader = MEMORY.find((read) => read(text, probe));
    const current = open.get(caller);
    const goes =
      current !== undefined &&
      !stale(current, record) &&
      (probe.part >= current.part || probe.part === PART.head) &&
      !repeatsZone(text, current);
    if (reader === undefined) return goes && readContinuation(text, current);
    if (!goes && !HEADLESS.test(text)) return false;
    const draft = goes ? current : begin(draftOf('memory-dump', null, record.time), record);
    draft.stats = null;
    draft.slabTable = false;
    if (MEM_INFO.test(text) && draft.event === null) draft.head = true;
    return reader(text, draft);
  }
  function aside(record: LogLine): boolean {
    const { text } = record;
    const current = open.get(caller);
    const draft = current ?? (OOM_TRACE.test(text) ? beginEvent(record) : undefined);
    return draft !== undefined && ASIDE.some((read) => read(text, draft));
  }
  const readers = [invoked, choose, kill, verdict, reap, proof, memory, aside];

  return {
    take: (record) => {
      const { text } = record;
      caller = record.caller ?? caller;
      const current = open.get(caller);
      if (current === undefined && !HEADLESS.test(text) && !text.includes('oom-killer') && !SHOW_MEMORY.test(text) && !OOM_TRACE.test(text))
        return false;
      if (SHOW_MEMORY.test(text)) {
        begin(draftOf('memory-dump', null, record.time), record).asked = true;
        return true;
      }
      // most lines of a report are rows of its table
      const row = current?.part === PART.tasks && text.startsWith('[') && !stale(current, record) && readTasks(text, current);
      const taken = row || readers.some((read) => read(record));
      const draft = open.get(caller);
      if (draft === undefined) return taken;
      draft.foreign = taken ? 0 : draft.foreign + 1;
      if (taken) draft.last = record.time ?? draft.last;
      if (draft.foreign > FOREIGN) close(caller);
      return taken;
    },
    follow: (record, event) => {
      caller = record.caller ?? caller;
      const draft = begin(
        draftOf(event.kind === 'allocation-stall' ? 'allocation-stall' : 'allocation-failure', event, record.time),
        record,
      );
      Object.assign(draft, { head: true, last: record.time }, event.order === undefined ? {} : { order: event.order });
      if (event.gfpMask !== undefined) draft.gfpMask = event.gfpMask;
      if (event.trigger) draft.trigger = { ...event.trigger };
      const where = PLACED.exec(record.text);
      if (where) Object.assign(draft, { cpuset: where[1] ?? '', memsAllowed: where[2] ?? '' });
    },
    end: () => {
      for (const key of open.keys()) close(key);
    },
  };
}

/** On which a line is tried before it is known whose it is. */
const scratch = (): Draft => draftOf('memory-dump', null, null);

const has = ({ victims }: Draft, { pid, name }: Victim): boolean =>
  victims.some((known) => known.pid === pid || (pid === null && known.name === name));

/** The name of one whose line was cut before it, by the table of tasks of its report. */
function named(victim: Victim | null, draft: Draft | undefined): Victim | null {
  if (victim === null || victim.name !== '' || victim.pid === null) return victim;
  const name = draft?.victims.find(({ pid }) => pid === victim.pid)?.name ?? draft?.tasks?.top.find(({ pid }) => pid === victim.pid)?.name;
  return name === undefined ? victim : { ...victim, name };
}

const stale = ({ last, killed }: Draft, { time }: LogLine): boolean =>
  time !== null && last !== null && Math.abs(time - last) > (killed ? AT_ONCE : SLOW);

function show({ event, victims }: Draft): void {
  if (event) event.victims = victims;
}
