/** Packs of a stranger who means harm: each ends in one clear line, in bounded time and memory, or in a wrong sentence at worst. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { marked } from 'marked';
import { describe, expect, test } from 'vitest';
import { InputError } from '../src/errors.js';
import { diagnose, loadInput, loadRules, render } from '../src/main.js';
import { rulesTest, rulesValidate } from '../src/rules/commands.js';
import { loadBuiltin } from '../src/rules/load.js';
import { below, type Files, folderOf, packOf, soundRule } from './pack-folder.js';

const leaf = { fact: 'mem.available_pct', operator: 'lessThan', value: 10 };
const nested = (depth: number): object => (depth === 0 ? leaf : { not: nested(depth - 1) });
const one = (more: object): Files => ({ 'r.json': soundRule('r', more) });
const yaml = (text: string): Files => ({ 'r.yaml': text });

interface Hostile {
  readonly what: string;
  readonly files: Files;
  readonly says: RegExp;
  /** What cannot be written as a file. */
  readonly prepare?: (root: string) => void;
  /** What of the folder is loaded. */
  readonly path?: string;
}

const CASES: readonly Hostile[] = [
  {
    what: 'code in a JSONPath',
    files: one({ conditions: { ...leaf, path: '$..[?(@.constructor.constructor("return process")())]' } }),
    says: /found the key "path": facts are flat/,
  },
  {
    what: 'code in the name of a fact',
    files: one({ conditions: { ...leaf, fact: '$..[?(process.exit(7))]' } }),
    says: /there is no fact "\$\.\.\[\?\(process\.exit\(7\)\)\]"/,
  },
  {
    what: 'an operator of its own',
    files: one({ conditions: { ...leaf, operator: 'matches', value: '(a+)+$' } }),
    says: /found the operator "matches"/,
  },
  {
    what: 'a regular expression that explodes',
    files: one({ conditions: { ...leaf, value: { regex: '^(([a-z])+.)+[A-Z]([a-z])+$' } } }),
    says: /\/conditions\/value: found an object, expected a number/,
  },
  {
    what: 'a template that reaches the prototype',
    files: one({ message: '{{constructor.constructor}}' }),
    says: /there is no fact or param "constructor\.constructor"/,
  },
  {
    what: 'a template that calls what there is not',
    files: one({ message: '{{exec mem.available_pct}}' }),
    says: /there is no helper "exec"/,
  },
  { what: 'a template that looks up', files: one({ message: '{{lookup this "__proto__"}}' }), says: /there is no helper "lookup"/ },
  {
    what: 'a template of many blocks',
    files: one({ message: '{{#if mem.available_pct}}'.repeat(150) + '{{/if}}'.repeat(150) }),
    says: /longer than 4000 characters/,
  },
  { what: '__proto__ as a key', files: { 'r.json': '{"__proto__": {"id": "r"}}' }, says: /has the key "__proto__", which is not accepted/ },
  { what: '__proto__ as a key in YAML', files: yaml('__proto__:\n  id: r\n'), says: /r\.yaml:1:1: has the key "__proto__"/ },
  {
    what: 'a million conditions',
    files: { 'r.json': JSON.stringify(soundRule('r', { conditions: { any: Array.from({ length: 1_000_000 }, () => 0) } })) },
    says: /is 2000\d\d\d bytes long, a rule file has at most 262144/,
  },
  {
    what: 'thousands of conditions',
    files: { 'r.json': JSON.stringify(soundRule('r', { conditions: { any: Array.from({ length: 3000 }, () => leaf) } })) },
    says: /the rule has more than 600 conditions/,
  },
  { what: 'conditions nested too deep', files: one({ conditions: nested(12) }), says: /nested deeper than 10 levels/ },
  { what: 'brackets without end', files: { 'r.json': '['.repeat(250_000) }, says: /nested deeper than 40 levels/ },
  { what: 'brackets without end in YAML', files: yaml('['.repeat(60_000)), says: /nested deeper than 40 levels/ },
  { what: 'lists in lists in YAML', files: yaml(`${'- '.repeat(30_000)}a`), says: /nested deeper than 40 levels/ },
  { what: 'maps in maps in YAML', files: yaml('{a: '.repeat(15_000)), says: /nested deeper than 40 levels/ },
  { what: 'a long YAML file', files: yaml(`a: "${'x'.repeat(100_000)}"`), says: /a rule in YAML has at most 65536/ },
  { what: 'an anchor that holds itself', files: yaml('a: &a [*a]\n'), says: /r\.yaml:1:7: has an anchor \(&\), which is not accepted/ },
  {
    what: 'a billion laughs',
    files: yaml(
      `a: &a [x, x]\n${Array.from({ length: 30 }, (_, i) => `${'bcdefghijklmnopqrstuvwxyzABCDE'[i] ?? 'z'}: &x${i} [*a, *a]`).join('\n')}\n`,
    ),
    says: /has an anchor/,
  },
  { what: 'an alias of nothing', files: yaml('a: *nothing\n'), says: /r\.yaml:1:4: .*alias/i },
  { what: 'a tag that makes objects', files: yaml('id: !!js/function "function () {}"\n'), says: /r\.yaml:1:\d+: has a tag \(!\)/ },
  { what: 'a merge key', files: yaml('<<: {id: r}\n'), says: /found the key "<<"/ },
  { what: 'two documents in one file', files: yaml('id: r\n---\nid: s\n'), says: /more than one YAML document/ },
  { what: 'a pack that extends itself', files: packOf('a', ['low'], { extends: ['.'] }), says: /packs extend each other in a ring/ },
  {
    what: 'packs that extend each other',
    files: {
      ...below('node_modules/memdoctor-rules-a', packOf('a', ['low'], { extends: ['memdoctor-rules-b'] })),
      ...below('node_modules/memdoctor-rules-b', packOf('b', ['low'], { extends: ['memdoctor-rules-a'] })),
    },
    path: 'node_modules/memdoctor-rules-a',
    says: /packs extend each other in a ring: .*rules-a → .*rules-b → .*rules-a/,
  },
  {
    what: 'a pack that reads above itself',
    files: { ...below('pack', packOf('a', ['low'], { extends: ['../secret'] })), 'secret/x.json': {} },
    path: 'pack',
    says: /memdoctor-pack\.json:\d+:\d+: \/extends\/0: found "\.\.\/secret", expected a package memdoctor-rules-\* or a folder inside of the pack/,
  },
  {
    what: 'a pack that reads from the root',
    files: packOf('a', ['low'], { extends: ['/etc'] }),
    says: /found "\/etc", expected a package/,
  },
  {
    what: 'a pack from an address',
    files: packOf('a', ['low'], { extends: ['https://evil.example/pack.tgz'] }),
    says: /found "https:\/\/evil/,
  },
  {
    what: 'a name of a package that climbs',
    files: packOf('a', ['low'], { extends: ['memdoctor-rules-../../etc'] }),
    says: /there is no folder|expected a package/,
  },
  {
    what: 'a link to a folder outside',
    files: packOf('a', ['low'], { extends: ['inner'] }),
    prepare: (root) => symlinkSync('/etc', join(root, 'inner')),
    says: /"inner" is a link that leads out of the pack/,
  },
  {
    what: 'rules/ as a link outside',
    files: { 'memdoctor-pack.json': { name: 'a' } },
    prepare: (root) => symlinkSync('/etc', join(root, 'rules')),
    says: /rules: is a link that leads out of the pack/,
  },
  {
    what: 'a rule as a link to a secret',
    files: packOf('a'),
    prepare: (root) => symlinkSync('/etc/passwd', join(root, 'rules', 'stolen.json')),
    says: /stolen\.json: is a link that leads out of its folder/,
  },
  {
    what: 'a rule as a link to a link to itself',
    files: packOf('a', []),
    prepare: (root) => {
      mkdirSync(join(root, 'rules'));
      symlinkSync('b.json', join(root, 'rules', 'a.json'));
      symlinkSync('a.json', join(root, 'rules', 'b.json'));
    },
    says: /cannot be read: ELOOP|there is no rule file/,
  },
  {
    what: 'a named pipe',
    files: packOf('a', []),
    prepare: (root) => {
      mkdirSync(join(root, 'rules'));
      execFileSync('mkfifo', [join(root, 'rules', 'r.json')]);
    },
    says: /there is no rule file/,
  },
  {
    what: 'a manifest that is a pipe',
    files: {},
    prepare: (root) => execFileSync('mkfifo', [join(root, 'memdoctor-pack.json')]),
    says: /is neither a file nor a folder/,
  },
  {
    what: 'a huge file',
    files: packOf('a'),
    prepare: (root) => writeFileSync(join(root, 'rules', 'big.json'), Buffer.alloc(20_000_000, 32)),
    says: /big\.json: is 20000000 bytes long/,
  },
  {
    what: 'files without number',
    files: Object.fromEntries(Array.from({ length: 2002 }, (_, i) => [`r${i}.json`, '{}'])),
    says: /has more than 2000 rule files/,
  },
  { what: 'folders without end', files: { [`${'d/'.repeat(30)}r.json`]: '{}' }, says: /nested deeper than 8 levels/ },
  { what: 'the id of a built-in rule', files: { 'swap-full.json': soundRule('swap-full') }, says: /is that of the built-in rule/ },
  {
    what: 'the name of the program',
    files: packOf('memdoctor'),
    says: /\/name: the name "memdoctor" is kept for the rules that are built in/,
  },
  { what: 'a name with a path in it', files: packOf('../a'), says: /\/name: found the text "\.\.\/a", expected lower-case/ },
  {
    what: 'an id with a path in it',
    files: { 'x.json': soundRule('../../x') },
    says: /\/id: found the text "\.\.\/\.\.\/x", expected lower-case/,
  },
  { what: 'an id in letters that look alike', files: { 'swаp.json': soundRule('swаp') }, says: /expected lower-case letters and digits/ },
  {
    what: 'an id of another pack',
    files: packOf('a', []),
    prepare: (root) => {
      mkdirSync(join(root, 'rules'));
      writeFileSync(join(root, 'rules', 'x.json'), JSON.stringify(soundRule('b/x')));
    },
    says: /\/id: found the text "b\/x"/,
  },
  {
    what: 'two packs of one name',
    files: { ...below('x', packOf('a', ['low'], { extends: ['inner'] })), ...below('x/inner', packOf('a')) },
    path: 'x',
    says: /its name "a" is also that of the pack in/,
  },
  {
    what: 'text that is shown backwards',
    files: one({ actions: [{ kind: 'fix', text: 'x', command: 'rm -rf \u202e/ # safe' }] }),
    says: /\/actions\/0\/command: found the character U\+202E/,
  },
  {
    what: 'a terminal that is told to do things',
    files: one({ title: 'x\u001b]0;owned\u0007' }),
    says: /\/title: found the character U\+001B/,
  },
  {
    what: 'a script as a reference',
    files: one({ references: [{ title: 'x', url: 'javascript:alert(1)' }] }),
    says: /expected an https address/,
  },
  { what: 'a title of a megabyte', files: one({ title: 'x'.repeat(100_000) }), says: /\/title: the text is longer than 500 characters/ },
  {
    what: 'fifty thousand mistakes',
    files: one({
      conditions: { any: Array.from({ length: 550 }, (_, i) => ({ [`k${i}`]: 1 })) },
      tests: Array.from({ length: 3000 }, () => 0),
    }),
    says: /^51 problems in rule files\n/,
  },
  {
    what: 'rules that rest on each other',
    files: { 'a.json': soundRule('a', { conditions: { finding: 'b' } }), 'b.json': soundRule('b', { conditions: { finding: 'a' } }) },
    says: /rules rest on each other in a ring/,
  },
  {
    what: 'a change of what there is not',
    files: { 'x.json': { override: 'constructor', why: 'a good reason', severity: 'info' } },
    says: /\/override: there is no rule "constructor"/,
  },
  {
    what: 'a change of params of every object',
    files: { 'x.json': { override: 'swap-full', why: 'a good reason', params: { constructor: 5 } } },
    says: /swap-full has no param "constructor"/,
  },
  {
    what: 'a change that makes rules rest on each other',
    files: {
      'a.json': soundRule('a', { conditions: { finding: 'dx-b' }, diagnosis: { base: 50, scope: 'host', explains: [] } }),
      'dx-b.json': soundRule('dx-b', { diagnosis: { base: 50, scope: 'host', explains: [] } }),
      'x.json': { override: 'dx-b', why: 'a good reason', diagnosis: { corroborating: [{ conditions: { finding: 'a' }, text: 'x' }] } },
    },
    says: /x\.json:\d+:\d+: \/diagnosis: with this, rules rest on each other in a ring/,
  },
  {
    what: 'changes that add conditions without end',
    files: Object.fromEntries(
      Array.from({ length: 12 }, (_, i) => [
        `x${i}.json`,
        {
          override: 'dx-swap-thrash',
          why: 'a good reason',
          diagnosis: {
            corroborating: [{ conditions: { any: Array.from({ length: 500 }, (_one, k) => ({ ...leaf, value: 1 + k / 10 })) }, text: 'x' }],
          },
        },
      ]),
    ),
    says: /the overrides add more than 5000 conditions together/,
  },
];

