/** Packs: where they are found, what they may change, and what the configuration says. */
import { chmodSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { findConfig } from '../src/config/find.js';
import { readConfig } from '../src/config/read.js';
import { diagnose, loadInput, loadRules } from '../src/main.js';
import { rulesExplain, rulesList, rulesTest, rulesValidate } from '../src/rules/commands.js';
import { checkPacks } from '../src/rules/check-packs.js';
import { readDocument, yamlFor } from '../src/rules/document.js';
import { editorOverrideSchema, editorRuleSchema } from '../src/rules/editor-schema.js';
import { tooNew } from '../src/rules/fact-schema.js';
import { VOCABULARY } from '../src/rules/known.js';
import { findPacks } from '../src/rules/packs.js';
import { problemText } from '../src/rules/problem.js';
import { RULE_EXAMPLES } from './rules-examples.js';
import { below, folderOf, packOf, soundRule } from './pack-folder.js';

const cwd = process.cwd();
const idsOf = (rules: readonly { readonly id: string }[]) => rules.map(({ id }) => id);
const own = { builtin: false };

describe('packs', () => {
  test('give their rules their name; references inside of one are to its own rules first', async () => {
    const root = folderOf({
      ...packOf('acme', ['swap-full']),
      'rules/after.yaml':
        'id: after\ntitle: T\ncategory: test\nseverity: info\nconditions: {finding: swap-full}\nmessage: x\ntests: [{name: a, facts: {}, findings: {swap-full: warning}, expect: info}]\n',
    });
    const { rules } = await loadRules({ paths: [root] });
    expect(idsOf(rules.filter(({ pack }) => pack === 'acme'))).toEqual(['acme/after', 'acme/swap-full']);
    expect(idsOf(rules)).toContain('swap-full');
    expect(rules.find(({ id }) => id === 'acme/after')?.levels[0]?.conditions).toEqual({ finding: 'acme/swap-full' });
    expect((await rulesTest([root])).text).toMatch(/2 rules, 4 tests, no failures/);
    expect((await rulesList({ paths: [root] })).text).toMatch(/acme\/after +info +test +T \(pack acme, .*after\.yaml\)/);
    expect((await rulesExplain('acme/after', { paths: [root] })).text).toContain('of the pack acme');
  });

  test('are found as npm packages from the working directory upwards, with the packs that they extend first', async () => {
    const root = folderOf({
      ...below('node_modules/memdoctor-rules-acme', packOf('acme', ['top'], { extends: ['memdoctor-rules-base', 'extra'] })),
      ...below('node_modules/memdoctor-rules-acme/extra', packOf('extra', ['more'])),
      ...below('node_modules/memdoctor-rules-base', packOf('base', ['low'])),
      ...below('node_modules/@acme/memdoctor-rules-db', packOf('db', ['low'])),
    });
    mkdirSync(join(root, 'deep/er'), { recursive: true });
    const { rules, packs } = await loadRules({
      ...own,
      base: join(root, 'deep/er'),
      paths: ['memdoctor-rules-acme', '@acme/memdoctor-rules-db'],
    });
    expect(idsOf(rules)).toEqual(['base/low', 'extra/more', 'acme/top', 'db/low']);
    expect(packs?.map(({ name, version }) => `${name ?? ''} ${version ?? ''}`)).toEqual([
      'base 1.2.3',
      'extra 1.2.3',
      'acme 1.2.3',
      'db 1.2.3',
    ]);
    await expect(loadRules({ paths: ['memdoctor-rules-none'] })).rejects.toThrow(
      /the package "memdoctor-rules-none" is not in .*npm install it/,
    );
    await expect(loadRules({ paths: ['https://example.com/x'] })).rejects.toThrow(
      'is an address: packs are folders, files or installed npm packages',
    );
  });

  test('a package that is linked is read where it lies', async () => {
    const root = folderOf(below('elsewhere', packOf('acme')));
    mkdirSync(join(root, 'node_modules'));
    symlinkSync('../elsewhere', join(root, 'node_modules/memdoctor-rules-acme'));
    expect(idsOf((await loadRules({ ...own, base: root, paths: ['memdoctor-rules-acme'] })).rules)).toEqual(['acme/low']);
  });

  test('an empty pack, and a manifest with mistakes, are refused in one line', async () => {
    await expect(loadRules({ paths: [folderOf({ 'memdoctor-pack.json': { name: 'a' } })] })).rejects.toThrow(
      /there is no rule file in rules\/ or overrides\//,
    );
    await expect(loadRules({ paths: [folderOf({ 'memdoctor-pack.json': '{\n "nam": 1}' })] })).rejects.toThrow(
      /^\S+memdoctor-pack\.json:1:1: needs "name"$|^\S+:2:2: \/nam: found the key "nam".*did you mean "name"\?$/,
    );
  });
});

describe('a pack changes rules', () => {
  const override = (more: object) => ({ override: 'swap-full', why: 'our hosts are like that', ...more });
  const loadedWith = async (more: object) =>
    (await loadRules({ paths: [folderOf({ 'swap-full.json': override(more) })] })).rules.find(({ id }) => id === 'swap-full');

  test('params, severity, texts, evidence and remedies of a built-in rule', async () => {
    const rule = await loadedWith({
      params: { warning: 70 },
      severity: { critical: 'warning' },
      message: 'Ours: {{percent swap.used_pct}}',
      actions: [{ kind: 'fix', text: 'Call us.' }],
    });
    expect(rule?.params?.['warning']).toMatchObject({ value: 70, why: expect.stringContaining('our hosts are like that') });
    expect(rule?.levels.map(({ severity }) => severity)).toEqual(['warning', 'warning', 'notice', 'info']);
    expect([rule?.message, rule?.actions?.at(-1)?.text]).toEqual(['Ours: {{percent swap.used_pct}}', 'Call us.']);
    expect(rule?.changes?.[0]).toMatch(/: params, severity, message, actions$/);
  });

  test.each([
    [{ params: { warnin: 70 } }, ':4:3: /params/warnin: swap-full has no param "warnin": it has notice, warning'],
    [{ params: { warning: 'much' } }, '/params/warning: found a string, the param "warning" is in %: expected a number'],
    [
      { severity: { criticl: 'info' } },
      '/severity/criticl: "swap-full" has no level "criticl": it has critical, warning, notice, info; did you mean "critical"?',
    ],
    [{ severity: 'bad' }, '/severity: found the text "bad", accepted are critical'],
    [{ message: '{{percent swap.usd_pct}}' }, '/message: there is no fact or param "swap.usd_pct"; did you mean "swap.used_pct"?'],
    [{ diagnosis: { explains: [] } }, '/diagnosis: "swap-full" is no diagnosis'],
    [{ tests: [{ name: 'x', facts: { nothing: 1 }, expect: 'clear' }] }, '/tests/0/facts/nothing: there is no fact "nothing"'],
    [{ actions: [{ kind: 'fix', text: '{{x}}' }] }, '/actions/0/text: there is no fact or param "x"'],
    [{}, 'changes nothing: it has "why" only'],
  ])('%j is refused', async (more, expected) => {
    await expect(loadedWith(more)).rejects.toThrow(expected.replace(/^:4:3/, ''));
  });

  test('a diagnosis of its own takes part in the ranking, explains findings, and a built-in one gets evidence', async () => {
    const dx = soundRule('dx-ours', {
      conditions: { fact: 'swap.used_pct', operator: 'greaterThan', value: 50 },
      message: 'Ours.',
      diagnosis: { base: 90, scope: 'process', explains: ['swap-full', 'alarm'], outranks: ['dx-single-process-anon'] },
      tests: [],
    });
    const alarm = soundRule('alarm');
    const more = {
      override: 'dx-single-process-anon',
      why: 'our watchdog knows better',
      diagnosis: { explains: ['alarm'], contradicting: [{ conditions: { finding: 'alarm' }, text: 'the watchdog says otherwise' }] },
    };
    const root = folderOf({
      'memdoctor-pack.json': { name: 'acme' },
      'rules/dx-ours.json': dx,
      'rules/alarm.json': alarm,
      'overrides/x.json': more,
    });
    const report = await diagnose(await loadInput('samples/swap-full.json'), await loadRules({ paths: [root] }));
    expect(report.diagnoses[0]).toMatchObject({ id: 'acme/dx-ours', because: expect.arrayContaining(['swap-full', 'acme/alarm']) });
    expect(report.findings.find(({ id }) => id === 'acme/alarm')?.explainedBy).toBe('acme/dx-ours');
    expect(report.findings.find(({ id }) => id === 'swap-full')?.explainedBy).toBe('acme/dx-ours');
    const anon = report.diagnoses.find(({ id }) => id === 'dx-single-process-anon');
    if (anon) expect(anon.against).toContain('the watchdog says otherwise');
  });
});

describe('for other versions', () => {
  test('what is newer is left out with a line, and the rest is used', async () => {
    const root = folderOf({
      'a.json': soundRule('a'),
      'b.json': { id: 'b', factSchemaVersion: '1.99', newMember: {} },
      'c.json': { override: 'swap-full', factSchemaVersion: '2.0' },
    });
    const { rules, problems } = await loadRules({ ...own, paths: [root] });
    expect(idsOf(rules)).toEqual(['a']);
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^left out: it is written for the facts of version "1\.99", and this memdoctor has those of 1\.0/),
      expect.stringMatching(/^left out: .*"2\.0"/),
    ]);
    const validated = await rulesValidate([root]);
    expect(validated.ok).toBe(true);
    expect(validated.text).toMatch(/2 left out\n$/);
    const pack = folderOf({ ...packOf('next', ['a'], { factSchemaVersion: '9.0', unheardOf: true }) });
    const loaded = await loadRules({ paths: [pack] });
    expect(loaded.problems.map(problemText)).toEqual([
      expect.stringContaining('the pack is left out: it is written for the facts of version "9.0"'),
    ]);
  });

  test.each([
    ['1.0', '1.0', false],
    ['0.9', '1.0', false],
    ['1.1', '1.0', true],
    ['2.0', '1.9', true],
    ['1.10', '1.9', true],
    ['nonsense', '1.0', false],
    [undefined, '1.0', false],
  ])('%s on %s', (theirs, ours, newer) => {
    expect(tooNew(theirs, ours) !== null).toBe(newer);
  });

  test('a fact that was renamed goes on working by its old name, and that is said', async () => {
    const vocabulary = { ...VOCABULARY, aliases: { 'mem.avail_pct': { now: 'mem.available_pct', since: '1.1' } } };
    const text = JSON.stringify(soundRule('r', { evidence: ['mem.avail_pct'] })).replaceAll('mem.available_pct', 'mem.avail_pct');
    const { parsed, problems, notes } = await checkPacks(
      await findPacks([{ reference: folderOf({ 'r.json': text }), base: '/' }]),
      [],
      vocabulary,
    );
    expect(problems).toEqual([]);
    expect(notes[0]?.message).toContain(
      'the fact "mem.avail_pct" is called "mem.available_pct" since version 1.1 of the facts: the old name goes on working',
    );
    expect(JSON.stringify(parsed[0]?.rule?.tests)).not.toContain('avail_pct"');
    expect(parsed[0]?.rule?.conditions).toMatchObject({ fact: 'mem.available_pct' });
  });
});

