import type { Prepared, Results } from './compile.js';
import type { Compared } from './engine.js';
import type { Trace, Truth } from './outcome.js';
import { type FactCondition, type FindingCondition, SEVERITIES } from './rule.js';

/** Kleene's `all`: false when one is false, else unknown when one is unknown. */
export const allOf = (truths: readonly Truth[]): Truth => (truths.includes(false) ? false : truths.includes(null) ? null : true);
/** Kleene's `any`: true when one is true, else unknown when one is unknown. */
export const anyOf = (truths: readonly Truth[]): Truth => (truths.includes(true) ? true : truths.includes(null) ? null : false);
/** Kleene's `not`: the unknown stays unknown. */
export const notOf = (truth: Truth): Truth => (truth === null ? null : !truth);

/**
 * The three-valued truth of a condition, from the engine's own results of its comparisons. What the engine would make of a whole
 * condition is of no use: a fact that is missing makes a comparison false, and notEqual, notIn and not true.
 */
export function traceOf(prepared: Prepared, results: Results): Trace {
  if (prepared.kind === 'fact') return traceFact(prepared.condition, results[prepared.comparison] ?? {});
  if (prepared.kind === 'finding') return traceFinding(prepared.condition, results[prepared.comparison] ?? {});
  const parts = prepared.parts.map((part) => traceOf(part, results));
  const truths = parts.map(({ truth }) => truth);
  const { kind } = prepared;
  const truth = kind === 'all' ? allOf(truths) : kind === 'any' ? anyOf(truths) : notOf(truths[0] ?? null);
  return { kind, truth, parts };
}

const ORDERED: readonly FactCondition['operator'][] = ['lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive'];

function traceFact(condition: FactCondition, { result, factResult, valueResult }: Compared): Trace {
  const [value, threshold] = [factResult ?? null, valueResult ?? null];
  // the engine orders texts too, and calls a number less or more than null
  const unfit = ORDERED.includes(condition.operator) && (typeof value !== 'number' || typeof threshold !== 'number');
  const truth = value === null || threshold === null || unfit || result === undefined ? null : result;
  return { kind: 'fact', truth, condition, value, threshold };
}

function traceFinding(condition: FindingCondition, { result, factResult }: Compared): Trace {
  if (typeof factResult !== 'number' || result === undefined) return { kind: 'finding', truth: null, condition, value: null };
  return { kind: 'finding', truth: result, condition, value: factResult < 0 ? 'clear' : (SEVERITIES.at(-1 - factResult) ?? 'clear') };
}

/** The facts and findings whose being unknown makes the trace unknown; nothing for one that is known. */
export function missingIn(trace: Trace): string[] {
  if (trace.truth !== null) return [];
  if (trace.kind === 'finding') return [trace.condition.finding];
  if (trace.kind !== 'fact') return trace.parts.flatMap(missingIn);
  const { fact, value } = trace.condition;
  const other = typeof value === 'object' && 'fact' in value && trace.threshold === null ? [value.fact] : [];
  return trace.value === null || other.length === 0 ? [fact, ...other] : other;
}
