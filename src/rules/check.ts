import { quote } from '../errors.js';
import { checkConditions, checkFactName, kindOf, type Known } from './check-conditions.js';
import { checkTemplates } from './check-templates.js';
import { checkContradictions } from './contradictions.js';
import { escapePointer } from './places.js';
import type { Report } from './problem.js';
import { type Condition, rank, type RuleFile } from './rule.js';
import type { Handlebars } from './template.js';
import { didYouMean } from './suggest.js';
import { unitOf } from './vocabulary.js';

/** Every condition of a rule, with its JSON pointer. */
export function* conditionsOf(rule: RuleFile): Generator<[Condition, string]> {
  if (rule.conditions) yield [rule.conditions, '/conditions'];
  for (const [index, level] of (rule.levels ?? []).entries()) yield [level.conditions, `/levels/${index}/conditions`];
  for (const list of ['corroborating', 'contradicting'] as const)
    for (const [index, { conditions }] of (rule.diagnosis?.[list] ?? []).entries())
      yield [conditions, `/diagnosis/${list}/${index}/conditions`];
}

/** What a schema cannot say of a rule: that its names are known, its types fit, and its parts belong together. */
export function checkRule(handlebars: Handlebars, rule: RuleFile, known: Known, report: Report): void {
  if (rule.forEach !== undefined && !known.vocabulary.sets.has(rule.forEach))
    report('/forEach', `there is no item set ${quote(rule.forEach)}${didYouMean(rule.forEach, known.vocabulary.sets.keys())}`);
  const used = new Set<string>();
  for (const [condition, at] of conditionsOf(rule)) checkConditions(rule, condition, at, known, report, used);
  checkTemplates(handlebars, rule, known, report, used);
  checkParams(rule, report, used);
  checkLevels(rule, report);
  for (const [index, name] of (rule.evidence ?? []).entries()) checkFactName(rule, name, `/evidence/${index}`, known, report);
  if (rule.diagnosis) checkDiagnosis(rule, rule.diagnosis, known, report);
  checkTests(rule, known, report);
  checkTexts(rule, report);
  checkContradictions(rule, known.vocabulary, report);
}

/** Characters that no reader sees, or that change the order in which others are shown: what a command seems to be is what it is. */
// oxlint-disable-next-line no-control-regex, no-misleading-character-class -- these are looked for
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

function checkTexts(part: unknown, report: Report, at = ''): void {
  if (typeof part === 'string') {
    const [char] = UNSEEN.exec(part) ?? [];
    if (char !== undefined) {
      const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      report(at, `found the character U+${code}, which is not seen or changes what is: it is not accepted`);
    }
  } else if (typeof part === 'object' && part !== null)
    for (const [key, value] of Object.entries(part)) checkTexts(value, report, `${at}/${escapePointer(key)}`);
}

function checkParams(rule: RuleFile, report: Report, used: ReadonlySet<string>): void {
  for (const [name, { value, unit }] of Object.entries(rule.params ?? {})) {
    const at = `/params/${escapePointer(name)}`;
    if (!/^[a-z][a-zA-Z0-9]*$/.test(name) || name in Object.prototype)
      report(at, `the param ${quote(name)} needs a name of letters and digits that begins with a small letter`, true);
    else if (!used.has(name)) report(at, `the param ${quote(name)} is not used`, true);
    const fits = typeof value === (kindOf(unit) === 'text' ? 'string' : kindOf(unit));
    if (!fits) report(`${at}/value`, `the param ${quote(name)} is in ${unit}, and its value is a ${typeof value}`);
  }
}

function checkLevels(rule: RuleFile, report: Report): void {
  for (const [index, { severity }] of (rule.levels ?? []).entries()) {
    const above = rule.levels?.[index - 1];
    if (above && rank(above.severity) <= rank(severity))
      report(
        `/levels/${index}/severity`,
        `${severity} stands below ${above.severity}: levels go from the most severe to the least, each once`,
      );
  }
}

