/** Rule files of strangers: what is wrong is said in one line each, with its place; nothing of them runs. */
import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError } from '../src/errors.js';
import { rulesExplain, rulesList, rulesTest, rulesValidate } from '../src/rules/commands.js';
import { checkFiles, loadRules } from '../src/rules/load.js';
import { MAX_DEPTH, offsetOf, placeOf, scan } from '../src/rules/places.js';
import type { RuleFile } from '../src/rules/rule.js';
import { didYouMean, distance } from '../src/rules/suggest.js';
import { leaf, over, rule as asRule, sound, vocabulary } from './rules-sample.js';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'memdoctor-rules-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let made = 0;
function folder(files: Readonly<Record<string, string>>): string {
  const root = join(dir, String(made++));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

const others = [asRule('swap-full'), asRule('dx-other', { diagnosis: { base: 50, scope: 'host', explains: [] } })];

/** The problems of files, as `name:line:column: message`. */
async function problemsOf(files: Readonly<Record<string, string | object>>): Promise<string[]> {
  const root = folder(
    Object.fromEntries(
      Object.entries(files).map(([name, content]) => [name, typeof content === 'string' ? content : JSON.stringify(content, null, 2)]),
    ),
  );
  const { problems } = await checkFiles([root], others, vocabulary);
  return problems.map(({ file, line, column, message }) => `${file.slice(root.length + 1)}:${line}:${column}: ${message}`);
}
const messagesOf = async (more: Partial<RuleFile> | object): Promise<string[]> =>
  (await problemsOf({ 'r.json': { ...sound('r'), ...more } })).map((problem) => problem.replace(/^r\.json:\d+:\d+: /, ''));
const conditions = (value: unknown) => ({ conditions: value });
const messageOf = async (condition: unknown): Promise<string[]> => messagesOf(conditions(condition));

describe('a rule file', () => {
  test('that is sound has no problem', async () => {
    expect(await messagesOf({})).toEqual([]);
  });

  test.each([
    ['', /^r\.json:1:1: is not JSON: found the end of the file, expected a value/],
    ['{"id": "r",\n  "title": }', /^r\.json:2:12: is not JSON: found "}", expected a value/],
    ['{"id": "r"\n "title": 1}', /^r\.json:2:2: is not JSON: found .*expected "," or "}"/],
    ['{"id": "r", "id": "s"}', /^r\.json:1:13: has the key "id" twice/],
    ['{"id": "r"} x', /nothing after the value/],
    ["{'id': 1}", /expected a key in double quotes/],
    ['[1, 2', /found the end of the file, expected "," or "]"/],
    ['"a\nb"', /expected a text that ends on its line/],
    ['[]', /found an empty list, expected a rule/],
    ['{"__proto__": {"x": 1}}', /has the key "__proto__", which is not accepted/],
  ])('%j', async (text, expected) => {
    const problems = await problemsOf({ 'r.json': text });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(expected);
  });

  test('has the same name as its id', async () => {
    expect(await problemsOf({ 'other.json': sound('r') })).toEqual([
      'other.json:2:9: /id: the id "r" is not the name of its file, "other.json"',
    ]);
  });

  test.each([
    ['an unknown key', { sevrity: 'info' }, '/sevrity: found the key "sevrity", which is not accepted: accepted here are'],
    ['a misspelt key', { evidense: [] }, 'did you mean "evidence"?'],
    ['a missing key', { title: undefined }, 'needs "title"'],
    ['a wrong type', { title: 5 }, '/title: found the number 5, expected string'],
    [
      'a wrong word',
      { severity: 'warnin' },
      '/severity: found the text "warnin", accepted are critical, warning, notice, info; did you mean "warning"?',
    ],
    ['an id of another form', { id: 'R_1' }, 'expected lower-case letters and digits with single hyphens'],
    ['an address that is not https', { references: [{ title: 'x', url: 'javascript:alert(1)' }] }, 'expected an https address'],
    ['neither levels nor severity', { severity: undefined }, 'expected either "levels", or "severity" and "conditions"'],
    [
      'both',
      { levels: [{ severity: 'info', conditions: over('mem.free_pct', 1) }] },
      'expected either "levels", or "severity" and "conditions"',
    ],
    [
      'levels upside down',
      {
        severity: undefined,
        conditions: undefined,
        levels: ['notice', 'warning'].map((severity) => ({ severity, conditions: over('mem.free_pct', 1) })),
      },
      '/levels/1/severity: warning stands below notice',
    ],
  ])('with %s', async (_what, more, expected) => {
    const messages = await messagesOf(more);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain(expected);
  });

  test('shows what is wrong with its names too when its shape is wrong', async () => {
    const messages = await messagesOf({
      severity: 'bad',
      conditions: { all: [leaf('mem.fre_pct', 'lessThan', 1), leaf('mem.free_pct', 'lesThan', 1)] },
      message: '{{x}}',
      params: { floor: { value: 1, unit: '%', why: 'not used, as far as can be told' } },
      tests: [{ name: 'x', facts: { nothing: 1 }, expect: 'warning' }],
    });
    expect(messages.map((message) => message.replace(/:.*/, ''))).toEqual([
      '/conditions/all/1/operator',
      '/severity',
      '/conditions/all/0/fact',
      '/message',
      '/tests/0/facts/nothing',
    ]);
  });

  test('shows all its problems at once', async () => {
    const messages = await messagesOf({ title: 5, category: [], conditions: { all: [] }, tests: [{ name: 'x' }] });
    expect(messages).toHaveLength(5);
  });
});

describe('conditions', () => {
  test.each([
    ['a fact that there is not', over('mem.fre_pct', 1), '/conditions/fact: there is no fact "mem.fre_pct"; did you mean "mem.free_pct"?'],
    ['a fact of every object', over('constructor', 1), 'there is no fact "constructor"'],
    [
      'an operator that there is not',
      leaf('mem.free_pct', 'greaterThen', 1),
      'found the operator "greaterThen", accepted are equal, notEqual, lessThan, lessThanInclusive, greaterThan, greaterThanInclusive, in, notIn; did you mean "greaterThan"?',
    ],
    ['a decorated operator', leaf('mem.free_pct', 'not:equal', 1), 'found the operator "not:equal"'],
    ['a path', { ...(over('mem.free_pct', 1) as object), path: '$..constructor' }, 'found the key "path": facts are flat'],
    [
      'params of the engine',
      { ...(over('mem.free_pct', 1) as object), params: {} },
      'found the key "params": accepted here are fact, operator, value',
    ],
    ['a reference to a named condition', { condition: 'x' }, 'found the key "condition"'],
    ['a priority', { all: [over('mem.free_pct', 1)], priority: 3 }, 'found the key "priority": accepted here are all'],
    ['two forms in one', { all: [over('mem.free_pct', 1)], any: [over('mem.free_pct', 1)] }, 'found the key "any": accepted here are all'],
    ['an empty list', { any: [] }, '/conditions/any: found an empty list, expected a list with one condition or more'],
    ['no object', 7, 'found the number 7, expected a condition'],
    ['a list under not', { not: [] }, '/conditions/not: found an empty list, expected a condition'],
    [
      'text for a number',
      leaf('mem.free_pct', 'greaterThan', '5'),
      '"mem.free_pct" is a number (%), and is compared with the text "5", a text',
    ],
    ['a number for text', leaf('psi.mem.source', 'equal', 5), '"psi.mem.source" is a text (text), and is compared with the number 5'],
    ['order of texts', leaf('psi.mem.source', 'greaterThan', 'a'), '"greaterThan" needs a number; accepted are equal, notEqual, in, notIn'],
    ['order of booleans', leaf('swap.configured', 'lessThan', true), '"lessThan" needs a number; accepted are equal, notEqual'],
    ['in with a text', leaf('psi.mem.source', 'in', 'memcg'), '"in" needs a list of values'],
    ['equal with a list', leaf('psi.mem.source', 'equal', ['memcg']), 'found a list, "equal" needs one value; "in" takes a list'],
    ['a mixed list', leaf('psi.mem.source', 'in', ['memcg', 1]), 'is compared with the number 1, a number'],
    ['an entity', leaf('owner.process', 'equal', 'x'), '"owner.process" names somebody, it cannot be compared'],
    [
      'other units',
      leaf('mem.free_pct', 'lessThan', { fact: 'mem.total_bytes' }),
      '"mem.free_pct" is in %, and is compared with "mem.total_bytes" in bytes',
    ],
    ['a param that there is not', leaf('mem.free_pct', 'lessThan', { param: 'floor' }), 'there is no param "floor"'],
    ['a param of every object', leaf('mem.free_pct', 'lessThan', { param: 'toString' }), 'there is no param "toString"'],
    [
      'a value with more in it',
      leaf('mem.free_pct', 'lessThan', { fact: 'mem.free_pct', path: '$.x' }),
      'expected a number, a text, true or false, a list',
    ],
    ['a value of null', leaf('mem.free_pct', 'lessThan', null), 'found null, expected a number'],
    ['no value', { fact: 'mem.free_pct', operator: 'equal' }, '"value" is missing'],
    ['items without forEach', over('item.used_pct', 1), 'there is no fact "item.used_pct" (a rule has items only with "forEach")'],
    ['a finding that there is not', { finding: 'swap-ful' }, 'there is no rule "swap-ful"; did you mean "swap-full"?'],
    ['itself', { finding: 'r' }, 'a rule cannot rest on itself'],
    ['a diagnosis', { finding: 'dx-other' }, '"dx-other" is a diagnosis: a finding cannot rest on it'],
    ['an unknown severity', { finding: 'swap-full', atLeast: 'bad' }, 'found the text "bad", accepted are critical'],
    ['what is known later', over('diagnoses.count', 1), 'is known to diagnoses of last resort only'],
  ])('with %s', async (_what, condition, expected) => {
    const messages = await messageOf(condition);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain(expected);
    expect(messages[0]).not.toContain('\n');
  });

  test('that are sound, of each kind', async () => {
    const sounds = {
      all: [
        leaf('psi.mem.source', 'in', ['memcg']),
        leaf('swap.configured', 'equal', true),
        leaf('mem.free_pct', 'in', [1, 2]),
        { finding: 'swap-full', atLeast: 'notice' },
        { not: { any: [over('findings.worst', 2)] } },
      ],
    };
    expect(await messageOf(sounds)).toEqual([]);
  });

  test('nested deeper than any rule needs are refused, at any depth, and quickly', async () => {
    let deep: unknown = over('mem.free_pct', 1);
    for (let depth = 0; depth < 12; depth++) deep = { not: deep };
    expect((await messageOf(deep))[0]).toContain('conditions are nested deeper than 10 levels');
    const text = `{"conditions": ${'{"not":'.repeat(10_000)}1${'}'.repeat(10_000)}}`;
    expect((await problemsOf({ 'r.json': text }))[0]).toMatch(new RegExp(`^r\\.json:1:\\d+: is nested deeper than ${MAX_DEPTH} levels`));
    expect((await problemsOf({ 'r.json': '['.repeat(100_000) }))[0]).toContain('is nested deeper');
  });
});

describe('templates', () => {
  const texts = async (message: string, more: Partial<RuleFile> = {}) => messagesOf({ message, ...more });

  test.each([
    ['{{percent mem.fre_pct}}', 'there is no fact or param "mem.fre_pct"; did you mean "mem.free_pct"?'],
    ['{{mem.free_pct.constructor}}', 'there is no fact or param "mem.free_pct.constructor"'],
    ['{{constructor}}', 'there is no fact or param "constructor"'],
    ['{{__proto__.polluted}}', 'there is no fact or param "__proto__.polluted"'],
    ['{{params.constructor}}', 'there is no fact or param "params.constructor"'],
    ['{{toString}}', 'there is no fact or param "toString"'],
    ['{{prcent mem.free_pct}}', 'there is no helper "prcent": accepted are bytes, percent'],
    ['{{lookup mem.free_pct "constructor"}}', 'there is no helper "lookup"'],
    ['{{log mem.free_pct}}', 'there is no helper "log"'],
    ['{{constructor mem.free_pct}}', 'there is no helper "constructor"'],
    ['{{percent mem.free_pct mem.free_pct}}', '{{percent …}} takes one name'],
    ['{{percent 5}}', 'found a NumberLiteral, expected the name of a fact or param'],
    ['{{percent (percent mem.free_pct)}}', 'found a SubExpression'],
    ['{{percent mem.free_pct digits=2}}', 'named arguments (a=b) are not accepted'],
    ['{{{mem.free_pct}}}', 'texts are escaped where they are shown'],
    ['{{&mem.free_pct}}', 'texts are escaped where they are shown'],
    ['{{@root.mem}}', 'found "@root.mem", expected the name'],
    ['{{../mem.free_pct}}', 'expected the name'],
    ['{{this}}', 'expected the name'],
    ['{{> partial}}', 'a PartialStatement is not accepted'],
    ['{{#> partial}}x{{/partial}}', 'a PartialBlockStatement is not accepted'],
    ['{{#each mem.free_pct}}x{{/each}}', 'the block "{{#each}}" is not accepted: only {{#if}} and {{#unless}} are'],
    ['{{#with mem.free_pct}}x{{/with}}', 'the block "{{#with}}" is not accepted'],
    ['{{#mem.free_pct}}x{{/mem.free_pct}}', 'is not accepted: only {{#if}} and {{#unless}} are'],
    ['{{#if mem.free_pct}}{{constructor}}{{/if}}', 'there is no fact or param "constructor"'],
    ['{{#if swap.configured}}a{{else if x}}b{{/if}}', 'there is no fact or param "x"'],
    ['{{#*inline "x"}}y{{/inline}}', 'a DecoratorBlock is not accepted'],
    ['{{percent mem.free_pct', 'the template cannot be read: Parse error'],
    ['{{#if mem.free_pct}}', 'the template cannot be read'],
    ['x'.repeat(5000), 'the template is longer than 4000 characters'],
  ])('%s', async (message, expected) => {
    const messages = await texts(message);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain(`/message: ${expected}`.slice(0, 9));
    expect(messages[0]).toContain(expected);
    expect(messages[0]).not.toContain('\n');
  });

  test('that are sound', async () => {
    const params = { floor: { value: 5, unit: '%' as const, why: 'a good reason' } };
    expect(
      await texts(
        '{{mem.free_pct}} {{percent floor}} {{params.floor}} {{#if swap.configured}}a{{else}}{{bytes mem.total_bytes}}{{/if}}{{! note }}',
        { params },
      ),
    ).toEqual([]);
    expect(await texts('{{item.name}} {{percent item.used_pct}}', { forEach: 'swap.devices' })).toEqual([]);
  });

  test('only where they are rendered', async () => {
    expect(await messagesOf({ title: '{{mem.free_pct}}' })).toEqual(['/title: found "{{" in a text that is no template']);
  });
});

describe('the parts of a rule', () => {
  test.each([
    [
      'a param that is not used',
      { params: { floor: { value: 1, unit: '%', why: 'a good reason' } } },
      '/params/floor: the param "floor" is not used',
    ],
    [
      'a param with an odd name',
      { params: { constructor: { value: 1, unit: '%', why: 'a good reason' } } },
      'needs a name of letters and digits',
    ],
    ['an item set that there is not', { forEach: 'swap.device' }, 'there is no item set "swap.device"; did you mean "swap.devices"?'],
    ['evidence that there is not', { evidence: ['mem.free'] }, '/evidence/0: there is no fact "mem.free"'],
    [
      'a test of a fact that there is not',
      { tests: [{ name: 'x', facts: { 'mem.fre_pct': 1 }, expect: 'clear' }] },
      '/tests/0/facts/mem.fre_pct: there is no fact',
    ],
    [
      'a test with a wrong type',
      { tests: [{ name: 'x', facts: { 'mem.free_pct': 'much' }, expect: 'clear' }] },
      'found a string, the fact is in %',
    ],
    [
      'a test of a rule that there is not',
      { tests: [{ name: 'x', facts: {}, findings: { 'swap-fuli': 'clear' }, expect: 'clear' }] },
      'there is no rule "swap-fuli"',
    ],
    [
      'a test with an item of nothing',
      { tests: [{ name: 'x', facts: {}, item: {}, expect: 'clear' }] },
      'a rule has items only with "forEach"',
    ],
    [
      'an unknown finding explained',
      { diagnosis: { base: 50, scope: 'host', explains: ['swap-fulll'] } },
      '/diagnosis/explains/0: there is no rule "swap-fulll"',
    ],
    ['a diagnosis explained', { diagnosis: { base: 50, scope: 'host', explains: ['dx-other'] } }, 'findings are explained; use "outranks"'],
    [
      'an owner that is no entity',
      { diagnosis: { base: 50, scope: 'host', explains: [], owner: ['mem.free_pct'] } },
      'an owner is a fact that names somebody',
    ],
    ['bytes that are none', { diagnosis: { base: 50, scope: 'host', explains: [], explainedBytes: 'mem.free_pct' } }, 'expected bytes'],
    [
      'bytes of a suspect that are none',
      {
        diagnosis: {
          base: 50,
          scope: 'host',
          explains: [],
          suspect: { who: 'a pool', bytes: 'mem.free_pct', source: 'meminfo', weight: 1 },
        },
      },
      '/diagnosis/suspect/bytes: "mem.free_pct" is in %, expected bytes',
    ],
    [
      'a source that there is not',
      {
        diagnosis: {
          base: 50,
          scope: 'host',
          explains: [],
          suspect: { who: 'a pool', bytes: 'mem.total_bytes', source: 'mem', weight: 1 },
        },
      },
      '/diagnosis/suspect/source: there is no fact "coverage.mem"',
    ],
    [
      'an outranked finding',
      { diagnosis: { base: 50, scope: 'host', explains: [], outranks: ['swap-full'] } },
      'there is no other diagnosis "swap-full"',
    ],
    ['a base out of range', { diagnosis: { base: 400, scope: 'host', explains: [] } }, 'found 400, expected 5 to 97'],
    [
      'a bad condition for it',
      { diagnosis: { base: 50, scope: 'host', explains: [], corroborating: [{ conditions: over('x', 1), text: 'x' }] } },
      '/diagnosis/corroborating/0/conditions/fact: there is no fact "x"',
    ],
  ])('%s', async (_what, more, expected) => {
    const messages = await messagesOf(more);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain(expected);
  });

  test('a param in another unit than its fact', async () => {
    const messages = await messagesOf({
      conditions: leaf('mem.free_pct', 'lessThan', { param: 'floor' }),
      params: { floor: { value: 1, unit: 'bytes', why: 'a good reason' } },
    });
    expect(messages).toEqual(['/conditions/value: "mem.free_pct" is in %, and is compared with the param "floor" in bytes']);
  });
});

describe('several files', () => {
  test('with one id, and rules in a ring', async () => {
    const ring = (id: string, next: string) => sound(id, { severity: 'info', conditions: { finding: next } });
    expect(await problemsOf({ 'a/r.json': sound('r'), 'b/r.json': sound('r') })).toEqual([
      expect.stringMatching(/^b\/r\.json:2:9: \/id: the id "r" is also that of .*a\/r\.json$/),
    ]);
    expect(await problemsOf({ 'a.json': ring('a', 'b'), 'b.json': ring('b', 'c'), 'c.json': ring('c', 'a') })).toEqual([
      expect.stringContaining('/conditions/finding: rules rest on each other in a ring: a → b → c → a'),
    ]);
    const dx = (id: string, next: string) => sound(id, { diagnosis: { base: 50, scope: 'host', explains: [], outranks: [next] } });
    expect(await problemsOf({ 'a.json': dx('a', 'b'), 'b.json': dx('b', 'a') })).toEqual([
      expect.stringContaining('/diagnosis/outranks/0: diagnoses outrank each other in a ring: a → b → a'),
    ]);
  });

  test('a broken one does not hide the problems of another', async () => {
    expect(await problemsOf({ 'a.json': '{', 'b.json': sound('b', { message: '{{x}}' }), 'c.json': sound('c') })).toEqual([
      expect.stringMatching(/^a\.json:1:2: is not JSON/),
      expect.stringMatching(/^b\.json:\d+:\d+: \/message: there is no fact or param "x"/),
    ]);
  });

  test('hidden files and those with other endings are left alone', async () => {
    expect(await problemsOf({ 'r.json': sound('r'), '..data/r.json': sound('r'), 'notes.txt': '{', '.hidden.json': '{' })).toEqual([]);
  });
});

describe('loadRules', () => {
  const none = { builtin: false, paths: [], disabled: [], set: [] };
  const text = (rule: object) => JSON.stringify(rule, null, 2);
  const good = (id: string) => ({
    ...sound(id),
    conditions: leaf('mem.total_bytes', 'lessThan', { param: 'floor' }),
    message: 'Total: {{mem.total_bytes}}',
    params: {
      floor: { value: 5, unit: 'bytes', why: 'a good reason' },
      on: { value: 'a', unit: 'text', why: 'a good reason' },
      yes: { value: true, unit: 'boolean', why: 'a good reason' },
    },
    explanation: '{{on}} {{yes}}',
  });

  test('refuses a bad file with one clear error', async () => {
    const path = folder({ 'r.json': text({ ...good('r'), message: '{{percent mem.totl_bytes}}' }) });
    const error = await loadRules({ ...none, paths: [path] }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(
      /r\.json:\d+:\d+: \/message: there is no fact or param "mem\.totl_bytes"; did you mean "mem\.total_bytes"\?$/,
    );
  });

  test('lists several problems, and no more than a reader can take', async () => {
    const files = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`r${index}.json`, '{']));
    const message = ((await loadRules({ ...none, paths: [folder(files)] }).catch((reason: unknown) => reason)) as Error).message;
    expect(message.split('\n')).toHaveLength(10);
    expect(message).toContain("and 4 more: 'memdoctor rules validate PATH' lists all");
  });

  test.each([
    ['a path that is not there', () => join(dir, 'nowhere'), /cannot be read: ENOENT/],
    ['a folder without rules', () => folder({ 'a.txt': '' }), /there is no rule file/],
    ['a device', () => '/dev/zero', /is neither a file nor a folder/],
    ['a file that is too big', () => join(folder({ 'r.json': ' '.repeat(300_000) }), 'r.json'), /at most 262144/],
  ])('%s', async (_what, path, expected) => {
    await expect(loadRules({ ...none, paths: [path()] })).rejects.toThrow(expected);
  });

  test('a link that goes in a circle is not followed', async () => {
    const root = folder({ 'r.json': text(good('r')) });
    symlinkSync(root, join(root, 'again'));
    expect((await loadRules({ ...none, paths: [root] })).rules.map(({ id }) => id)).toEqual(['r']);
  });

  test('an id of a built-in rule is refused', async () => {
    const [first] = (await loadRules({ ...none, builtin: true })).rules;
    if (!first) return;
    const path = folder({ [`${first.id}.json`]: text(good(first.id)) });
    await expect(loadRules({ ...none, builtin: true, paths: [path] })).rejects.toThrow(/is that of the built-in rule/);
    expect((await loadRules({ ...none, paths: [path] })).rules).toHaveLength(1);
  });

  test('disables rules, and refuses ids that there are not', async () => {
    const path = folder({ 'a.json': text(good('a')), 'bee.json': text(good('bee')) });
    const loaded = await loadRules({ ...none, paths: [path], disabled: ['a'] });
    expect([loaded.rules.map(({ id }) => id), loaded.disabled]).toEqual([['bee'], ['a']]);
    await expect(loadRules({ ...none, paths: [path], disabled: ['bea'] })).rejects.toThrow(
      '--disable "bea": there is no such rule; did you mean "bee"?',
    );
  });

  test('sets params', async () => {
    const path = folder({ 'a.json': text(good('a')) });
    const { rules } = await loadRules({ ...none, paths: [path], set: ['a.floor=1e3', 'a.on=x=y', 'a.yes=false'] });
    const { floor, on, yes } = rules[0]?.params ?? {};
    expect([floor?.value, on?.value, yes?.value]).toEqual([1000, 'x=y', false]);
  });

  test.each([
    ['a.floor', 'expected RULE.PARAM=VALUE'],
    ['b.floor=1', 'there is no rule "b"'],
    ['a.flor=1', 'a has no param "flor": it has floor, on, yes; did you mean "floor"?'],
    ['a.constructor=1', 'a has no param "constructor"'],
    ['a.floor=much', 'found "much", expected a number'],
    ['a.floor=', 'found "", expected a number'],
    ['a.floor=1e999', 'expected a number'],
    ['a.yes=1', 'expected true or false'],
  ])('--set %s is refused', async (setting, expected) => {
    await expect(loadRules({ ...none, paths: [folder({ 'a.json': text(good('a')) })], set: [setting] })).rejects.toThrow(expected);
  });

  test('the commands', async () => {
    const tests = [
      { name: 'small', facts: { 'mem.total_bytes': 4 }, expect: 'warning' },
      { name: 'wrong', facts: {}, expect: 'clear' },
    ];
    const path = folder({ 'a.json': text({ ...good('a'), tests }) });
    const validated = await rulesValidate([path]);
    expect(validated.ok).toBe(true);
    expect(validated.text).toMatch(/a\.json:\d+:3: note: \/tests: no test expects unknown\n1 rule file, no problems, 1 note\n$/);
    const tested = await rulesTest([path]);
    expect(tested.ok).toBe(false);
    expect(tested.text).toMatch(
      /a\.json: test "wrong": expected clear, found unknown \(not known: mem\.total_bytes\)\n1 rule, 2 tests, 1 failure\n$/,
    );
    expect((await rulesList({ builtin: false, paths: [path] })).text).toMatch(/^a {2}warning {2}test {2}A title \(.*a\.json\)\n$/);
    expect((await rulesExplain('a', { builtin: false, paths: [path] })).text).toContain(
      'It is warning when\n  mem.total_bytes < 5 B (floor)\n',
    );
    await expect(rulesExplain('b', { builtin: false, paths: [path] })).rejects.toThrow('there is no rule "b"');
    const broken = await rulesValidate([folder({ 'a.json': '{' })]);
    expect(broken.ok).toBe(false);
    expect(broken.text).toMatch(/a\.json:1:2: .*\n1 rule file, 1 problem\n$/);
  });
});

