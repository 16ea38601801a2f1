import type { ValidateFunction } from 'ajv';
import { quote } from '../errors.js';
import { checkRule, conditionsOf } from './check.js';
import type { Known } from './check-conditions.js';
import { leavesOf } from './conditions.js';
import type { Document } from './document.js';
import { tooNew } from './fact-schema.js';
import { aliasOf, qualifier, renamed } from './names.js';
import { findCycle, restsOn } from './order.js';
import { overridden } from './override.js';
import { placeIn } from './override-place.js';
import type { Pack } from './packs.js';
import { shapeProblems } from './parse.js';
import { type Finding, type Report, type RuleProblem, withinLimit } from './problem.js';
import type { OverrideFile, Rule, RuleFile } from './rule.js';
import type { RuleText } from './rule-files.js';
import { didYouMean } from './suggest.js';
import type { Handlebars } from './template.js';

/** A file that changes a rule. */
export interface CheckedOverride {
  readonly file: string;
  readonly target: string;
  readonly pack: Pack;
  /** The rule as it is then, with the tests of the override; null when something is wrong. */
  readonly rule: Rule | null;
}

/** A file that was read, and has the member "override". */
export interface Change {
  readonly pack: Pack;
  readonly text: RuleText;
  readonly document: Document;
}

interface Among {
  readonly handlebars: Handlebars;
  readonly known: Known;
  /** The rules of the packs, by id. */
  readonly own: ReadonlyMap<string, Rule>;
  /** All rules as they are before, by id. */
  readonly before: ReadonlyMap<string, Rule>;
  readonly validate: ValidateFunction;
}

interface Overridden {
  readonly overrides: CheckedOverride[];
  readonly changed: Map<string, Rule>;
  readonly problems: RuleProblem[];
  readonly skipped: RuleProblem[];
}

/** How many comparisons overrides may add to what is evaluated. */
const MAX_ADDED = 5000;

/** Applies the overrides of packs in their order; one with a problem changes nothing. */
export function checkOverrides(changes: readonly Change[], among: Among): Overridden {
  const done: Overridden = { overrides: [], changed: new Map(), problems: [], skipped: [] };
  let added = 0;
  for (const { pack, text, document } of changes) {
    const value = document.value as Record<string, unknown>;
    const newer = tooNew(value['factSchemaVersion'] ?? pack.factSchemaVersion);
    if (newer !== null) {
      done.skipped.push(document.problem({ at: '', message: `left out: ${newer}` }));
      continue;
    }
    const found = shapeProblems(value, among.validate);
    const result = found.length > 0 ? null : change(value as unknown as OverrideFile, pack, text.file, among, done.changed, found);
    added += result ? leavesIn(result.rule) - leavesIn(result.before) : 0;
    if (added > MAX_ADDED && found.length === 0)
      found.push({ at: '', message: `the overrides add more than ${MAX_ADDED} conditions together` });
    done.problems.push(...found.map(document.problem));
    const good = result && found.length === 0;
    if (good) done.changed.set(result.rule.id, { ...result.rule, tests: result.before.tests });
    done.overrides.push({
      file: text.file,
      target: result?.rule.id ?? '',
      pack,
      rule: good ? { ...result.rule, file: text.file } : null,
    });
  }
  return done;
}

function change(
  override: OverrideFile,
  pack: Pack,
  file: string,
  { handlebars, known, own, before }: Among,
  changed: ReadonlyMap<string, Rule>,
  found: Finding[],
): { rule: Rule; before: Rule } | null {
  const report: Report = (at, message, key = false) => found.push({ at, message, key });
  const id = qualifier(pack, own);
  const target = changed.get(id(override.override)) ?? before.get(id(override.override));
  if (!target) {
    report('/override', `there is no rule ${quote(override.override)}${didYouMean(override.override, before.keys())}`);
    return null;
  }
  const names = renamed(override, { id, fact: (name) => aliasOf(name, known.vocabulary) });
  const rule = overridden(target, names, pack.name ?? file, report);
  withinLimit(report, (limited) => {
    checkRule(handlebars, rule, known, (at, message, key) => {
      const place = placeIn(at, target, override);
      if (place !== null) limited(place, message, key);
    });
  });
  const rules = new Map([...before, ...changed, [rule.id, rule]]);
  for (const edges of [restsOn, (one: Rule) => one.diagnosis?.outranks ?? []]) {
    const ring = override.diagnosis && findCycle(new Map([...rules].map(([key, one]) => [key, edges(one)])));
    if (ring?.includes(rule.id)) report('/diagnosis', `with this, rules rest on each other in a ring: ${ring.join(' → ')}`, true);
  }
  return { rule, before: target };
}

const leavesIn = (rule: Rule): number =>
  [...conditionsOf(rule as RuleFile)].reduce((sum, [condition]) => sum + [...leavesOf(condition)].length, 0);
