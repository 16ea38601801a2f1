import { defineText, oneSample, type TextSample } from '../kind.js';
import { size } from '../made/figures.js';
import { fits } from '../made/fits.js';
import { run } from '../shape.js';

const HEAD = /^\s*RANGE\s+SIZE(?:\s+[A-Z-]{3,12}){1,7}\s*$/;
const ROW = /^\s*0x([0-9a-f]{8,16})-0x([0-9a-f]{8,16})\s+\d\S*\s+(\S.*)$/;
const TOTAL = /^\s*(Memory block size|Total (?:online|offline) memory|Memmap on memory\S*)\s*:\s+(\S+)\s*$/;
const ROOT = 'sys/devices/system/memory';
/** Blocks beyond so many have no file made: a file each. */
const MOST = 4096;

/** Ranges of memory that are online, as the blocks that they are made of. */
export default defineText({
  title: 'lsmem',
  docs: 'https://man7.org/linux/man-pages/man1/lsmem.1.html',
  origin: 'tool',
  hint: /\blsmem\b/,
  span: (lines, at) =>
    fits(HEAD, lines[at] ?? '') || fits(TOTAL, lines[at] ?? '')
      ? run(lines, at, (line) => [HEAD, ROW, TOTAL].some((shape) => fits(shape, line)), { elided: true, blanks: 1 })
      : 0,
  read: (lines): readonly TextSample[] => {
    const block = lines.flatMap((line) =>
      TOTAL.exec(line)?.[1] === 'Memory block size' ? (size(TOTAL.exec(line)?.[2] ?? '') ?? []) : [],
    )[0];
    if (block === undefined || block < 2 ** 20) return [];
    const files = new Map([[`${ROOT}/block_size_bytes`, `${block.toString(16)}\n`]]);
    for (const line of lines) {
      const [, first = '', last = '', rest = ''] = ROW.exec(line) ?? [];
      const state = /\b(?:online|offline|going-offline)\b|\bon-?\b|\boff-?\b/.exec(rest)?.[0];
      if (state === undefined) continue;
      const from = Number.parseInt(first, 16) / block;
      const to = (Number.parseInt(last, 16) + 1) / block;
      // columns were left out, or the figures are not of this block size
      if (!Number.isInteger(from) || !Number.isInteger(to) || files.size + to - from > MOST) continue;
      for (let number = from; number < to; number += 1) files.set(`${ROOT}/memory${number}/state`, `${state}\n`);
    }
    return oneSample(files);
  },
});
