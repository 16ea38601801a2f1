import { quote } from '../errors.js';
import { conditionsOf } from './check.js';
import { templatesOf } from './check-templates.js';
import { leavesOf } from './conditions.js';
import { escapePointer } from './places.js';
import type { Report } from './problem.js';
import { isDiagnosisId, type RuleFile } from './rule.js';
import { namesIn } from './template.js';

const TODO = /\bTODO\b/;

/** Reports what is no mistake, but leaves a rule less tested or less clear than it should be. */
export function notesOn(rule: RuleFile, report: Report): void {
  const levels = rule.levels?.map(({ severity }) => severity) ?? [rule.severity ?? 'info'];
  const expected = new Set(rule.tests.map((test) => test.expect));
  const untested = [...levels, 'clear' as const, 'unknown' as const].filter((word) => !expected.has(word));
  if (untested.length > 0) report('/tests', `no test expects ${untested.join(', ')}`, true);

  if (rule.diagnosis && !isDiagnosisId(rule.id)) report('/id', 'the id of a diagnosis begins with "dx-"');
  const read = factsReadBy(rule);
  const names = new Set<string>();
  for (const [index, { name, facts }] of rule.tests.entries()) {
    if (names.has(name)) report(`/tests/${index}/name`, `another test is called ${quote(name)} too`);
    names.add(name);
    for (const fact of Object.keys(facts))
      if (!read.has(fact)) report(`/tests/${index}/facts/${escapePointer(fact)}`, `nothing in the rule reads ${quote(fact)}`, true);
  }
  for (const [text, at] of [[rule.title, '/title'] as const, ...templatesOf(rule)]) if (TODO.test(text)) report(at, 'still says TODO');
  for (const [name, { why }] of Object.entries(rule.params ?? {}))
    if (TODO.test(why)) report(`/params/${escapePointer(name)}/why`, 'still says TODO');
}

/** The facts that a rule compares, shows or needs. */
function factsReadBy(rule: RuleFile): Set<string> {
  const { needs = [], owner = [], explainedBytes, suspect } = rule.diagnosis ?? {};
  const read = new Set([
    ...(rule.evidence ?? []),
    ...needs,
    ...owner,
    ...[explainedBytes, suspect?.bytes].filter((name) => name !== undefined),
  ]);
  for (const [condition, at] of conditionsOf(rule))
    for (const [leaf] of leavesOf(condition, at)) {
      if (!('fact' in leaf)) continue;
      read.add(leaf.fact);
      if (typeof leaf.value === 'object' && 'fact' in leaf.value) read.add(leaf.value.fact);
    }
  for (const [text] of templatesOf(rule)) for (const name of namesIn(text)) read.add(name);
  return read;
}
