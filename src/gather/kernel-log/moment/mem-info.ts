import { type Draft, PART, put, type Reader } from './draft.js';

/** `Mem-Info:`, older `Mem-info:`. */
export const MEM_INFO = /^Mem-[Ii]nfo:/;
/** `active_anon:1 inactive_anon:2 isolated_anon:0`; before 2.6.28 `Active:1 inactive:2 dirty:0 …`; the line may be wrapped. */
const PAGES = /^ {0,16}(?:[A-Za-z][\w-]{1,30}: ?\d{1,15}(?= |$) {0,8}){1,20}$/;
/** The same, cut in a name. */
const PAGES_CUT = /^(?:[Aa]ctive\w{0,10}:\d{1,15} )(?:[a-z_]{2,30}:\d{1,15} {1,8}){2,20}[a-z_]{1,30}:?$/;
const PAIR = /([A-Za-z][\w-]{1,30}): ?(\d{1,15})(?= |$)/g;
/** 2.6 before 2.6.28. */
const FREE_PAGES = /^Free pages: {1,20}(\d{1,15})kB \((\d{1,15})kB HighMem\)/;
const NODE = /^Node (\d{1,4}) (active_anon:\d{1,15}kB.*)/;
/** `CPU    0: hi:  186, btch:  31 usd:  12`, `Node 0 DMA per-cpu:`, `cpu 0 hot: low 2, high 6, batch 1`. */
const PER_CPU =
  /^(?:(?:Node \d{1,4} )?\w{1,12} per-cpu:|[Cc][Pp][Uu] {0,4}\d{1,5}(?:: hi:| hot:| cold:)|active_anon_lru|Memory allocations:)/;
/** A size in kB; `KB` in one place, a blank after the colon in some. */
const KB = /([a-z][a-z_]{0,30}(?:\([a-z]{1,10}\))?): ?(\d{1,15})[kK]B/g;

/** The host's pages by kind, and the node lines since 4.8. */
export const readMemInfo: Reader = (text, draft) => {
  if (MEM_INFO.test(text)) {
    draft.part = PART.memInfo;
    return true;
  }
  const free = FREE_PAGES.exec(text);
  if (free) {
    put(draft.bytes, 'free', Number(free[1]) * 1024);
    draft.part = PART.pages;
    return true;
  }
  const node = NODE.exec(text);
  if (node) {
    const values: Record<string, number> = {};
    readSizes(node[2] ?? '', values);
    if (draft.nodes.size < 1024) draft.nodes.set(Number(node[1]), { values, unreclaimable: unreclaimableOf(text) });
    draft.open = values;
    draft.part = PART.nodes;
    return true;
  }
  if (PER_CPU.test(text)) return true;
  if (!PAGES.test(text) && !PAGES_CUT.test(text)) return false;
  for (const [, name = '', pages] of text.matchAll(PAIR)) put(draft.pages, name.toLowerCase().replaceAll('-', '_'), Number(pages));
  draft.part = PART.pages;
  return true;
};

/** The sizes of a line, in bytes, by name. */
export function readSizes(text: string, into: Record<string, number>): void {
  for (const [, name = '', size] of text.matchAll(KB)) if (name !== '') put(into, name, Number(size) * 1024);
}

/** `all_unreclaimable? yes`. */
export function unreclaimableOf(text: string): boolean | null {
  const answer = /all_unreclaimable\? (yes|no)/.exec(text)?.[1];
  return answer === undefined ? null : answer === 'yes';
}

/** The rest of a zone's or node's line that was wrapped. */
export const readContinuation: Reader = (text, draft: Draft) => {
  if (draft.open === null || !/^[\w:() ]{0,40}?[\w)]{1,30}: ?\d{1,15}[kK]B|^ {0,3}(?:all_unreclaimable\?|pages_scanned:)/.test(text))
    return false;
  readSizes(text, draft.open);
  const zone = draft.zones.at(-1);
  const unreclaimable = unreclaimableOf(text);
  if (zone?.values === draft.open && unreclaimable !== null) zone.unreclaimable = unreclaimable;
  return true;
};
