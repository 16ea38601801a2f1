import { conditionsOf } from './check.js';
import { leavesOf } from './conditions.js';
import { findCycle, restsOn } from './order.js';
import { type ParsedRule, toRule } from './parse.js';
import type { RuleProblem } from './problem.js';
import type { Rule, RuleFile } from './rule.js';

/** Rules that rest on each other in a ring, and diagnoses that outrank each other in one. */
export function cycles(parsed: readonly ParsedRule[], others: readonly Rule[]): RuleProblem[] {
  const own = new Map(parsed.flatMap((entry) => (entry.rule ? [[entry.rule.id, { ...entry, rule: entry.rule }] as const] : [])));
  const rules = [...others.filter(({ id }) => !own.has(id)), ...[...own.values()].map(({ rule, file }) => toRule(rule, file, false))];
  const problems: RuleProblem[] = [];
  const look = (edges: Map<string, Iterable<string>>, what: string, at: (rule: RuleFile, next: string) => string) => {
    const ring = findCycle(edges);
    const index = ring?.findIndex((id) => own.has(id)) ?? -1;
    const entry = own.get(ring?.[index] ?? '');
    if (!ring || !entry || ring.length <= 2) return;
    const next = ring[index + 1] ?? ring[1] ?? '';
    problems.push(entry.problem({ at: at(entry.rule, next), message: `${what} in a ring: ${ring.join(' → ')}` }));
  };
  look(new Map(rules.map((rule) => [rule.id, restsOn(rule)])), 'rules rest on each other', placeOfReference);
  look(new Map(rules.map((rule) => [rule.id, rule.diagnosis?.outranks ?? []])), 'diagnoses outrank each other', (rule, next) => {
    const index = rule.diagnosis?.outranks?.indexOf(next) ?? 0;
    return `/diagnosis/outranks/${index}`;
  });
  return problems;
}

function placeOfReference(rule: RuleFile, id: string): string {
  for (const [condition, at] of conditionsOf(rule))
    for (const [leaf, below] of leavesOf(condition, at)) if ('finding' in leaf && leaf.finding === id) return `${below}/finding`;
  return '';
}
