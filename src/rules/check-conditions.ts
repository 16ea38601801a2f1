import { quote } from '../errors.js';
import type { Unit } from '../facts/fact.js';
import { leavesOf } from './conditions.js';
import { shown } from './check-shape.js';
import type { Report } from './problem.js';
import { type Condition, type FactCondition, type RuleFile } from './rule.js';
import { didYouMean } from './suggest.js';
import { namesFor, PSEUDO_FACTS, unitOf, type Vocabulary } from './vocabulary.js';

/** What the check of one rule knows of the others. */
export interface Known {
  readonly vocabulary: Vocabulary;
  /** All rules by id: whether each is a diagnosis. */
  readonly ids: ReadonlyMap<string, { readonly diagnosis: boolean }>;
}

type Kind = 'number' | 'text' | 'boolean' | 'entity';
const ORDERED = ['lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive'];

/** What values of a unit are. */
export const kindOf = (unit: Unit): Kind => (unit === 'text' || unit === 'boolean' || unit === 'entity' ? unit : 'number');
const kindOfValue = (value: unknown): Kind => (typeof value === 'string' ? 'text' : typeof value === 'boolean' ? 'boolean' : 'number');

/** Checks the names, the types and the units in the conditions of a rule. @returns nothing; notes the params used in `used`. */
export function checkConditions(rule: RuleFile, condition: Condition, at: string, known: Known, report: Report, used: Set<string>): void {
  for (const [leaf, below] of leavesOf(condition, at)) {
    if ('finding' in leaf) checkFindingId(rule, leaf.finding, `${below}/finding`, known, report);
    else checkLeaf(rule, leaf, below, known, report, used);
  }
}

function checkFindingId(rule: RuleFile, id: string, at: string, { ids }: Known, report: Report): void {
  const target = ids.get(id);
  if (!target) return report(at, `there is no rule ${quote(id)}${didYouMean(id, ids.keys())}`);
  if (id === rule.id) return report(at, 'a rule cannot rest on itself');
  if (target.diagnosis && !rule.diagnosis) report(at, `${quote(id)} is a diagnosis: a finding cannot rest on it`);
}

/** Reports a name that is no fact. @returns its unit. */
export function checkFactName(rule: RuleFile, name: string, at: string, { vocabulary }: Known, report: Report): Unit | undefined {
  const unit = unitOf(vocabulary, name, rule.forEach);
  if (unit !== undefined) return unit;
  // that the set is not there was said already
  if (name.startsWith('item.') && rule.forEach !== undefined && !vocabulary.sets.has(rule.forEach)) return undefined;
  const hint = name.startsWith('item.') && rule.forEach === undefined ? ' (a rule has items only with "forEach")' : '';
  report(at, `there is no fact ${quote(name)}${hint}${didYouMean(name, namesFor(vocabulary, rule.forEach))}`);
  return undefined;
}

function checkLeaf(rule: RuleFile, leaf: FactCondition, at: string, known: Known, report: Report, used: Set<string>): void {
  const unit = checkFactName(rule, leaf.fact, `${at}/fact`, known, report);
  if (Object.hasOwn(PSEUDO_FACTS, leaf.fact)) checkStage(rule, leaf.fact, `${at}/fact`, report);
  const other = otherSide(rule, leaf, `${at}/value`, known, report, used);
  if (unit === undefined || other === undefined) return;
  const kind = kindOf(unit);
  const { fact, operator } = leaf;
  if (kind === 'entity') return report(`${at}/fact`, `${quote(fact)} names somebody, it cannot be compared`);
  if (kind !== 'number' && ORDERED.includes(operator))
    return report(
      `${at}/operator`,
      `${quote(fact)} is a ${kind}: ${quote(operator)} needs a number; accepted are equal, notEqual${kind === 'text' ? ', in, notIn' : ''}`,
    );
  const list = operator === 'in' || operator === 'notIn';
  if (list && (!Array.isArray(leaf.value) || leaf.value.length === 0))
    return report(`${at}/value`, `found ${describe(leaf.value)}, ${quote(operator)} needs a list of values`);
  if (!list && Array.isArray(leaf.value))
    return report(`${at}/value`, `found a list, ${quote(operator)} needs one value; "in" takes a list`);
  const odd = other.find((side) => side.kind !== kind);
  if (odd) return report(`${at}/value`, `${quote(fact)} is a ${kind} (${unit}), and is compared with ${odd.what}, a ${odd.kind}`);
  const foreign = other.find((side) => side.unit !== undefined && !sameMeasure(side.unit, unit));
  if (foreign) report(`${at}/value`, `${quote(fact)} is in ${unit}, and is compared with ${foreign.what} in ${String(foreign.unit)}`);
}

function checkStage(rule: RuleFile, fact: string, at: string, report: Report): void {
  if (fact.startsWith('diagnoses.') && !rule.diagnosis?.lastResort) report(at, `${quote(fact)} is known to diagnoses of last resort only`);
}

interface Side {
  readonly kind: Kind;
  readonly unit?: Unit;
  readonly what: string;
}

/** What a fact is compared with; undefined when a name in it is unknown. */
function otherSide(rule: RuleFile, leaf: FactCondition, at: string, known: Known, report: Report, used: Set<string>): Side[] | undefined {
  const { value } = leaf;
  if (Array.isArray(value)) return value.map((element) => ({ kind: kindOfValue(element), what: describe(element) }));
  if (typeof value !== 'object') return [{ kind: kindOfValue(value), what: describe(value) }];
  if ('fact' in value) {
    const unit = checkFactName(rule, value.fact, `${at}/fact`, known, report);
    return unit && [{ kind: kindOf(unit), unit, what: quote(value.fact) }];
  }
  const { param } = value as { param: string };
  const params = rule.params ?? {};
  const definition = Object.hasOwn(params, param) ? params[param] : undefined;
  if (!definition) {
    report(`${at}/param`, `there is no param ${quote(param)}${didYouMean(param, Object.keys(params))}`);
    return undefined;
  }
  used.add(param);
  return [{ kind: kindOfValue(definition.value), unit: definition.unit, what: `the param ${quote(param)}` }];
}

const describe = shown;
const COUNTED: readonly Unit[] = ['1', 'count'];
const sameMeasure = (a: Unit, b: Unit): boolean => a === b || (COUNTED.includes(a) && COUNTED.includes(b));
