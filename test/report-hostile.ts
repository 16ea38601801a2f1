/** A corpus of nasty names, and snapshots with them in every place that a host fills. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../src/errors.js';
import { type Snapshot, snapshotSchema } from '../src/gather/snapshot.js';
import { diagnose, loadInput, loadRules } from '../src/main.js';
import type { Report } from '../src/report/report.js';
import { sampleTraces } from './traces-sample.js';

/** Whatever a process, a cgroup, a mount, a log line or a rule file may be called. Each has the mark `pwn` where it would act. */
export const NASTY: Readonly<Record<string, string>> = {
  script: '<script>alert("pwn")</script>',
  image: '"><img src=x onerror=alert("pwn")>',
  'svg with onload': '<svg/onload=alert("pwn")>',
  'attribute with single quotes': "' onmouseover='alert(1)' autofocus onfocus='alert(1)",
  'attribute without quotes': 'x onfocus=alert(1) autofocus tabindex=1',
  'end of title': '</title><script>alert("pwn")</script>',
  'end of style': '</style><style>*{display:none}</style><script>alert("pwn")</script>',
  comment: '--><script>alert("pwn")</script><!--',
  cdata: ']]><script>alert("pwn")</script>',
  iframe: '<iframe src="javascript:alert(1)"></iframe><object data="https://pwn.example/"></object>',
  base: '<base href="https://pwn.example/"><meta http-equiv="refresh" content="0;url=https://pwn.example/">',
  'link element': '<link rel=stylesheet href=https://pwn.example/x.css>',
  form: '<form action=https://pwn.example/><input type=submit autofocus>',
  details: '</details></summary><details open ontoggle=alert("pwn")>',
  'Markdown link': '[click](https://pwn.example/)',
  'Markdown link with javascript': '[click](javascript:alert(1))',
  'Markdown image': '![x](https://pwn.example/x.png)',
  'Markdown reference': '[x]: https://pwn.example/\n[x][x]',
  'Markdown footnote': '[^1]: https://pwn.example/ [^1]',
  'angle autolink': '<https://pwn.example/>',
  'angle mail': '<pwn@pwn.example>',
  'bare address': 'https://pwn.example/x',
  'bare address hugged': '(https://pwn.example/x).*http://pwn.example*',
  'bare www': 'www.pwn.example',
  'bare mail': 'pwn@pwn.example',
  'bare domain': 'pwn.example pwn.com',
  'other schemes': 'ftp://pwn.example xmpp:pwn@pwn.example mailto:pwn@pwn.example tel:123 data:text/html,x vbscript:x',
  javascript: 'javascript:alert(1)',
  mention: '@pwn and @org/pwn',
  'issue numbers': '#1 GH-1 pwn/pwn#1 !1 %1 ~label $1 &1 :smile:',
  commit: 'pwn@0123456789abcdef0123456789abcdef01234567',
  table: 'a | b || c |\n| - | - |',
  code: '`` ` ``` `` `code` ~~~',
  fence: '```\n# heading\n```\n~~~\n<b>pwn</b>',
  heading: '\n\n# heading\n\n<b>pwn</b>\n\n---\n\n> quote\n\n- list\n1. list\n\n    code',
  emphasis: '*a* _b_ **c** __d__ ~~e~~ ***f*** ^g^ ==h==',
  entity: '&lt;script&gt;&#x3C;script&#62; &amp; &nbsp;',
  backslashes: '\\<script> \\\\[x](y) \\',
  math: '$x$ $$y$$ \\(z\\) \\[w\\]',
  handlebars: '{{constructor.constructor "return process"}} {{{x}}} {{> cause}} {{#each this}}',
  'other templates': '${7*7} <%= 7*7 %> {% raw %} #{7*7} ${{ github.token }}',
  'Jira macros': '{code}x{code} {html}<b>pwn</b>{html} {color:red}x{color} [pwn|https://pwn.example] !pwn.png! h1. x bq. y ||a||b||',
  ANSI: '\u001B[2J\u001B[31mpwn\u001B]0;pwn\u0007\u001B]8;;https://pwn.example\u001B\\x\u001B]8;;\u001B\\',
  'C1 controls': '\u009B31mpwn\u0090x\u009C\u0085',
  'bidi controls': '\u202Egnp.exe\u202C\u2066x\u2069\u200F\u061C',
  invisible: 'a\u200Bb\u2060c\uFEFFd\u00ADe\u{E0041}\u180E\u3164',
  controls: '\u0000\r\b\t\v\f\u007F\u001A',
  lines: 'one\ntwo\r\nthree\u2028four\u2029five',
  'lone surrogates': '\uD800 x \uDFFF',
  'not UTF-8': '\uFFFD\uFFFD\uFFFD x',
  combining: `Z${'\u0335\u0321\u0489'.repeat(200)}`,
  wide: '漢字カナ🧨👩‍👩‍👧‍👦🇩🇪',
  long: 'x'.repeat(10_000),
  'long with blanks': 'word '.repeat(2000),
  'long in markup': '<&">\'`*_[]()|\\'.repeat(700),
  prototype: '__proto__',
  constructor: 'constructor',
  empty: '',
  blank: '   ',
};

