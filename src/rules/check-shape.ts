import type { ErrorObject, ValidateFunction } from 'ajv';
import { quote } from '../errors.js';
import { escapePointer } from './places.js';
import { type Finding, type Report, withinLimit } from './problem.js';
import { OPERATORS, SEVERITIES } from './rule.js';
import { didYouMean } from './suggest.js';

/** More of them in one rule is no rule. The largest of the built-in ones has about a hundred. */
export const MAX_CONDITIONS = 600;

type Members = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a value is, for a message. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `the text ${quote(value)}`;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (value === null) return 'null';
  if (typeof value === 'number' || typeof value === 'boolean') return `the ${typeof value} ${value}`;
  return 'an object';
}

const FORMS = '{"all": […]}, {"any": […]}, {"not": {…}}, {"fact", "operator", "value"} or {"finding", "atLeast"}';
const KEYS = ['all', 'any', 'not', 'fact', 'operator', 'value', 'finding', 'atLeast'];
const MAX_NESTING = 10;

/**
 * Checks the shape of a condition, with messages that a schema's anyOf cannot give. The schema stays the contract: what passes
 * here passes there.
 */
export function checkConditionShape(condition: unknown, at: string, report: Report, depth = 0): void {
  if (!isObject(condition)) return report(at, `found ${shown(condition)}, expected a condition: ${FORMS}`);
  if (depth > MAX_NESTING) return report(at, `conditions are nested deeper than ${MAX_NESTING} levels`);
  const [kind] = ['all', 'any', 'not', 'fact', 'finding'].filter((key) => Object.hasOwn(condition, key));
  const accepted = kind === 'fact' ? ['fact', 'operator', 'value'] : kind === 'finding' ? ['finding', 'atLeast'] : kind ? [kind] : KEYS;
  const unknown = Object.keys(condition).filter((key) => !accepted.includes(key));
  for (const key of unknown) report(`${at}/${escapePointer(key)}`, unknownKey(key, accepted), true);
  if (kind === undefined && unknown.length > 0) return;
  if (kind === undefined) return report(at, `expected a condition: ${FORMS}`);
  if (kind === 'all' || kind === 'any') return checkList(condition[kind], `${at}/${kind}`, report, depth);
  if (kind === 'not') return checkConditionShape(condition['not'], `${at}/not`, report, depth + 1);
  if (kind === 'finding') return checkFinding(condition, at, report);
  checkComparison(condition, at, report);
}

function unknownKey(key: string, accepted: readonly string[]): string {
  if (key === 'path') return 'found the key "path": facts are flat and named in full, there are no paths into them';
  return `found the key ${quote(key)}: accepted here are ${accepted.join(', ')}${didYouMean(key, accepted)}`;
}

function checkList(parts: unknown, at: string, report: Report, depth: number): void {
  if (!Array.isArray(parts) || parts.length === 0) return report(at, `found ${shown(parts)}, expected a list with one condition or more`);
  for (const [index, part] of parts.entries()) checkConditionShape(part, `${at}/${index}`, report, depth + 1);
}

function checkFinding({ finding, atLeast }: Members, at: string, report: Report): void {
  if (typeof finding !== 'string') report(`${at}/finding`, `found ${shown(finding)}, expected the id of a rule`);
  if (atLeast !== undefined && !SEVERITIES.includes(atLeast as never))
    report(
      `${at}/atLeast`,
      `found ${shown(atLeast)}, accepted are ${SEVERITIES.join(', ')}${didYouMean(typeof atLeast === 'string' ? atLeast : '', SEVERITIES)}`,
    );
}

function checkComparison(condition: Members, at: string, report: Report): void {
  const { fact, operator, value } = condition;
  if (typeof fact !== 'string') report(`${at}/fact`, `found ${shown(fact)}, expected the name of a fact`);
  for (const key of ['operator', 'value'])
    if (!Object.hasOwn(condition, key)) report(at, `a comparison needs "fact", "operator" and "value": "${key}" is missing`);
  if (Object.hasOwn(condition, 'operator') && !OPERATORS.includes(operator as never))
    report(
      `${at}/operator`,
      `found the operator ${quote(String(operator))}, accepted are ${OPERATORS.join(', ')}${didYouMean(String(operator), OPERATORS)}`,
    );
  if (value !== undefined) checkValue(value, `${at}/value`, report);
}