describe('the configuration', () => {
  const config = {
    packs: ['./packs/acme'],
    disable: ['swap-none'],
    params: { 'swap-full': { warning: 95 }, 'acme/low': {} },
    severity: { 'swap-used-idle': 'off', 'acme/low': 'notice' },
  };

  test('names packs, and changes rules', async () => {
    const root = folderOf({ 'memdoctor.config.json': config, ...below('packs/acme', packOf('acme')) });
    const { settings } = await readConfig(join(root, 'memdoctor.config.json'));
    const { rules, disabled, problems } = await loadRules({ settings });
    const byId = new Map(rules.map((rule) => [rule.id, rule]));
    expect(problems).toEqual([]);
    expect(disabled).toEqual(['swap-none', 'swap-used-idle']);
    expect([byId.has('swap-none'), byId.get('swap-full')?.params?.['warning']?.value, byId.get('acme/low')?.levels[0]?.severity]).toEqual([
      false,
      95,
      'notice',
    ]);
    expect((await rulesList({ settings })).text).toMatch(/swap-full .*\(built in, changed by .*memdoctor\.config\.json: params\)/);
  });

  test('a pack with a mistake that it names is left out in part, and the rest works', async () => {
    const root = folderOf({
      'memdoctor.config.json': { packs: ['acme'] },
      ...below('acme', packOf('acme', ['good'])),
      'acme/rules/bad.json': soundRule('bad', { message: '{{x}}' }),
    });
    const { settings } = await readConfig(join(root, 'memdoctor.config.json'));
    const { rules, problems } = await loadRules({ ...own, settings });
    expect(idsOf(rules)).toEqual(['acme/good']);
    expect(problems).toHaveLength(1);
  });

  test.each([
    ['{"packs": "x"}', /config\.json:1:11: \/packs: found the text "x", expected array/],
    ['{"pakcs": []}', /:1:2: \/pakcs: found the key "pakcs".*did you mean "packs"\?/],
    ['{"disable": ["swap-ful"]}', /:1:14: \/disable\/0: there is no rule "swap-ful"; did you mean "swap-full"\?/],
    ['{"params": {"swap-full": {"x": 1}}}', /\/params\/swap-full\/x: swap-full has no param "x"/],
    [
      '{"severity": {"swap-full": "loud"}}',
      /\/severity\/swap-full: found the text "loud", accepted are critical, warning, notice, info, off/,
    ],
    ['{"severity": {"swap-full": 5}}', /\/severity\/swap-full: found the number 5, accepted are critical, warning, notice, info, off/],
    ['{"packs": ["nowhere"]}', /config\.json:1:12: "nowhere" is not there/],
    ['{"packs": ["https://x"]}', /is an address/],
    ['{"report": {"top": 0}}', /\/report\/top: found the number 0, which must be >= 1/],
    ['{', /config\.json:1:2: is not JSON/],
  ])('%s is refused in one line', async (text, expected) => {
    const file = join(folderOf({ 'memdoctor.config.json': text }), 'memdoctor.config.json');
    const error = await readConfig(file)
      .then(({ settings }) => loadRules({ settings }))
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toMatch(expected);
    expect((error as Error).message).not.toContain('\n');
  });

  test('is found upwards, never in the evidence, nor where others may write', () => {
    const root = realpathSync(
      folderOf({
        'memdoctor.config.json': {},
        'work/deep/x': '',
        'evidence/memdoctor.config.json': {},
        'evidence/in/x': '',
        'tree/memdoctor.config.json': {},
        'tree/proc/meminfo': '',
      }),
    );
    const file = join(root, 'memdoctor.config.json');
    expect(findConfig(join(root, 'work/deep'), [])).toEqual({ file, note: null });
    expect(findConfig(join(root, 'evidence/in'), [])).toEqual({ file: join(root, 'evidence/memdoctor.config.json'), note: null });
    expect(findConfig(join(root, 'evidence/in'), [join(root, 'evidence')])).toEqual({
      file,
      note: expect.stringContaining('it lies in evidence'),
    });
    expect(findConfig(join(root, 'tree'), ['-']).file).toBe(file);
    expect(findConfig(join(root, 'work'), [root]).file).toBe(null);
    chmodSync(file, 0o666);
    expect(findConfig(join(root, 'work'), [])).toEqual({ file: null, note: expect.stringContaining('everybody can write to it') });
    chmodSync(file, 0o644);
    chmodSync(root, 0o777);
    expect(findConfig(join(root, 'work'), []).note).toContain('everybody can write to its folder');
  });
});

