import type { Unit } from '../facts/fact.js';
import { VOCABULARY } from './known.js';
import type { FactCondition, FindingCondition, Rule } from './rule.js';
import { valueText } from './value.js';
import { unitOf, type Vocabulary } from './vocabulary.js';

const SIGNS: Readonly<Record<FactCondition['operator'], string>> = {
  equal: '=',
  notEqual: '≠',
  lessThan: '<',
  lessThanInclusive: '≤',
  greaterThan: '>',
  greaterThanInclusive: '≥',
  in: 'is one of',
  notIn: 'is none of',
};

/** The unit of a name in a rule; `1` for one that is not known. */
export const unitIn = (rule: Pick<Rule, 'forEach'>, name: string, vocabulary: Vocabulary = VOCABULARY): Unit =>
  unitOf(vocabulary, name, rule.forEach) ?? '1';

/** A comparison as people read it: `psi.mem.some.avg10 ≥ 5 % (warnFloor)`. */
export function comparisonText(rule: Pick<Rule, 'forEach' | 'params'>, condition: FactCondition): string {
  return `${condition.fact} ${thresholdText(rule, condition)}`;
}

/** The other side of a comparison, with its sign: `≥ 5 % (warnFloor)`. */
export function thresholdText(rule: Pick<Rule, 'forEach' | 'params'>, { fact, operator, value }: FactCondition): string {
  const unit = unitIn(rule, fact);
  const side = (single: unknown): string => (typeof single === 'string' ? JSON.stringify(single) : valueText(single, unit));
  if (Array.isArray(value)) return `${SIGNS[operator]} ${value.map(side).join(', ')}`;
  if (typeof value !== 'object') return `${SIGNS[operator]} ${side(value)}`;
  if ('fact' in value) return `${SIGNS[operator]} ${value.fact}`;
  const { param } = value as { param: string };
  return `${SIGNS[operator]} ${side(rule.params?.[param]?.value ?? null)} (${param})`;
}

/** `swap-in-active is at least warning`. */
export const findingText = ({ finding, atLeast }: FindingCondition): string =>
  atLeast === undefined || atLeast === 'info' ? `${finding} was found` : `${finding} is at least ${atLeast}`;
