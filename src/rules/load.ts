import { basename } from 'node:path';
import { InputError, quote } from '../errors.js';
import { checkRule, conditionsOf } from './check.js';
import type { Known } from './check-conditions.js';
import { leavesOf } from './conditions.js';
import { VOCABULARY } from './known.js';
import { findCycle, restsOn } from './order.js';
import { type ParsedRule, parseRule, toRule } from './parse.js';
import { problemText, type RuleProblem } from './problem.js';
import type { Rule, RuleFile } from './rule.js';
import { builtinTexts, textsAt } from './rule-files.js';
import { didYouMean } from './suggest.js';
import { loadHandlebars } from './template.js';
import type { Vocabulary } from './vocabulary.js';

export interface LoadOptions {
  /** Whether the built-in rules are wanted. */
  readonly builtin: boolean;
  /** Files and folders of further rules. */
  readonly paths: readonly string[];
  /** Ids of the rules to leave out. */
  readonly disabled: readonly string[];
  /** `RULE.PARAM=VALUE` */
  readonly set: readonly string[];
}

export interface LoadedRules {
  readonly rules: readonly Rule[];
  /** Built-in rules that were left out because they cannot be used. */
  readonly problems: readonly RuleProblem[];
  readonly disabled: readonly string[];
}

/**
 * Loads the rules that the options ask for.
 * @throws InputError that lists what is wrong in the rule files given, or names an option's id or param that there is not.
 */
export async function loadRules(options: LoadOptions): Promise<LoadedRules> {
  const builtin = await loadBuiltin();
  const extra = options.paths.length === 0 ? [] : await loadExtra(options, builtin.rules);
  const all = [...(options.builtin ? builtin.rules : []), ...extra];
  const ids = new Set(all.map(({ id }) => id));
  for (const id of options.disabled)
    if (!ids.has(id)) throw new InputError(`--disable ${quote(id)}: there is no such rule${didYouMean(id, ids)}`);
  const disabled = [...new Set(options.disabled)];
  return {
    rules: withParams(all, options.set).filter(({ id }) => !disabled.includes(id)),
    problems: options.builtin ? builtin.problems : [],
    disabled,
  };
}

/** The built-in rules. Their names are checked by the tests, not at every start; one of a wrong shape is left out and said. */
export async function loadBuiltin(): Promise<{ rules: Rule[]; problems: RuleProblem[] }> {
  const rules: Rule[] = [];
  const problems: RuleProblem[] = [];
  const entries = builtinTexts();
  if (entries.length === 0) return { rules, problems };
  for (const entry of entries) {
    if ('rule' in entry) rules.push(toRule(entry.rule as RuleFile, entry.file, true));
    else {
      const parsed = parseRule(entry, await validator());
      problems.push(...parsed.problems);
      if (parsed.rule) rules.push(toRule(parsed.rule, parsed.file, true));
    }
  }
  return { rules, problems };
}

const validator = async () => (await import('./rule-validator.js')).rule;

async function loadExtra({ builtin, paths }: LoadOptions, builtinRules: readonly Rule[]): Promise<Rule[]> {
  const { parsed, problems } = await checkFiles(paths, builtin ? builtinRules : []);
  const taken = new Map(builtin ? builtinRules.map(({ id, file }) => [id, file]) : []);
  const twice = parsed.flatMap(({ id, problem }) => {
    const file = id === null ? undefined : taken.get(id);
    return file === undefined
      ? []
      : [
          problem({
            at: '/id',
            message: `the id ${quote(id ?? '')} is that of the built-in rule ${file}; --disable it and choose another id`,
          }),
        ];
  });
  const wrong = [...problems, ...twice];
  if (wrong.length > 0) throw new InputError(listed(wrong));
  return parsed.flatMap(({ rule, file }) => (rule ? [toRule(rule, file, false)] : []));
}

const LISTED = 8;

function listed(problems: readonly RuleProblem[]): string {
  const texts = problems.slice(0, LISTED).map(problemText);
  if (problems.length === 1) return texts.join('');
  const more = problems.length > LISTED ? [`and ${problems.length - LISTED} more: 'memdoctor rules validate PATH' lists all`] : [];
  return [`${problems.length} problems in rule files`, ...texts, ...more].join('\n');
}

/**
 * Reads and checks rule files, together with the rules that they may refer to.
 * @throws InputError when a path cannot be read; what is wrong inside the files is in `problems`, by file and place.
 */
