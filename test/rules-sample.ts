/** Made-up facts and rules for the tests of the rule machinery. */
import type { FactSet, FactValue, Item, Unit } from '../src/facts/fact.js';
import { toRule } from '../src/rules/parse.js';
import type { Condition, Rule, RuleFile, Severity } from '../src/rules/rule.js';
import { vocabularyOf } from '../src/rules/vocabulary.js';

export const vocabulary = vocabularyOf(
  {
    'coverage.meminfo': { unit: 'text' },
    'mem.free_pct': { unit: '%' },
    'mem.total_bytes': { unit: 'bytes' },
    'swap.in_rate': { unit: 'pages/s' },
    'psi.mem.source': { unit: 'text' },
    'swap.configured': { unit: 'boolean' },
    'sample.short': { unit: 'boolean' },
    'owner.process': { unit: 'entity' },
    n: { unit: 'count' },
  },
  { 'swap.devices': { fields: { used_pct: { unit: '%' }, type: { unit: 'text' } } } },
);

export const leaf = (fact: string, operator: string, value: unknown): Condition => ({ fact, operator, value }) as Condition;
export const over = (fact: string, value: number): Condition => leaf(fact, 'greaterThanInclusive', value);

/** A rule file that has nothing wrong. */
export function sound(id: string, more: Partial<RuleFile> = {}): RuleFile {
  const conditions = more.levels || more.conditions ? {} : { severity: 'warning' as const, conditions: over('mem.free_pct', 1) };
  return { id, title: 'A title', category: 'test', message: 'Free: {{percent mem.free_pct}}', tests: [], ...conditions, ...more };
}

export const rule = (id: string, more: Partial<RuleFile> = {}): Rule => toRule(sound(id, more), `${id}.json`, false);

/** A finding that fires with a severity whenever `n` is known. */
export const finding = (id: string, severity: Severity, more: Partial<RuleFile> = {}): Rule =>
  rule(id, { levels: [{ severity, conditions: over('n', 0) }], ...more });

type Part = NonNullable<RuleFile['diagnosis']>;
/** A diagnosis that fires whenever `n` is known. */
export const diagnosis = (id: string, part: Partial<Part> = {}, more: Partial<RuleFile> = {}): Rule =>
  finding(id, 'notice', { diagnosis: { base: 60, scope: 'host', explains: [], ...part }, ...more });

/** Facts by name; null is unknown. */
export function factSet(
  values: Readonly<Record<string, FactValue | null>>,
  items: Readonly<Record<string, readonly Item[] | null>> = {},
): FactSet {
  const unit: Unit = '1';
  return {
    facts: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, unit, from: [] }])),
    items: Object.fromEntries(Object.entries(items).map(([name, list]) => [name, { items: list, from: [] }])),
  };
}