function checkValue(value: unknown, at: string, report: Report): void {
  if (['number', 'string', 'boolean'].includes(typeof value)) return;
  if (Array.isArray(value)) {
    const odd = value.findIndex((element) => typeof element !== 'number' && typeof element !== 'string');
    if (odd >= 0) report(`${at}/${odd}`, `found ${shown(value[odd])}, expected a number or a text`);
    return;
  }
  const keys = isObject(value) ? Object.keys(value) : [];
  const [key = ''] = keys;
  if (keys.length === 1 && ['param', 'fact'].includes(key) && typeof (value as Members)[key] === 'string') return;
  report(at, `found ${shown(value)}, expected a number, a text, true or false, a list, {"param": name} or {"fact": name}`);
}

/** What a schema does not accept in a document that has no conditions. */
export function schemaFindings(value: unknown, validate: ValidateFunction, what: string): Finding[] {
  const found: Finding[] = [];
  if (!isObject(value)) return [{ at: '', message: `found ${shown(value)}, expected ${what}: an object` }];
  withinLimit(
    (at, message, key = false) => found.push({ at, message, key }),
    (report) => reportSchema(value, validate, report),
  );
  return found;
}

/** Reports the errors of a schema, one for each place. */
export function reportSchema(value: unknown, validate: ValidateFunction, report: Report): void {
  if (validate(value)) return;
  const errors = validate.errors ?? [];
  // of a choice (anyOf), the branches that want another type say nothing of use
  const telling = errors.filter(
    ({ keyword, schemaPath }) => keyword !== 'anyOf' && !(keyword === 'type' && schemaPath.includes('/anyOf/')),
  );
  const told = (path: string): boolean => telling.some(({ instancePath }) => instancePath === path || instancePath.startsWith(`${path}/`));
  for (const error of errors) {
    if (error.keyword === 'anyOf' ? told(error.instancePath) : !telling.includes(error)) continue;
    const message = schemaMessage(error, error.data);
    if (message) report(message.at, message.message, message.key);
  }
}

/** One line from one error of the schema; undefined for those that only echo another. */
export function schemaMessage(error: ErrorObject, value: unknown): { at: string; message: string; key: boolean } | undefined {
  const { keyword, instancePath, schemaPath, params } = error as ErrorObject & { params: Record<string, unknown> };
  const at = instancePath;
  if (schemaPath.startsWith('#/oneOf'))
    return keyword === 'oneOf' ? { at, message: 'expected either "levels", or "severity" and "conditions"', key: false } : undefined;
  if (keyword === 'additionalProperties') {
    const extra = String(params['additionalProperty']);
    const accepted = Object.keys((error.parentSchema as { properties?: object } | undefined)?.properties ?? {});
    const list = accepted.length > 0 ? `: accepted here are ${accepted.join(', ')}` : ' here';
    return {
      at: `${at}/${escapePointer(extra)}`,
      message: `found the key ${quote(extra)}, which is not accepted${list}${didYouMean(extra, accepted)}`,
      key: true,
    };
  }
  if (keyword === 'required') return { at, message: `needs "${String(params['missingProperty'])}"`, key: false };
  const found = `found ${shown(value)}, `;
  if (keyword === 'enum') {
    const accepted = (params['allowedValues'] as unknown[]).map(String);
    return { at, message: `${found}accepted are ${accepted.join(', ')}${didYouMean(String(value), accepted)}`, key: false };
  }
  if (keyword === 'anyOf')
    return { at, message: `${found}expected ${String((error.parentSchema as { description?: string }).description)}`, key: false };
  if (keyword === 'type') return { at, message: `${found}expected ${[params['type']].flat().join(' or ')}`, key: false };
  if (keyword === 'pattern')
    return {
      at,
      message: `${found}expected ${PATTERNS[String(params['pattern'])] ?? `what matches ${String(params['pattern'])}`}`,
      key: false,
    };
  return { at, message: `${found}which ${error.message ?? keyword}`, key: false };
}

const PATTERNS: Readonly<Record<string, string>> = {
  '^https://': 'an https address',
  '^[0-9]{1,5}[.][0-9]{1,5}$': 'a version such as "1.0"',
  '^[a-z0-9]+(-[a-z0-9]+)*$': 'lower-case letters and digits with single hyphens, as in "swap-in-active"',
};
