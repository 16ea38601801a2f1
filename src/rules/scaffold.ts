import { InputError, quote } from '../errors.js';
import type { Unit } from '../facts/fact.js';
import { VOCABULARY } from './known.js';
import { kindOf } from './check-conditions.js';
import { isDiagnosisId } from './rule.js';
import { didYouMean } from './suggest.js';
import { namesFor, unitOf } from './vocabulary.js';

const ID = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Helpers that show a value of a unit. */
const HELPERS: Readonly<Partial<Record<Unit, string>>> = { bytes: 'bytes ', '%': 'percent ', s: 'seconds ', count: 'count ' };
/** A threshold to start from, and values at both sides of it. */
const VALUES: Readonly<Partial<Record<Unit, readonly [number, number, number]>>> = {
  bytes: [1_073_741_824, 2_147_483_648, 0],
  '%': [10, 5, 50],
};

/** The name that the schema has beside scaffolded rules: hidden, so that it is not taken for a rule. */
export const SCHEMA_NAME = '.rule.schema.json';

/**
 * A rule to start from: one level, one param, three tests that pass, and texts that say TODO.
 * @throws InputError for an id of another form, or a fact that there is not.
 */
export function scaffold(id: string, fact: string, forEach = setOf(fact)): object {
  if (!ID.test(id) || id.length > 80)
    throw new InputError(
      `found the id ${quote(id)}, expected lower-case letters and digits with single hyphens, as in "disk-db-hugepages"`,
    );
  if (forEach !== undefined && !VOCABULARY.sets.has(forEach))
    throw new InputError(`there is no item set ${quote(forEach)}${didYouMean(forEach, VOCABULARY.sets.keys())}`);
  const unit = unitOf(VOCABULARY, fact, forEach);
  if (unit === undefined)
    throw new InputError(`there is no fact ${quote(fact)}${didYouMean(fact, namesFor(VOCABULARY, forEach))} (memdoctor facts list)`);
  if (kindOf(unit) === 'entity') throw new InputError(`the fact ${quote(fact)} names somebody: it cannot be compared`);
  const { operator, threshold, param, bad, good } = comparison(unit, fact);
  return {
    $schema: `./${SCHEMA_NAME}`,
    id,
    title: 'TODO: what is wrong, in a few words',
    category: id.split('-')[isDiagnosisId(id) ? 1 : 0] ?? 'custom',
    ...(forEach !== undefined && { forEach }),
    ...(param && { params: { floor: { value: threshold, unit, why: 'TODO: why this number, and where it comes from' } } }),
    severity: 'warning',
    conditions: { all: [{ fact, operator, value: param ? { param: 'floor' } : threshold }] },
    message: `TODO: what was found: ${forEach === undefined ? '' : '{{item.name}} '}{{${HELPERS[unit] ?? ''}${fact}}}.`,
    explanation: 'TODO: what it means, and why it matters.',
    evidence: [fact],
    actions: [
      { kind: 'confirm', text: 'TODO: how to see it on the host', command: 'cat /proc/meminfo', risk: 'None: it only reads.' },
      { kind: 'fix', text: 'TODO: what to do about it', risk: 'TODO: what it may hurt' },
    ],
    ...(isDiagnosisId(id) && { diagnosis: { base: 60, scope: 'host', explains: [], corroborating: [], contradicting: [] } }),
    tests: [
      { name: 'fires', ...given(fact, bad), expect: 'warning' },
      { name: 'clear', ...given(fact, good), expect: 'clear' },
      { name: 'unknown', ...given(fact, null), expect: 'unknown' },
    ],
  };
}

/** The item set that has a field; the first where several do. */
const setOf = (fact: string): string | undefined =>
  fact.startsWith('item.') ? [...VOCABULARY.sets].find(([, fields]) => fields.has(fact.slice('item.'.length)))?.[0] : undefined;

/** A fact of a test; a field of an item stands in the item. */
const given = (fact: string, value: unknown): object =>
  fact.startsWith('item.')
    ? { facts: {}, item: { [fact.slice('item.'.length)]: value } }
    : { facts: value === null ? {} : { [fact]: value } };

function comparison(unit: Unit, fact: string) {
  const kind = kindOf(unit);
  if (kind === 'boolean') return { operator: 'equal', threshold: true, param: false, bad: true, good: false };
  if (kind === 'text') return { operator: 'equal', threshold: 'TODO', param: false, bad: 'TODO', good: 'another' };
  // little of what is free or available is bad, and much of anything else
  const scarce = /free|avail|headroom|room/.test(fact);
  const [threshold, high, low] = VALUES[unit] ?? [10, 20, 0];
  if (unit === '%')
    return scarce
      ? { operator: 'lessThan', threshold, param: true, bad: 5, good: 50 }
      : { operator: 'greaterThanInclusive', threshold: 50, param: true, bad: 60, good: 5 };
  return {
    operator: scarce ? 'lessThan' : 'greaterThanInclusive',
    threshold,
    param: true,
    bad: scarce ? low : high,
    good: scarce ? high : low,
  };
}

/** A scaffolded rule as the text of its file. */
export async function scaffoldText(rule: object, yaml: boolean): Promise<string> {
  if (!yaml) return `${JSON.stringify(rule, null, 2)}\n`;
  const { $schema: _, ...rest } = rule as { $schema?: string };
  const { stringify } = await import('yaml');
  return `# yaml-language-server: $schema=./${SCHEMA_NAME}\n${stringify(rest, { lineWidth: 120, aliasDuplicateObjects: false })}`;
}