describe('places in JSON', () => {
  test('any JSON is read as JSON.parse reads it, and every value has its place', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        fc.pre(!text.includes('__proto__'));
        const places = scan(text);
        expect(places.problem).toBeUndefined();
        const walk = (part: unknown, pointer: string): void => {
          const from = text.slice(places.values.get(pointer) ?? -1);
          expect(from.startsWith(JSON.stringify(part, null, indent).slice(0, 1))).toBe(true);
          if (typeof part === 'object' && part !== null)
            for (const [key, inner] of Object.entries(part)) walk(inner, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
        };
        walk(value, '');
      }),
    );
  });

  test('any text: it says that it is not JSON just when JSON.parse does', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b"',
      '1',
      '-',
      '0',
      '1.5e3',
      'true',
      'null',
      ' ',
      '\n',
      '"',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        const { problem } = scan(text);
        const accepted = (() => {
          try {
            JSON.parse(text);
            return true;
          } catch {
            return false;
          }
        })();
        if (problem?.message.includes('twice') !== true) expect(problem === undefined).toBe(accepted);
      }),
      { numRuns: 3000 },
    );
  });

  test('a place that is not there is that of what is around it', () => {
    const text = '{\n  "a": {"b": [1,\n 22]}}';
    const places = scan(text);
    expect(placeOf(text, offsetOf(places, '/a/b/1'))).toEqual({ line: 3, column: 2 });
    expect(placeOf(text, offsetOf(places, '/a/b/7/c'))).toEqual({ line: 2, column: 14 });
    expect(placeOf(text, offsetOf(places, '/a', true))).toEqual({ line: 2, column: 3 });
  });
});

test('suggestions', () => {
  expect(distance('swap', 'swpa')).toBe(1);
  expect(distance('', 'abc')).toBe(3);
  expect(didYouMean('greaterThen', ['lessThan', 'greaterThan'])).toBe('; did you mean "greaterThan"?');
  expect(didYouMean('zebra', ['lessThan', 'greaterThan'])).toBe('');
  expect(didYouMean('x'.repeat(1000), ['x'])).toBe('');
});
