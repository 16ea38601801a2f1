import { Almanac, Engine } from 'json-rules-engine';

/** A comparison in json-rules-engine's own language. */
export interface Comparison {
  readonly fact: string;
  readonly operator: string;
  readonly value: unknown;
}

/** What json-rules-engine leaves behind of a comparison that it evaluated: the values of both sides, and how they compare. */
export interface Compared {
  readonly result?: boolean;
  readonly factResult?: unknown;
  readonly valueResult?: unknown;
}

/** The value of a fact; undefined when it is unknown. */
export type ValueOf = (name: string) => number | string | boolean | undefined;

/** Looks facts up when they are asked for: to make an object of each for every run costs more than all comparisons. */
class Facts extends Almanac {
  readonly #valueOf: ValueOf;

  constructor(valueOf: ValueOf) {
    super({ allowUndefinedFacts: true });
    this.#valueOf = valueOf;
  }

  override factValue<T>(name: string): Promise<T> {
    return Promise.resolve(this.#valueOf(name) as T);
  }
}

/**
 * How many comparisons are one rule of the engine. Of each rule it copies the conditions, in time that grows with the square of
 * their number, and tells its listeners, which costs as much as ten comparisons.
 */
const A_RULE = 64;

/**
 * Has json-rules-engine evaluate comparisons, and gives its results in their order. They have one priority, and so have all
 * facts: only then does the engine evaluate every one, decided or not. An engine of its own for each run costs little; runs of
 * one engine would share its status, and one that ends would stop another.
 */
export async function compare(comparisons: readonly Comparison[], valueOf: ValueOf): Promise<readonly Compared[]> {
  const engine = new Engine();
  for (let start = 0; start < comparisons.length; start += A_RULE)
    engine.addRule({ name: `${start}`, conditions: { any: comparisons.slice(start, start + A_RULE) }, event: { type: 'compared' } });
  const { results, failureResults } = await engine.run({}, { almanac: new Facts(valueOf) });
  const compared = Array.from<Compared | undefined>({ length: comparisons.length });
  for (const { name, conditions } of [...results, ...failureResults])
    for (const [index, result] of ((conditions as { any?: readonly Compared[] }).any ?? []).entries())
      compared[Number(name) + index] = result;
  return compared.map((result) => {
    if (result?.result === undefined) throw new Error('the rule engine left out a comparison');
    return result;
  });
}
