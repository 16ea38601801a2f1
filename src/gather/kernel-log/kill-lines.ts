import type { Victim } from '../sources/kernel-log.js';

/**
 * `X invoked oom-killer: gfp_mask=0x…(GFP_…), [nodemask=…,] order=N, oom_score_adj=N`; before 4.6 the mask has no names,
 * before 2.6.16 nobody has invoked it. Order -1 is SysRq F.
 */
export const INVOKED =
  /^(?:(.{1,64}?) invoked )?oom-killer: gfp_mask=(0x[0-9a-f]{1,16}(?:\([^)]{0,300}\))?)(?:.{0,100}?\border=(-?\d{1,3}))?/;
/** Since 5.0: `oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=…,oom_memcg=/a,task_memcg=/a/b,task=X,pid=N,uid=N`; a path may hold commas. */
export const CONSTRAINT = /^oom-kill:constraint=([A-Z_]{1,60})/;
export const OOM_MEMCG = /^oom-kill:.{1,400},oom_memcg=(.{1,4096}?),task_memcg=/;
const TASK = /^oom-kill:.{1,4096},task=(.{0,64}),pid=(\d{1,10})/;
/** Until 4.19: `Task in /a/b killed as a result of limit of /a`. */
export const LIMIT_OF = /^Task in .{1,4096}? killed as a result of limit of (\/.{0,4096})$/;
/** `Out of memory: Kill process P (C) score S or sacrifice child`, before the line of the kill itself. */
const CHOSEN = /^(?:.{0,60}[Oo]ut of memory.{0,40}?: )[Kk]ill process (\d{1,10}) \((.{0,64})\) score/;
export const MEMCG = /^Memory cgroup out of memory/;
/** memory.oom.group: every process of the cgroup is killed, with a line each. */
export const GROUP_KILL = /^Tasks in .{1,4096} are going to be killed due to memory\.oom\.group set/;
/** No process may be killed; the older words come with a panic. */
export const NO_VICTIM =
  /^(?:Out of memory and no killable processes|Kernel panic - not syncing: (?:Out of memory and no killable|System is deadlocked on memory))/;

const KILLED =
  /^(?:.{0,60}ut of memory[^:]{0,60}: )?Killed process (\d{1,10})(?:, UID \d{1,10},)? ?(?:\((.{0,64})\)(?=,? (?:UID|total-vm)|,?$)|\((.{0,64}?)\)(?= ))?/;

/** The victim in a line `Killed process …` of any era (2.6.32 to 7.x); sizes that the line does not print are null. */
export function victimOf(line: string): Victim | null {
  const match = KILLED.exec(line);
  if (!match) return null;
  const rest = line.slice(match[0].length);
  const size = (name: string): number | null => {
    const digits = new RegExp(`\\b${name}:\\s?(\\d{1,15}) ?kB`).exec(rest)?.[1];
    return digits === undefined ? null : Number(digits) * 1024;
  };
  const adjustment = /oom_score_adj:(-?\d{1,4})/.exec(rest)?.[1];
  return {
    name: match[2] ?? match[3] ?? '',
    pid: Number(match[1]),
    totalVmBytes: size('total-vm'),
    anonRssBytes: size('anon-rss'),
    fileRssBytes: size('file-rss'),
    shmemRssBytes: size('shmem-rss'),
    oomScoreAdj: adjustment === undefined ? null : Number(adjustment),
  };
}

/** The victim that a line names before it is killed: the kill has its own line, which a log that was cut may lack. */
export function chosenOf(line: string): Victim | null {
  const early = CHOSEN.exec(line);
  if (early) return unsized(early[2] ?? '', Number(early[1]));
  const task = TASK.exec(line);
  return task ? unsized(task[1] ?? '', Number(task[2])) : null;
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
