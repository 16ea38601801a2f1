import { PART, type Reader } from './draft.js';

const LINE =
  /^(?:Node (\d{1,4}) )?hugepages_total=(\d{1,12}) hugepages_free=(\d{1,12}) hugepages_surp=(\d{1,12}) hugepages_size=(\d{1,12})kB/;

/** The pools of huge pages, by node and size. */
export const readHugepages: Reader = (text, draft) => {
  const match = LINE.exec(text);
  if (!match) return false;
  const [node = 0, total = 0, free = 0, surplus = 0, size = 0] = match.slice(1).map((digits) => Number(digits ?? 0));
  if (draft.hugepages.length < 256) draft.hugepages.push({ node, size: size * 1024, total, free, surplus });
  draft.part = PART.hugepages;
  return true;
};
