import { InputError, quote } from '../errors.js';
import { asRule, type Checked, checkPacks } from './check-packs.js';
import { VOCABULARY } from './known.js';
import { levelsOf, paramsOf } from './override.js';
import { findPacks, type Pack, type PackReference } from './packs.js';
import { parseRule, toRule } from './parse.js';
import { escapePointer } from './places.js';
import { readDocument } from './document.js';
import { problemText, type RuleProblem } from './problem.js';
import type { Rule, RuleFile } from './rule.js';
import { builtinTexts } from './rule-files.js';
import type { RuleSettings } from './settings.js';
import { didYouMean } from './suggest.js';
import type { Vocabulary } from './vocabulary.js';

export interface LoadOptions {
  /** Whether the built-in rules are wanted; they are unless it says no. */
  readonly builtin?: boolean;
  /** Further rules: files, folders, packs, npm packages `memdoctor-rules-*`. */
  readonly paths?: readonly string[];
  /** The folder that relative paths, and the search for packages, start from; default: the working directory. */
  readonly base?: string;
  /** Ids of the rules to leave out. */
  readonly disabled?: readonly string[];
  /** `RULE.PARAM=VALUE` */
  readonly set?: readonly string[];
  /** What the configuration file says of rules. */
  readonly settings?: RuleSettings | undefined;
}

export interface LoadedPack {
  readonly name: string | null;
  readonly version: string | null;
  readonly path: string;
}

export interface LoadedRules {
  readonly rules: readonly Rule[];
  /** Rules that were left out because they cannot be used, and why. */
  readonly problems: readonly RuleProblem[];
  readonly disabled: readonly string[];
  readonly packs?: readonly LoadedPack[];
}

/**
 * Loads the rules that the options ask for: without any, the built-in ones. A rule for a newer memdoctor is left out, and is in
 * `problems`; so is what is wrong in a pack that the configuration names.
 * @throws InputError that lists what is wrong in the rule files given, or names an option's id or param that there is not.
 */
export async function loadRules(options: LoadOptions = {}): Promise<LoadedRules> {
  const { builtin: wanted = true, paths = [], disabled = [], set = [], settings, base = process.cwd() } = options;
  const builtin = await loadBuiltin();
  const own = wanted ? builtin.rules : [];
  const problems = wanted ? [...builtin.problems] : [];
  let all: readonly Rule[] = own;
  let packs: Pack[] = [];
  if (paths.length + (settings?.packs.length ?? 0) > 0) {
    const added = await loadAdded(referencesTo(paths, base), settings?.packs ?? [], own);
    all = [...own.map((rule) => added.changed.get(rule.id) ?? rule), ...added.rules];
    problems.push(...added.problems);
    packs = added.packs;
  }
  const settled = settings ? settle(all, settings) : { rules: all, disabled: [] };
  const ids = new Set(all.map(({ id }) => id));
  for (const id of disabled) if (!ids.has(id)) throw new InputError(`--disable ${quote(id)}: there is no such rule${didYouMean(id, ids)}`);
  const out = [...new Set([...settled.disabled, ...disabled])];
  return {
    rules: withParams(settled.rules, set).filter(({ id }) => !out.includes(id)),
    problems,
    disabled: out,
    packs: packs.map(({ name, version, path }) => ({ name, version, path })),
  };
}

/** The built-in rules. Their names are checked by the tests, not at every start; one of a wrong shape is left out and said. */
export const loadBuiltin = (): Promise<Builtin> => (builtinRules ??= readBuiltin());

interface Builtin {
  readonly rules: Rule[];
  readonly problems: RuleProblem[];
}
/** They do not change while the program runs. */
let builtinRules: Promise<Builtin> | undefined;

async function readBuiltin(): Promise<Builtin> {
  const rules: Rule[] = [];
  const problems: RuleProblem[] = [];
  const entries = builtinTexts();
  if (entries.length === 0) return { rules, problems };
  for (const entry of entries) {
    if ('rule' in entry) rules.push(toRule(entry.rule as RuleFile, entry.file, true));
    else {
      const parsed = parseRule(entry.file, readDocument(entry, undefined), (await import('./rule-validator.js')).rule);
      problems.push(...parsed.problems);
      if (parsed.rule) rules.push(toRule(parsed.rule, parsed.file, true));
    }
  }
  return { rules, problems };
}

/** The references of paths on the command line. */
export const referencesTo = (paths: readonly string[], base = process.cwd()): PackReference[] =>
  paths.map((reference) => ({ reference, base }));

async function loadAdded(given: readonly PackReference[], standing: readonly PackReference[], own: readonly Rule[]) {
  const packs = await findPacks([...standing, ...given]);
  const asked = new Set((await findPacks(given)).map(({ path }) => path));
  const { parsed, changed, problems, skipped } = await checkPacks(packs, own);
  const taken = new Map(own.map(({ id, file }) => [id, file]));
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
  const bad = new Set(wrong.map(({ file }) => file));
  const fatal = wrong.filter(({ file }) => packs.some((pack) => asked.has(pack.path) && pack.texts.some((text) => text.file === file)));
  if (fatal.length > 0) throw new InputError(listed(fatal));
  const rules = parsed.flatMap(({ rule, file, pack }) => (rule && !bad.has(file) ? [asRule(rule, file, pack)] : []));
  return { packs, rules: rules.map((rule) => changed.get(rule.id) ?? rule), changed, problems: [...wrong, ...skipped] };
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
export const checkFiles = async (
  paths: readonly string[],
  others: readonly Rule[],
  vocabulary: Vocabulary = VOCABULARY,
): Promise<Checked> => checkPacks(await findPacks(referencesTo(paths)), others, vocabulary);

/** Rules as the configuration wants them. @throws InputError with the place in it. */
function settle(rules: readonly Rule[], { file, disable, params, severity, at }: RuleSettings): { rules: Rule[]; disabled: string[] } {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const refuse = (pointer: string, message: string, key = false): never => {
    throw new InputError(at(pointer, message, key));
  };
  const ruleOf = (id: string, pointer: string, key: boolean): Rule =>
    byId.get(id) ?? refuse(pointer, `there is no rule ${quote(id)}${didYouMean(id, byId.keys())}`, key);
  const off: string[] = disable.map((id, index) => ruleOf(id, `/disable/${index}`, false).id);
  for (const [id, values] of Object.entries(params)) {
    const pointer = `/params/${escapePointer(id)}`;
    const rule = ruleOf(id, pointer, true);
    const changed = paramsOf(rule, values, 'set by the configuration', file, (name, text, key) =>
      refuse(`${pointer}/${escapePointer(name)}`, text, key),
    );
    byId.set(id, { ...rule, params: changed, changes: [...(rule.changes ?? []), `${file}: params`] });
  }
  for (const [id, wanted] of Object.entries(severity)) {
    const pointer = `/severity/${escapePointer(id)}`;
    const rule = ruleOf(id, pointer, true);
    if (wanted === 'off') off.push(id);
    else {
      const levels = levelsOf(rule, wanted, (below, text) => refuse(`${pointer}${below}`, text, below !== ''));
      byId.set(id, { ...rule, levels, changes: [...(rule.changes ?? []), `${file}: severity`] });
    }
  }
  return { rules: [...byId.values()], disabled: off };
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