describe('the examples', () => {
  test.each(RULE_EXAMPLES)('%s', async (path, least, fired) => {
    const validated = await rulesValidate([path]);
    expect(validated.text).toMatch(/^\d+ rule files, no problems\n$/);
    const { rules } = await loadRules({ ...own, paths: [] });
    expect(rules).toEqual([]);
    const { text, ok } = await rulesTest([path]);
    expect(text).toMatch(/no failures\n$/);
    expect(ok).toBe(true);
    const loaded = await loadRules({ paths: [path] });
    expect(loaded.rules.filter(({ pack }) => pack !== undefined).length).toBeGreaterThanOrEqual(least);
    for (const [sample, ids] of Object.entries(fired)) {
      const report = await diagnose(await loadInput(`samples/${sample}.json`), loaded);
      const found = new Set([...report.findings, ...report.diagnoses].map(({ id, severity }) => `${id} ${severity}`));
      for (const id of ids) expect([...found]).toContain(id);
      if (sample.startsWith('healthy')) expect([...found].filter((line) => /(?:critical|warning)$/.test(line))).toEqual([]);
    }
  });
});

describe('the schemas for editors', () => {
  const ajv = () => new Ajv2020({ strict: false, allErrors: false });

  test('accept every built-in rule and every example, and name every fact', async () => {
    const schema = editorRuleSchema();
    const [rule, override] = [ajv().compile(schema), ajv().compile(editorOverrideSchema())];
    for (const { file, builtin, levels, ...rest } of (await loadRules()).rules)
      expect([builtin, file, rule({ ...rest, levels }), rule.errors]).toEqual([true, file, true, null]);
    for (const [path] of RULE_EXAMPLES)
      for (const pack of await findPacks([{ reference: path, base: cwd }])) {
        const readYaml = await yamlFor(pack.texts);
        for (const text of pack.texts) {
          const validate = text.file.includes('/overrides/') ? override : rule;
          // an id of the pack itself may stand for one with its name: names of rules are not in the schema
          expect([text.file, validate(readDocument(text, readYaml).value), validate.errors]).toEqual([text.file, true, null]);
        }
      }
    const { fact } = schema['$defs'] as { fact: { anyOf: { const: string; description: string }[] } };
    expect(fact.anyOf.find((one) => one.const === 'swap.used_pct')?.description).toMatch(/^Swap in use, share of SwapTotal \[%\]\. 100 ×/);
    expect(rule({ ...soundRule('x'), conditions: { fact: 'mem.available_pc', operator: 'lessThan', value: 1 } })).toBe(false);
  });
});
