import { type Balance, balanceOf } from '../facts/balance-lines.js';
import { type FactSet, Unknown } from '../facts/fact.js';
import { View } from '../facts/view.js';
import type { Snapshot } from '../gather/snapshot.js';
import type { Report } from './report.js';

/** The balance sheet of the last sample; null when it cannot be drawn up. */
export function balanceSheetOf(snapshot: Snapshot, { facts, items }: FactSet): Report['balance'] {
  const view = new View(
    snapshot,
    (name) => facts[name] ?? { value: null, unit: '1', from: [], reason: `there is no fact ${name}` },
    (name) => ({ items: items[name]?.items ?? [], from: items[name]?.from ?? [] }),
  );
  const balance = attempt(() => balanceOf(view));
  if (!balance) return null;
  const { totalBytes, lines, unaccountedBytes, trust } = balance;
  return { totalBytes, lines: lines.map((line) => ({ ...line })), unaccountedBytes, trust };
}

function attempt(formula: () => Balance): Balance | null {
  try {
    return formula();
  } catch (error) {
    if (error instanceof Unknown) return null;
    throw error;
  }
}
