import type { FactSet } from '../facts/fact.js';
import type { Outcome } from '../rules/outcome.js';
import { commandOf } from './next-reads.js';
import type { Report } from './report.js';

/** What is said of a file that is not there: nothing helps. */
export const NOT_THERE = 'it is not in this evidence, or this kernel has not got it';

/** What helps against a reason; the first that fits is said. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/only one sample|a rate needs two/, 'watch for some seconds (two samples at least)'],
  [/denied|EACCES|EPERM|not permitted/i, 'gather as root'],
  [/timeout|deadline/, 'try again when the host responds'],
  [/was not read|is absent|is not there|skipped/, NOT_THERE],
];

/** What somebody else may show. */
const PASTE = /denied|EACCES|EPERM|not permitted|was not read/i;

/** The rules that could not be told, each with the reasons of the facts that it lacks. */
export function unknownOf(outcomes: readonly Outcome[], factSet: FactSet): Report['unknown'] {
  const missing = new Map<string, Set<string>>();
  for (const { rule, status, missing: names } of outcomes) {
    if (status !== 'unknown') continue;
    const known = missing.get(rule.id) ?? new Set<string>();
    for (const name of names) known.add(name);
    missing.set(rule.id, known);
  }
  return [...missing].map(([id, names]) => ({ id, missing: [...names], why: whyUnknown([...names], factSet) }));
}

/** Why facts are not known, in words that a person can act on. */
export function whyUnknown(names: readonly string[], { facts, items }: FactSet): string {
  const known = names.map((name) => facts[name] ?? items[name]);
  const reasons = [...new Set(names.map((name, index) => known[index]?.reason ?? `${name} is not known`))];
  const advice = [...new Set(reasons.flatMap((reason) => ADVICE.find(([pattern]) => pattern.test(reason))?.[1] ?? []))];
  const wanted = known.flatMap((fact) => (fact?.lacks !== undefined && PASTE.test(fact.reason ?? '') ? (commandOf(fact.lacks) ?? []) : []));
  const pastes = [...new Set(wanted)].map((command) => `paste \`${command}\``);
  const text = reasons.join('; ');
  const helps = [...(advice.length === 0 ? [] : [advice.join('; ')]), ...pastes].join('; or ');
  return helps === '' ? text : `${text}: ${helps}`;
}
