/** The contract of the built-in rules: every file in rules/ is whole, and its own tests show when it speaks and when it is silent. */
import { existsSync, readdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { evaluate } from '../src/rules/evaluate.js';
import { checkFiles, loadBuiltin } from '../src/rules/load.js';
import { rulePage } from '../src/rules/page.js';
import { problemText } from '../src/rules/problem.js';
import { rank, type Rule, type RuleTest, type Severity } from '../src/rules/rule.js';
import { outcomeOf, testRule, verdictOf } from '../src/rules/self-test.js';

const { rules } = await loadBuiltin();

const isSeverity = (word: string): word is Severity => word !== 'clear' && word !== 'unknown';
const without = (map: Readonly<Record<string, unknown>>, name: string) =>
  Object.fromEntries(Object.entries(map).filter(([key]) => key !== name));

/** Numbers written into conditions: only 0, 1, ranks of findings and the codes of a setting may stand there. */
function bareThresholds({ levels, diagnosis }: Rule): string[] {
  const found: string[] = [];
  JSON.stringify([levels, diagnosis], (_key, value: unknown) => {
    const { fact, value: threshold } = (value ?? {}) as { fact?: unknown; value?: unknown };
    const coded = typeof fact === 'string' && /^(findings|diagnoses|config)\./.test(fact);
    if (typeof fact === 'string' && typeof threshold === 'number' && ![0, 1].includes(threshold) && !coded)
      found.push(`${fact} ${threshold}`);
    return value;
  });
  return found;
}

describe.skipIf(!existsSync('rules') || rules.length === 0)('the built-in rules', () => {
  let problems: string[] = [];
  beforeAll(async () => {
    problems = (await checkFiles(['rules'], [])).problems.map(problemText);
  });

  test('have no problems', () => {
    expect(problems).toEqual([]);
  });

  test('are all clear or unknown, and none fires, where nothing is known', async () => {
    const outcomes = await evaluate(rules, { facts: {}, items: {} });
    expect(outcomes.filter(({ status }) => status === 'fires').map(({ rule }) => rule.id)).toEqual([]);
  });

  test('lie in the folder of their category, the diagnoses in diagnoses/', () => {
    const odd = rules.filter(({ file, category, diagnosis, id }) => file !== `rules/${diagnosis ? 'diagnoses' : category}/${id}.json`);
    expect(odd.map(({ file }) => file)).toEqual([]);
  });

  test('have every threshold in params, with its reason', () => {
    expect(rules.flatMap((rule) => bareThresholds(rule).map((found) => `${rule.id}: ${found}`))).toEqual([]);
  });

  test('say more of a threshold than that it is our judgement', () => {
    const params = rules.flatMap(({ id, params = {} }) => Object.entries(params).map(([name, { why }]) => ({ of: `${id}.${name}`, why })));
    expect(params.filter(({ why }) => /^(?:our judgement)?[.;\s]*$/i.test(why)).map(({ of }) => of)).toEqual([]);
  });

  test('advise no command of memdoctor that there is not', () => {
    const there = readdirSync('src/commands').map((file) => file.replace('.ts', ''));
    const advised = rules.flatMap(({ actions = [] }) =>
      actions.flatMap(({ command = '' }) => [...command.matchAll(/\bmemdoctor (\w+)/g)].map(([, name]) => name)),
    );
    expect(advised.length).toBeGreaterThan(0);
    expect(advised.filter((name) => !there.includes(name ?? ''))).toEqual([]);
  });

  describe.each(rules.map((rule) => [rule.id, rule] as const))('%s', (_id, rule) => {
    test('passes its own tests', async () => {
      const failures = (await testRule(rule)).filter(({ passed }) => !passed);
      expect(
        failures.map(({ test: { name, expect: expected }, found, outcome }) => ({ name, expected, found, missing: outcome.missing })),
      ).toEqual([]);
    });

    test('has tests that fire at each level, stay clear, and are unknown', () => {
      const expected = new Set(rule.tests.map((entry) => entry.expect));
      const wanted = [...rule.levels.map(({ severity }) => severity), 'clear' as const, 'unknown' as const];
      expect(wanted.filter((word) => !expected.has(word))).toEqual([]);
    });

    test('says less, never more, when a fact is missing', async () => {
      for (const entry of rule.tests)
        for (const [name, less] of poorer(entry)) {
          const before = verdictOf(await outcomeOf(rule, entry));
          const after = verdictOf(await outcomeOf(rule, less));
          const worse = isSeverity(after) && (!isSeverity(before) ? before === 'clear' : rank(after) > rank(before));
          expect(worse || (isSeverity(before) && after === 'clear'), `${entry.name} without ${name}: ${before} became ${after}`).toBe(
            false,
          );
        }
    });

    test('has a page', () => {
      expect(rulePage(asFile(rule))).toContain(`# ${rule.id}: `);
    });
  });
});

/** The test with one fact or item field less; those that follow from its findings stay. */
function* poorer(entry: RuleTest): Generator<[string, RuleTest]> {
  for (const name of Object.keys(entry.facts))
    if (!/^(findings|diagnoses)\./.test(name)) yield [name, { ...entry, facts: without(entry.facts, name) }];
  for (const field of Object.keys(entry.item ?? {})) yield [`item.${field}`, { ...entry, item: without(entry.item ?? {}, field) }];
}

const asFile = ({ file: _file, builtin: _builtin, ...rest }: Rule) => rest;
