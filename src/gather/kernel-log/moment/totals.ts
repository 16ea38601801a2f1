import { PART, put, type Reader } from './draft.js';

/** `N pages RAM` and its like, of all eras: in pages. */
const PAGES: readonly (readonly [RegExp, string])[] = [
  [/^(\d{1,15}) total pagecache pages/, 'pagecache'],
  [/^(\d{1,15}) pages in swap cache/, 'swap_cache'],
  [/^(\d{1,15}) pages swap cached/, 'swap_cache'],
  [/^(\d{1,15}) pages (?:of )?RAM/, 'ram'],
  [/^(\d{1,15}) pages (?:of )?(?:HighMem|HIGHMEM)/, 'highmem'],
  [/^(\d{1,15}) (?:pages reserved|reserved pages)/, 'reserved'],
  [/^(\d{1,15}) pages cma reserved/, 'cma'],
  [/^(\d{1,15}) pages hwpoisoned/, 'hwpoisoned'],
  [/^(\d{1,15}) free pages/, 'free'],
  [/^(\d{1,15}) slab pages/, 'slab'],
  [/^(\d{1,15}) pages shared/, 'shared'],
  [/^(\d{1,15}) pages non-shared/, 'non_shared'],
];
const SIZES: readonly (readonly [RegExp, string])[] = [
  [/^Free swap {0,2}[=:] {0,20}(\d{1,15}) ?kB/, 'swap_free'],
  [/^Total swap {0,2}[=:] {0,20}(\d{1,15}) ?kB/, 'swap_total'],
];
const BESIDE = /^Swap cache(?: stats)?: /;
/** What show_mem() prints last; which of them there are depends on the configuration. */
const LAST = new Set(['ram', 'highmem', 'reserved', 'cma', 'hwpoisoned', 'shared', 'non_shared']);

/** The host's sums at the end of Mem-Info. */
export const readTotals: Reader = (text, draft) => {
  if (BESIDE.test(text)) return true;
  for (const [pattern, name] of SIZES) {
    const kB = pattern.exec(text)?.[1];
    if (kB === undefined) continue;
    put(draft.bytes, name, Number(kB) * 1024);
    draft.part = PART.totals;
    return true;
  }
  if (!/^\d/.test(text)) return false;
  for (const [pattern, name] of PAGES) {
    const pages = pattern.exec(text)?.[1];
    if (pages === undefined) continue;
    put(draft.pages, name, Number(pages));
    draft.part = PART.totals;
    if (LAST.has(name)) draft.ended = true;
    return true;
  }
  return false;
};
