/** How many letters must be put in, left out, changed or swapped with their neighbour to make one word of the other. */
export function distance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, (before[j - 2] ?? 0) + 1);
      row.push(least);
    }
    [before, above] = [above, row];
  }
  return above[b.length] ?? 0;
}

/** The accepted word nearest to the one found, if it is near enough to be what was meant. */
export function nearest(found: string, accepted: Iterable<string>): string | undefined {
  if (found.length > 100) return undefined;
  let [best, least]: [string | undefined, number] = [undefined, Math.max(2, Math.floor(found.length / 4)) + 1];
  for (const word of accepted) {
    if (Math.abs(word.length - found.length) >= least) continue;
    const apart = distance(found, word);
    if (apart < least) [best, least] = [word, apart];
  }
  return best ?? byParts(found, accepted);
}

const partsIn = (word: string): string[] => word.toLowerCase().split(/[._-]/);

/** The word of which each part is abbreviated, or whose end is left out: "mem.avail_pct", "swap.used". */
function byParts(found: string, accepted: Iterable<string>): string | undefined {
  const parts = partsIn(found);
  if (parts.length < 2 || parts.some((part) => part.length < 2)) return undefined;
  for (const word of accepted) {
    const others = partsIn(word);
    const begins = parts.every((part, index) => others[index]?.startsWith(part) ?? false);
    if (begins && others.length - parts.length <= 1) return word;
  }
  return undefined;
}

/** `; did you mean "…"?`, or nothing. */
export function didYouMean(found: string, accepted: Iterable<string>): string {
  const word = nearest(found, accepted);
  return word === undefined ? '' : `; did you mean "${word}"?`;
}
