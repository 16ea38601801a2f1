import type { Outcome, Trace } from '../rules/outcome.js';
import type { Report, ReportFinding } from './report.js';

export type Possible = NonNullable<Report['possible']>[number];

const MOST = 3;
/** With fewer than so many of its conditions known to hold, or less than half of them, a cause is one of too many. */
const [LEAST, SHARE] = [2, 0.5];
const NOTED: ReadonlySet<string> = new Set(['notice', 'warning', 'critical']);

interface Held {
  readonly holds: number;
  readonly of: number;
}

/**
 * The causes that would explain what was noticed, and of which nothing is known that rules them out: those first of whose conditions
 * the most hold. What is missing is in `unknown`. Pure.
 */
export function possibleOf(
  outcomes: readonly Outcome[],
  findings: readonly ReportFinding[],
  titleOf: (outcome: Outcome) => string,
): Possible[] {
  const noted = new Set(findings.filter(({ severity }) => NOTED.has(severity)).map(({ id }) => id));
  const found = outcomes.flatMap((outcome) => {
    const { rule, status, levels } = outcome;
    const { diagnosis } = rule;
    if (status !== 'unknown' || !diagnosis || diagnosis.healthy || diagnosis.lastResort) return [];
    const explains = diagnosis.explains.filter((id) => noted.has(id));
    const best = levels.flatMap(({ trace }) => easiest(trace) ?? []).toSorted(byShare)[0];
    if (explains.length === 0 || !best || best.holds < Math.max(LEAST, SHARE * best.of)) return [];
    return [{ outcome, best, base: diagnosis.base, explains }];
  });
  return found
    .toSorted((a, b) => byShare(a.best, b.best) || b.best.holds - a.best.holds || b.base - a.base)
    .slice(0, MOST)
    .map(({ outcome, best, explains }) => ({ id: outcome.rule.id, title: titleOf(outcome), explains, ...best }));
}

const byShare = (a: Held, b: Held): number => b.holds / b.of - a.holds / a.of;

/** Of the way in which a condition is nearest to hold: how many comparisons do, and of how many; null when it cannot hold. */
function easiest(trace: Trace): Held | null {
  if (trace.truth === false) return null;
  if (trace.kind === 'fact' || trace.kind === 'finding' || trace.kind === 'not') return { holds: trace.truth === true ? 1 : 0, of: 1 };
  const ways = trace.parts.flatMap((part) => easiest(part) ?? []);
  if (trace.kind === 'any') return ways.toSorted((a, b) => byShare(a, b) || a.of - b.of)[0] ?? null;
  return { holds: sum(ways.map(({ holds }) => holds)), of: sum(ways.map(({ of }) => of)) };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