describe('a hostile pack', () => {
  test.each(CASES)('$what', async ({ files, prepare, path = '', says }) => {
    const root = folderOf(files);
    prepare?.(root);
    const [started, heap] = [performance.now(), process.memoryUsage().heapUsed];
    const error: unknown = await loadRules({ paths: [join(root, path)] }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    const message = error instanceof Error ? error.message : '';
    expect(message).toMatch(says);
    // one line for each problem, none of them longer than a reader can take; the commands print them as one line
    for (const line of message.split('\n')) expect(line.length).toBeLessThan(600);
    expect(message.split('\n').length).toBeLessThanOrEqual(10);
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(process.memoryUsage().heapUsed - heap).toBeLessThan(400_000_000);
  });

  test('of rules that are dear to run is refused before it runs', async () => {
    const many = { any: Array.from({ length: 550 }, (_, i) => ({ ...leaf, value: i / 10 })) };
    const rule = (id: string) => JSON.stringify(soundRule(id, { conditions: many, forEach: 'processes' }));
    const root = folderOf(Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`r${i}.json`, rule(`r${i}`)])));
    await expect(loadRules({ paths: [root] })).rejects.toThrow('the added rules have more than 60000 conditions together');
  });

  test('that is as dear as is let in is run in seconds', async () => {
    const many = { any: Array.from({ length: 500 }, (_, i) => ({ ...leaf, value: (i + 1) / 10 })) };
    const root = folderOf(
      Object.fromEntries(
        Array.from({ length: 3 }, (_, i) => [`r${i}.json`, soundRule(`r${i}`, { conditions: many, forEach: 'processes' })]),
      ),
    );
    const loaded = await loadRules({ paths: [root] });
    const started = performance.now();
    await diagnose(await loadInput('samples/many-small-processes.json'), loaded);
    expect(performance.now() - started).toBeLessThan(30_000);
  });

  test('whose choices multiply is looked at in bounded time', async () => {
    const choice = (i: number) => ({ any: Array.from({ length: 6 }, (_, k) => ({ ...leaf, value: i + k / 10 })) });
    const levels = ['critical', 'warning', 'notice', 'info'].map((severity, i) => ({
      severity,
      conditions: { all: Array.from({ length: 18 }, (_, k) => choice(i * 20 + k)) },
    }));
    const root = folderOf({ 'r.json': soundRule('r', { severity: undefined, conditions: undefined, levels }) });
    const started = performance.now();
    await rulesValidate([root]);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

const HTML =
  '<script>alert(1)</script><img src=x onerror=alert(1)>"\'><a href="https://evil.example">here</a> [link](https://evil.example) ![](https://evil.example/x.png) `</pre>` <!-- | a | **b** &lt;';

describe('HTML and links in every text field', () => {
  const rule = soundRule('r', {
    title: HTML.slice(0, 400),
    message: `${HTML} {{percent mem.available_pct}}`,
    explanation: HTML,
    conditions: { fact: 'mem.available_pct', operator: 'lessThan', value: { param: 'floor' } },
    params: { floor: { value: 101, unit: '%', why: HTML } },
    evidence: ['mem.available_pct'],
    actions: [{ kind: 'fix', text: HTML, command: HTML, risk: HTML }],
    limits: [HTML],
    references: [{ title: HTML, url: `https://evil.example/"><script>alert(1)</script>` }],
  });
  const dx = {
    ...rule,
    id: 'dx-r',
    diagnosis: {
      base: 97,
      scope: 'host',
      explains: ['r'],
      corroborating: [{ conditions: { finding: 'r' }, text: HTML }],
      contradicting: [{ conditions: { not: { finding: 'swap-full' } }, text: HTML }],
    },
  };
  // a share of more than 100 % can never be asked for: this one only sets what always holds
  const files = { 'memdoctor-pack.json': { name: 'evil', description: HTML }, 'rules/r.json': rule, 'rules/dx-r.json': dx };

  test.each(['html', 'md', 'text', 'json', 'ndjson'] as const)('%s', async (format) => {
    const loaded = await loadRules({ paths: [folderOf(files)] });
    const report = await diagnose(await loadInput('samples/healthy-idle.json'), loaded);
    expect(report.diagnoses.map(({ id }) => id)).toContain('evil/dx-r');
    const text = await render(report, { format, color: false, width: 100 });
    if (format === 'html') {
      expect(text).not.toMatch(/<script|<img[^>]*onerror|<a [^>]*evil\.example/i);
      expect(text).toContain('&lt;script');
    } else if (format === 'md') {
      const html = await marked.parse(text);
      expect(html).not.toMatch(/<script|<img|<a [^>]*evil\.example|<!--/i);
    } else if (format !== 'text') {
      for (const line of text.trim().split(format === 'ndjson' ? '\n' : '\0')) expect(() => JSON.parse(line) as unknown).not.toThrow();
    }
  });

  test.each(['junit', 'tap', 'text', 'json'] as const)('rules test --format %s', async (format) => {
    const bad = { name: `]]>${HTML}\n# SKIP\n1..99`, facts: { 'mem.available_pct': 5 }, expect: 'clear' };
    const root = folderOf({ 'r.json': soundRule('r', { tests: [bad] }) });
    const { text, ok } = await rulesTest([root], { format });
    expect(ok).toBe(false);
    if (format === 'junit') {
      expect(text).not.toMatch(/<script|<img|<a /);
      expect(text.match(/<testcase/g)).toHaveLength(1);
    }
    if (format === 'tap') {
      expect(text.split('\n').filter((line) => /^(?:not )?ok|^\d+\.\./.test(line))).toHaveLength(2);
      expect(text).toContain('\\# SKIP');
    }
  });
});

test('a stranger’s pack changes no built-in rule in place', async () => {
  const before = JSON.stringify((await loadBuiltin()).rules.find(({ id }) => id === 'swap-full'));
  const root = folderOf({ 'swap-full.json': { override: 'swap-full', why: 'a good reason', severity: 'info', title: 'Changed' } });
  const loaded = await loadRules({ paths: [root] });
  expect(loaded.rules.find(({ id }) => id === 'swap-full')?.title).toBe('Changed');
  expect(JSON.stringify((await loadBuiltin()).rules.find(({ id }) => id === 'swap-full'))).toBe(before);
  expect((await loadRules()).rules.find(({ id }) => id === 'swap-full')?.title).not.toBe('Changed');
});
