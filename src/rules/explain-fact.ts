import { InputError, quote } from '../errors.js';
import { factDefinitions, itemDefinitions } from '../facts/derive.js';
import type { Fact, FactSet } from '../facts/fact.js';
import { FACT_ALIASES } from './fact-schema.js';
import { conditionsOf } from './check.js';
import { leavesOf } from './conditions.js';
import type { Rule } from './rule.js';
import { didYouMean } from './suggest.js';
import { valueText } from './value.js';
import { PSEUDO_FACTS } from './vocabulary.js';

/** One fact a line: name, unit, its value when there are values, and what it is. Then the item sets. `words` must all be in the line. */
export function factLines(words: readonly string[], factSet: FactSet | null): string[] {
  const wanted = words.map((word) => word.toLowerCase());
  const fits = (row: readonly string[]): boolean => wanted.every((word) => row.some((cell) => cell.toLowerCase().includes(word)));
  const facts = Object.entries(factDefinitions).map(([name, { unit, title }]) => [
    name,
    unit,
    ...(factSet ? [shortValue(factSet.facts[name])] : []),
    title,
  ]);
  const pseudo = Object.entries(PSEUDO_FACTS).map(([name, title]) => [name, 'count', ...(factSet ? [''] : []), title]);
  const sets = Object.entries(itemDefinitions).map(([name, { title, fields }]) => [
    name,
    'items',
    ...(factSet ? [`${factSet.items[name]?.items?.length ?? '?'} items`] : []),
    `${title}: item.${['name', ...Object.keys(fields)].join(', item.')}`,
  ]);
  const rows = [...facts, ...pseudo, ...sets].filter(fits);
  if (rows.length === 0) throw new InputError(`no fact has all of ${words.map(quote).join(', ')} in its name, unit or meaning`);
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) => row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  '));
}

const shortValue = (fact: Fact | undefined): string => (fact ? valueText(fact.value, fact.unit) : 'unknown');

/** What a fact or an item set is, how it is worked out, its value, and which rules use it. @throws InputError when there is none. */
export function explainFact(asked: string, factSet: FactSet | null, rules: readonly Rule[]): string {
  const alias = Object.hasOwn(FACT_ALIASES, asked) ? FACT_ALIASES[asked] : undefined;
  const name = alias?.now ?? asked;
  if (Object.hasOwn(itemDefinitions, name)) return explainSet(name, factSet, rules);
  const definition = Object.hasOwn(factDefinitions, name) ? factDefinitions[name] : undefined;
  if (!definition) {
    const pseudo = Object.hasOwn(PSEUDO_FACTS, name) ? PSEUDO_FACTS[name as keyof typeof PSEUDO_FACTS] : undefined;
    if (pseudo !== undefined) return `${name}: ${pseudo}\n\nunit      count\nfrom      the outcomes of the rules before\n`;
    throw new InputError(
      `there is no fact ${quote(asked)}${didYouMean(asked, [...Object.keys(factDefinitions), ...Object.keys(itemDefinitions)])}`,
    );
  }
  const { title, unit, formula, validity, reference } = definition;
  const fact = factSet?.facts[name];
  const value = fact && (fact.value === null ? `unknown: ${fact.reason ?? 'an input is missing'}` : fullValue(fact));
  return table(`${name}: ${title}`, [
    ...(alias ? [['note', `${asked} is its name before version ${alias.since} of the facts`] as const] : []),
    ...(value === undefined ? [] : [['value', value] as const]),
    ['unit', unit],
    ['formula', formula],
    ['validity', validity],
    ['from', fact && fact.from.length > 0 ? fact.from.join(', ') : undefined],
    ['reference', reference],
    ['used by', usersOf(rules, (read) => read === name)],
  ]);
}

/** The value for people, and as rules compare it. */
function fullValue({ value, unit }: Fact): string {
  const text = valueText(value, unit);
  return typeof value === 'number' && text !== String(value) ? `${text} (${value})` : text;
}

function explainSet(name: string, factSet: FactSet | null, rules: readonly Rule[]): string {
  const definition = itemDefinitions[name];
  const set = factSet?.items[name];
  const fields = Object.entries(definition?.fields ?? {});
  const width = Math.max(...fields.map(([field]) => field.length)) + 5;
  const users = rules.filter(({ forEach }) => forEach === name).map(({ id }) => id);
  const items = (set?.items ?? []).slice(0, 20).map((item) => {
    const values = fields.map(([field, { unit }]) => `${field} ${valueText(item[field] ?? null, unit)}`);
    return `  ${item.name}: ${values.join(', ')}`;
  });
  return [
    table(`${name}: ${definition?.title ?? ''} (an item set: "forEach": "${name}")`, [
      ['items', set && (set.items === null ? `unknown: ${set.reason ?? ''}` : String(set.items.length))],
      ['used by', users.length > 0 ? users.join(', ') : undefined],
    ]),
    ...fields.map(([field, { unit, title, formula }]) => `${`item.${field}`.padEnd(width)}  ${unit.padEnd(8)}  ${title}: ${formula}`),
    ...(items.length > 0 ? ['', ...items] : []),
    '',
  ].join('\n');
}

function usersOf(rules: readonly Rule[], reads: (name: string) => boolean): string | undefined {
  const users = rules.filter((rule) =>
    [...conditionsOf(rule)].some(([condition]) => [...leavesOf(condition)].some(([leaf]) => 'fact' in leaf && reads(leaf.fact))),
  );
  return users.length > 0 ? users.map(({ id }) => id).join(', ') : undefined;
}

const table = (head: string, rows: readonly (readonly [string, string | undefined])[]): string =>
  [head, '', ...rows.flatMap(([name, text]) => (text === undefined ? [] : [`${name.padEnd(9)} ${text}`])), ''].join('\n');
