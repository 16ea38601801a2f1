/** What a line of a kernel log begins with, taken off. */
export interface LogLine {
  /** Seconds since boot; null when the line has none, or a wall-clock time only. */
  readonly time: number | null;
  /** The program that wrote it, as syslog names it; null for the kernel's own lines. */
  readonly program: string | null;
  readonly text: string;
  readonly style: Style;
}

export type Style = 'plain' | 'printk' | 'kmsg' | 'dmesg -T' | 'syslog';

/** `6,1234,12345678,-;text` as /dev/kmsg gives it, µs. */
const KMSG = /^\d{1,4},\d{1,20},(\d{1,18}),[^;]{0,40};/;
const LEVEL = /^<\d{1,3}>/;
/** dmesg -x: `kern  :warn  : `. */
const FACILITY = /^(?:kern|user|daemon|syslog) {0,3}:[a-z]{3,6} {0,3}: /;
/** `[   12.345678]`, with CONFIG_PRINTK_CALLER `[   12.345678][  T123]`; some list archives lose blanks. */
const STAMP = /^\[ {0,8}(\d{1,12}\.\d{1,9})\](?:\[ {0,8}[TC]\d{1,10}\])? ?/;
/** `[Di Aug 12 03:54:03 2025]`, in the words of any locale; `[  +0.000012]` is an interval and tells nothing. */
const WALL =
  /^\[(?:[^\s\]\d]{1,12} [^\s\]]{1,12} {1,2}\d{1,2} \d\d:\d\d:\d\d \d{4}|[^\s\]\d]{1,12}\d{1,2} \d\d:\d\d| {0,8}\+\d{1,8}\.\d{1,9})\] ?/;
const ISO = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)? /;
const SYSLOG_DATE = /^[A-Za-z]{3} {1,2}\d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,9})? /;
/** OpenWrt's logread: `Mon Nov 23 10:55:00 2026 `. */
const LOGREAD_DATE = /^[A-Za-z]{3} [A-Za-z]{3} {1,2}\d{1,2} \d\d:\d\d:\d\d \d{4} /;
/** host and program: `server01 kernel: `, `host earlyoom[12]: `, and logread's `kern.warn kernel: `. */
const PROGRAM = /^(?:[\w.:-]{1,80} )?([\w./@-]{1,60})(?:\[\d{1,10}\])?: /;

/** Takes the prefix off a line, whichever of the usual ways of writing it is. */
export function takePrefix(line: string): LogLine {
  const kmsg = KMSG.exec(line);
  if (kmsg) return { time: Number(kmsg[1]) / 1e6, program: null, text: line.slice(kmsg[0].length), style: 'kmsg' };
  let rest = line.trimStart();
  rest = rest.slice(LEVEL.exec(rest)?.[0].length ?? 0);
  rest = rest.slice(FACILITY.exec(rest)?.[0].length ?? 0);
  let program: string | null = null;
  let style: Style = 'plain';
  const date = ISO.exec(rest) ?? SYSLOG_DATE.exec(rest) ?? LOGREAD_DATE.exec(rest);
  if (date) {
    rest = rest.slice(date[0].length);
    const named = PROGRAM.exec(rest);
    style = named ? 'syslog' : 'dmesg -T';
    if (named) rest = rest.slice(named[0].length);
    if (named && named[1] !== 'kernel') program = named[1] ?? null;
  }
  if (rest.startsWith('kernel: ')) rest = rest.slice('kernel: '.length);
  const stamp = STAMP.exec(rest);
  if (stamp) return { time: Number(stamp[1]), program, text: rest.slice(stamp[0].length), style: date ? style : 'printk' };
  const wall = WALL.exec(rest);
  if (wall) return { time: null, program, text: rest.slice(wall[0].length), style: 'dmesg -T' };
  return { time: null, program, text: rest, style };
}
