/** Bytes of RAM by the processes that tell both their size and their share of it. Pure. */
import { decimal, size } from './figures.js';

/** A path of its own: no file of the kernel tells it. */
export const RAM_FILE = 'ram.txt';
/** %MEM has one decimal: of less it tells RAM too roughly. */
const LEAST_SHARE = 3;
/** ps stops at 99.9. */
const MOST_SHARE = 99;
/** How far apart the bounds may be. */
const WIDEST = 1.08;

interface Shown {
  /** RSS or RES as printed. */
  readonly rss: string | undefined;
  /** %MEM as printed. */
  readonly share: string | undefined;
}

/**
 * %MEM is 100 × RSS / MemTotal with one decimal, which ps cuts and top rounds: so each row bounds MemTotal from both sides, the
 * larger its share the closer. Null when no row tells it within some per cent, or two rows contradict each other.
 */
export function ramByShare(rows: readonly Shown[]): number | null {
  let [low, high] = [0, Infinity];
  for (const { rss: word = '', share = '' } of rows) {
    const pct = decimal(share.replace('%', ''), true);
    const rss = size(word, 1024);
    if (pct === null || rss === null || pct < LEAST_SHARE || pct > MOST_SHARE || !/[.,]\d%?$/.test(share)) continue;
    const half = halfOfLastDigit(word);
    low = Math.max(low, (100 * (rss - half)) / (pct + 0.1));
    high = Math.min(high, (100 * (rss + half)) / (pct - 0.05));
  }
  return low === 0 || low > high || high > low * WIDEST ? null : Math.round((low + high) / 2);
}

/** The file that holds it, none when it is not known. */
export const ramFile = (rows: readonly Shown[]): [string, string][] => {
  const bytes = ramByShare(rows);
  return bytes === null ? [] : [[RAM_FILE, `${bytes}\n`]];
};

/** Bytes that a rounded figure may be off: `3.4g` 0.05 GiB; one in KiB is exact. */
function halfOfLastDigit(word: string): number {
  const [, decimals = '', letter] = /^\d+(?:[.,](\d+))?([mgtp])$/i.exec(word) ?? [];
  return letter === undefined ? 0 : (size(`1${letter}`) ?? 0) / 2 / 10 ** decimals.length;
}
