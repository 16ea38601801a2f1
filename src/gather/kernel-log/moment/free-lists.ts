import { PART, type Reader } from './draft.js';

/** `Node 0 DMA: 1*4kB (U) 0*8kB 3*16kB (UM) … = 15372kB`; the letters since 3.9. */
const LINE = /^(?:Node (\d{1,4}) )?([A-Z][A-Za-z0-9]{1,15}): ((?:\d{1,12}\*\d{1,9}kB)\b.*)/;
const BLOCK = /(\d{1,12})\*(\d{1,9})kB(?: \(([A-Z]{1,8})\))?/g;

/** The free blocks of each zone, by size. */
export const readFreeLists: Reader = (text, draft) => {
  const match = LINE.exec(text);
  if (!match) return false;
  const node = Number(match[1] ?? 0);
  const zone = draft.zones.find((one) => one.node === node && one.zone === match[2]);
  const lists = [...(match[3] ?? '').matchAll(BLOCK)].slice(0, 32).map(([, blocks, size, types = '']) => ({
    size: Number(size) * 1024,
    blocks: Number(blocks),
    types,
  }));
  const [smallest] = lists;
  if (smallest) draft.smallestBlock ??= smallest.size;
  if (zone) zone.freeLists = lists;
  draft.open = null;
  draft.part = PART.freeLists;
  return true;
};
