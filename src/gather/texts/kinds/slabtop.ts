import { defineText, type TextHost } from '../kind.js';
import { decimal } from '../made/figures.js';
import { filesFrom, meminfoText, type SlabRow, slabinfoText } from '../made/files.js';
import { fits } from '../made/fits.js';
import { series } from '../made/series.js';
import { optionsOf, optionValue } from '../made/told.js';
import { run } from '../shape.js';

/** Objects, active, use, object size, slabs, objects per slab, cache size, name: the columns have no other order. */
const ROW = /^\s*(\d{1,15})\s+(\d{1,15})\s+(\d{1,3})%\s+([\d.,]{1,15})K\s+(\d{1,12})\s+(\d{1,9})\s+(\d{1,15})K\s+(\S.{0,120}?)\s*$/;
/** A row that a mail program wrapped: it breaks between the columns of figures. */
const ROW_HEAD = /^\s*\d{1,15}\s+\d{1,15}\s+\d{1,3}%\s+[\d.,]{1,15}K(?:\s+\d{1,12}){0,2}\s*$/;
const ROW_REST = /^\s*(?:\d{1,12}\s+){0,2}\d{1,15}K\s+\S{1,60}\s*$/;
const HEAD_REST = /^\s*(?:OBJ\/SLAB\s+)?CACHE SIZE\s+NAME\s*$/;
const SUMMARY =
  /^\s*(?:Active \/ Total (?:Objects|Slabs|Caches|Size)|Minimum \/ Average \/ Maximum Object|[^\d:]{5,80}\/[^\d:]{3,80}:\s+[\d.,]+K? \/ [\d.,]+K?)/;
const FIRST = /^\s*(?:Active \/ Total Objects\b|[^\d:]{5,80}\(%[^\d:]{0,40}\)\s*:\s+\d+ \/ \d+ \()/;
/** In any language: seven words at least, one of them with a slash. */
const HEAD = /^\s*OBJS\s+ACTIVE\s+USE\b|^\s*(?:\p{L}{2,14}\s{1,4}){4,7}\p{L}{2,8}\/\p{L}{2,8}(?:\s{1,4}\p{L}{2,14}){2,4}$/u;

/** `Active / Total Size (% used) : 41.00K / 52.00K (78.8%)`: the size of all slabs, those with the caches that are not listed. */
const TOTAL = /^\s*Active \/ Total Size\b[^:]{0,40}:\s*[\d.,]{1,20}K \/ ([\d.,]{1,20})K/;

/** A screen has its first cache within so many lines. */
const HEAD_LINES = 12;

/** Caches of the slab allocator as slabtop shows them: one screen, or several of a session. */
export default defineText({
  title: 'slabtop',
  docs: 'https://man7.org/linux/man-pages/man1/slabtop.1.html',
  origin: 'tool',
  hint: /slabtop/,
  span: (lines, at, hinted) => {
    const first = lines[at] ?? '';
    if (!fits(ROW, first) && !fits(SUMMARY, first) && !/^\s*OBJS\s+ACTIVE\b/.test(first)) return 0;
    const near = lines.slice(at, at + HEAD_LINES).some((line) => fits(ROW, line) || fits(ROW_HEAD, line));
    if (!near && !/^\s*(?:Active \/ Total Objects|OBJS\s)/.test(first)) return 0;
    const length = run(
      lines,
      at,
      (line, index) =>
        fits(ROW, line) || fits(SUMMARY, line) || (fits(HEAD, line) && !/\d/.test(line)) || fits(HEAD_REST, line) || isPart(lines, index),
      { elided: true, blanks: 2 },
    );
    const rows = joined(lines.slice(at, at + length)).filter((line) => fits(ROW, line)).length;
    return rows > 0 || (hinted && length > 1) || /^\s*Active \/ Total Objects/.test(first) ? length : 0;
  },
  read: (lines, { pageSize, told }: TextHost) => {
    const delay = optionValue(optionsOf(told, 'slabtop'), 'd');
    const screens: SlabRow[][] = [[]];
    const totals = new Map<SlabRow[] | undefined, number | null>();
    for (const line of joined(lines)) {
      if (fits(FIRST, line) && screens.at(-1)?.length !== 0) screens.push([]);
      const total = line.length > 200 ? undefined : TOTAL.exec(line)?.[1];
      if (total !== undefined) totals.set(screens.at(-1), decimal(total, true));
      const row = rowOf(line, pageSize);
      // a screen that lost its head begins again with a cache that was there before
      if (row && screens.at(-1)?.some(({ name }) => name === row.name) && !fits(FIRST, lines[0] ?? '')) screens.push([]);
      if (row) screens.at(-1)?.push(row);
    }
    const filled = screens.filter((rows) => rows.length > 0);
    return series(
      filled.map((rows, index) => ({
        files: filesFrom({
          'proc/slabinfo': slabinfoText(rows),
          'proc/meminfo': meminfoText({ Slab: slabOf(rows, totals.get(rows), pageSize) }),
        }),
        at: delay === null ? null : delay * index,
      })),
    );
  },
});

/** One of the two lines of a row that was wrapped. */
const isPart = (lines: readonly string[], index: number): boolean => {
  const [before = '', line = '', after = ''] = [lines[index - 1], lines[index], lines[index + 1]];
  return (fits(ROW_HEAD, line) && fits(ROW_REST, after)) || (fits(ROW_REST, line) && fits(ROW_HEAD, before));
};

/** The lines, with rows that were wrapped whole again. */
function joined(lines: readonly string[]): string[] {
  const whole: string[] = [];
  for (const [index, line] of lines.entries()) {
    const last = whole.length - 1;
    if (isPart(lines, index) && fits(ROW_REST, line)) whole[last] = `${whole[last] ?? ''} ${line.trim()}`;
    else whole.push(line);
  }
  return whole;
}

/** All slabs, bytes: the head counts objects only, so what the caches listed take in pages may be more. Null when there is no head. */
function slabOf(rows: readonly SlabRow[], total: number | null | undefined, pageSize: number): number | null {
  if (typeof total !== 'number') return null;
  const listed = rows.reduce((sum, { slabs, pagesPerSlab }) => sum + slabs * pagesPerSlab * pageSize, 0);
  return Math.max(total * 1024, listed);
}

function rowOf(line: string, pageSize: number): SlabRow | null {
  const match = ROW.exec(line);
  if (!match) return null;
  const [, objects = '', active = '', , kib = '', slabs = '', perSlab = '', cache = '', name = ''] = match;
  const count = Number(slabs);
  return {
    name,
    active: Number(active),
    objects: Number(objects),
    size: objectSize(decimal(kib, true) ?? 0),
    objectsPerSlab: Number(perSlab),
    pagesPerSlab: count === 0 ? 1 : Math.max(1, Math.round((Number(cache) * 1024) / count / pageSize)),
    slabs: count,
  };
}

/** Bytes of an object from KiB rounded to hundredths: objects are aligned to 8 bytes, and sizes of kmalloc are powers of two. */
function objectSize(kib: number): number {
  const printed = kib * 1024;
  const power = 2 ** Math.round(Math.log2(Math.max(8, printed)));
  return Math.abs(power - printed) <= 5.12 ? power : Math.max(8, Math.round(printed / 8) * 8);
}
