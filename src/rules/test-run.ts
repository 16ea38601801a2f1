import type { FactSet } from '../facts/fact.js';
import { evaluate } from './evaluate.js';
import { problemText, type RuleProblem } from './problem.js';
import { rank, type Rule } from './rule.js';
import { testRule } from './self-test.js';

/** One thing that was tried: a rule file that was read, a test of a rule, a rule over a sample. */
export interface Case {
  /** The rule, or the file where there is none. */
  readonly suite: string;
  readonly file: string;
  readonly name: string;
  /** Why it failed; null when it passed. */
  readonly failure: string | null;
  /** What is worth saying all the same. */
  readonly note?: string;
}

/** A sample to run rules over. */
export interface TestSample {
  readonly name: string;
  /** Nothing may be found there above notice. */
  readonly healthy: boolean;
  readonly factSet: FactSet;
}

/** The problems of rule files as failed cases. */
export const problemCases = (problems: readonly RuleProblem[]): Case[] =>
  problems.map((problem) => ({
    suite: problem.file,
    file: problem.file,
    name: 'is a rule file without problems',
    failure: problemText(problem),
  }));

/** The tests inside rules, run. */
export async function testCases(rules: readonly Rule[]): Promise<Case[]> {
  const cases: Case[] = [];
  for (const rule of rules)
    for (const { test, found, passed, outcome } of await testRule(rule)) {
      const missing = outcome.missing.length > 0 ? ` (not known: ${outcome.missing.join(', ')})` : '';
      const failure = passed ? null : `expected ${test.expect}, found ${found}${missing}`;
      cases.push({ suite: rule.id, file: rule.file, name: test.name, failure });
    }
  return cases;
}

/** Rules over samples: of `all` rules, which run together, `tested` are judged. On a healthy sample none may be above notice. */
export async function sampleCases(tested: readonly Rule[], all: readonly Rule[], samples: readonly TestSample[]): Promise<Case[]> {
  const judged = new Map(tested.map((rule) => [rule.id, rule]));
  const cases: Case[] = [];
  for (const { name, healthy, factSet } of samples) {
    const fired = (await evaluate(all, factSet)).filter(({ rule, status }) => status === 'fires' && judged.has(rule.id));
    const loud = fired.filter(({ severity, rule }) => severity !== null && rank(severity) > rank('notice') && !rule.diagnosis?.healthy);
    for (const { rule, severity, item } of healthy ? loud : []) {
      const what = item === null ? '' : ` for ${item.name}`;
      cases.push({
        suite: rule.id,
        file: rule.file,
        name: `is silent on ${name}`,
        failure: `found ${severity ?? ''}${what} on a healthy sample`,
      });
    }
    if (healthy && loud.length > 0) continue;
    const said = fired.map(({ rule, severity }) => `${rule.id} ${severity ?? ''}`);
    cases.push({
      suite: `sample ${name}`,
      file: name,
      name: healthy ? 'healthy: nothing above notice' : 'rules run over it',
      failure: null,
      note: said.length > 0 ? [...new Set(said)].join(', ') : 'nothing found',
    });
  }
  return cases;
}
