import type { Item } from '../facts/fact.js';
import type { FactCondition, FindingCondition, Rule, Severity } from './rule.js';

/** Kleene's three values. */
export type Truth = true | false | null;

/** One condition, evaluated: what was compared with what. Null values are unknown. */
export type Trace =
  | { readonly kind: 'all' | 'any' | 'not'; readonly truth: Truth; readonly parts: readonly Trace[] }
  | {
      readonly kind: 'fact';
      readonly truth: Truth;
      readonly condition: FactCondition;
      readonly value: unknown;
      readonly threshold: unknown;
    }
  | { readonly kind: 'finding'; readonly truth: Truth; readonly condition: FindingCondition; readonly value: Severity | 'clear' | null };

/**
 * What one rule gave for one host, or for one item of its set. `fires`: severity is that of the highest level that holds.
 * `unknown`: no level holds, and one at least cannot be told; `missing` names the facts (and findings) that decide.
 */
export interface Outcome {
  readonly rule: Rule;
  readonly status: 'fires' | 'clear' | 'unknown';
  readonly severity: Severity | null;
  readonly item: Item | null;
  readonly missing: readonly string[];
  readonly levels: readonly { readonly severity: Severity; readonly trace: Trace }[];
  /** For a diagnosis that fires: its confidence and what it stands on. */
  readonly diagnosis: DiagnosisOutcome | null;
}

export interface DiagnosisOutcome {
  /** 5..97 */
  readonly score: number;
  readonly corroborating: readonly string[];
  readonly contradicting: readonly string[];
}
