/** What can be seen to be pointless in a rule, and what must not be taken for it. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkContradictions } from '../src/rules/contradictions.js';
import { evaluate } from '../src/rules/evaluate.js';
import { toRule } from '../src/rules/parse.js';
import type { Condition, RuleFile } from '../src/rules/rule.js';
import { factSet, leaf, sound, vocabulary as plain } from './rules-sample.js';

const vocabulary = { ...plain, shares: new Set(['mem.free_pct', 'swap.devices/used_pct']) };

function problemsOf(rule: RuleFile): string[] {
  const found: string[] = [];
  checkContradictions(rule, vocabulary, (at, message) => found.push(`${at}: ${message}`));
  return found;
}
const alone = (conditions: Condition, more: Partial<RuleFile> = {}): string[] =>
  problemsOf(sound('r', { severity: 'warning', conditions, ...more }));
const all = (...parts: Condition[]): Condition => ({ all: parts });
const any = (...parts: Condition[]): Condition => ({ any: parts });
const not = (part: Condition): Condition => ({ not: part });

describe('a condition that can never hold', () => {
  test.each<[string, Condition, string]>([
    [
      'apart',
      all(leaf('mem.free_pct', 'greaterThan', 5), leaf('mem.free_pct', 'lessThan', 3)),
      '/conditions/all/1: this can never hold: mem.free_pct > 5 % and mem.free_pct < 3 %',
    ],
    [
      'touching',
      all(leaf('n', 'greaterThan', 5), leaf('n', 'lessThanInclusive', 5)),
      '/conditions/all/1: this can never hold: n > 5 and n ≤ 5',
    ],
    [
      'more than a whole',
      leaf('mem.free_pct', 'greaterThan', 120),
      '/conditions: this can never hold: mem.free_pct > 120 %, which is a share: from 0 to 100 %',
    ],
    ['fewer than none', leaf('n', 'lessThan', 0), 'n < 0, which is never below 0'],
    [
      'two texts',
      all(leaf('psi.mem.source', 'equal', 'memcg'), leaf('psi.mem.source', 'equal', 'global')),
      'and psi.mem.source = "global"',
    ],
    ['none of a list', all(leaf('psi.mem.source', 'in', ['a', 'b']), leaf('psi.mem.source', 'notIn', ['b', 'a'])), 'is none of'],
    ['a negation', all(leaf('n', 'greaterThan', 5), not(leaf('n', 'greaterThan', 3))), 'n > 5 and not n > 3'],
    ['no choice', all(leaf('n', 'equal', 4), any(leaf('n', 'greaterThan', 5), leaf('n', 'lessThan', 3))), 'this can never hold'],
    [
      'one dead branch',
      any(leaf('n', 'greaterThan', 5), all(leaf('n', 'equal', 1), leaf('n', 'equal', 2))),
      '/conditions/any/1/all/1: this can never hold',
    ],
    ['both of a boolean', not(any(leaf('swap.configured', 'equal', true), leaf('swap.configured', 'equal', false))), 'this can never hold'],
    [
      'a finding and not',
      all({ finding: 'x', atLeast: 'critical' }, not({ finding: 'x', atLeast: 'warning' })),
      'x is at least critical and not x is at least warning',
    ],
    ['too many symptoms of too low a rank', leaf('findings.worst', 'greaterThan', 3), 'from −1 (clear) to 3 (critical)'],
  ])('%s', (_what, condition, expected) => {
    const found = alone(condition);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });

  test('by the values of params', () => {
    const params = { low: { value: 3, unit: '%' as const, why: 'a reason' }, high: { value: 5, unit: '%' as const, why: 'a reason' } };
    const between = (from: string, to: string) =>
      all(leaf('mem.free_pct', 'greaterThan', { param: from }), leaf('mem.free_pct', 'lessThan', { param: to }));
    expect(alone(between('low', 'high'), { params })).toEqual([]);
    expect(alone(between('high', 'low'), { params })[0]).toContain('mem.free_pct > 5 % (high) and mem.free_pct < 3 % (low)');
  });

  test('of an item', () => {
    expect(alone(leaf('item.used_pct', 'greaterThan', 100), { forEach: 'swap.devices' })[0]).toContain('which is a share');
  });
});

describe('levels', () => {
  const levels = (...conditions: Condition[]) =>
    problemsOf(
      sound('r', {
        levels: conditions.map((condition, index) => ({
          severity: (['critical', 'warning', 'notice'] as const)[index] ?? 'info',
          conditions: condition,
        })),
      }),
    );
  const over = (value: number) => leaf('n', 'greaterThanInclusive', value);

  test.each<[string, Condition[], string | null]>([
    ['in order', [over(90), over(50), over(10)], null],
    [
      'the wrong way round',
      [over(50), over(90)],
      '/levels/1/conditions: whenever this holds, critical above does too: the rule can never be warning',
    ],
    ['the same', [over(50), over(50)], 'can never be warning'],
    [
      'one part of a choice',
      [any(over(50), leaf('psi.mem.source', 'equal', 'x')), all(over(60), leaf('mem.free_pct', 'lessThan', 5))],
      'can never be warning',
    ],
    ['every choice', [over(50), any(over(60), over(70))], 'can never be warning'],
    ['not every choice', [over(50), any(over(60), over(40))], null],
    ['more is asked for above', [all(over(50), leaf('mem.free_pct', 'lessThan', 5)), over(60)], null],
    [
      'the same choice and more',
      [
        any(over(50), leaf('mem.free_pct', 'lessThan', 5)),
        all(any(over(50), leaf('mem.free_pct', 'lessThan', 5)), leaf('swap.configured', 'equal', true)),
      ],
      'can never be warning',
    ],
    [
      'a comparison of facts',
      [leaf('n', 'lessThan', { fact: 'swap.in_rate' }), leaf('n', 'lessThan', { fact: 'swap.in_rate' })],
      'can never be warning',
    ],
  ])('%s', (_what, conditions, expected) => {
    const found = levels(...conditions);
    if (expected === null) expect(found).toEqual([]);
    else expect(found[0]).toContain(expected);
  });
});

test('what is said never to hold never does, whatever the facts', async () => {
  const number = fc.integer({ min: 0, max: 4 });
  const comparison = fc
    .tuple(
      fc.constantFrom('n', 'swap.in_rate'),
      fc.constantFrom('equal', 'notEqual', 'lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive'),
      number,
    )
    .map(([fact, operator, value]) => leaf(fact, operator, value));
  const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      comparison,
      fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((parts) => ({ all: parts })),
      fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((parts) => ({ any: parts })),
      tie('condition').map((part) => ({ not: part })),
    ),
  }));
  await fc.assert(
    fc.asyncProperty(
      condition,
      condition,
      fc.array(fc.tuple(number, number), { minLength: 8, maxLength: 8 }),
      async (first, second, values) => {
        const file = sound('r', {
          levels: [
            { severity: 'critical', conditions: first },
            { severity: 'warning', conditions: second },
          ],
        });
        const said = problemsOf(file);
        const rules = [toRule(file, 'r.json', false)];
        const found = new Set<string>();
        for (const [n, rate] of values)
          for (const outcome of await evaluate(rules, factSet({ n, 'swap.in_rate': rate })))
            if (outcome.severity) found.add(outcome.severity);
        if (said.some((line) => line.includes('can never be warning'))) expect(found.has('warning')).toBe(false);
        for (const [index, severity] of (['critical', 'warning'] as const).entries())
          if (said.some((line) => line.startsWith(`/levels/${index}/conditions: this can never hold`)))
            expect(found.has(severity)).toBe(false);
      },
    ),
    { numRuns: 150 },
  );
});
