import type { Item } from '../facts/fact.js';
import { Engine, Fact, type NestedCondition, type TopLevelCondition } from './engine.js';
import { leavesOf } from './conditions.js';
import type { Trace } from './outcome.js';
import { type Condition, type FactCondition, type FindingCondition, rank, type Rule } from './rule.js';
import { type EngineCondition, traceOf } from './truth.js';

/** One condition to evaluate: a level of a rule, or what weighs for or against it. */
export interface Check {
  readonly name: string;
  readonly conditions: Condition;
  readonly params: Rule['params'];
}

/** The fact that says how a rule came out: the rank of its severity, −1 when it is clear; missing when it is unknown. */
export const findingFact = (id: string): string => `finding.${id}`;

/** Values by fact name; what is missing is unknown. */
export type Values = ReadonlyMap<string, number | string | boolean>;

export interface Batch {
  /** Evaluates all checks at once, for an item when there is one. @returns the trace of each, by its name. */
  readonly run: (values: Values, item?: Item | null) => Promise<ReadonlyMap<string, Trace>>;
}

/**
 * Compiles checks that do not rest on each other into one engine. All have one priority, and so have all facts: only then does
 * the engine evaluate every comparison, which the three-valued truth needs.
 */
export function compileBatch(checks: readonly Check[]): Batch {
  const byName = new Map(checks.map((check) => [check.name, check]));
  // facts are flat: there is nothing for a path to look into
  const engine = new Engine([], { allowUndefinedFacts: true, pathResolver: () => undefined });
  for (const { name, conditions, params } of checks)
    engine.addRule({ name, conditions: topLevel(conditions, params), event: { type: name } });
  const names = new Set(checks.flatMap(({ conditions }) => [...leavesOf(conditions)].flatMap(([leaf]) => namesIn(leaf))));

  async function evaluate(values: Values, item: Item | null): Promise<ReadonlyMap<string, Trace>> {
    const facts: Record<string, Fact> = {};
    for (const name of names) {
      const value = name.startsWith('item.') ? fieldOf(item, name.slice('item.'.length)) : values.get(name);
      // without a cache the engine does not hash every value
      if (value !== undefined && value !== null && (typeof value !== 'number' || Number.isFinite(value)))
        facts[name] = new Fact(name, value, { cache: false });
    }
    const { results, failureResults } = await engine.run(facts);
    const traces = new Map<string, Trace>();
    for (const { name, conditions } of [...results, ...failureResults]) {
      const check = byName.get(name);
      if (check) traces.set(name, traceOf(check.conditions, inner(check.conditions, conditions as EngineCondition)));
    }
    if (traces.size !== byName.size) throw new Error(`the rule engine evaluated ${traces.size} of ${byName.size} conditions`);
    return traces;
  }

  // runs of one engine share its status: one that ends would stop another
  let turn: Promise<unknown> = Promise.resolve();
  return {
    run: (values, item = null) => {
      const mine = turn.then(() => evaluate(values, item));
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
}

const fieldOf = (item: Item | null, field: string): Item[string] | undefined =>
  item !== null && Object.hasOwn(item, field) ? item[field] : undefined;

const isComparison = (condition: Condition): boolean => 'fact' in condition || 'finding' in condition;

/** The engine wants all, any or not at the top. */
function topLevel(condition: Condition, params: Rule['params']): TopLevelCondition {
  const converted = convert(condition, params);
  return (isComparison(condition) ? { all: [converted] } : converted) as TopLevelCondition;
}
const inner = (condition: Condition, result: EngineCondition): EngineCondition =>
  isComparison(condition) ? (result.all?.[0] ?? {}) : result;

function convert(condition: Condition, params: Rule['params']): NestedCondition {
  if ('all' in condition) return { all: condition.all.map((part) => convert(part, params)) };
  if ('any' in condition) return { any: condition.any.map((part) => convert(part, params)) };
  if ('not' in condition) return { not: convert(condition.not, params) };
  if ('finding' in condition)
    return { fact: findingFact(condition.finding), operator: 'greaterThanInclusive', value: rank(condition.atLeast ?? 'info') };
  return { fact: condition.fact, operator: condition.operator, value: substitute(condition.value, params) };
}

function substitute(value: FactCondition['value'], params: Rule['params']): unknown {
  if (typeof value !== 'object' || !('param' in value)) return value;
  // a param that is not there makes the comparison unknown
  return params && Object.hasOwn(params, value.param) ? params[value.param]?.value : undefined;
}

function namesIn(leaf: FactCondition | FindingCondition): string[] {
  if ('finding' in leaf) return [findingFact(leaf.finding)];
  return typeof leaf.value === 'object' && 'fact' in leaf.value ? [leaf.fact, leaf.value.fact] : [leaf.fact];
}