function checkDiagnosis(rule: RuleFile, diagnosis: NonNullable<RuleFile['diagnosis']>, known: Known, report: Report): void {
  if (rule.forEach !== undefined) report('/forEach', 'a diagnosis is about the whole host: it cannot have "forEach"');
  if (diagnosis.base < 5 || diagnosis.base > 97) report('/diagnosis/base', `found ${diagnosis.base}, expected 5 to 97`);
  for (const [index, id] of diagnosis.explains.entries()) {
    const target = known.ids.get(id);
    if (!target) report(`/diagnosis/explains/${index}`, `there is no rule ${quote(id)}${didYouMean(id, known.ids.keys())}`);
    else if (target.diagnosis)
      report(`/diagnosis/explains/${index}`, `${quote(id)} is a diagnosis: findings are explained; use "outranks"`);
  }
  for (const [index, id] of (diagnosis.outranks ?? []).entries()) {
    const target = known.ids.get(id);
    if (!target?.diagnosis || id === rule.id)
      report(`/diagnosis/outranks/${index}`, `there is no other diagnosis ${quote(id)}${didYouMean(id, diagnosisIds(known))}`);
  }
  for (const [index, name] of (diagnosis.owner ?? []).entries()) {
    const unit = checkFactName(rule, name, `/diagnosis/owner/${index}`, known, report);
    if (unit !== undefined && unit !== 'entity')
      report(`/diagnosis/owner/${index}`, `${quote(name)} is in ${unit}: an owner is a fact that names somebody`);
  }
  for (const [index, name] of (diagnosis.needs ?? []).entries()) checkFactName(rule, name, `/diagnosis/needs/${index}`, known, report);
  for (const [name, at] of [
    [diagnosis.explainedBytes, '/diagnosis/explainedBytes'],
    [diagnosis.suspect?.bytes, '/diagnosis/suspect/bytes'],
  ] as const) {
    if (name === undefined) continue;
    const unit = checkFactName(rule, name, at, known, report);
    if (unit !== undefined && unit !== 'bytes') report(at, `${quote(name)} is in ${unit}, expected bytes`);
  }
  // each source has a fact that says whether it was read
  const { source } = diagnosis.suspect ?? {};
  if (source !== undefined) checkFactName(rule, `coverage.${source}`, '/diagnosis/suspect/source', known, report);
}

const diagnosisIds = ({ ids }: Known): string[] => [...ids].filter(([, { diagnosis }]) => diagnosis).map(([id]) => id);

function checkTests(rule: RuleFile, known: Known, report: Report): void {
  for (const [index, test] of rule.tests.entries()) {
    const at = `/tests/${index}`;
    const levels: readonly string[] = rule.levels?.map(({ severity }) => severity) ?? [rule.severity ?? 'info'];
    if (!['clear', 'unknown', ...levels].includes(test.expect))
      report(`${at}/expect`, `no level gives ${test.expect}: the rule can be ${levels.join(', ')}, clear or unknown`);
    for (const [name, value] of Object.entries(test.facts)) {
      const unit = checkFactName(rule, name, `${at}/facts/${escapePointer(name)}`, known, keyed(report));
      if (unit !== undefined) checkTestValue(value, unit, `${at}/facts/${escapePointer(name)}`, report);
    }
    if (test.item && rule.forEach === undefined) report(`${at}/item`, 'a rule has items only with "forEach"', true);
    for (const [field, value] of Object.entries(rule.forEach === undefined ? {} : (test.item ?? {}))) {
      const below = `${at}/item/${escapePointer(field)}`;
      checkFactName(rule, `item.${field}`, below, known, keyed(report));
      const unit = unitOf(known.vocabulary, `item.${field}`, rule.forEach);
      if (unit !== undefined) checkTestValue(value, unit, below, report);
    }
    for (const id of Object.keys(test.findings ?? {}))
      if (!known.ids.has(id))
        report(`${at}/findings/${escapePointer(id)}`, `there is no rule ${quote(id)}${didYouMean(id, known.ids.keys())}`, true);
    for (const name of Object.keys(test.params ?? {}))
      if (!Object.hasOwn(rule.params ?? {}, name))
        report(
          `${at}/params/${escapePointer(name)}`,
          `there is no param ${quote(name)}${didYouMean(name, Object.keys(rule.params ?? {}))}`,
          true,
        );
  }
}

const keyed =
  (report: Report): Report =>
  (at, message) =>
    report(at, message, true);

function checkTestValue(value: unknown, unit: Parameters<typeof kindOf>[0], at: string, report: Report): void {
  if (value === null) return;
  const kind = kindOf(unit);
  const expected = { number: 'number', text: 'string', boolean: 'boolean', entity: 'object' }[kind];
  if (typeof value !== expected) report(at, `found a ${typeof value}, the fact is in ${unit}`);
}
