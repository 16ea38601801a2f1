/** What json-rules-engine 7.3.1 does, as far as evaluation leans on it. If one of these changes, src/rules/engine.ts must be read again. */
import { Almanac, Engine, Fact, type RuleResult, type TopLevelCondition } from 'json-rules-engine';
import { describe, expect, test } from 'vitest';
import { compare } from '../src/rules/engine.js';

const OPEN = { allowUndefinedFacts: true };
const rule = (name: string, conditions: TopLevelCondition, priority = 1) => ({ name, conditions, event: { type: name }, priority });
const leaf = (fact: string, operator: string, value: unknown, more: object = {}) => ({ fact, operator, value, ...more });

async function fires(condition: ReturnType<typeof leaf>, facts: Record<string, unknown>): Promise<boolean> {
  const { results } = await new Engine([rule('r', { all: [condition] })], OPEN).run(facts);
  return results.length === 1;
}

/** The leaves of a result, as plain data: `undefined` members are left out by toJSON, so they are read from the object. */
function leaves(result: RuleResult | undefined): { fact: string; result: unknown; factResult: unknown; valueResult: unknown }[] {
  const found: { fact: string; result: unknown; factResult: unknown; valueResult: unknown }[] = [];
  const walk = (condition: Record<string, unknown>): void => {
    for (const key of ['all', 'any', 'not']) {
      const parts = condition[key];
      if (parts !== undefined) for (const part of [parts].flat()) walk(part as Record<string, unknown>);
    }
    if (typeof condition['fact'] === 'string')
      found.push({
        fact: condition['fact'],
        result: condition['result'],
        factResult: condition['factResult'],
        valueResult: condition['valueResult'],
      });
  };
  if (result) walk(result.conditions as unknown as Record<string, unknown>);
  return found;
}

describe('facts that are missing', () => {
  test('abort the whole run by default', async () => {
    const engine = new Engine([rule('r', { all: [leaf('gone', 'equal', 1)] }), rule('other', { all: [leaf('here', 'equal', 1)] })]);
    await expect(engine.run({ here: 1 })).rejects.toThrow('Undefined fact: gone');
  });

  test.each([
    ['notEqual', 1, true],
    ['notIn', [1], true],
    ['equal', 1, false],
    ['in', [1], false],
    ['lessThan', 1, false],
    ['greaterThanInclusive', 0, false],
  ])('with allowUndefinedFacts, %s %j gives %s', async (operator, value, fired) => {
    expect(await fires(leaf('gone', operator, value), {})).toBe(fired);
  });

  test('with allowUndefinedFacts, `not` fires too', async () => {
    const { results } = await new Engine([rule('r', { not: leaf('gone', 'greaterThan', 5) as never })], OPEN).run({});
    expect(results).toHaveLength(1);
  });

  test('null and undefined are values like others: only an absent fact leaves factResult undefined', async () => {
    expect(await fires(leaf('a', 'notEqual', 1), { a: null })).toBe(true);
    expect(await fires(leaf('a', 'lessThan', 1), { a: null })).toBe(false);
    const { failureResults } = await new Engine([rule('r', { all: [leaf('a', 'equal', 1), leaf('b', 'equal', 1)] })], OPEN).run({
      a: null,
    });
    expect(leaves(failureResults[0])).toEqual([
      { fact: 'a', result: false, factResult: null, valueResult: 1 },
      { fact: 'b', result: false, factResult: undefined, valueResult: 1 },
    ]);
  });

  test('a value that is a missing fact leaves valueResult undefined', async () => {
    const { failureResults } = await new Engine([rule('r', { all: [leaf('a', 'equal', { fact: 'gone' })] })], OPEN).run({ a: 1 });
    expect(leaves(failureResults[0])).toEqual([{ fact: 'a', result: false, factResult: 1, valueResult: undefined }]);
  });
});

describe('operators', () => {
  test.each([
    ['lessThan', Number.NaN],
    ['greaterThan', Number.NaN],
    ['lessThan', 'abc'],
    ['lessThan', null],
    ['greaterThan', true],
  ])('%s of %s is false without a word', async (operator, value) => {
    expect(await fires(leaf('a', operator, 10), { a: value })).toBe(false);
  });

  test('a text that begins with a number passes the check of numbers, and is then compared as JavaScript does', async () => {
    expect(await fires(leaf('a', 'greaterThan', 10), { a: '12' })).toBe(true);
    expect(await fires(leaf('a', 'greaterThan', 10), { a: '12 kB' })).toBe(false);
    expect(await fires(leaf('a', 'greaterThan', '10'), { a: '9 kB' })).toBe(true);
  });

  test('the right hand side is not checked at all', async () => {
    expect(await fires(leaf('a', 'greaterThan', null), { a: 1 })).toBe(true);
    expect(await fires(leaf('a', 'greaterThan', '0'), { a: 1 })).toBe(true);
  });

  test('`in` with a text looks for a substring', async () => {
    expect(await fires(leaf('a', 'in', 'always'), { a: 'way' })).toBe(true);
    expect(await fires(leaf('a', 'in', ['always']), { a: 'way' })).toBe(false);
  });

  test('an unknown one rejects the run', async () => {
    await expect(fires(leaf('a', 'greaterThen', 1), { a: 1 })).rejects.toThrow('Unknown operator: greaterThen');
  });

  test('names with a colon are decorators, so operators must come from a list', async () => {
    expect(await fires(leaf('a', 'not:equal', 1), { a: 2 })).toBe(true);
  });
});

