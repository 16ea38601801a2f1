/** Figures of top that were too wide for their column, `16106252+total`: the last digits are missing. Pure. */

/** One figure of a line. */
export interface Figure {
  readonly word: string;
  readonly bytes: number;
  /** Digits of it are missing. */
  readonly cut: boolean;
}

/** procps 3.3.9 to 3.3.12 print eight digits and a plus for a number of nine digits or more. */
const SCALES = [10, 100, 1000] as const;
/** The parts add up to the total but for what was cut off. */
const CLOSE = 0.005;

/**
 * The bytes of each figure; null where they cannot be told. How many digits are missing follows from the others: what is
 * used, free and cached makes the total, and what is available is no more than memory has.
 *
 * @param memory all memory in bytes, when the line before told it
 */
export function uncut(figures: readonly Figure[], memory: number | null): (number | null)[] {
  if (figures.every(({ cut }) => !cut)) return figures.map(({ bytes }) => bytes);
  const sum = figures.flatMap(({ word }, at) => (/^(?:total|free|used|buff\/cache)$/.test(word) ? [at] : []));
  const total = figures.findIndex(({ word }) => word === 'total');
  const scaled = total < 0 || sum.length < 3 ? null : balanced(figures, sum, total);
  return figures.map(({ bytes, cut, word }, at) => {
    if (!cut) return bytes;
    if (scaled?.has(at)) return scaled.get(at) ?? null;
    if (memory === null || !word.startsWith('avail')) return null;
    return SCALES.map((scale) => bytes * scale).findLast((value) => value <= memory) ?? null;
  });
}

/** The first scales of the figures that were cut with which the parts make the total; null: none do. */
function balanced(figures: readonly Figure[], sum: readonly number[], total: number): Map<number, number> | null {
  let tried: Map<number, number>[] = [new Map()];
  for (const at of sum) {
    const { bytes, cut } = figures[at] ?? { bytes: 0, cut: false };
    tried = tried.flatMap((known) => (cut ? SCALES : [1]).map((scale) => new Map([...known, [at, bytes * scale]])));
  }
  return (
    tried.find((known) => {
      const whole = known.get(total) ?? 0;
      const parts = [...known].reduce((all, [at, bytes]) => (at === total ? all : all + bytes), 0);
      return Math.abs(whole - parts) <= CLOSE * whole;
    }) ?? null
  );
}
