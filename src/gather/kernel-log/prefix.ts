import { dateOf, namedMonth } from './wall-time.js';

/** What a line of a kernel log begins with, taken off. */
export interface LogLine {
  /** Seconds since boot; null when the line has none, or a wall-clock time only. */
  readonly time: number | null;
  /** The wall-clock time as ISO 8601, with the zone when the line names it; absent when it has none. */
  readonly wallTime?: string;
  /** Who printed it, with CONFIG_PRINTK_CALLER: `T123` a task, `C1` a CPU; absent when the line does not say. */
  readonly caller?: string;
  /** The program that wrote it, as syslog names it; null for the kernel's own lines. */
  readonly program: string | null;
  readonly text: string;
  readonly style: Style;
}

export type Style = 'plain' | 'printk' | 'kmsg' | 'dmesg -T' | 'syslog' | 'journal' | 'logcat';

/** `6,1234,12345678,-,caller=T1;text` as /dev/kmsg gives it, µs. */
const KMSG = /^\d{1,4},\d{1,20},(\d{1,18}),([^;]{0,120});/;
const KMSG_CALLER = /\bcaller=([TC]\d{1,10})/;
/** What a container runtime puts before the lines of its log. */
const CONTAINER = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) (?:stdout|stderr) [FP] /;
/** `<4>`, and RFC 5424's `<4>1 `. */
const LEVEL = /^<\d{1,3}>(?:1 (?=\d{4}-\d\d-\d\dT))?/;
/** dmesg -x: `kern  :warn  : `; socklog: `kern.warn: `, and with the name of its directory before it. */
const FACILITY =
  /^(?:(?:kern|user|mail|daemon|auth|syslog|lpr|news|local\d) {0,3}:[a-z]{3,6} {0,3}: |(?:kern: )?(?:kern|user|daemon|syslog|local\d)\.(?:emerg|alert|crit|err|warn|warning|notice|info|debug): )/;
/**
 * `[   12.345678]`; with CONFIG_PRINTK_CALLER `[   12.345678][  T123]`; Android kernels `[   12.345678,cpu3]`, `[   12.345678@2]`;
 * dmesg -d `[   12.345678 <    0.000012>]`; the real-time clock as well `[   12.345678 / 08-12 03:54:03.123]`. Some list archives lose blanks.
 */
const STAMP =
  /^\[ {0,8}(\d{1,12}\.\d{1,9})(?:,cpu\d{1,4}|@\d{1,4}| <[ \d.]{1,20}>| \/ [\d-]{5,10} [\d:.]{8,18})?\](?: ?\[ {0,8}([TC]\d{1,10})\])? ?/;
/** `[Di Aug 12 03:54:03 2025]`, in the words of any locale: the day may come before the month. */
const WALL =
  /^\[[^\s\]\d]{1,12} {1,2}([^\s\]]{1,12}) {1,2}(\d{1,2}|[^\s\]\d]{1,12}) (\d\d:\d\d:\d\d)(?:\.\d{1,9})? (\d{4})\](?: ?\[ {0,8}([TC]\d{1,10})\])? ?/;
/** dmesg -H: `[Nov23 10:55]`, `[  +0.000012]`: neither tells a time by itself. */
const RELATIVE =
  /^\[(?:[^\s\]\d[]{1,12} {0,2}\d{1,2} \d\d:\d\d|\d{1,2}[^\s\]\d]{1,3} {0,2}\d{1,2} \d\d:\d\d| {0,8}[+<] {0,8}\d{1,8}\.\d{1,9}>?)\] ?/;
/** A date and time of day in brackets, from programs that gather logs: `[2026-11-23 10:55:00 UTC] `. */
const BOXED = /^\[(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[^\]]{0,20})\]:? /;
/** After the stamp: MediaTek's `<1>.(0)[1:init]`, Samsung's `[0:  swapper/0:    1] `. */
const VENDOR =
  /^(?:(?:<\d>)?[. ]?\(\d{1,2}\)\[(\d{1,7}):[^\]]{0,20}\]| ?\[\d{1,2}: {0,16}[^\]:]{1,16}(?::[^\]:]{1,8})?: {0,6}(\d{1,7})\] )/;
