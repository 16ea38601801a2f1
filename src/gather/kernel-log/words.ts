/**
 * Words of which one is in every line that begins something to do with memory: what has none of them for long is passed over
 * without another look. Long enough to be rare; no shorter than SHORTEST.
 */
const EVENT_WORDS = [
  'emory|MEMORY| OOM|(OOM|OOMK|_OOM|"OOM|Oom-|oomd|lyoom|lloc|Kill|kill|vict|lmkd|lowmem|ending SIG|reaper|ocked for|ockup| stall|EDAC ',
  'MCE |mce:|achine check|Hardware Err|hwpoison|Linux version|drop_caches|otplug|alloon|nable to|swap|Swap|zram|Bad page|bad p',
  'zonelists|online_pages|PNP0C80|virtio_mem|puff!|PERCPU:|ecompression err|orphaned',
  'BUG:|BUG |cma:|CMA:|vmap|SLUB|SLAB:|fflin|kmemleak|referenced obj|sacrifice|"MESSAGE":[|"MESSAGE" : [',
].join('|');
/** Of these a report of many lines begins. */
const REPORT_WORDS =
  'oom-kill|oom_kill|page alloc|Mem-Info|Mem-info|ut of memory|nable to alloc|Unreclaimable slab|cgroup stats|Show Memory';

interface Word {
  readonly bytes: Uint8Array;
  readonly report: boolean;
}

const wordsOf = (list: string, report: boolean): Word[] => list.split('|').map((word) => ({ bytes: Buffer.from(word, 'latin1'), report }));
const WORDS: readonly Word[] = [...wordsOf(REPORT_WORDS, true), ...wordsOf(EVENT_WORDS, false)];
const SHORTEST = Math.min(...WORDS.map(({ bytes }) => bytes.length));

/**
 * How far to move on, by the two bytes at the end of the window (Wu and Manber, "A fast algorithm for multi-pattern searching",
 * 1994): 0 when a word may begin with this window. Made when first used.
 */
let shifts: Uint8Array | null = null;
/** The words by the two bytes at the end of their first SHORTEST bytes. */
const ending = new Map<number, Word[]>();

function shiftsOf(): Uint8Array {
  const table = new Uint8Array(65_536).fill(SHORTEST - 1);
  for (const word of WORDS) {
    for (let at = 1; at < SHORTEST; at += 1) {
      const pair = pairAt(word.bytes, at);
      table[pair] = Math.min(table[pair] ?? 0, SHORTEST - 1 - at);
      if (at === SHORTEST - 1) ending.set(pair, [...(ending.get(pair) ?? []), word]);
    }
  }
  return table;
}

const pairAt = (bytes: Uint8Array, at: number): number => ((bytes[at - 1] ?? 0) << 8) | (bytes[at] ?? 0);

/** The first word at or after `from` that ends before `to`: where it is and whether a report begins there; null when there is none. */
export function nextWord(bytes: Uint8Array, from: number, to: number): { at: number; report: boolean } | null {
  shifts ??= shiftsOf();
  for (let at = from + SHORTEST - 1; at < to;) {
    const pair = ((bytes[at - 1] as number) << 8) | (bytes[at] as number);
    const shift = shifts[pair] as number;
    if (shift > 0) {
      at += shift;
      continue;
    }
    const begin = at - SHORTEST + 1;
    const word = ending.get(pair)?.find((candidate) => standsAt(bytes, begin, to, candidate.bytes));
    if (word) return { at: begin, report: word.report };
    at += 1;
  }
  return null;
}

function standsAt(bytes: Uint8Array, begin: number, to: number, word: Uint8Array): boolean {
  if (begin + word.length > to) return false;
  for (let index = 0; index < word.length; index += 1) if (bytes[begin + index] !== word[index]) return false;
  return true;
}
