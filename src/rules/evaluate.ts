import type { FactSet, Item } from '../facts/fact.js';
import { type Batch, compileBatch, findingFact, type Prepared, type PreparedRule, type Results, type Values } from './compile.js';
import { restsOn, stagesOf, type Stage } from './order.js';
import type { DiagnosisOutcome, Outcome } from './outcome.js';
import { rank, type Rule } from './rule.js';
import { scoreOf } from './score.js';
import { textRenderer } from './text.js';
import { missingIn, traceOf, truthOf } from './truth.js';
import type { PseudoFact } from './vocabulary.js';

/** Findings and pseudo facts whose values are given, not worked out; undefined is unknown. For the tests inside rules. */
export type Given = ReadonlyMap<string, number | undefined>;

interface PreparedStage extends Stage {
  /** The rules that run once for the host, and those that run for each item, by item set. */
  readonly batches: readonly { readonly set: string | null; readonly batch: Batch }[];
}
interface PreparedRules {
  readonly stages: readonly PreparedStage[];
  /** The rules that others rest on and that are not here: they count as clear. */
  readonly absent: readonly string[];
}
const prepared = new WeakMap<readonly Rule[], PreparedRules>();

/**
 * Runs rules over the facts of one host. Gives, in the order of their stages, one outcome for each rule; for a rule with
 * `forEach` one for each item that it fires for, or else a single one: unknown when it cannot be told for some item (or the set
 * is unknown), clear when it is clear for all. The severity of a diagnosis is here that of its level.
 * Rules are compiled once for each array that holds them.
 */
export async function evaluate(rules: readonly Rule[], factSet: FactSet, given: Given = new Map()): Promise<Outcome[]> {
  const { stages, absent } = prepared.get(rules) ?? prepare(rules);
  const values = knownFacts(factSet);
  for (const id of absent) values.set(findingFact(id), -1);
  const give = () => {
    for (const [name, value] of given) {
      if (value === undefined) values.delete(name);
      else values.set(name, value);
    }
  };

  const outcomes: Outcome[] = [];
  for (const [index, stage] of stages.entries()) {
    if (stages[index - 1]?.group !== stage.group) for (const [name, value] of pseudoFacts(stage.group, outcomes)) values.set(name, value);
    give();
    const before = outcomes.length;
    for (const { set, batch } of stage.batches) {
      const found = set === null ? await runOnce(batch, values) : await runForEach(batch, values, factSet, set);
      for (const one of found)
        outcomes.push(one.outcome.status === 'fires' && one.outcome.rule.diagnosis ? await weigh(one, values, factSet) : one.outcome);
    }
    setFindings(values, outcomes.slice(before));
  }
  return outcomes;
}

function prepare(rules: readonly Rule[]): PreparedRules {
  const stages = stagesOf(rules).map((stage) => {
    const sets = [...new Set(stage.rules.map((rule) => rule.forEach ?? null))];
    const batches = sets.map((set) => ({ set, batch: compileBatch(stage.rules.filter((rule) => (rule.forEach ?? null) === set)) }));
    return { ...stage, batches };
  });
  const ids = new Set(rules.map(({ id }) => id));
  const absent = [...new Set(rules.flatMap((rule) => [...restsOn(rule)]))].filter((id) => !ids.has(id));
  prepared.set(rules, { stages, absent });
  return { stages, absent };
}

/** The values that conditions can compare: numbers, texts and booleans that are known. */
function knownFacts({ facts }: FactSet): Map<string, number | string | boolean> {
  const values = new Map<string, number | string | boolean>();
  for (const [name, { value }] of Object.entries(facts)) if (value !== null && typeof value !== 'object') values.set(name, value);
  return values;
}

/** What is known of the rules before a group begins. */
function pseudoFacts(group: Stage['group'], outcomes: readonly Outcome[]): [PseudoFact, number][] {
  if (group === 'findings') return [];
  const firing = outcomes.filter(({ status }) => status === 'fires');
  const ranks = firing.filter(({ rule }) => !rule.diagnosis).map(({ severity }) => (severity === null ? -1 : rank(severity)));
  const scores = firing.flatMap(({ diagnosis }) => (diagnosis ? [diagnosis.score] : []));
  return [
    ['findings.worst', Math.max(-1, ...ranks)],
    ['findings.symptoms', ranks.filter((level) => level >= rank('warning')).length],
    ...(group === 'lastResort'
      ? ([
          ['diagnoses.count', scores.length],
          ['diagnoses.best_score', Math.max(0, ...scores)],
        ] as [PseudoFact, number][])
      : []),
  ];
}

/** What a rule gave, and the results that it stands on: what weighs for and against a diagnosis is looked at when it fires. */
interface Found {
  readonly outcome: Outcome;
  readonly prepared: PreparedRule;
  readonly results: Results;
}