/** host and program: `server01 kernel: `, `host earlyoom[12]: `, `kern.warn kernel: `, `host user.warn kernel: `. */
const NAMED = /^(?:[\w.:-]{0,79}[\w.-] )?(?:[a-z]\w{2,8}\.[a-z]{3,7} )?([\w./@()-]{1,60})(?:\[(\d{1,10})\])?:(?: |$)/;
/** RFC 5424 after the date: host, program, process, message id, structured data. */
const RFC5424 = /^[\w.:-]{1,80} ([\w./@()-]{1,60}) [\w-]{1,20} [\w-]{1,32} (?:-|\[[^\]]{0,400}\]) ?/;
/** journalctl -o short-monotonic has host and program after the stamp. */
const AFTER_STAMP = /^[\w.-]{1,64} (?:(kernel)|([\w./@()-]{1,60})\[\d{1,10}\]): /;
/** `kernel:` without a date, or with the time of day alone; a host before it or not. */
const KERNEL = /^(?:\d\d:\d\d:\d\d(?:\.\d{1,6})? )?(?:[\w.-]{1,64} )?(?:[a-z]\w{2,8}\.[a-z]{3,7} )?kernel: ?/;
/** logcat after its date: `-v threadtime` and, with the user's name, newer ones. */
const THREADTIME = /^ {0,6}(?:[a-z_]\w{0,15} +)?\d{1,7} {1,6}\d{1,7} [VDIWEFS] ([^:]{1,40}?) {0,20}: /;
/** logcat -v brief, and -v time after its date. */
const BRIEF = /^[VDIWEF]\/([^(]{1,40}?) {0,20}\( {0,6}\d{1,7}\): /;

/** Some daemons write the host and leave `kernel:` out: after one word, what nobody but the kernel prints. */
const UNNAMED =
  /^[\w.-]{1,64} (?=oom-killer: gfp_mask=|\S{1,16} invoked oom-killer: |(?:Node \d{1,4} )?(?:DMA|DMA32|Normal|HighMem|Movable)(?: free:\d|: \d{1,10}\*\d|: empty| per-cpu:)|(?:lowmem_reserve|protections)\[\]:|Free pages: |Active:\d|active_anon:\d|free:\d{1,12} slab|Mem-[Ii]nfo:|Swap cache: |(?:Free|Total) swap {0,2}[:=]|Out of [Mm]emory: Kill|Killed process \d|\S{1,16}: page allocation failure[.:]|__alloc_pages: \d|VM: killing process |\[<[0-9a-f]{8,16}>\] |cpu \d{1,4} (?:hot|cold): )/;

/** `[host] kernel: `, `<host> kernel: `: somebody has hidden the name. */
const HIDDEN = /^(?:\[[^\]]{1,60}\]|<[^>]{1,60}>|\*{1,20}|\(\w{1,20}\)) kernel: ?/;
const METALOG = '[kernel] ';
/** talosctl dmesg: `10.0.0.2: kern: warning: [2026-11-23T10:55:00.123456Z]: `. */
const TALOS = /^(?:[\w.:-]{1,60}: {1,4})?(?:kern|user|daemon): {1,8}[a-z]{3,7}: \[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)\]: /;
/** The bracket was not copied: `812.345678] `. */
const TORN = /^(\d{1,12}\.\d{6})\] {1,3}/;
/** What only the kernel prints, whoever repeats it: an event of Kubernetes, a ticket's table. */
const SURE =
  /(?:(?:Memory cgroup o|O)ut of memory: Kill(?:ed)? process \d{1,10} \(.{1,64}?\) (?:total-vm:|score )\d|oom-kill:constraint=CONSTRAINT_[A-Z_]{4,20},)/;

