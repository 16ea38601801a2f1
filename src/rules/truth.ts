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

/** The truth alone: of a rule that is run for each of hundreds of items nobody looks at the traces of those that are clear. */
export function truthOf(prepared: Prepared, results: Results): Truth {
  if (prepared.kind === 'fact' || prepared.kind === 'finding') return traceOf(prepared, results).truth;
  if (prepared.kind === 'not') return notOf(prepared.parts[0] ? truthOf(prepared.parts[0], results) : null);
  // one that is true decides any, one that is false decides all
  const deciding = prepared.kind === 'any';
  let truth: Truth = !deciding;
  for (const part of prepared.parts) {
    const one = truthOf(part, results);
    if (one === deciding) return deciding;
    if (one === null) truth = null;
  }
  return truth;
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
