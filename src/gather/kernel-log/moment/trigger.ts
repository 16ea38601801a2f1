import { PART, type Reader } from './draft.js';

/** `Pid: 449, comm: X Not tainted 2.6.32-24 #42`, since 3.10 `CPU: 1 [UID: 0] PID: 184 Comm: X [Kdump: loaded] Tainted: G W 6.1.0 #1`. */
const TASK_LINE =
  /^(?:CPU: \d{1,5} )?(?:UID: \d{1,10} )?P(?:ID|id): (\d{1,10})(?:,? [Cc]omm: )(.{0,64}?)(?: Kdump: \w{1,20})?(?= (?:Not t|T)ainted|$)/;
/** Flags stand in columns: blanks and dashes between them. */
const RELEASE = /ainted:?[A-Z ()-]{0,120}?[ (](\d{1,2}\.\d{1,3}[^\s)]{0,80})/;
const HARDWARE = /^Hardware name: (.{1,200})/;
/** `X cpuset=/ mems_allowed=0-1`, until 4.19. */
const CPUSET = /^.{1,64}? cpuset=(.{1,1024}?) mems_allowed=([\d,-]{1,200})/;

/** The lines that say who asked: before the call trace. */
export const readTrigger: Reader = (text, draft) => {
  const task = TASK_LINE.exec(text);
  if (task) {
    if (draft.part > PART.trace) return false;
    const release = RELEASE.exec(text)?.[1];
    if (release !== undefined) draft.kernel ??= release;
    const [, pid, name = ''] = task;
    // a task's name may be cut in either line
    if (draft.trigger === undefined) draft.trigger = { name, pid: Number(pid) };
    else if (draft.trigger.pid === null && (draft.trigger.name.startsWith(name) || name.startsWith(draft.trigger.name)))
      draft.trigger.pid = Number(pid);
    return true;
  }
  const hardware = HARDWARE.exec(text)?.[1];
  if (hardware !== undefined) {
    if (draft.part > PART.trace) return false;
    draft.hardware ??= hardware.trim();
    return true;
  }
  const cpuset = CPUSET.exec(text);
  if (!cpuset || text.startsWith('oom-kill:')) return false;
  draft.cpuset ??= cpuset[1] ?? '';
  draft.memsAllowed ??= cpuset[2] ?? '';
  return true;
};

/** `Linux version 6.1.0 (…`; `uname -a`: `Linux web-3 6.1.0 #1 SMP …`. */
const UNAME = /^Linux (?:version|\S{1,64}(?= \d{1,2}\.\d{1,3}\S{1,80} #\d)) (\S{1,80})/;

/** The release that a line `CPU: … Comm: …`, `Linux version` or `uname -a` names. */
export const releaseOf = (text: string): string | undefined =>
  (text.includes('ainted') && TASK_LINE.test(text) ? RELEASE.exec(text)?.[1] : undefined) ??
  (text.startsWith('Linux ') ? UNAME.exec(text)?.[1] : undefined);
