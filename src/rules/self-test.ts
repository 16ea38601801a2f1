import type { Fact, FactSet, FactValue, Item } from '../facts/fact.js';
import { findingFact } from './compile.js';
import { evaluate } from './evaluate.js';
import { VOCABULARY } from './known.js';
import { restsOn } from './order.js';
import type { Outcome } from './outcome.js';
import { isDiagnosisId, rank, type Rule, type RuleTest, type Severity, SEVERITIES } from './rule.js';
import { type PseudoFact, unitOf, type Vocabulary } from './vocabulary.js';

export interface TestResult {
  readonly rule: Rule;
  readonly test: RuleTest;
  /** A severity, clear or unknown. */
  readonly found: RuleTest['expect'];
  readonly passed: boolean;
  readonly outcome: Outcome;
}

/** Runs the tests that a rule brings with it. */
export async function testRule(rule: Rule, vocabulary: Vocabulary = VOCABULARY): Promise<TestResult[]> {
  const results: TestResult[] = [];
  for (const test of rule.tests) {
    const outcome = await outcomeOf(rule, test, vocabulary);
    const found = verdictOf(outcome);
    results.push({ rule, test, found, passed: found === test.expect, outcome });
  }
  return results;
}

/** What a rule says, as its tests write it. The severity of a diagnosis is that of its level. */
export const verdictOf = (outcome: Outcome): RuleTest['expect'] =>
  outcome.status === 'fires' ? (outcome.severity ?? 'unknown') : outcome.status;

/**
 * Runs one rule on the facts of a test. A fact or item field that the test does not name, or gives as null, is unknown; a finding
 * that it does not name is clear; `findings.*` and `diagnoses.*` follow from the findings that it names, unless it gives them as
 * facts; without any they are unknown too.
 */
export async function outcomeOf(rule: Rule, test: RuleTest, vocabulary: Vocabulary = VOCABULARY): Promise<Outcome> {
  const [outcome] = await evaluate(alone(withParams(rule, test)), factsOf(rule, test, vocabulary), givenOf(rule, test));
  if (!outcome) throw new Error(`the rule ${rule.id} gave no outcome`);
  return { ...outcome, rule };
}

/** One array for each rule, so that it is compiled once. */
function alone(rule: Rule): readonly Rule[] {
  const known = arrays.get(rule) ?? [rule];
  arrays.set(rule, known);
  return known;
}
const arrays = new WeakMap<Rule, readonly Rule[]>();

function withParams(rule: Rule, { params: changed }: RuleTest): Rule {
  if (!changed) return rule;
  const params = Object.entries(rule.params ?? {}).map(
    ([name, param]) => [name, { ...param, value: (changed[name] ?? param.value) as typeof param.value }] as const,
  );
  return { ...rule, params: Object.fromEntries(params) };
}

function factsOf(rule: Rule, test: RuleTest, vocabulary: Vocabulary): FactSet {
  const facts = Object.entries(test.facts).map(([name, value]): [string, Fact] => [
    name,
    { value: value as FactValue | null, unit: unitOf(vocabulary, name, rule.forEach) ?? '1', from: [] },
  ]);
  const items =
    test.item && rule.forEach !== undefined ? { [rule.forEach]: { items: [{ name: 'item', ...test.item } as Item], from: [] } } : {};
  return { facts: Object.fromEntries(facts), items };
}

const isSeverity = (word: string): word is Severity => (SEVERITIES as readonly string[]).includes(word);

function givenOf(rule: Rule, test: RuleTest): Map<string, number | undefined> {
  const given = new Map<string, number | undefined>();
  for (const id of restsOn(rule)) given.set(findingFact(id), -1);
  const ranks: number[] = [];
  let diagnoses = 0;
  for (const [id, verdict] of Object.entries(test.findings ?? {})) {
    given.set(findingFact(id), isSeverity(verdict) ? rank(verdict) : verdict === 'clear' ? -1 : undefined);
    if (!isSeverity(verdict)) continue;
    if (isDiagnosisId(id)) diagnoses++;
    else ranks.push(rank(verdict));
  }
  const follow: [PseudoFact, number | undefined][] = [
    ['findings.worst', Math.max(-1, ...ranks)],
    ['findings.symptoms', ranks.filter((level) => level >= rank('warning')).length],
    ['diagnoses.count', diagnoses],
    // how sure a diagnosis was cannot be said in a test but by the fact itself
    ['diagnoses.best_score', diagnoses === 0 ? 0 : undefined],
  ];
  for (const [name, value] of follow) {
    const own = Object.hasOwn(test.facts, name) ? test.facts[name] : test.findings && value;
    given.set(name, typeof own === 'number' ? own : undefined);
  }
  return given;
}
