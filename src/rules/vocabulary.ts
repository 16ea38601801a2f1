import type { Alias } from './fact-schema.js';
import type { FactDefinition, ItemSetDefinition, Unit } from '../facts/fact.js';

/**
 * Facts that stand for what the rules before said. `findings.*` are known once all findings have been worked out,
 * `diagnoses.*` once all diagnoses have but those of last resort.
 */
export const PSEUDO_FACTS = {
  'findings.worst': 'rank of the most severe finding that fires: info 0, notice 1, warning 2, critical 3; none −1',
  'findings.symptoms': 'how many findings fire with warning or worse',
  'diagnoses.best_score': 'score of the surest diagnosis that fires, 5..97; none 0',
  'diagnoses.count': 'how many diagnoses fire',
} as const;
export type PseudoFact = keyof typeof PSEUDO_FACTS;

/** The names that rules may use, with their units. */
export interface Vocabulary {
  readonly facts: ReadonlyMap<string, Unit>;
  /** Item sets; the fields of each, `name` among them. */
  readonly sets: ReadonlyMap<string, ReadonlyMap<string, Unit>>;
  /** Facts (and `set/field`) that are shares of a whole: never above 100 %. */
  readonly shares?: ReadonlySet<string>;
  /** Old names of facts. */
  readonly aliases?: Readonly<Record<string, Alias>>;
}

type Units = Readonly<Record<string, Pick<FactDefinition, 'unit'> & { readonly title?: string }>>;
type Sets = Readonly<
  Record<
    string,
    { readonly fields: Readonly<Record<string, Pick<ItemSetDefinition['fields'][string], 'unit'> & { readonly title?: string }>> }
  >
>;

/** What is said to be a share of a whole that it is part of. What grows, or is set against something else, may be above 100 %. */
const SHARE = /share of (?:MemTotal|Slab|SwapTotal|its size|the sample|the last|all )/;
const NO_SHARE = /grow|per minute/i;
const sharesIn = (table: Units, prefix = ''): string[] =>
  Object.entries(table)
    .filter(([, { unit, title = '' }]) => unit === '%' && SHARE.test(title) && !NO_SHARE.test(title))
    .map(([name]) => prefix + name);

/** Makes a vocabulary of definitions. */
export function vocabularyOf(facts: Units, sets: Sets, aliases: Readonly<Record<string, Alias>> = {}): Vocabulary {
  const units = (table: Units): [string, Unit][] => Object.entries(table).map(([name, { unit }]) => [name, unit]);
  return {
    aliases,
    shares: new Set([...sharesIn(facts), ...Object.entries(sets).flatMap(([set, { fields }]) => sharesIn(fields, `${set}/`))]),
    facts: new Map([...units(facts), ...Object.keys(PSEUDO_FACTS).map((name): [string, Unit] => [name, 'count'])]),
    sets: new Map(
      Object.entries(sets).map(([name, { fields }]) => [name, new Map([['name', 'text'] as [string, Unit], ...units(fields)])]),
    ),
  };
}

/** The unit of a name as a rule may use it: a fact, or `item.<field>` of its set. */
export function unitOf(vocabulary: Vocabulary, name: string, set: string | undefined): Unit | undefined {
  if (!name.startsWith('item.')) return vocabulary.facts.get(name);
  return set === undefined ? undefined : vocabulary.sets.get(set)?.get(name.slice('item.'.length));
}

/** Every name that a rule may use: for suggestions. */
export function namesFor(vocabulary: Vocabulary, set: string | undefined): string[] {
  const fields = set === undefined ? [] : [...(vocabulary.sets.get(set)?.keys() ?? [])];
  return [...vocabulary.facts.keys(), ...fields.map((field) => `item.${field}`)];
}