describe('conditions', () => {
  const asked = (names: string[], priorities: Record<string, number> = {}) => {
    const calls: string[] = [];
    const facts = names.map(
      (name) =>
        new Fact(
          name,
          () => {
            calls.push(name);
            return 0;
          },
          { priority: priorities[name] ?? 1 },
        ),
    );
    return { calls, facts };
  };
  const run = async (facts: Fact[], conditions: TopLevelCondition) => {
    const engine = new Engine([rule('r', conditions)], OPEN);
    for (const fact of facts) engine.addFact(fact);
    return engine.run();
  };

  test('of one priority are all evaluated, decided or not', async () => {
    const all = asked(['a', 'b', 'c']);
    await run(all.facts, { all: [leaf('a', 'equal', 1), leaf('b', 'equal', 1), leaf('c', 'equal', 0)] });
    expect(all.calls).toEqual(['a', 'b', 'c']);
    const any = asked(['a', 'b', 'c']);
    await run(any.facts, { any: [leaf('a', 'equal', 0), leaf('b', 'equal', 1), { all: [leaf('c', 'equal', 1), leaf('a', 'equal', 0)] }] });
    expect(any.calls).toEqual(['a', 'b', 'c']);
  });

  test('of several fact priorities are short-circuited', async () => {
    const { calls, facts } = asked(['a', 'b'], { a: 10 });
    const { failureResults } = await run(facts, { all: [leaf('a', 'equal', 1), leaf('b', 'equal', 0)] });
    expect(calls).toEqual(['a']);
    expect(leaves(failureResults[0])[1]).toEqual({ fact: 'b', result: undefined, factResult: undefined, valueResult: undefined });
  });

  test('of several condition priorities are short-circuited', async () => {
    const { calls, facts } = asked(['a', 'b']);
    await run(facts, { any: [leaf('a', 'equal', 1), leaf('b', 'equal', 0, { priority: 5 })] });
    expect(calls).toEqual(['b']);
  });

  test('carry factResult and valueResult in rules that succeed and in rules that fail, at every depth', async () => {
    const conditions: TopLevelCondition = {
      any: [
        { not: leaf('a', 'equal', 1) as never },
        { all: [leaf('b', 'lessThan', 5), leaf('c', 'in', ['x'])] },
        leaf('a', 'equal', { fact: 'b' }),
      ],
    };
    const engine = new Engine([rule('r', conditions)], OPEN);
    const hit = await engine.run({ a: 2, b: 9, c: 'y' });
    const miss = await engine.run({ a: 1, b: 9, c: 'y' });
    const of = (a: number) => [
      { fact: 'a', result: a === 1, factResult: a, valueResult: 1 },
      { fact: 'b', result: false, factResult: 9, valueResult: 5 },
      { fact: 'c', result: false, factResult: 'y', valueResult: ['x'] },
      { fact: 'a', result: false, factResult: a, valueResult: 9 },
    ];
    expect(leaves(hit.results[0])).toEqual(of(2));
    expect(leaves(miss.failureResults[0])).toEqual(of(1));
  });

  test('the results of one run are not overwritten by the next', async () => {
    const engine = new Engine([rule('r', { all: [leaf('a', 'equal', 1)] })], OPEN);
    const first = await engine.run({ a: 1 });
    await engine.run({ a: 2 });
    expect(leaves(first.results[0])[0]?.factResult).toBe(1);
  });

  test('must be all, any or not at the top: a bare comparison is refused', () => {
    expect(() => new Engine([rule('r', leaf('a', 'equal', 1) as never)])).toThrow(/root must contain/);
  });
});

