import { defineText, type TextHost } from '../kind.js';
import { size } from '../made/figures.js';
import { filesFrom, meminfoText, type Values } from '../made/files.js';
import { unitByFigures, unitByOptions } from '../made/free-unit.js';
import { type Moment, series } from '../made/series.js';
import { optionsOf, optionValue } from '../made/told.js';

/** What a row is called in the languages that procps and busybox are translated to, or that keep the English word. */
const MEMORY =
  /^(?:mem|mem[oó]ri\w{1,3}|mem\.|spch\.?|speicher|m[ée]m\w{0,4}\.?|内存|記憶體|メモリー?|메모리|память|пам.ять|pamięć|paměť|pamäť|geheugen|minne|hukommelse|muisti|bellek)$/iu;
const HEAD = /\btotal\b\s+\b(?:used|usado|utili\w+|usados|usat\w*|us\w*)\b|buff(?:ers)?\/cache|(?:^|\s)(?:buffers\s+cached?)\b/i;
const ROW = /^\s*([^\d\s:：][^\d:：]{0,24}[:：])\s*(\d[\d.,]{0,24}[BKMGTP]?i?B?(?:\s+\d[\d.,]{0,24}[BKMGTP]?i?B?){0,6})\s*$/iu;
const BUFFERS_ROW = /^\s*-\/\+\s/;
const NUMBERS = /^\s*\d[\d.,]{0,24}[BKMGTP]?i?B?(?:\s+\d[\d.,]{0,24}[BKMGTP]?i?B?){0,3}\s*$/i;
/** The last figure of the row above was wrapped onto the line of the next row. */
const WRAPPED = /^\s*(\d[\d.,]{0,24}[BKMGTP]?i?B?)\s+-\/\+\s/i;
/** `free -L`: one line, each figure after its name. */
const ONE_LINE = /^\s*SwapUse\s+\S+\s+CachUse\s+\S+\s+MemUse\s+\S+\s+MemFree\s+\S+\s*$/;

const [KIB, GIB] = [1024, 2 ** 30];

interface Row {
  readonly label: string;
  readonly words: readonly string[];
}

/** Memory and swap at a glance: old (-/+ buffers/cache) and new, of procps, busybox and toybox, in any unit. */
export default defineText({
  title: 'free',
  docs: 'https://man7.org/linux/man-pages/man1/free.1.html',
  origin: 'tool',
  hint: /\bfree\b/,
  span: (lines, at) => {
    let end = at;
    // free -s N: the same again and again
    for (let next = at; next < lines.length;) {
      const length = table(lines, next);
      if (length === 0) break;
      end = next + length;
      next = lines[end]?.trim() === '' ? end + 1 : end;
    }
    return end - at;
  },
  read: (lines, { told }: TextHost) => {
    const options = optionsOf(told, 'free');
    const every = optionValue(options, 's');
    const moments: Moment[] = [];
    for (let at = 0; at < lines.length;) {
      const length = table(lines, at);
      const text = length === 0 ? null : meminfoText(valuesOf(lines.slice(at, at + length), options));
      moments.push({ files: filesFrom({ 'proc/meminfo': text }), at: every === null ? null : every * moments.length });
      at += Math.max(1, length);
    }
    const kept = moments.filter(({ files }) => files.size > 0);
    return series(kept.map(({ files }, index) => ({ files, at: every === null ? null : every * index })));
  },
});

/** Lines of one output: an optional header (wrapped perhaps), the row of memory, and rows after it. */
function table(lines: readonly string[], at: number): number {
  if (ONE_LINE.test(lines[at] ?? '')) return 1;
  let next = at;
  while (next < at + 3 && isHead(lines[next] ?? '', next > at)) next += 1;
  const headed = next > at;
  const memory = rowOf(lines[next] ?? '');
  if (memory === null || memory.words.length < 3 || !isMemory(memory, headed)) return 0;
  // /proc/meminfo of 2.4 begins alike, with a colon after each word of the header
  if (!headed && /\btotal:\s/.test(lines[at - 1] ?? '')) return 0;
  next += 1;
  while ([BUFFERS_ROW, NUMBERS, WRAPPED].some((kind) => kind.test(lines[next] ?? '')) || rowOf(lines[next] ?? '') !== null) {
    // the next output of `free -s` may have lost its header
    if (isMemoryLabel(rowOf(lines[next] ?? '')?.label ?? '')) break;
    if (/^\s*\w+:\s+\d+ kB$/.test(lines[next] ?? '')) return 0;
    next += 1;
  }
  return next - at;
}

