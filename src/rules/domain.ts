import type { FactCondition } from './rule.js';

type Scalar = number | string | boolean;
type Operator = FactCondition['operator'];

/** The values that a fact can still have. */
export interface Domain {
  readonly low: number;
  readonly lowOpen: boolean;
  readonly high: number;
  readonly highOpen: boolean;
  /** When there are few: these. */
  readonly only: readonly Scalar[] | null;
  readonly not: readonly Scalar[];
}

export const ANYTHING: Domain = { low: -Infinity, lowOpen: false, high: Infinity, highOpen: false, only: null, not: [] };

export const OPPOSITE: Readonly<Record<Operator, Operator>> = {
  equal: 'notEqual',
  notEqual: 'equal',
  lessThan: 'greaterThanInclusive',
  greaterThanInclusive: 'lessThan',
  greaterThan: 'lessThanInclusive',
  lessThanInclusive: 'greaterThan',
  in: 'notIn',
  notIn: 'in',
};

/** What is left of a domain when a comparison with known values holds. */
export function narrowed(domain: Domain, operator: Operator, value: Scalar | readonly Scalar[]): Domain {
  const list: readonly Scalar[] = typeof value === 'object' ? value : [value];
  const [first] = list;
  if (operator === 'notEqual' || operator === 'notIn') return { ...domain, not: [...domain.not, ...list] };
  if (operator === 'equal' || operator === 'in')
    return { ...domain, only: domain.only ? domain.only.filter((known) => list.includes(known)) : list };
  if (typeof first !== 'number') return domain;
  const open = operator === 'lessThan' || operator === 'greaterThan';
  if (operator === 'lessThan' || operator === 'lessThanInclusive')
    return first < domain.high || (first === domain.high && open) ? { ...domain, high: first, highOpen: open } : domain;
  return first > domain.low || (first === domain.low && open) ? { ...domain, low: first, lowOpen: open } : domain;
}

const within = ({ low, lowOpen, high, highOpen }: Domain, value: Scalar): boolean =>
  typeof value !== 'number' || ((lowOpen ? value > low : value >= low) && (highOpen ? value < high : value <= high));

/** Whether no value is left. */
export function isEmpty(domain: Domain): boolean {
  const { low, lowOpen, high, highOpen, only, not } = domain;
  if (low > high || (low === high && (lowOpen || highOpen || not.includes(low)))) return true;
  return only !== null && !only.some((value) => within(domain, value) && !not.includes(value));
}
