/** The colours and letters by which a picture and its table are one. Tones are classes of the style sheet. */

/** What has the same meaning has the same colour in every picture. */
const TONES: readonly (readonly [RegExp, string])[] = [
  [/^free\b/i, 'free'],
  [/^anonymous\b/, 't0'],
  [/^file cache\b/, 't2'],
  [/^shared memory\b/, 't4'],
  [/^swap cache\b/, 't3'],
];
const OTHERS = ['t1', 't5', 't6', 't7', 't8', 't9', 't10', 't11'] as const;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The tone of a line of a balance sheet; those without a meaning elsewhere take the remaining ones in turn. */
export const toneOf = (name: string, index: number): string =>
  TONES.find(([pattern]) => pattern.test(name))?.[1] ?? OTHERS[index % OTHERS.length] ?? 't1';

/** A, B, … Z, a, b, … */
export const letterOf = (index: number): string => LETTERS[index] ?? '…';