async function runOnce(batch: Batch, values: Values): Promise<Found[]> {
  const [results = []] = await batch.run(values, [null]);
  return batch.rules.map((rule) => foundOf(rule, results, null));
}

async function runForEach(batch: Batch, values: Values, factSet: FactSet, set: string): Promise<Found[]> {
  const items = factSet.items[set]?.items ?? null;
  const each = items ?? [null];
  const results = await batch.run(values, each);
  return batch.rules.flatMap((rule) => {
    const found = each.flatMap((item, index) => {
      const own = results[index] ?? [];
      // one that is clear stands for all that are
      const spare = index > 0 && rule.levels.every((level) => truthOf(level, own) === false);
      return spare ? [] : [foundOf(rule, own, item)];
    });
    return summed(rule, found, items === null ? set : null);
  });
}

/** The outcomes of a rule with forEach that are worth keeping. */
function summed(prepared: PreparedRule, found: readonly Found[], unknownSet: string | null): Found[] {
  const { rule } = prepared;
  const one = (outcome: Outcome): Found[] => [{ outcome, prepared, results: [] }];
  const clear: Outcome = { rule, status: 'clear', severity: null, item: null, missing: [], levels: [], diagnosis: null };
  if (unknownSet !== null) {
    // without the set only what does not depend on an item can be told: that it is clear
    const [first] = found;
    return first?.outcome.status === 'clear'
      ? found.slice()
      : one({ ...clear, status: 'unknown', missing: [unknownSet], levels: first?.outcome.levels ?? [] });
  }
  const firing = found.filter(({ outcome }) => outcome.status === 'fires');
  if (firing.length > 0) return firing;
  const unknown = found.filter(({ outcome }) => outcome.status === 'unknown');
  const [first] = unknown;
  if (!first) return one({ ...clear, levels: found[0]?.outcome.levels ?? [] });
  return one({ ...first.outcome, missing: [...new Set(unknown.flatMap(({ outcome }) => outcome.missing))] });
}

/** The verdict of one rule from the traces of its levels: the most severe that holds; unknown only when none holds. */
function foundOf(prepared: PreparedRule, results: Results, item: Item | null): Found {
  const { rule } = prepared;
  const levels = rule.levels.flatMap(({ severity }, index) => {
    const level = prepared.levels[index];
    return level ? [{ severity, trace: traceOf(level, results) }] : [];
  });
  const holding = levels.filter(({ trace }) => trace.truth === true).toSorted((a, b) => rank(b.severity) - rank(a.severity));
  const severity = holding[0]?.severity ?? null;
  const missing = severity === null ? [...new Set(levels.flatMap(({ trace }) => missingIn(trace)))] : [];
  const unknown = severity === null && levels.some(({ trace }) => trace.truth === null);
  const status = severity !== null ? 'fires' : unknown ? 'unknown' : 'clear';
  return { outcome: { rule, status, severity, item, missing, levels, diagnosis: null }, prepared, results };
}

/** How sure a diagnosis is, and why. */
async function weigh({ outcome, prepared, results }: Found, values: Values, factSet: FactSet): Promise<Outcome> {
  const { diagnosis } = outcome.rule;
  if (!diagnosis) return outcome;
  const render = (await textRenderer(factSet))(outcome.rule);
  const holding = (list: readonly { text: string }[] = [], conditions: readonly Prepared[]): string[] =>
    list
      .filter((_, index) => {
        const condition = conditions[index];
        return condition !== undefined && traceOf(condition, results).truth === true;
      })
      .map(({ text }) => render(text));
  const corroborating = holding(diagnosis.corroborating, prepared.corroborating);
  const contradicting = holding(diagnosis.contradicting, prepared.contradicting);
  const missing = (diagnosis.needs ?? []).filter((name) => (factSet.facts[name]?.value ?? null) === null).length;
  const short = values.get('sample.short') === true;
  const weighed: DiagnosisOutcome = {
    score: scoreOf(diagnosis, { corroborating: corroborating.length, contradicting: contradicting.length, missing, short }),
    corroborating,
    contradicting,
  };
  return { ...outcome, diagnosis: weighed };
}

/** Lets the rules that follow see how those of a stage came out; nothing is set for what is unknown. */
function setFindings(values: Map<string, number | string | boolean>, outcomes: readonly Outcome[]): void {
  const worst = new Map<string, number>();
  for (const { rule, status, severity } of outcomes) {
    const own = status === 'unknown' ? Number.NaN : severity === null ? -1 : rank(severity);
    // NaN is stronger than any number
    worst.set(rule.id, Math.max(worst.get(rule.id) ?? -1, own));
  }
  for (const [id, value] of worst) if (!Number.isNaN(value)) values.set(findingFact(id), value);
}
