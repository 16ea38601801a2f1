/**
 * Lines that mail programs (at a blank, below 80 columns) or terminals (anywhere, at their width) have broken. What belongs
 * together is told by the kernel's own formats: a line whose end is missing, a line that can only be the end of another.
 */

/** What is known of the line that is held, and of the one after it. */
export interface Piece {
  readonly text: string;
  /** Of the line as it stood there, prefix and all; of its last part when it is joined already. */
  readonly length: number;
}

const ZONES = '(?:DMA(?:32)?|Normal|HighMem|Movable|Device)';
/** What begins a line of its own, whatever stands before. */
const BEGINS = new RegExp(
  `^(?:${[
    'oom-kill:|oom_reaper:|Memory cgroup|Out of |Killed process|Kill process|Tasks? (?:in|state)|Mem-[Ii]nfo:',
    'CPU: |CPU {1,4}\\d|Hardware name|Call [Tt]race|Modules linked|Workqueue:|Node \\d{1,4} ',
    `${ZONES}(?: free:|: \\d| per-cpu)|lowmem_reserve|protections\\[\\]`,
    '\\d{1,12} (?:total pagecache|pages|slab pages|reserved pages|swapcache)|Swap cache|(?:Free|Total) swap',
    'active_anon:\\d{1,12}(?!\\d|kB)|\\[ {0,8}pid|\\[ {0,8}\\d{1,8}\\] {1,8}\\d|Unreclaimable slab',
    '(?:memory|memory\\+swap|swap|kmem): usage|R[A-Z0-9]{1,2}: |E[A-Z]{2}: |Code: |<\\/?(?:TASK|IRQ)>',
    '.{1,64}? invoked oom-killer|.{1,64}?: page allocation|[? ]{0,3}[\\w.]{2,80}\\+0x[0-9a-f]{1,6}\\/0x',
  ].join('|')})`,
);
/** What can only be the rest of a line. */
const CONTINUES =
  /^(?:allocation (?:failure[.:] ?order:\d|stalls for \d)|gfp_mask=0x|\(?GFP_|__GFP_|order[=:]-?\d|oom_(?:score_)?adj[=:]|nodemask=|mems_allowed=|mode:0x|(?:total-vm|vsz|anon-rss|file-rss|shmem-rss|pgtables):|UID[: ]\d|score \d|or sacrifice child|invoked oom-killer|find \d{1,20}\/|hugepages_(?:free|surp|size)=|[:=]-?\d|[kK]B[ ,]|failcnt \d|limit \d{1,20}kB)/;
/** The end of these is missing. */
const LACKS =
  /invoked oom-killer:(?!.*(?:order=|gfp_mask=0x\w+$))|page allocation (?:failure|stalls)(?!.*mode:)|Killed process(?! \d{1,10}(?:, UID \d{1,10},)? ?\()|Kill process(?!.* score \d)|^(?:Memory cgroup out|Out|Memory cgroup out of|Out of|Memory cgroup out of memory:|Out of memory:)$|^Task in (?!.* limit of \/)|^oom-kill:(?!.*,uid=\d{1,10}$)|invoked oom-killer:.*, [a-z_]{0,12}$|(?:total-vm|-rss|pgtables):\d{0,15}k?$|[,(|=]$|^memory: usage(?!.*failcnt)/;
const NODE_ONLY = new RegExp(`^Node \\d{1,4}(?: ${ZONES}:?)?$`);
const SIZES = new RegExp(
  `^(?:Node \\d{1,4} )?(?:${ZONES} free:|active_anon:\\d{1,15}kB)|^Memory cgroup stats for .{1,4096}?:\\s?\\w{1,30}:\\d{1,15}[kK]B`,
);
const SIZE_NEXT = /^(?:[\w()-]{0,30}[:?] ?(?:-?\d|yes|no)|\d{0,15}[kK]?B(?: |$)|[\w()]{1,30}:$|(?:yes|no)$)/;
const FREE_LIST = new RegExp(`^(?:Node \\d{1,4} )?${ZONES}: {0,2}\\d{1,10}(?:\\*|$)(?!.*= \\d{1,15}kB)`);
const TASK_ROW = /^\[ {0,8}\d{1,8}\](?: {1,20}-?\d{1,20}){0,11}$/;
const TASK_NEXT = /^(?:-?\d{1,20} {1,20}){0,11}\S{1,24}$/;
const TASK_HEADER = /^\[ {0,8}pid {0,8}\](?!.* name$)/;
const CPU_LINE = /^(?:CPU: |Pid: )(?!.* #\d)/;
const CPU_NEXT = /#\d|ainted|^\d\.\d/;

/** True when the text can only be the rest of the one held, or the one held has no end, by the formats themselves. */
export function completes(held: string, next: string): boolean {
  if (held === '') return true;
  if (NODE_ONLY.test(held))
    return /^(?:free:|active_anon:\d{1,15}kB|\d{1,10}\*)/.test(next) || /^(?:DMA|Normal|HighMem|Movable|Device)/.test(next);
  if (BEGINS.test(next)) return false;
  if (SIZES.test(held)) return SIZE_NEXT.test(next);
  if (FREE_LIST.test(held)) return /^[\d*(=kB]/.test(next);
  if (TASK_ROW.test(held)) return TASK_NEXT.test(next);
  if (TASK_HEADER.test(held)) return `${held}${next}`.endsWith(' name') || / ?name$/.test(next);
  if (CPU_LINE.test(held)) return CPU_NEXT.test(next);
  return LACKS.test(held) || CONTINUES.test(next) || openMask(held);
}

/** True for what is never the rest of a line. */
export const begins = (text: string): boolean => BEGINS.test(text);

/** Columns at which mail is wrapped at the least, and terminals at the most. */
const NARROWEST = 62;
const WIDEST = 260;

/** True when a line without a prefix, after one with, looks like its rest: its first word would not have fitted there. */
export function overflows(held: Piece, next: string): boolean {
  const blank = next.indexOf(' ');
  const word = blank < 0 ? next.length : blank;
  return held.length <= WIDEST && held.length + 1 + word > NARROWEST && !BEGINS.test(next);
}

const openMask = (text: string): boolean => /\((?:_{0,2}GFP_[A-Z_|]{0,300})?$/.test(text) || /\(_{0,2}GFP_[A-Z0-9_|]{1,300}$/.test(text);
const INVOKED_CUT = /invoked oom-killer: gfp_mask.{0,400}, [a-z_]{1,13}$/;
const KEYS = /^(?:total-vm|vsz|anon-rss|file-rss|shmem-rss|pgtables|oom_score_adj|UID|gfp_mask|order|oom_adj|nodemask|mode)[:=]/;

/** What stood between two parts: a blank, or nothing when a word was cut. `full`: the first part is as wide as others that were cut. */
export function glue(held: string, next: string, full: boolean, columns = 0): '' | ' ' {
  if (held === '') return '';
  if (columns > 0 && TASK_ROW.test(held)) return wordsOf(held) + wordsOf(next) > columns ? '' : ' ';
  const last = held.slice(held.lastIndexOf(' ') + 1);
  const stop = next.indexOf(' ');
  const first = stop < 0 ? next : next.slice(0, stop);
  if (held.startsWith('oom-kill:') || /^(?:[:)|,]|=\S)/.test(first) || /[(|_=]$/.test(last)) return last === '=' ? ' ' : '';
  if (last.endsWith(',') || first.startsWith('(') || KEYS.test(first)) return ' ';
  if (openMask(last) || INVOKED_CUT.test(held)) return '';
  if (FREE_LIST.test(held)) return /^(?:\d{1,10}\*\d{1,7}kB|\([A-Z]{1,8}\)|=)$/.test(last) || /^[=(]/.test(first) ? ' ' : '';
  if (
    SIZES.test(held) ||
    / (?:anon|total)-?\S{0,8}$/.test(held) ||
    /Killed process .{0,400}-\w{1,5}:\d{1,15}(?:kB)?,? ?\S{0,20}$/.test(held)
  )
    return sizeGlue(last, first);
  return full ? '' : ' ';
}

/** The columns of the table of tasks, when this is its header: `[  pid  ]` is one. */
export const columnsOf = (text: string): number | null => (/^\[ {0,8}pid {0,8}\].{0,200}\bname$/.test(text) ? wordsOf(text) : null);

const wordsOf = (text: string): number => text.replace(/^\[ {0,8}\w{1,8} {0,8}\]/, 'pid').split(/ +/).length;

/** Between two parts of a run of `name:123kB`. */
function sizeGlue(last: string, first: string): '' | ' ' {
  if (/^[\w()-]{1,30}:-?\d{1,15}[kK]B,?$/.test(last)) return ' ';
  if (/^all_unreclaimable\?$/.test(last) || /^(?:yes|no)$/.test(last)) return ' ';
  if (/:$|:-?\d{1,15}k?$/.test(last)) return /^\d{0,15}[kK]?B?(?:,|$)/.test(first) ? '' : ' ';
  return ' ' === last || new RegExp(`^(?:${ZONES}|\\d{1,4}|Node|\\([^)]{0,64}\\))$`).test(last) ? ' ' : '';
}
