import { leavesOf } from './conditions.js';
import type { Condition, Rule } from './rule.js';

/** Rules that can run together: none rests on another of them. */
export interface Stage {
  readonly group: Group;
  readonly rules: readonly Rule[];
}

/** Findings; findings that speak of all others (`findings.worst`); diagnoses; those of last resort. In this order. */
export type Group = 'findings' | 'summaries' | 'diagnoses' | 'lastResort';
const GROUPS: readonly Group[] = ['findings', 'summaries', 'diagnoses', 'lastResort'];

/** Every condition of a rule: of its levels, and of what weighs for and against it. */
export function allConditions(rule: Pick<Rule, 'levels' | 'diagnosis'>): Condition[] {
  const { corroborating = [], contradicting = [] } = rule.diagnosis ?? {};
  return [...rule.levels, ...corroborating, ...contradicting].map(({ conditions }) => conditions);
}

/** The ids of the rules that a rule rests on. */
export function restsOn(rule: Pick<Rule, 'levels' | 'diagnosis'>): Set<string> {
  const ids = new Set<string>();
  for (const condition of allConditions(rule)) for (const [leaf] of leavesOf(condition)) if ('finding' in leaf) ids.add(leaf.finding);
  return ids;
}

const speaksOfAll = (rule: Rule): boolean =>
  allConditions(rule).some((condition) => [...leavesOf(condition)].some(([leaf]) => 'fact' in leaf && leaf.fact.startsWith('findings.')));

/** A chain of ids that comes back to its first, or undefined when nothing does. */
export function findCycle(edges: ReadonlyMap<string, Iterable<string>>): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (id: string): string[] | undefined => {
    const start = path.indexOf(id);
    if (start >= 0) return [...path.slice(start), id];
    if (done.has(id)) return undefined;
    path.push(id);
    for (const next of edges.get(id) ?? []) {
      const cycle = visit(next);
      if (cycle) return cycle;
    }
    path.pop();
    done.add(id);
    return undefined;
  };
  for (const id of edges.keys()) {
    const cycle = visit(id);
    if (cycle) return cycle;
  }
  return undefined;
}

/**
 * Puts rules into stages: by group, and inside a group after the rules that they rest on. A reference that goes round, or to a
 * later group, which the check of rules does not let in, is not waited for.
 */
export function stagesOf(rules: readonly Rule[]): Stage[] {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const groups = new Map<string, Group>();
  const levels = new Map<string, number>();
  const underway = new Set<string>();

  function place(rule: Rule): void {
    if (levels.has(rule.id) || underway.has(rule.id)) return;
    underway.add(rule.id);
    let group: Group = rule.diagnosis?.lastResort
      ? 'lastResort'
      : rule.diagnosis
        ? 'diagnoses'
        : speaksOfAll(rule)
          ? 'summaries'
          : 'findings';
    let level = 0;
    for (const id of restsOn(rule)) {
      const target = byId.get(id);
      if (!target) continue;
      place(target);
      const other = groups.get(id) ?? group;
      if (GROUPS.indexOf(other) > GROUPS.indexOf(group) && other === 'summaries') group = 'summaries';
      if (other === group) level = Math.max(level, (levels.get(id) ?? 0) + 1);
    }
    underway.delete(rule.id);
    groups.set(rule.id, group);
    levels.set(rule.id, level);
  }

  for (const rule of rules) place(rule);
  const stages: Stage[] = [];
  for (const group of GROUPS) {
    const members = rules.filter((rule) => groups.get(rule.id) === group);
    const depth = Math.max(-1, ...members.map((rule) => levels.get(rule.id) ?? 0));
    for (let level = 0; level <= depth; level++) stages.push({ group, rules: members.filter((rule) => levels.get(rule.id) === level) });
  }
  return stages;
}
