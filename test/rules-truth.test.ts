/** The three-valued truth against a reference that is written straight from Kleene's tables, on random conditions and random gaps. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../src/rules/evaluate.js';
import type { Truth } from '../src/rules/outcome.js';
import { type Condition, type FactCondition, rank, type Severity } from '../src/rules/rule.js';
import { compileBatch, findingFact } from '../src/rules/compile.js';
import { allOf, anyOf, notOf, traceOf, truthOf } from '../src/rules/truth.js';
import { factSet, finding, rule } from './rules-sample.js';

type Known = Readonly<Record<string, number | string | boolean | null>>;
type Findings = Readonly<Record<string, Severity | 'clear' | 'unknown'>>;

const NUMBERS = ['a', 'b', 'c.d', 'c.e'];
const TEXTS = ['t', 'u'];
const IDS = ['one', 'two'];

function reference(condition: Condition, facts: Known, findings: Findings): Truth {
  if ('all' in condition) {
    const truths = condition.all.map((part) => reference(part, facts, findings));
    return truths.some((truth) => truth === false) ? false : truths.every((truth) => truth === true) ? true : null;
  }
  if ('any' in condition) {
    const truths = condition.any.map((part) => reference(part, facts, findings));
    return truths.some((truth) => truth === true) ? true : truths.every((truth) => truth === false) ? false : null;
  }
  if ('not' in condition) {
    const truth = reference(condition.not, facts, findings);
    return truth === null ? null : !truth;
  }
  if ('finding' in condition) {
    const verdict = findings[condition.finding] ?? 'clear';
    return verdict === 'unknown' ? null : verdict !== 'clear' && rank(verdict) >= rank(condition.atLeast ?? 'info');
  }
  return compare(condition, facts);
}

function compare({ fact, operator, value }: FactCondition, facts: Known): Truth {
  const left = facts[fact] ?? null;
  const right = typeof value === 'object' && 'fact' in value ? (facts[value.fact] ?? null) : (value as unknown);
  if (left === null || right === null) return null;
  const list = right as unknown[];
  switch (operator) {
    case 'equal':
      return left === right;
    case 'notEqual':
      return left !== right;
    case 'in':
      return list.includes(left);
    case 'notIn':
      return !list.includes(left);
    case 'lessThan':
      return (left as number) < (right as number);
    case 'lessThanInclusive':
      return (left as number) <= (right as number);
    case 'greaterThan':
      return (left as number) > (right as number);
    case 'greaterThanInclusive':
    default:
      return (left as number) >= (right as number);
  }
}

const small = fc.integer({ min: -2, max: 2 });
const word = fc.constantFrom('x', 'xy', 'z');
const numeric = fc.record({
  fact: fc.constantFrom(...NUMBERS),
  operator: fc.constantFrom('equal', 'notEqual', 'lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive'),
  value: fc.oneof(small, fc.record({ fact: fc.constantFrom(...NUMBERS) })),
});
const listed = fc.oneof(
  fc.record({
    fact: fc.constantFrom(...NUMBERS),
    operator: fc.constantFrom('in', 'notIn'),
    value: fc.array(small, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    fact: fc.constantFrom(...TEXTS),
    operator: fc.constantFrom('in', 'notIn'),
    value: fc.array(word, { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ fact: fc.constantFrom(...TEXTS), operator: fc.constantFrom('equal', 'notEqual'), value: word }),
);
const severity = fc.constantFrom<Severity>('info', 'notice', 'warning', 'critical');
const found = fc.record({ finding: fc.constantFrom(...IDS), atLeast: severity });

const { tree } = fc.letrec<{ tree: Condition }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    numeric as fc.Arbitrary<Condition>,
    listed as fc.Arbitrary<Condition>,
    found,
    fc.record({ all: fc.array(tie('tree'), { minLength: 1, maxLength: 4 }) }),
    fc.record({ any: fc.array(tie('tree'), { minLength: 1, maxLength: 4 }) }),
    fc.record({ not: tie('tree') }),
  ),
}));
const gap = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 2 });
const facts: fc.Arbitrary<Known> = fc.record({
  a: gap(small),
  b: gap(small),
  'c.d': gap(small),
  'c.e': gap(small),
  t: gap(word),
  u: gap(word),
});
const verdicts: fc.Arbitrary<Findings> = fc.record({
  one: fc.oneof(severity, fc.constantFrom('clear' as const, 'unknown' as const)),
  two: severity,
});

/** Rules whose findings come out as they are told to. */
const told = (findings: Findings) =>
  IDS.map((id) =>
    rule(id, {
      levels: [
        {
          severity: isSeverity(findings[id]) ? findings[id] : 'info',
          conditions: { fact: findings[id] === 'unknown' ? 'gone' : 'here', operator: 'equal', value: findings[id] !== 'clear' },
        },
      ],
    }),
  );
