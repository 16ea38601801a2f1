import type { Victim } from './schema.js';

/**
 * `X invoked oom-killer: gfp_mask=0x…(GFP_…), [nodemask=…,] order=N, oom_score_adj=N` (oom_adj until 2.6.35, oomkilladj in
 * 2.6.18); before 4.6 the mask has no names, before 2.6.16 nobody has invoked it. Order -1 is SysRq F.
 */
const INVOKED = /^(?:(.{1,64}?) invoked )?oom-killer:(?= |$)/;
const MASK = /\bgfp_mask=(0x[0-9a-f]{1,16}(?:\([^)]{0,300}\)?)?)/;
const ORDER = /\border=(-?\d{1,3})\b/;
const NODEMASK = /\bnodemask=([\d,-]{1,100})(?=,|$)/;
const SCORE = /\boom_score_adj=(-?\d{1,4})\b/;
const OLD_SCORE = /\b(?:oom_adj|oomkilladj)=(-?\d{1,3})\b/;

/** Some leave the rest of that line out, colon and all: only after a stamp is it the kernel's. */
const INVOKED_ONLY = /^(\S{1,16}) invoked oom-killer$/;

/** What the line that begins a report says. */
interface Invocation {
  readonly name: string | undefined;
  readonly gfpMask: string | undefined;
  readonly order: number | undefined;
  readonly nodemask: string | undefined;
  readonly oomScoreAdj: number | undefined;
}

/** Reads the line that begins a report; null for any other. `stamped`: the kernel's own beyond doubt. */
export function invocationOf(text: string, stamped = false): Invocation | null {
  const match = text.includes('oom-killer:') ? INVOKED.exec(text) : stamped ? INVOKED_ONLY.exec(text) : null;
  if (!match) return null;
  const old = OLD_SCORE.exec(text)?.[1];
  const order = ORDER.exec(text)?.[1];
  const score = SCORE.exec(text)?.[1];
  return {
    name: match[1],
    gfpMask: MASK.exec(text)?.[1],
    order: order === undefined ? undefined : Number(order),
    nodemask: NODEMASK.exec(text)?.[1]?.replace(/,$/, ''),
    oomScoreAdj: score === undefined ? (old === undefined ? undefined : scaled(Number(old))) : Number(score),
  };
}

/** oom_adj of −17 to 15 on the scale of oom_score_adj, as the kernel converts it. */
export const scaled = (adj: number): number => (adj === 15 ? 1000 : Math.trunc((adj * 1000) / 17));

const TASK = /^oom-kill:.{1,4096},task=(.{0,64}),pid=(\d{1,10})/;
/** `Out of memory: Kill process P (C) score S or sacrifice child` (2.6.32: `or a child`), before the line of the kill itself. */
const CHOSEN = /^(?:.{0,60}[Oo]ut of memory.{0,40}?: )[Kk]ill process (\d{1,10}) \((.{0,64})\)(?: score (\d{1,10}))?/;
export const MEMCG = /^(?:Memory|memory) cgroup out of memory/;
/** memory.oom.group: every process of the cgroup is killed, with a line each. */
export const GROUP_KILL = /^Tasks in .{1,4096} are going to be killed due to memory\.oom\.group set/;
/** vm.oom_kill_allocating_task. */
export const ALLOCATING = /^(?:Memory cgroup o|O)ut of memory \(oom_kill_allocating_task\)/;
/** No process may be killed; the older words come with a panic. */
export const NO_VICTIM =
  /^(?:Out of memory and no killable processes|Kernel panic - not syncing: (?:Out of memory and no killable|System is deadlocked on memory))/;
/** `Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled`, and its forerunners. */
export const PANIC = /^Kernel panic - not syncing: (?:[Oo]ut of memory|System is deadlocked on memory)/;
/** `oom_reaper: reaped process P (C), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB`; what is left. */
const REAPED = /^oom_reaper: reaped process (\d{1,10}) \((.{0,64}?)\)(?:,? |$)/;