interface Schema {
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

/** Texts of a snapshot by which memdoctor knows which case it has: the kernel's words. The rest of every snapshot is a host's. */
const WORDS =
  /(?:Version|capturedAt|\.from|\.cpulist|\.zone|\.types?|\.state|nodemask|constraint|gfpMask|wallTime|\w+WallTime|\.(?:enabled|defrag|shmemEnabled|trigger\.pid|number|mountpoint|release)|kernel-log\.kernel|cgroup\.groups\[\]\.path|operation|pagetypeinfo.*)$/;

/** The snapshot with `nasty` in, or at the end of, every text that a host chooses: walked by the schema, so that no new one is forgotten. */
function poisoned(snapshot: Snapshot, nasty: string): Snapshot {
  const walk = (value: unknown, schema: Schema, place: string): unknown => {
    if (value === null || schema.const !== undefined || schema.enum !== undefined) return value;
    if (schema.anyOf) return walk(value, schema.anyOf.find(({ type }) => type !== 'null') ?? {}, place);
    if (typeof value === 'string') return spoilt(value, place);
    if (Array.isArray(value)) return value.map((item) => walk(item, schema.items ?? {}, `${place}[]`));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => {
        const own = schema.properties?.[name];
        if (own) return [name, walk(member, own, place === '' ? name : `${place}.${name}`)];
        const values = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {};
        return [place.endsWith('.kills') ? `${name}${nasty}` : name, walk(member, values, `${place}{}`)];
      }),
    );
  };
  const spoilt = (text: string, place: string): string => {
    if (place.endsWith('groups[].path') || place.endsWith('mountpoint')) return text === '/' ? text : `${text}${nasty}`;
    if (WORDS.test(place)) return text;
    return /\.text$|\.reason$|\.command$/.test(place) ? `${text} ${nasty} ${nasty}` : nasty;
  };
  const spoiled = walk(snapshot, snapshotSchema, '') as Snapshot;
  return { ...spoiled, texts: textsOf(nasty), notes: [nasty, `was passed over: ${nasty}`] };
}

const textsOf = (nasty: string): NonNullable<Snapshot['texts']> => ({
  recognised: [
    { name: nasty, kind: nasty, title: nasty, firstLine: 1, lastLine: 2, used: true },
    { name: nasty, kind: 'free', title: 'free', firstLine: 3, lastLine: 4, used: false, note: nasty },
  ],
  unrecognised: [{ name: nasty, line: 5, lastLine: 6, text: nasty }],
});

/** A rule of a stranger, with `nasty` in every text of it. It fires always. */
const nastyRule = (whole: string): object => {
  const nasty = whole.slice(0, 100);
  return ruleWith(nasty.replaceAll('{{', '{ {'), nasty);
};

/** `plain` stands where there are no templates. */
const ruleWith = (plain: string, nasty: string): object => ({
  id: 'nasty-rule',
  title: `nasty ${plain}`,
  category: 'pressure',
  severity: 'critical',
  conditions: { all: [{ fact: 'mem.total_bytes', operator: 'greaterThan', value: 0 }] },
  message: `nasty ${nasty} \`${nasty.replaceAll('`', '')}\``,
  explanation: `nasty ${nasty}`,
  evidence: ['mem.total_bytes'],
  actions: [
    { kind: 'confirm', text: `nasty ${nasty}`, command: `echo ${nasty}` },
    { kind: 'mitigate', text: `nasty ${nasty}`, risk: `nasty ${nasty}` },
  ],
  references: [{ title: plain || 'x', url: 'https://docs.kernel.org/admin-guide/sysctl/vm.html' }],
  limits: [plain || 'x'],
  tests: [{ name: 'fires', facts: { 'mem.total_bytes': 1 }, expect: 'critical' }],
});

let base: Promise<Snapshot> | undefined;
/** A sick host with the log of its OOM kill: something of everything. It is read once, and the same for all. */
const baseSnapshot = (): Promise<Snapshot> => (base ??= readBase());

async function readBase(): Promise<Snapshot> {
  const [host, log] = await Promise.all([loadInput('samples/oom-memcg-v2.json'), loadInput('test/sources/kernel-log/6.1-oom-global.txt')]);
  const last = host.samples.length - 1;
  const killed = log.samples[0]?.sources['kernel-log'];
  const samples = host.samples.map((sample, index) =>
    index === last && killed ? { ...sample, sources: { ...sample.sources, 'kernel-log': killed } } : sample,
  );
  return { ...host, samples, traces: sampleTraces() };
}

const reports = new Map<string, Promise<Report>>();
/** The report of the host with the nasty text of that name, by the rules and a stranger's: worked out once. */
export function hostileReport(name: string): Promise<Report> {
  const known = reports.get(name) ?? makeReport(NASTY[name] ?? '');
  reports.set(name, known);
  return known;
}

async function makeReport(nasty: string): Promise<Report> {
  const dir = mkdtempSync(join(tmpdir(), 'memdoctor-hostile-'));
  try {
    const file = join(dir, 'nasty-rule.json');
    writeFileSync(file, JSON.stringify(nastyRule(nasty)));
    const builtin = { builtin: true, disabled: [], set: [] };
    // a rule file is refused for what is not seen in it; what a host says must be taken
    const rules = await loadRules({ ...builtin, paths: [file] }).catch((error: unknown) => {
      if (error instanceof InputError) return loadRules({ ...builtin, paths: [] });
      throw error;
    });
    return await diagnose(poisoned(await baseSnapshot(), nasty), rules);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The addresses that rules refer to: the only links there are. */
export const linksOf = ({ findings, diagnoses }: Report): ReadonlySet<string> =>
  new Set([...findings, ...diagnoses].flatMap(({ references }) => references.map(({ url }) => url)));