/** A serial console or a hypervisor relays what was printed with its level: `… Guest: <6>[   12.345678] `. */
const RELAYED = /^.{1,100}?<\d{1,2}>\[ {0,8}(\d{1,12}\.\d{6})\](?: ?\[ {0,8}([TC]\d{1,10})\])? /;
const UNKNOWN = /^.{1,80}?\[ {0,6}(\d{1,9}\.\d{6})\](?: ?\[ {0,8}([TC]\d{1,10})\])? /;

/** A ruled line that ran into what came after it. */
const RULED = /^[-=*_#~]{8,400}(?=[A-Za-z<[])/;

interface Draft {
  time: number | null;
  wallTime: string | undefined;
  caller: string | undefined;
  program: string | null;
  text: string;
  style: Style;
}

/** Takes the prefix off a line, whichever of the usual ways of writing it is. */
export function takePrefix(line: string): LogLine {
  let rest = line.trimStart().replace(RULED, '');
  const draft: Draft = { time: null, wallTime: undefined, caller: undefined, program: null, text: '', style: 'plain' };
  const first = rest.charCodeAt(0);
  if (first >= 48 && first <= 57) {
    const kmsg = KMSG.exec(rest);
    if (kmsg) return ofKmsg(kmsg, rest);
    const container = CONTAINER.exec(rest);
    if (container) {
      draft.wallTime = container[1];
      rest = rest.slice(container[0].length);
    }
    const torn = TORN.exec(rest);
    if (torn) rest = `[${rest}`;
  }
  let modern = false;
  if (rest.startsWith('<')) {
    const level = LEVEL.exec(rest)?.[0].length ?? 0;
    modern = level > 0 && rest.charCodeAt(level - 1) === 32;
    rest = rest.slice(level);
  }
  const boxed = rest.startsWith('[2') || rest.startsWith('[1') ? BOXED.exec(rest) : null;
  if (boxed) rest = `${boxed[1] ?? ''} ${rest.slice(boxed[0].length)}`;
  if (!rest.startsWith('[')) rest = withoutDate(rest.slice(FACILITY.exec(rest)?.[0].length ?? 0), draft, modern);
  draft.text = rest.startsWith('[') ? withoutStamp(rest, draft) : rest;
  if (draft.style !== 'plain' && draft.text.startsWith('| ')) draft.text = withoutCell(draft.text);
  if (draft.style === 'plain') afterUnknown(rest, draft);
  else if (draft.time === null && draft.text.includes('>[')) afterLevel(draft);
  return finished(draft);
}

/** A table of Markdown or of a tracker: the stamp in one column, the text in the next. */
const withoutCell = (text: string): string => text.slice(2).replace(/ {1,8}\|$/, '');

/** A stamp with a prefix of an unknown form before it, or a prompt. */
function afterUnknown(line: string, draft: Draft): void {
  const talos = line.includes('Z]: ') ? TALOS.exec(line) : null;
  if (talos) return void Object.assign(draft, { wallTime: talos[1], text: line.slice(talos[0].length), style: 'dmesg -T' });
  const match = line.includes('] ') ? UNKNOWN.exec(line) : null;
  if (match)
    return void Object.assign(draft, { time: Number(match[1]), caller: match[2], text: line.slice(match[0].length), style: 'printk' });
  const at = line.includes('oom-kill:c') || line.includes('ut of memory: Kill') ? line.search(SURE) : 0;
  if (at > 0) draft.text = line.slice(at).replace(/["'`|\s]{1,8}$/, '');
}

/** What stands between a date and the level of the kernel's line is the relay's. */
function afterLevel(draft: Draft): void {
  const match = RELAYED.exec(draft.text);
  if (match) Object.assign(draft, { time: Number(match[1]), caller: match[2], program: null, text: draft.text.slice(match[0].length) });
}

function finished({ time, wallTime, caller, program, text, style }: Draft): LogLine {
  const line: { -readonly [K in keyof LogLine]: LogLine[K] } = { time, program, text, style };
  if (wallTime !== undefined) line.wallTime = wallTime;
  if (caller !== undefined) line.caller = caller;
  return line;
}

function ofKmsg([whole, micros, flags = '']: RegExpExecArray, line: string): LogLine {
  const caller = KMSG_CALLER.exec(flags)?.[1];
  const text = line.slice(whole.length);
  return { time: Number(micros) / 1e6, ...(caller === undefined ? {} : { caller }), program: null, text, style: 'kmsg' };
}

function withoutDate(line: string, draft: Draft, modern: boolean): string {
  const date = dateOf(line);
  if (!date) {
    const brief = BRIEF.exec(line);
    if (brief) return tagged(line, brief, draft);
    const kernel = line.includes('kernel:') ? KERNEL.exec(line) : null;
    if (!kernel) return line;
    draft.style = 'syslog';
    return unpunctuated(line.slice(kernel[0].length));
  }
  draft.wallTime = date.iso ?? draft.wallTime;
  const rest = line.slice(date.length);
  draft.style = 'dmesg -T';
  if (date.comma && !KERNEL.test(rest)) return rest;
  const hidden = rest.includes('kernel:') ? HIDDEN.exec(rest) : null;
  if (hidden) {
    draft.style = 'syslog';
    return unpunctuated(rest.slice(hidden[0].length));
  }
  const tag = THREADTIME.exec(rest) ?? BRIEF.exec(rest);
  if (tag) return tagged(rest, tag, draft);
  if (rest.startsWith(METALOG)) {
    draft.style = 'syslog';
    return rest.slice(METALOG.length);
  }
  if (rest.startsWith('[') && !modern) return rest;
  const unnamed = UNNAMED.exec(rest);
  if (unnamed) {
    draft.style = 'syslog';
    return rest.slice(unnamed[0].length);
  }
  const named = (modern ? RFC5424 : NAMED).exec(rest);
  // `swapper/0: page allocation failure` after a date is the kernel's own text: a program has its number, or a host before it
  const sure = named && (named[1] === 'kernel' || named[2] !== undefined || named[0].trimEnd().includes(' '));
  if (!sure) return rest;
  draft.style = 'syslog';
  if (named[1] !== 'kernel') draft.program = named[1] ?? null;
  return unpunctuated(rest.slice(named[0].length));
}

/** Some relays leave a second colon before the stamp. */
const unpunctuated = (line: string): string => (line.startsWith(': [') ? line.slice(2) : line);

function tagged(line: string, [whole, tag = '']: RegExpExecArray, draft: Draft): string {
  draft.style = 'logcat';
  if (!/^kernel$/i.test(tag)) draft.program = tag;
  return line.slice(whole.length);
}

function withoutStamp(line: string, draft: Draft): string {
  const stamp = STAMP.exec(line);
  if (stamp) {
    draft.time = Number(stamp[1]);
    draft.caller = stamp[2];
    if (draft.style === 'plain') draft.style = 'printk';
    return afterStamp(line.slice(stamp[0].length), draft);
  }
  const wall = WALL.exec(line);
  if (wall) {
    const dayFirst = /^\d/.test(wall[1] ?? '');
    draft.wallTime = namedMonth(wall[4], wall[dayFirst ? 2 : 1], wall[dayFirst ? 1 : 2], wall[3]);
    draft.caller = wall[5];
    draft.style = 'dmesg -T';
    return line.slice(wall[0].length);
  }
  const relative = RELATIVE.exec(line);
  if (!relative) return line;
  draft.style = 'dmesg -T';
  return line.slice(relative[0].length);
}

function afterStamp(line: string, draft: Draft): string {
  const first = line.charCodeAt(0);
  // `(`, `.`, `<`, `[`, blank
  if (first === 40 || first === 46 || first === 60 || first === 91 || first === 32) {
    const vendor = VENDOR.exec(line);
    if (!vendor) return line;
    draft.caller ??= `T${vendor[1] ?? vendor[2]}`;
    return line.slice(vendor[0].length);
  }
  if (draft.style !== 'printk') return line;
  const named = AFTER_STAMP.exec(line);
  if (!named) return line;
  draft.style = 'syslog';
  draft.program = named[2] ?? null;
  return line.slice(named[0].length);
}
