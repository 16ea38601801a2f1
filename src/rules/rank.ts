import type { Entity, FactSet } from '../facts/fact.js';
import type { Outcome } from './outcome.js';
import { rank, type Rule, type Severity } from './rule.js';
import { confidenceOf } from './score.js';

/** A diagnosis that fires, in its place among the others. */
export interface RankedDiagnosis {
  readonly outcome: Outcome;
  readonly rule: Rule;
  /** That of the most severe finding that it explains; that of its level when it explains none. */
  readonly severity: Severity;
  /** 5..97 */
  readonly score: number;
  readonly confidence: 'high' | 'medium' | 'low';
  /** 0..5; the order is by impact × score. */
  readonly impact: number;
  /** Ids of the findings that fire and that it explains, the most severe first. */
  readonly because: readonly string[];
  /** The diagnosis that goes before it because this one is its consequence, or less specific. */
  readonly explainedBy: string | null;
  readonly owner: Entity | null;
  readonly explainedBytes: number | null;
}

export interface Ranking {
  /** The root cause first. */
  readonly diagnoses: readonly RankedDiagnosis[];
  /** From the id of a finding to that of the first diagnosis that explains it. */
  readonly explainedBy: ReadonlyMap<string, string>;
  /** Ids of diagnoses that say all is well, and were dropped because something is not. */
  readonly dropped: readonly string[];
}

/** The narrower first. */
const SCOPES: readonly NonNullable<Rule['diagnosis']>['scope'][] = ['cgroup', 'node', 'zone', 'process', 'host'];

/** So much less sure may a cause be than its consequence and still go before it. */
const MARGIN = 10;

/** Orders the diagnoses that fire, and says which explains what. Pure. */
export function rankDiagnoses(outcomes: readonly Outcome[], factSet: FactSet): Ranking {
  const firing = outcomes.filter(({ status }) => status === 'fires');
  const findings = worstById(firing.filter(({ rule }) => !rule.diagnosis));
  const live = liveStall(factSet);
  const all = firing.filter(({ rule }) => rule.diagnosis).map((outcome) => describe(outcome, findings, live, factSet));

  const bad = [...findings.values(), ...all.filter(({ rule }) => !rule.diagnosis?.healthy)].some(
    ({ severity }) => rank(severity) >= rank('warning'),
  );
  const sorted = all.filter(({ rule }) => !(bad && rule.diagnosis?.healthy)).toSorted(compare);
  const kept = sorted.filter(({ rule }, index) => index === 0 || !rule.diagnosis?.alone);
  const diagnoses = arrange(kept);
  const explainedBy = new Map<string, string>();
  for (const { rule, because } of diagnoses) for (const id of because) if (!explainedBy.has(id)) explainedBy.set(id, rule.id);
  return { diagnoses, explainedBy, dropped: all.filter((entry) => !kept.includes(entry)).map(({ rule }) => rule.id) };
}

interface FiredFinding {
  readonly id: string;
  readonly severity: Severity;
  readonly category: string;
}

/** The findings that fire; a rule that fires for several items counts once, with its worst. */
function worstById(firing: readonly Outcome[]): Map<string, FiredFinding> {
  const worst = new Map<string, FiredFinding>();
  for (const { rule, severity } of firing) {
    const known = worst.get(rule.id);
    if (severity !== null && (!known || rank(severity) > rank(known.severity)))
      worst.set(rule.id, { id: rule.id, severity, category: rule.category });
  }
  return worst;
}

function describe(outcome: Outcome, findings: ReadonlyMap<string, FiredFinding>, live: boolean, factSet: FactSet): RankedDiagnosis {
  const { rule } = outcome;
  const part = rule.diagnosis;
  const explained = (part?.explains ?? []).flatMap((id) => findings.get(id) ?? []).toSorted((a, b) => rank(b.severity) - rank(a.severity));
  const severity = explained[0]?.severity ?? outcome.severity ?? 'info';
  const oom = explained.some((finding) => finding.category === 'oom' && rank(finding.severity) >= rank('warning'));
  const score = outcome.diagnosis?.score ?? part?.base ?? 5;
  return {
    outcome,
    rule,
    severity,
    score,
    confidence: confidenceOf(score),
    impact: part?.healthy ? 0 : rank(severity) + (live ? 1 : 0) + (oom ? 1 : 0),
    because: explained.map(({ id }) => id),
    explainedBy: null,
    owner: ownerOf(part?.owner ?? [], factSet),
    explainedBytes: part?.explainedBytes === undefined ? null : numberOf(factSet, part.explainedBytes),
  };
}

const numberOf = ({ facts }: FactSet, name: string): number | null => {
  const value = facts[name]?.value;
  return typeof value === 'number' ? value : null;
};

function ownerOf(names: readonly string[], { facts }: FactSet): Entity | null {
  for (const name of names) {
    const value = facts[name]?.value;
    if (typeof value === 'object' && value !== null) return value;
  }
  return null;
}

/**
 * True when tasks are held up by memory now: all at once for 5 % of the time, or some for 5 % while they reclaim by themselves
 * or wait for pages from disk.
 */
function liveStall(factSet: FactSet): boolean {
  const over = (name: string, floor: number): boolean => (numberOf(factSet, name) ?? -1) >= floor;
  if (over('psi.mem.full.pct', 5)) return true;
  return over('psi.mem.some.pct', 5) && (over('reclaim.allocstall_rate', 1) || over('fault.major_rate', 100));
}

/** Impact × score; then what says that all is well (the surest first), the narrower, and what accounts for more bytes. */
function compare(a: RankedDiagnosis, b: RankedDiagnosis): number {
  return (
    b.impact * b.score - a.impact * a.score ||
    Number(b.rule.diagnosis?.healthy ?? false) - Number(a.rule.diagnosis?.healthy ?? false) ||
    (a.impact === 0 ? b.score - a.score : 0) ||
    scopeOf(a) - scopeOf(b) ||
    (b.explainedBytes ?? 0) - (a.explainedBytes ?? 0) ||
    b.score - a.score ||
    (a.rule.id < b.rule.id ? -1 : 1)
  );
}

const scopeOf = ({ rule }: RankedDiagnosis): number => SCOPES.indexOf(rule.diagnosis?.scope ?? 'host');

/** Whether a cause goes before a consequence of its: it must be about as sure. */
const outranks = (cause: RankedDiagnosis, other: RankedDiagnosis): boolean =>
  (cause.rule.diagnosis?.outranks?.includes(other.rule.id) ?? false) && cause.score >= other.score - MARGIN;

/** Puts causes before their consequences, and leaves the rest in order. */
function arrange(sorted: readonly RankedDiagnosis[]): RankedDiagnosis[] {
  const waiting = [...sorted];
  const placed: RankedDiagnosis[] = [];
  while (waiting.length > 0) {
    const free = waiting.findIndex((entry) => !waiting.some((other) => other !== entry && outranks(other, entry)));
    // a ring of edges, which the check of rules does not let in: the first goes first
    const [next] = waiting.splice(Math.max(0, free), 1);
    if (!next) break;
    const cause = placed.find((other) => outranks(other, next));
    placed.push({ ...next, explainedBy: cause?.rule.id ?? null });
  }
  return placed;
}