const isSeverity = (verdict: string | undefined): verdict is Severity =>
  verdict !== undefined && verdict !== 'clear' && verdict !== 'unknown';

async function evaluated(condition: Condition, known: Known, findings: Findings): Promise<Truth> {
  const outcomes = await evaluate(
    [...told(findings), finding('tested', 'notice', { levels: [{ severity: 'notice', conditions: condition }] })],
    factSet({ ...known, here: true }),
  );
  const outcome = outcomes.find((each) => each.rule.id === 'tested');
  return outcome?.status === 'fires' ? true : outcome?.status === 'clear' ? false : null;
}

describe('three values', () => {
  test('without a trace are the same as with one', async () => {
    await fc.assert(
      fc.asyncProperty(tree, facts, verdicts, async (condition, known, findings) => {
        const values = new Map<string, number | string | boolean>(
          Object.entries(known).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
        );
        for (const [id, verdict] of Object.entries(findings))
          if (verdict !== 'unknown') values.set(findingFact(id), isSeverity(verdict) ? rank(verdict) : -1);
        const { rules, run } = compileBatch([finding('tested', 'notice', { levels: [{ severity: 'notice', conditions: condition }] })]);
        const [results = []] = await run(values, [null]);
        const [level] = rules[0]?.levels ?? [];
        expect(level).toBeDefined();
        expect(truthOf(level!, results)).toBe(traceOf(level!, results).truth);
      }),
    );
  });

  test('match the reference on any conditions and any gaps', async () => {
    await fc.assert(
      fc.asyncProperty(tree, facts, verdicts, async (condition, known, findings) => {
        expect(await evaluated(condition, known, findings)).toBe(reference(condition, known, findings));
      }),
      { numRuns: 2000 },
    );
  });

  test('what is known of a host stays so when more becomes known: a verdict never turns round', async () => {
    await fc.assert(
      fc.asyncProperty(tree, facts, verdicts, fc.constantFrom(...NUMBERS, ...TEXTS), async (condition, known, findings, name) => {
        const poorer = await evaluated(condition, { ...known, [name]: null }, findings);
        if (poorer !== null) expect(await evaluated(condition, known, findings)).toBe(poorer);
      }),
      { numRuns: 500 },
    );
  });

  test('the facts said to be missing are unknown, and there are some whenever the verdict is', async () => {
    await fc.assert(
      fc.asyncProperty(tree, facts, verdicts, async (condition, known, findings) => {
        const outcomes = await evaluate(
          [...told(findings), rule('tested', { levels: [{ severity: 'notice', conditions: condition }] })],
          factSet({ ...known, here: true }),
        );
        const outcome = outcomes.find((each) => each.rule.id === 'tested');
        expect((outcome?.missing.length ?? 0) > 0).toBe(outcome?.status === 'unknown');
        for (const name of outcome?.missing ?? []) expect(IDS.includes(name) ? findings[name] : (known[name] ?? 'unknown')).toBe('unknown');
      }),
      { numRuns: 500 },
    );
  });

  test('the tables', () => {
    expect([allOf([true, null]), allOf([false, null]), allOf([true, true])]).toEqual([null, false, true]);
    expect([anyOf([true, null]), anyOf([false, null]), anyOf([false, false])]).toEqual([true, null, false]);
    expect([notOf(true), notOf(false), notOf(null)]).toEqual([false, true, null]);
  });
});