describe('runs', () => {
  test('of one engine at one time do not mix their facts', async () => {
    const engine = new Engine([rule('r', { any: [leaf('a', 'equal', 1), leaf('a', 'notEqual', 1)] })], OPEN);
    const runs = await Promise.all(Array.from({ length: 50 }, (_, a) => engine.run({ a })));
    expect(runs.map((run) => leaves(run.results[0])[0]?.factResult)).toEqual(Array.from({ length: 50 }, (_, a) => a));
  });

  test('of one engine at one time share its status: one that ends makes another leave out its later priorities', async () => {
    const engine = new Engine([rule('high', { all: [leaf('a', 'equal', 1)] }, 10), rule('low', { all: [leaf('a', 'equal', 1)] }, 1)], OPEN);
    const slow = engine.run({ a: () => new Promise((resolve) => setTimeout(() => resolve(1), 20)) });
    const fast = await engine.run({ a: 1 });
    expect(fast.results.map((result) => result.name)).toEqual(['high', 'low']);
    expect((await slow).results.map((result) => result.name)).toEqual(['high']);
  });

  test('rules of one priority run together: none can see what another adds', async () => {
    const engine = new Engine([], OPEN);
    engine.addRule({
      ...rule('first', { all: [leaf('a', 'equal', 1)] }),
      onSuccess: (_event, almanac) => void almanac.addFact('added', 1),
    });
    engine.addRule(rule('second', { all: [leaf('added', 'equal', 1)] }));
    expect((await engine.run({ a: 1 })).failureResults.map((result) => result.name)).toEqual(['second']);
  });

  test('rules of a lower priority see what a higher one added', async () => {
    const engine = new Engine([], OPEN);
    engine.addRule({
      ...rule('first', { all: [leaf('a', 'equal', 1)] }, 10),
      onSuccess: (_event, almanac) => void almanac.addFact('added', 1),
    });
    engine.addRule(rule('second', { all: [leaf('added', 'equal', 1)] }));
    expect((await engine.run({ a: 1 })).results.map((result) => result.name)).toEqual(['first', 'second']);
  });

  test('every rule gives one result, named', async () => {
    const engine = new Engine(
      Array.from({ length: 9 }, (_, index) => rule(`r${index}`, { all: [leaf('a', 'equal', index)] })),
      OPEN,
    );
    const { results, failureResults } = await engine.run({ a: 3 });
    expect([...results, ...failureResults].map((result) => result.name).toSorted()).toEqual(
      Array.from({ length: 9 }, (_, index) => `r${index}`),
    );
  });

  test('an almanac of its own is asked for both sides of every comparison, and for nothing else', async () => {
    const asked: string[] = [];
    class Facts extends Almanac {
      override factValue<T>(name: string): Promise<T> {
        asked.push(name);
        return Promise.resolve(name.length as T);
      }
    }
    const engine = new Engine([rule('r', { any: [leaf('a', 'equal', 1), leaf('bb', 'lessThan', { fact: 'ccc' })] })], OPEN);
    const { results } = await engine.run({}, { almanac: new Facts() });
    expect(asked.toSorted()).toEqual(['a', 'bb', 'ccc']);
    expect(leaves(results[0])).toEqual([
      { fact: 'a', result: true, factResult: 1, valueResult: 1 },
      { fact: 'bb', result: true, factResult: 2, valueResult: 3 },
    ]);
  });
});

describe('compare', () => {
  const valueOf = (name: string) => (name === 'text' ? 'always' : name === 'gone' ? undefined : Number(name.slice(1)));

  test.each([0, 1, 2, 63, 64, 65, 200])('gives the results of %i comparisons in their order', async (length) => {
    const comparisons = Array.from({ length }, (_, n) => ({ fact: `f${n}`, operator: n % 2 ? 'lessThan' : 'equal', value: 50 }));
    const found = await compare(comparisons, valueOf);
    expect(found.map(({ result, factResult, valueResult }) => [result, factResult, valueResult])).toEqual(
      comparisons.map((_, n) => [n % 2 ? n < 50 : n === 50, n, 50]),
    );
  });

  test('leaves the comparing to the engine', async () => {
    const found = await compare(
      [
        { fact: 'text', operator: 'in', value: ['always', 'never'] },
        { fact: 'f3', operator: 'greaterThan', value: { fact: 'f2' } },
        { fact: 'gone', operator: 'notEqual', value: 1 },
      ],
      valueOf,
    );
    expect(found.map(({ result }) => result)).toEqual([true, true, true]);
    await expect(compare([{ fact: 'f1', operator: 'nearly', value: 1 }], valueOf)).rejects.toThrow('Unknown operator: nearly');
  });

  test('runs at the same time do not mix', async () => {
    const runs = await Promise.all(Array.from({ length: 50 }, (_, n) => compare([{ fact: 'x', operator: 'equal', value: n }], () => 7)));
    expect(runs.map(([found]) => found?.result)).toEqual(Array.from({ length: 50 }, (_, n) => n === 7));
  });
});
