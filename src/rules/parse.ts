import type { ValidateFunction } from 'ajv';
import { checkConditionShape, MAX_CONDITIONS, reportSchema, shown } from './check-shape.js';
import type { Document } from './document.js';
import { tooNew } from './fact-schema.js';
import { mended } from './mend.js';
import { type Finding, type Report, type RuleProblem, withinLimit } from './problem.js';
import type { Rule, RuleFile } from './rule.js';

/** A rule file after its shape was checked. */
export interface ParsedRule {
  readonly file: string;
  /** Null when its shape is wrong, or it is for a newer memdoctor. */
  readonly rule: RuleFile | null;
  /** The id it claims, also when its shape is wrong. */
  readonly id: string | null;
  /** Makes a problem of what is wrong at a JSON pointer. */
  readonly problem: (finding: Finding) => RuleProblem;
  readonly problems: readonly RuleProblem[];
  /** When its shape is wrong: what is left of it, and what is wrong, so that its names can be checked as well. */
  readonly mended: { readonly rule: RuleFile; readonly findings: readonly Finding[] } | null;
  /** Why it is left out, when it is for a newer memdoctor. */
  readonly skipped: RuleProblem | null;
}

type Members = Record<string, unknown>;
export const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Checks the shape of one rule file. `version` is the fact schema of its pack. Never throws because of what is in it. */
export function parseRule(file: string, document: Document, validate: ValidateFunction, version?: string): ParsedRule {
  const { value, problem, problems } = document;
  const nothing = { file, rule: null, id: null, problem, problems, mended: null, skipped: null };
  if (problems.length > 0) return nothing;
  if (!isObject(value))
    return { ...nothing, problems: [problem({ at: '', message: `found ${shown(value)}, expected a rule: an object` })] };
  const id = typeof value['id'] === 'string' ? value['id'] : null;
  // a rule for a newer memdoctor may have a shape that this one does not know
  const newer = tooNew(value['factSchemaVersion'] ?? version);
  if (newer !== null) return { ...nothing, id, skipped: problem({ at: '', message: `left out: ${newer}` }) };
  const found = shapeProblems(value, validate);
  if (found.length === 0) return { ...nothing, rule: value as unknown as RuleFile, id };
  // a file with very many mistakes is no rule: its names do not matter
  const rest = found.length < MAX_MENDED ? { rule: mended(value, found), findings: found } : null;
  return { ...nothing, id, problems: found.map(problem), mended: rest };
}

/** What is wrong with the shape of a rule, or of what is like one. */
export function shapeProblems(value: Members, validate: ValidateFunction): Finding[] {
  const found: Finding[] = [];
  withinLimit(
    (at, message, key = false) => found.push({ at, message, key }),
    (report) => checkShape(value, validate, report),
  );
  return found;
}

/** Conditions are checked by hand, for the messages; the schema checks all the rest. */
function checkShape(value: Members, validate: ValidateFunction, report: Report): void {
  let left = MAX_CONDITIONS;
  const stub = withoutConditions(value, '', (condition, at) => {
    const count = countNodes(condition, left + 1);
    left -= count;
    if (left >= 0) checkConditionShape(condition, at, report);
    else if (left + count >= 0) report(at, `the rule has more than ${MAX_CONDITIONS} conditions`);
  });
  reportSchema(stub, validate, report);
}

/** How many conditions there are in one, counted up to a limit. */
function countNodes(condition: unknown, limit: number): number {
  const waiting: unknown[] = [condition];
  let count = 0;
  while (waiting.length > 0 && count < limit) {
    const next = waiting.pop();
    count++;
    if (!isObject(next)) continue;
    for (const key of ['all', 'any']) if (Array.isArray(next[key])) for (const part of next[key]) waiting.push(part);
    if (isObject(next['not'])) waiting.push(next['not']);
  }
  return count;
}

const MAX_MENDED = 20;

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
