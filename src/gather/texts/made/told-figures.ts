import { oneSample, type TextSample } from '../kind.js';

/** A path of its own: no file of the kernel tells it. */
export const TOLD_FILE = 'told.txt';

/** Shares without sizes in %, and sums without parts in bytes, by the names that the source `told` reads; none is no sample. */
export function toldFigures(figures: Readonly<Record<string, number | string | undefined>>): readonly TextSample[] {
  const lines = Object.entries(figures).flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}\n`]));
  return oneSample(lines.length === 0 ? new Map() : new Map([[TOLD_FILE, lines.join('')]]));
}
