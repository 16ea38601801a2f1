import type { Rule } from './rule.js';

export interface Weights {
  readonly corroborating: number;
  readonly contradicting: number;
  /** How many facts of `needs` are unknown. */
  readonly missing: number;
  /** The sample was too short for steady rates. */
  readonly short: boolean;
}

/**
 * How sure a diagnosis is, 5 to 97: its base, 10 for each thing that speaks for it (30 at most), 20 off for each that speaks against
 * it, 10 off for a short sample and for each need that is missing, 15 off when it rests on the log or on totals since boot alone.
 */
export function scoreOf(diagnosis: NonNullable<Rule['diagnosis']>, weights: Weights): number {
  const support = Math.min(30, 10 * weights.corroborating);
  const doubt = 20 * weights.contradicting + 10 * weights.missing + (weights.short ? 10 : 0) + (diagnosis.logOnly ? 15 : 0);
  return Math.min(97, Math.max(5, Math.round(diagnosis.base + support - doubt)));
}

/** The word for a score. */
export function confidenceOf(score: number): 'high' | 'medium' | 'low' {
  if (score >= 75) return 'high';
  return score >= 45 ? 'medium' : 'low';
}
