import type { ValidateFunction } from 'ajv';
import { checkConditionShape, schemaMessage, shown } from './check-shape.js';
import { offsetOf, placeOf, type Scan, scan } from './places.js';
import type { Finding, Report, RuleProblem } from './problem.js';
import type { Rule, RuleFile } from './rule.js';
import type { RuleText } from './rule-files.js';

/** A rule file after its shape was checked. */
export interface ParsedRule {
  readonly file: string;
  /** Null when its shape is wrong. */
  readonly rule: RuleFile | null;
  /** The id it claims, also when its shape is wrong. */
  readonly id: string | null;
  /** Makes a problem of what is wrong at a JSON pointer. */
  readonly problem: (finding: Finding) => RuleProblem;
  readonly problems: readonly RuleProblem[];
}

type Members = Record<string, unknown>;
const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads one rule file: is it JSON, and has it the shape of a rule? Never throws because of what is in the text. */
export function parseRule({ file, text }: RuleText, validate: ValidateFunction): ParsedRule {
  const places = scan(text);
  const problem = (finding: Finding): RuleProblem => locate(file, text, places, finding);
  const nothing = { file, rule: null, id: null, problem };
  if (places.problem) {
    const { offset, message } = places.problem;
    return { ...nothing, problems: [{ file, ...placeOf(text, offset), message }] };
  }
  const value: unknown = JSON.parse(text);
  if (!isObject(value))
    return { ...nothing, problems: [problem({ at: '', message: `found ${shown(value)}, expected a rule: an object` })] };
  const found: Finding[] = [];
  checkShape(value, validate, (at, message, key = false) => found.push({ at, message, key }));
  const id = typeof value['id'] === 'string' ? value['id'] : null;
  return { file, rule: found.length === 0 ? (value as unknown as RuleFile) : null, id, problem, problems: found.map(problem) };
}

function locate(file: string, text: string, places: Scan, { at, message, key = false }: Finding): RuleProblem {
  return { file, ...placeOf(text, offsetOf(places, at, key)), message: at === '' ? message : `${at}: ${message}` };
}

/** Conditions are checked by hand, for the messages; the schema checks all the rest. */
function checkShape(value: Members, validate: ValidateFunction, report: Report): void {
  const stub = withoutConditions(value, '', (condition, at) => checkConditionShape(condition, at, report));
  if (validate(stub)) return;
  for (const error of validate.errors ?? []) {
    const message = schemaMessage(error, error.data);
    if (message) report(message.at, message.message, message.key);
  }
}

const STUB = { fact: 'stub', operator: 'equal', value: 0 };

/** A copy of a rule, or of a part of one, in which each member `conditions` is a valid stub; calls back for each of them. */
function withoutConditions(part: Members, at: string, each: (condition: unknown, at: string) => void): Members {
  const copy = { ...part };
  if (Object.hasOwn(part, 'conditions')) {
    each(part['conditions'], `${at}/conditions`);
    copy['conditions'] = STUB;
  }
  for (const key of at === '' ? ['levels'] : ['corroborating', 'contradicting']) {
    const list = part[key];
    if (Array.isArray(list))
      copy[key] = list.map((element: unknown, index) =>
        isObject(element) ? withoutConditions(element, `${at}/${key}/${index}`, each) : element,
      );
  }
  if (at === '' && isObject(part['diagnosis'])) copy['diagnosis'] = withoutConditions(part['diagnosis'], '/diagnosis', each);
  return copy;
}

/** A rule ready to run: its levels always there. */
export function toRule(parsed: RuleFile, file: string, builtin: boolean): Rule {
  const { severity, conditions, levels, ...rest } = parsed;
  return { ...rest, levels: levels ?? (severity && conditions ? [{ severity, conditions }] : []), file, builtin };
}
