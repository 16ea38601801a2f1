/** The lines above the processes of top, of procps old and new, busybox and Android. Pure. */
import { decimal, unitOf } from './figures.js';
import type { Values } from './files.js';
import { type Figure, uncut } from './top-cut.js';

/** `top - 15:05:39 up 14:19,  1 user,  load average: 1,87, 1,72, 1,65`, in any language. */
const FIRST = /^\s*top\s+-\s+(\d{1,2}):(\d{2}):(\d{2})\b/;
const LOADS = /:\s+(\d{1,5}[.,]\d\d),?\s+(\d{1,5}[.,]\d\d),?\s+(\d{1,5}[.,]\d\d)(?:\s+(\d{1,7})\/(\d{1,7})\s+\d{1,10})?\s*$/;
const UP = /\bup\s+(?:(\d{1,6})\s*days?,\s*)?(?:(\d{1,2}):(\d{2})|(\d{1,2})\s*min)/;
const TASKS = /^\s*(?:Tasks|Threads|Processes|T\S{2,8}|\p{L}{4,12})\s*:\s*(\d{1,9})\s+\p{L}{4,10},\s+(\d{1,9})\s+\p{L}{4,12}/u;
const CPU = /^\s*(?:%?\s?Cpu\S{0,6}|CPU\d{0,4}|\d{1,5}%cpu)\s*[:\d]?/i;
const PREFIXED = /^\s*(?:([KMGTPE])iB|kB)\s+(\p{L}[\p{L}. ]{1,10}?)\s*:\s*(\d.*)$/u;
const LETTERED = /^\s*(Mem|Swap|Speicher|Mémoire|Memoria)\s*:\s*(.*)$/i;
const FIGURE = /(\d[\d.,]*\d|\d)(?:([KMGTPE])(?:i?B)?(?![a-z]))?(\+?)\s*([a-z][a-z/]*(?: Mem)?)/gi;
const GRAPH = /^\s*[\d.,]+\s*\/\s*([\d.,]+)\s*\[/;

export interface Summary {
  /** Seconds since midnight. */
  clock: number | null;
  uptime: number | null;
  loads: string[] | null;
  running: number | null;
  total: number | null;
  memory: Record<string, number | null | undefined>;
}

export const isFirstLine = (line: string): boolean => FIRST.test(line);

/** True for a line of the part above the processes. */
export function isSummary(line: string): boolean {
  if (line.length > 400) return false;
  if (FIRST.test(line) || PREFIXED.test(line) || /^\s*Load average:/i.test(line)) return true;
  return (
    (LETTERED.test(line) && /\d[KMG]?i?B?\+?\s+(?:total|used|\p{L}{3,})/iu.test(line)) ||
    TASKS.test(line) ||
    (CPU.test(line) && /\d[.,]?\d*\s*%?\s*(?:us|usr|user|id|idle)\b/.test(line))
  );
}

/** What a frame says above its processes. Of the two lines of memory the second is swap, in every language. */
export function readSummary(lines: readonly string[]): Summary {
  const summary: Summary = { clock: null, uptime: null, loads: null, running: null, total: null, memory: {} };
  let pairs = 0;
  for (const line of lines) {
    const first = FIRST.exec(line);
    if (first) summary.clock = Number(first[1]) * 3600 + Number(first[2]) * 60 + Number(first[3]);
    const up = first ? UP.exec(line) : null;
    if (up) summary.uptime = Number(up[1] ?? 0) * 86_400 + Number(up[2] ?? 0) * 3600 + Number(up[3] ?? up[4] ?? 0) * 60;
    const loads = first || /^\s*Load average:/i.test(line) ? LOADS.exec(line.replace(/^\s*(Load average:.*?)$/i, '$1')) : null;
    if (loads) summary.loads = loads.slice(1, 4).map((word) => word.replace(',', '.'));
    if (loads?.[5] !== undefined) [summary.running, summary.total] = [Number(loads[4]), Number(loads[5])];
    const tasks = PREFIXED.test(line) || LETTERED.test(line) || first ? null : TASKS.exec(line);
    if (tasks) [summary.running, summary.total] = [Number(tasks[2]), Number(tasks[1])];
    const prefixed = PREFIXED.exec(line);
    const lettered = prefixed ? null : LETTERED.exec(line);
    if (!prefixed && !lettered) continue;
    const swap = /swap|ausl|échange|intercambio|подк/i.test(prefixed?.[2] ?? lettered?.[1] ?? '') || pairs > 0;
    pairs += 1;
    const unit = prefixed ? (unitOf(prefixed[1] ?? 'K') ?? 1024) : 1024;
    Object.assign(
      summary.memory,
      memoryOf((prefixed?.[3] ?? lettered?.[2] ?? '').trim(), {
        swap,
        unit,
        modern: prefixed !== null,
        memory: summary.memory['MemTotal'] ?? null,
      }),
    );
  }
  return summary;
}

interface Line {
  readonly swap: boolean;
  readonly unit: number;
  /** Total, free, used, cache in this order: where the words are translated. */
  readonly modern: boolean;
  /** All memory, bytes, when a line before told it. */
  readonly memory: number | null;
}

function memoryOf(text: string, { swap, unit, modern, memory }: Line): Values {
  const graph = GRAPH.exec(text);
  if (graph) {
    const total = decimal(graph[1] ?? '', true);
    return total === null || unit < 2 ** 20 ? {} : { [swap ? 'SwapTotal' : 'MemTotal']: total * unit };
  }
  const found = new Map<string, number>();
  const figures: Figure[] = [];
  for (const [, digits = '', letter = '', cut = '', word = ''] of text.matchAll(FIGURE)) {
    const own = letter === '' ? unit : (unitOf(letter) ?? unit);
    const value = decimal(digits, own > 1024);
    if (value !== null) figures.push({ word: word.toLowerCase(), bytes: value * own, cut: cut !== '' });
  }
  const order = uncut(figures, memory);
  for (const [index, { word }] of figures.entries()) {
    const bytes = order[index];
    if (typeof bytes === 'number') found.set(word, bytes);
  }
  const place = (index: number): number | null => order[index] ?? null;
  const used = found.get('used');
  const free = found.get('free') ?? (modern ? place(1) : null);
  const total = found.get('total') ?? (modern ? place(0) : used !== undefined && free !== null ? used + free : null);
  const available = found.get('avail mem') ?? found.get('avail') ?? (swap && modern && order.length > 3 ? place(3) : null);
  const cached =
    found.get('cached') ?? found.get('buff/cache') ?? (!swap && modern && !found.has('buffers') && !found.has('buff') ? place(3) : null);
  if (swap)
    return {
      SwapTotal: total,
      SwapFree: free,
      ...(cached === null ? {} : { Cached: cached }),
      ...(available === null ? {} : { MemAvailable: available }),
    };
  return {
    MemTotal: total,
    MemFree: free,
    Buffers: found.get('buffers') ?? found.get('buff') ?? null,
    // of busybox; old kernels told 0 there
    ...(found.get('shrd') ? { Shmem: found.get('shrd') ?? null } : {}),
    ...(cached === null ? {} : { Cached: cached }),
  };
}
