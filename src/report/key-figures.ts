import type { Report } from './report.js';
import { valueText } from '../rules/value.js';

/** One of the few numbers that a reader looks for first. */
export interface KeyFigure {
  readonly label: string;
  readonly value: string;
  readonly note: string | null;
}

type Facts = Report['facts'];

/** Each names its facts in the order of preference; a figure whose facts are all unknown is left out. */
const FIGURES: readonly {
  readonly label: string;
  readonly of: readonly string[];
  readonly note?: readonly string[];
  readonly say?: string;
  /** When this fact is false the figure has no meaning: `instead` is said, or nothing. */
  readonly needs?: string;
  readonly instead?: string;
}[] = [
  { label: 'Available', of: ['mem.available_bytes'], note: ['mem.available_pct'], say: '* of RAM' },
  {
    label: 'Stalled on memory',
    of: ['psi.mem.some.pct', 'psi.mem.some.avg10'],
    note: ['psi.mem.full.pct', 'psi.mem.full.avg10'],
    say: 'all at once: *',
  },
  {
    label: 'Swap used',
    of: ['swap.used_bytes'],
    note: ['swap.used_pct'],
    say: '* of all swap',
    needs: 'swap.configured',
    instead: 'no swap',
  },
  { label: 'Swapped in', of: ['swap.in_bytes_per_second'], note: ['swap.out_bytes_per_second'], say: 'out: *', needs: 'swap.configured' },
  { label: 'Major faults', of: ['fault.major_rate'] },
  { label: 'Not accounted for', of: ['acct.unaccounted_bytes'], note: ['acct.unaccounted_pct'], say: '* of RAM' },
  { label: 'OOM kills since boot', of: ['oom.kills_boot'] },
];

/** The key figures of a report. */
export function keyFigures(facts: Facts): KeyFigure[] {
  const found: KeyFigure[] = [];
  for (const { label, of, note, say, needs, instead } of FIGURES) {
    if (needs !== undefined && facts[needs]?.value === false) {
      if (instead !== undefined) found.push({ label, value: instead, note: null });
      continue;
    }
    const value = firstKnown(facts, of);
    if (value === null) continue;
    const beside = firstKnown(facts, note ?? []);
    found.push({ label, value, note: beside === null ? null : (say ?? '*').replace('*', () => beside) });
  }
  return found;
}

function firstKnown(facts: Facts, names: readonly string[]): string | null {
  for (const name of names) {
    const fact = facts[name];
    if (fact && fact.value !== null) return valueText(fact.value, fact.unit);
  }
  return null;
}
