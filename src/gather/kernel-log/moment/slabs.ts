import { PART, type Reader } from './draft.js';

const KEPT = 40;
const HELD = 200;
const HEAD = /^Unreclaimable slab info:/;
const COLUMNS = /^Name {1,60}Used {1,30}Total$/;
const ROW = /^(\S.{0,60}?) {1,60}(\d{1,12})KB {1,30}(\d{1,12})KB$/;

/** The caches that cannot be reclaimed: since 4.15, when they outweigh the memory of users. */
export const readSlabs: Reader = (text, draft) => {
  if (HEAD.test(text) || (draft.slabTable && COLUMNS.test(text))) {
    draft.slabTable = true;
    draft.part = PART.slabs;
    return true;
  }
  const row = draft.slabTable ? ROW.exec(text) : null;
  if (!row) return false;
  draft.slabs.push({ name: row[1] ?? '', used: Number(row[2]) * 1024, total: Number(row[3]) * 1024 });
  if (draft.slabs.length > HELD) draft.slabs = largest(draft.slabs);
  return true;
};

/** The largest caches, in order. */
export const largest = <S extends { total: number }>(slabs: readonly S[]): S[] =>
  slabs.toSorted((a, b) => b.total - a.total).slice(0, KEPT);