export async function checkFiles(
  paths: readonly string[],
  others: readonly Rule[],
  vocabulary: Vocabulary = VOCABULARY,
): Promise<{ parsed: ParsedRule[]; problems: RuleProblem[] }> {
  const validate = await validator();
  const handlebars = await loadHandlebars();
  const parsed = paths.flatMap(textsAt).map((text) => parseRule(text, validate));
  const ids = new Map(others.map((rule) => [rule.id, { diagnosis: rule.diagnosis !== undefined }]));
  for (const { id, rule } of parsed)
    if (id !== null) ids.set(id, { diagnosis: rule ? rule.diagnosis !== undefined : id.startsWith('dx-') });
  const known: Known = { vocabulary, ids };

  const problems: RuleProblem[] = [];
  const first = new Map<string, string>();
  for (const { file, rule, id, problem, problems: shape } of parsed) {
    problems.push(...shape);
    if (rule)
      checkRule(handlebars, rule, basename(file, '.json'), known, (at, message, key = false) =>
        problems.push(problem({ at, message, key })),
      );
    const earlier = id === null ? undefined : first.get(id);
    if (earlier !== undefined) problems.push(problem({ at: '/id', message: `the id ${quote(id ?? '')} is also that of ${earlier}` }));
    else if (id !== null) first.set(id, file);
  }
  problems.push(...cycles(parsed, others));
  return { parsed, problems };
}

/** Rules that rest on each other in a ring, and diagnoses that outrank each other in one. */
function cycles(parsed: readonly ParsedRule[], others: readonly Rule[]): RuleProblem[] {
  const own = new Map(parsed.flatMap((entry) => (entry.rule ? [[entry.rule.id, { ...entry, rule: entry.rule }] as const] : [])));
  const rules = [...others.filter(({ id }) => !own.has(id)), ...[...own.values()].map(({ rule, file }) => toRule(rule, file, false))];
  const problems: RuleProblem[] = [];
  const look = (edges: Map<string, Iterable<string>>, what: string, at: (rule: RuleFile, next: string) => string) => {
    const ring = findCycle(edges);
    const index = ring?.findIndex((id) => own.has(id)) ?? -1;
    const entry = own.get(ring?.[index] ?? '');
    if (!ring || !entry || ring.length <= 2) return;
    const next = ring[index + 1] ?? ring[1] ?? '';
    problems.push(entry.problem({ at: at(entry.rule, next), message: `${what} in a ring: ${ring.join(' → ')}` }));
  };
  look(new Map(rules.map((rule) => [rule.id, restsOn(rule)])), 'rules rest on each other', placeOfReference);
  look(new Map(rules.map((rule) => [rule.id, rule.diagnosis?.outranks ?? []])), 'diagnoses outrank each other', (rule, next) => {
    const index = rule.diagnosis?.outranks?.indexOf(next) ?? 0;
    return `/diagnosis/outranks/${index}`;
  });
  return problems;
}

function placeOfReference(rule: RuleFile, id: string): string {
  for (const [condition, at] of conditionsOf(rule))
    for (const [leaf, below] of leavesOf(condition, at)) if ('finding' in leaf && leaf.finding === id) return `${below}/finding`;
  return '';
}

/** Rules with params as `--set` says. @throws InputError */
function withParams(rules: readonly Rule[], settings: readonly string[]): Rule[] {
  const changed = new Map(rules.map((rule) => [rule.id, rule]));
  for (const setting of settings) {
    const match = /^([^.=]+)\.([^=]+)=(.*)$/s.exec(setting);
    if (!match) throw new InputError(`--set ${quote(setting)}: expected RULE.PARAM=VALUE, as in "swap-full.warnPercent=95"`);
    const [, id = '', name = '', text = ''] = match;
    const rule = changed.get(id);
    if (!rule) throw new InputError(`--set ${quote(setting)}: there is no rule ${quote(id)}${didYouMean(id, changed.keys())}`);
    changed.set(id, { ...rule, params: { ...rule.params, ...setParam(rule, name, text, setting) } });
  }
  return [...changed.values()];
}

function setParam(rule: Rule, name: string, text: string, setting: string): NonNullable<Rule['params']> {
  const params = rule.params ?? {};
  const param = Object.hasOwn(params, name) ? params[name] : undefined;
  if (!param) {
    const names = Object.keys(params);
    const accepted = names.length > 0 ? `it has ${names.join(', ')}` : 'it has none';
    throw new InputError(`--set ${quote(setting)}: ${rule.id} has no param ${quote(name)}: ${accepted}${didYouMean(name, names)}`);
  }
  return { [name]: { ...param, value: valueLike(param.value, text, setting) } };
}

function valueLike(old: number | string | boolean, text: string, setting: string): number | string | boolean {
  if (typeof old === 'string') return text;
  if (typeof old === 'boolean') {
    if (text === 'true' || text === 'false') return text === 'true';
    throw new InputError(`--set ${quote(setting)}: found ${quote(text)}, expected true or false`);
  }
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InputError(`--set ${quote(setting)}: found ${quote(text)}, expected a number`);
}