const KILLED =
  /^(?:.{0,60}ut of [Mm]emory[^:]{0,60}: )?Killed process (\d{1,10})(?:, UID \d{1,10},)? ?(?:\((.{0,64})\)(?=,? (?:UID|total-vm|vsz)|[.,]{0,2}$)|\((.{0,64}?)\)(?= ))?/;
/** OpenVZ: `Out of memory in UB 101: OOM killed process 123 (X) score 0 vm:…kB, rss:…kB, swap:…kB`. */
const VZ_KILLED = /^(?:Out of memory in UB \d{1,10}: )?OOM killed process (\d{1,10}) \((.{0,64}?)\)(?= |$)/;
/** 2.4 and early 2.6: a page fault found no memory, and the process ended. */
const VM_KILLING = /^VM: killing process (.{1,64})$/;

/** The victim in a line `Killed process …` of any era (2.4 to 7.x); sizes that the line does not print are null. */
export function victimOf(line: string): Victim | null {
  if (!/[Kk]ill/.test(line)) return null;
  const fault = VM_KILLING.exec(line);
  if (fault) return { ...unsized(fault[1] ?? '', 0), pid: null };
  const match = KILLED.exec(line) ?? VZ_KILLED.exec(line);
  if (!match) return null;
  const rest = line.slice(match[0].length);
  const adjustment = /oom_score_adj:(-?\d{1,4})/.exec(rest)?.[1];
  return {
    name: match[2] ?? match[3] ?? '',
    pid: Number(match[1]),
    totalVmBytes: sizeIn(rest, 'total-vm') ?? sizeIn(rest, 'vsz') ?? sizeIn(rest, 'vm'),
    anonRssBytes: sizeIn(rest, 'anon-rss'),
    fileRssBytes: sizeIn(rest, 'file-rss'),
    shmemRssBytes: sizeIn(rest, 'shmem-rss'),
    oomScoreAdj: adjustment === undefined ? null : Number(adjustment),
  };
}

function sizeIn(text: string, name: string): number | null {
  const digits = new RegExp(`(?:^|[ ,])${name}:\\s?(\\d{1,15}) ?k(?:B|$)`).exec(text)?.[1];
  return digits === undefined ? null : Number(digits) * 1024;
}

/** The victim that a line names before it is killed: the kill has its own line, which a log that was cut may lack. */
export function chosenOf(line: string): { victim: Victim; score: number | undefined } | null {
  const early = line.includes('ill process') ? CHOSEN.exec(line) : null;
  if (early) return { victim: unsized(early[2] ?? '', Number(early[1])), score: early[3] === undefined ? undefined : Number(early[3]) };
  const task = line.startsWith('oom-kill:') ? TASK.exec(line) : null;
  return task ? { victim: unsized(task[1] ?? '', Number(task[2])), score: undefined } : null;
}

/** The process whose memory the reaper took back, and what was left, bytes. */
export function reapedOf(
  line: string,
): { name: string; pid: number; anonRssBytes?: number; fileRssBytes?: number; shmemRssBytes?: number } | null {
  const match = line.startsWith('oom_reaper:') ? REAPED.exec(line) : null;
  if (!match) return null;
  const [anon, file, shmem] = [sizeIn(line, 'anon-rss'), sizeIn(line, 'file-rss'), sizeIn(line, 'shmem-rss')];
  return {
    name: match[2] ?? '',
    pid: Number(match[1]),
    ...(anon === null ? {} : { anonRssBytes: anon }),
    ...(file === null ? {} : { fileRssBytes: file }),
    ...(shmem === null ? {} : { shmemRssBytes: shmem }),
  };
}

/** A victim of which only the name and number are known. */
export const unsized = (name: string, pid: number): Victim => ({
  name,
  pid,
  totalVmBytes: null,
  anonRssBytes: null,
  fileRssBytes: null,
  shmemRssBytes: null,
  oomScoreAdj: null,
});