function isHead(line: string, wrapped: boolean): boolean {
  if (line.trim() === '' || line.length > 200 || /[\d]/.test(line)) return false;
  if (wrapped) return !/[:：]/.test(line) && line.trim().split(/\s+/).length <= 3;
  return !/[:：]\s/.test(line) && (HEAD.test(line) || (/^\s{4,}\S/.test(line) && line.trim().split(/\s+/).length >= 4));
}

function rowOf(line: string): Row | null {
  const match = line.length > 300 ? null : ROW.exec(line);
  return match ? { label: (match[1] ?? '').slice(0, -1).trim(), words: (match[2] ?? '').trim().split(/\s+/) } : null;
}

const isMemoryLabel = (label: string): boolean => MEMORY.test(label);

/** By its name, or under a header by its sums: total = used + free, with the cache or without. */
function isMemory({ label, words }: Row, headed: boolean): boolean {
  if (isMemoryLabel(label)) return headed || words.length >= 4;
  const [total = 0, used = 0, free = 0, , cache = 0] = words.map((word) => size(word) ?? 0);
  return (
    headed && words.length >= 5 && total > 0 && [used + free, used + free + cache].some((sum) => Math.abs(sum - total) <= total * 0.02)
  );
}

/** Figures with a letter have decimals; whole ones may have their thousands parted. */
const ungroup = (word: string): string => (/^\d{1,3}(?:[.,]\d{3})+$/.test(word) ? word.replaceAll(/[.,]/g, '') : word);

/** Bytes by the names of /proc/meminfo. */
function valuesOf(lines: readonly string[], options: string): Values {
  const rows = lines.flatMap((line) => rowOf(line) ?? []);
  const head = lines
    .filter((line) => isHead(line, false) || isHead(line, true))
    .join(' ')
    .toLowerCase();
  const [memory, ...others] = rows;
  if (memory === undefined) return oneLine(lines.join(' '), options);
  const after = lines[lines.findIndex((line) => rowOf(line) !== null) + 1] ?? '';
  const wrapped = NUMBERS.test(after) ? after.trim().split(/\s+/) : [WRAPPED.exec(after)?.[1] ?? ''].filter((word) => word !== '');
  const words = [...memory.words, ...wrapped];
  const bare = words.map(ungroup).flatMap((word) => (/^\d+$/.test(word) ? Number(word) : []));
  const unit = unitByOptions(options) ?? unitByFigures(bare);
  const bytes = (word: string | undefined): number | null =>
    word === undefined ? null : size(ungroup(word), unit, options.includes('--si') ? 1000 : 1024);
  const figures = words.map(bytes);
  const [total, used, free, shared] = figures;
  const isOld =
    lines.some((line) => BUFFERS_ROW.test(line)) ||
    /\bcached\b/.test(head) ||
    (!/available|buff\/cache/.test(head) &&
      words.length <= 6 &&
      Math.abs((used ?? 0) + (free ?? 0) - (total ?? 0)) <= (total ?? 0) * 0.001);
  const isWide = !isOld && (words.length === 7 || /buffers\s+cache\b/.test(head));
  const swap = others.find(({ label, words: own }) => own.length === 3 && !/^(?:low|high|total|comm|mem)/i.test(label) && label !== '-/+');
  const commit = others.find(({ label }) => /^comm/i.test(label));
  return {
    MemTotal: total,
    MemFree: atMost(free, unit),
    MemAvailable: isOld ? null : atMost(figures[isWide ? 6 : 5], unit),
    Buffers: isOld || isWide ? figures[4] : null,
    // buffers, page cache and reclaimable slab in one figure, unless -w: it cannot be divided
    Cached: figures[isOld || isWide ? 5 : 4],
    SwapTotal: bytes(swap?.words[0]),
    // 0 of free -g is anything below 1 GiB
    SwapFree: unit >= GIB && swap?.words[2] === '0' && swap.words[0] !== '0' ? null : bytes(swap?.words[2]),
    // the old column is MemShared, which kernels have not counted since 2.4
    Shmem: isOld && shared === 0 ? null : shared,
    CommitLimit: bytes(commit?.words[0]),
    Committed_AS: bytes(commit?.words[1]),
  };
}

/** free -g cuts off what is below 1 GiB: 0 is no figure to raise an alarm by. */
const atMost = (bytes: number | null | undefined, unit: number): number | null | undefined =>
  bytes === 0 && unit >= GIB ? unit - KIB : bytes;

function oneLine(line: string, options: string): Values {
  const of = (name: string): number | null =>
    size(new RegExp(String.raw`\b${name}\s+(\S+)`).exec(line)?.[1] ?? '', unitByOptions(options) ?? 1024);
  const [free, cached, used] = [of('MemFree'), of('CachUse'), of('MemUse')];
  return { MemTotal: (free ?? 0) + (cached ?? 0) + (used ?? 0), MemFree: free, Cached: cached };
}
