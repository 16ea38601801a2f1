import type { LogEvent } from '../sources/kernel-log.js';
import { unsized } from './kill-lines.js';

/** `COMM: page allocation failure: order:N, mode:0x…(…)`; 2.6.32 has a full stop for the second colon. */
const ALLOCATION_FAILURE = /^(.{1,64}?): page allocation failure[.:] ?order:(\d{1,2}),? mode:(0x[0-9a-f]{1,16}(?:\([^)]{0,300}\))?)/;
/** 4.10 to 4.14. */
const ALLOCATION_STALL =
  /^(.{1,64}?): page allocation stalls for \d{1,10}ms, order:(\d{1,2})(?:,? mode:(0x[0-9a-f]{1,16}(?:\([^)]{0,300}\))?))?/;
const OTHER_FAILURE =
  /^(?:.{1,64}: vmalloc(?:: allocation failure| error)|vmap allocation for size \d|SLU[BG]: Unable to allocate memory on )/;
/** Since 6.1; bytes since 6.12. */
const ENOUGH = /^__vm_enough_memory: pid: (\d{1,10}), comm: (.{0,64}?), (?:bytes: \d{1,20} )?(?:no|not) enough memory/;
/** An error that was counted or met: not the lines of a driver that starts. */
const HARDWARE =
  /^(?:EDAC \w{1,20}: (\d{1,9}) (?:CE|UE)\b|EDAC .{0,40}\b(?:CE|UE) (?:page|row|memory|error)|(?:mce: |\{\d{1,6}\})?\[Hardware Error\]|Memory failure: 0x[0-9a-f]|MCE 0x[0-9a-f]{1,16}: )/;
const EARLYOOM = /\bsending SIG(?:TERM|KILL) to process (\d{1,10})(?: uid \d{1,10})? "?([^":]{1,64})"?/;
const OOMD = /^(?:systemd-oomd\S{0,20} )?Killed (\/.{0,4096}?) due to (?:memory|swap)/;
const LOWMEMORYKILLER = /^lowmemorykiller: Killing '(.{0,64}?)' \((\d{1,10})\)/;

/** An event that one line tells, with the key by which alike ones are folded (null: never). */
export interface Told {
  readonly event: LogEvent;
  readonly key: string | null;
}

/** What a line tells by itself, kills by the kernel excepted. */
export function tell(text: string, program: string | null, time: number | null): Told | null {
  const base = { time, text: text.slice(0, 300), count: 1 };
  const failure = ALLOCATION_FAILURE.exec(text);
  if (failure) return allocation({ ...base, kind: 'allocation-failure' }, failure);
  const stall = ALLOCATION_STALL.exec(text);
  if (stall) return allocation({ ...base, kind: 'allocation-stall' }, stall);
  if (OTHER_FAILURE.test(text)) return { event: { ...base, kind: 'allocation-failure' }, key: alike('allocation-failure', text) };
  const enough = ENOUGH.exec(text);
  if (enough) {
    const [, pid, name = ''] = enough;
    return { event: { ...base, kind: 'vm-enough-memory', trigger: { name, pid: Number(pid) } }, key: `vm-enough-memory ${pid} ${name}` };
  }
  const hardware = HARDWARE.exec(text);
  if (hardware)
    return { event: { ...base, kind: 'hardware-error', count: Math.max(1, Number(hardware[1] ?? 1)) }, key: alike('hardware-error', text) };
  return userspaceKill(text, program, base);
}

function allocation(event: LogEvent, [, name = '', order, mask]: RegExpExecArray): Told {
  const gfp = mask === undefined ? {} : { gfpMask: mask };
  return { event: { ...event, order: Number(order), ...gfp, trigger: { name, pid: null } }, key: `${event.kind} ${order} ${name}` };
}

function userspaceKill(text: string, program: string | null, base: { time: number | null; text: string; count: number }): Told | null {
  const event = { ...base, kind: 'userspace-kill' } as const;
  const early = program === 'earlyoom' || text.startsWith('earlyoom') ? EARLYOOM.exec(text) : null;
  if (early) return { event: { ...event, victims: [unsized(early[2] ?? '', Number(early[1]))] }, key: null };
  const oomd = program === 'systemd-oomd' || text.startsWith('systemd-oomd') ? OOMD.exec(text) : null;
  if (oomd) return { event: { ...event, cgroup: oomd[1] ?? '' }, key: null };
  const low = LOWMEMORYKILLER.exec(text);
  return low ? { event: { ...event, victims: [unsized(low[1] ?? '', Number(low[2]))] }, key: null } : null;
}

/** Lines that differ in numbers and addresses only are of one kind. */
const alike = (kind: string, text: string): string => `${kind} ${text.slice(0, 120).replaceAll(/0x[0-9a-f]+|\d+/g, '#')}`;
