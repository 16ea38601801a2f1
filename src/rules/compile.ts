import type { Item } from '../facts/fact.js';
import { compare, type Compared, type Comparison, type ValueOf } from './engine.js';
import { partsOf } from './conditions.js';
import { type Condition, type FactCondition, type FindingCondition, rank, type Rule } from './rule.js';

/** A condition of a rule, its comparisons as numbers in the list of its batch. */
export type Prepared =
  | { readonly kind: 'all' | 'any' | 'not'; readonly parts: readonly Prepared[] }
  | { readonly kind: 'fact'; readonly condition: FactCondition; readonly comparison: number }
  | { readonly kind: 'finding'; readonly condition: FindingCondition; readonly comparison: number };

export interface PreparedRule {
  readonly rule: Rule;
  readonly levels: readonly Prepared[];
  readonly corroborating: readonly Prepared[];
  readonly contradicting: readonly Prepared[];
}

/** The fact that says how a rule came out: the rank of its severity, −1 when it is clear; missing when it is unknown. */
export const findingFact = (id: string): string => `finding.${id}`;

/** Values by fact name; what is missing is unknown. */
export type Values = ReadonlyMap<string, number | string | boolean>;

/** What the engine found, by the number of the comparison. */
export type Results = readonly Compared[];

export interface Batch {
  readonly rules: readonly PreparedRule[];
  /** Evaluates the comparisons of all rules, for each item (null: for none). */
  readonly run: (values: Values, items: readonly (Item | null)[]) => Promise<readonly Results[]>;
}

/**
 * Compiles rules that do not rest on each other. Rules ask much the same things (most comparisons stand in several), so each
 * different comparison is evaluated once, and what does not speak of an item once for all items.
 */
export function compileBatch(rules: readonly Rule[]): Batch {
  const comparisons: Comparison[] = [];
  const numbers = new Map<string, number>();

  function numberOf(comparison: Comparison): number {
    const key = JSON.stringify(comparison);
    const number = numbers.get(key) ?? comparisons.push(comparison) - 1;
    numbers.set(key, number);
    return number;
  }

  function prepare(condition: Condition, params: Rule['params']): Prepared {
    if ('fact' in condition) return { kind: 'fact', condition, comparison: numberOf(factComparison(condition, params)) };
    if ('finding' in condition) return { kind: 'finding', condition, comparison: numberOf(findingComparison(condition)) };
    const kind = 'all' in condition ? 'all' : 'any' in condition ? 'any' : 'not';
    return { kind, parts: partsOf(condition).map((part) => prepare(part, params)) };
  }

  const prepared = rules.map((rule): PreparedRule => {
    const all = (list: readonly { readonly conditions: Condition }[] = []) =>
      list.map(({ conditions }) => prepare(conditions, rule.params));
    return {
      rule,
      levels: all(rule.levels),
      corroborating: all(rule.diagnosis?.corroborating),
      contradicting: all(rule.diagnosis?.contradicting),
    };
  });
  const speaksOfItem = (number: number): boolean => namesIn(comparisons[number]).some((name) => name.startsWith(ITEM));
  const ofHost = [...comparisons.keys()].filter((number) => !speaksOfItem(number));
  const ofItems = [...comparisons.keys()].filter(speaksOfItem);

  /**
   * Evaluates comparisons for several views of the facts, into the results of each. Many items look alike (most groups have met no limit),
   * so that what compares the same values is asked once. A comparison with what is unknown has no result: it is not for the engine, which
   * has but true and false.
   */
  async function evaluate(which: readonly number[], views: readonly ValueOf[], results: readonly Compared[][]): Promise<void> {
    const places = new Map<string, number>();
    const asked: Comparison[] = [];
    const facts = new Map<string, ReturnType<ValueOf>>();
    const waiting: { readonly into: Compared[]; readonly number: number; readonly place: number }[] = [];
    for (const [index, valueOf] of views.entries()) {
      const into = results[index] ?? [];
      for (const number of which) {
        const comparison = comparisons[number];
        if (!comparison) continue;
        const sides = sidesOf(comparison, valueOf);
        into[number] = sides;
        const { factResult, valueResult } = sides;
        if (factResult === undefined || valueResult === undefined) continue;
        // a value that is a list is the rule's own, and the same for all
        const other = typeof valueResult === 'object' ? '' : JSON.stringify(valueResult);
        const key = `${number} ${JSON.stringify(factResult)} ${other}`;
        const place = places.get(key) ?? asked.length;
        if (place === asked.length) {
          places.set(key, place);
          facts.set(key, factResult as ReturnType<ValueOf>);
          asked.push({ fact: key, operator: comparison.operator, value: valueResult });
        }
        waiting.push({ into, number, place });
      }
    }
    const compared = await compare(asked, (name) => facts.get(name));
    for (const { into, number, place } of waiting) into[number] = compared[place] ?? {};
  }

  async function run(values: Values, items: readonly (Item | null)[]): Promise<Results[]> {
    const valueOf: ValueOf = (name) => finite(values.get(name));
    const common: Compared[] = Array.from(comparisons, () => ({}));
    await evaluate(ofHost, [valueOf], [common]);
    const results = items.map(() => [...common]);
    const views = items.map(
      (item): ValueOf =>
        (name) =>
          name.startsWith(ITEM) ? finite(fieldOf(item, name.slice(ITEM.length))) : valueOf(name),
    );
    await evaluate(ofItems, views, results);
    return results;
  }

  return { rules: prepared, run };
}

const ITEM = 'item.';

const fieldOf = (item: Item | null, field: string): Item[string] | undefined =>
  item !== null && Object.hasOwn(item, field) ? item[field] : undefined;

const finite = (value: Item[string] | undefined): ReturnType<ValueOf> =>
  value === null || (typeof value === 'number' && !Number.isFinite(value)) ? undefined : value;

const factComparison = ({ fact, operator, value }: FactCondition, params: Rule['params']): Comparison => ({
  fact,
  operator,
  value: substitute(value, params),
});

const findingComparison = ({ finding, atLeast = 'info' }: FindingCondition): Comparison => ({
  fact: findingFact(finding),
  operator: 'greaterThanInclusive',
  value: rank(atLeast),
});

function substitute(value: FactCondition['value'], params: Rule['params']): unknown {
  if (typeof value !== 'object' || !('param' in value)) return value;
  // a param that is not there makes the comparison unknown
  return params && Object.hasOwn(params, value.param) ? params[value.param]?.value : undefined;
}

/** The fact that a comparison is with, when it is with one. */
const otherFact = (value: unknown): string | undefined =>
  typeof value === 'object' && value !== null && 'fact' in value && typeof value.fact === 'string' ? value.fact : undefined;

const namesIn = (comparison: Comparison | undefined): string[] =>
  [comparison?.fact, otherFact(comparison?.value)].filter((name) => name !== undefined);

function sidesOf({ fact, value }: Comparison, valueOf: ValueOf): Compared {
  const other = otherFact(value);
  return { factResult: valueOf(fact), valueResult: other === undefined ? value : valueOf(other) };
}
