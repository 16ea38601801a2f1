import { stackedBar } from '../../templates/charts/stacked-bar.js';
import type { PageModel } from '../model.js';
import { pictureName } from './name.js';

type Balance = NonNullable<PageModel['balance']>;

/** The balance as one bar; its parts bear the letters of the table's lines. */
export function memoryMap(balance: Balance): string {
  const parts = [
    ...balance.lines
      .filter((line) => line.tone !== null)
      .map((line) => ({
        label: `${line.letter}, ${pictureName(line.name)}: ${line.size}, ${line.share}`,
        name: pictureName(line.name),
        letter: line.letter,
        value: line.bytes,
        tone: line.tone ?? '',
      })),
    {
      label: `?, not accounted for: ${balance.unaccounted}, ${balance.unaccountedShare}`,
      name: 'not accounted for',
      letter: '?',
      value: balance.unaccountedBytes,
      tone: 'lost',
    },
  ];
  const largest = parts.toSorted((a, b) => b.value - a.value).slice(0, 5);
  return stackedBar(
    parts,
    `${balance.total} of memory. The largest parts: ${largest.map((part) => part.label).join('; ')}. The table below has all.`,
  );
}
