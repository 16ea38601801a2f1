import type { FactSet, Item } from '../facts/fact.js';
import { type Batch, type Check, compileBatch, findingFact, type Values } from './compile.js';
import { restsOn, stagesOf, type Stage } from './order.js';
import type { DiagnosisOutcome, Outcome, Trace } from './outcome.js';
import { rank, type Rule } from './rule.js';
import { scoreOf } from './score.js';
import { textRenderer } from './text.js';
import { missingIn } from './truth.js';
import type { PseudoFact } from './vocabulary.js';

/** Findings and pseudo facts whose values are given, not worked out; undefined is unknown. For the tests inside rules. */
export type Given = ReadonlyMap<string, number | undefined>;

interface PreparedStage extends Stage {
  /** The rules that run once for the host, and those that run for each item, by item set. */
  readonly batches: readonly { readonly set: string | null; readonly rules: readonly Rule[]; readonly batch: Batch }[];
}
const prepared = new WeakMap<readonly Rule[], readonly PreparedStage[]>();

/**
 * Runs rules over the facts of one host. Gives, in the order of their stages, one outcome for each rule; for a rule with
 * `forEach` one for each item that it fires for, or else a single one: unknown when it cannot be told for some item (or the set
 * is unknown), clear when it is clear for all. The severity of a diagnosis is here that of its level.
 * Rules are compiled once for each array that holds them.
 */
export async function evaluate(rules: readonly Rule[], factSet: FactSet, given: Given = new Map()): Promise<Outcome[]> {
  const stages = prepared.get(rules) ?? prepare(rules);
  prepared.set(rules, stages);
  const values = knownFacts(factSet);
  for (const id of new Set(rules.flatMap((rule) => [...restsOn(rule)])))
    if (!rules.some((rule) => rule.id === id)) values.set(findingFact(id), -1);
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
    for (const { set, rules: members, batch } of stage.batches) {
      const found = set === null ? await runOnce(members, batch, values) : await runForEach(members, batch, values, factSet, set);
      for (const { outcome, against, support } of found)
        outcomes.push(
          outcome.status === 'fires' && outcome.rule.diagnosis ? await weigh(outcome, support, against, values, factSet) : outcome,
        );
    }
    for (const rule of stage.rules) setFinding(values, rule, outcomes);
  }
  return outcomes;
}

function prepare(rules: readonly Rule[]): PreparedStage[] {
  return stagesOf(rules).map((stage) => {
    const sets = [...new Set(stage.rules.map((rule) => rule.forEach ?? null))];
    const batches = sets.map((set) => {
      const members = stage.rules.filter((rule) => (rule.forEach ?? null) === set);
      return { set, rules: members, batch: compileBatch(members.flatMap(checksOf)) };
    });
    return { ...stage, batches };
  });
}

function checksOf(rule: Rule): Check[] {
  const { corroborating = [], contradicting = [] } = rule.diagnosis ?? {};
  const check =
    (kind: string) =>
    ({ conditions }: { conditions: Check['conditions'] }, index: number): Check => ({
      name: `${rule.id}/${kind}/${index}`,
      conditions,
      params: rule.params,
    });
  return [...rule.levels.map(check('level')), ...corroborating.map(check('for')), ...contradicting.map(check('against'))];
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

interface Found {
  readonly outcome: Outcome;
  readonly support: readonly Trace[];
  readonly against: readonly Trace[];
}

async function runOnce(rules: readonly Rule[], batch: Batch, values: Values): Promise<Found[]> {
  const traces = await batch.run(values);
  return rules.map((rule) => foundOf(rule, traces, null));
}

async function runForEach(rules: readonly Rule[], batch: Batch, values: Values, factSet: FactSet, set: string): Promise<Found[]> {
  const items = factSet.items[set]?.items ?? null;
  const byRule = new Map<Rule, Found[]>(rules.map((rule) => [rule, []]));
  for (const item of items ?? [null]) {
    const traces = await batch.run(values, item);
    for (const rule of rules) byRule.get(rule)?.push(foundOf(rule, traces, item));
  }
  return rules.flatMap((rule) => summed(rule, byRule.get(rule) ?? [], items === null ? set : null));
}

const one = (outcome: Outcome): Found[] => [{ outcome, support: [], against: [] }];

/** The outcomes of a rule with forEach that are worth keeping. */
function summed(rule: Rule, found: readonly Found[], unknownSet: string | null): Found[] {
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
function foundOf(rule: Rule, traces: ReadonlyMap<string, Trace>, item: Item | null): Found {
  const pick = (kind: string, list: readonly unknown[] = []): Trace[] =>
    list.flatMap((_, index) => {
      const trace = traces.get(`${rule.id}/${kind}/${index}`);
      return trace ? [trace] : [];
    });
  const levelTraces = pick('level', rule.levels);
  const levels = rule.levels.flatMap(({ severity }, index) => {
    const trace = levelTraces[index];
    return trace ? [{ severity, trace }] : [];
  });
  const holding = levels.filter(({ trace }) => trace.truth === true).toSorted((a, b) => rank(b.severity) - rank(a.severity));
  const severity = holding[0]?.severity ?? null;
  const missing = severity === null ? [...new Set(levels.flatMap(({ trace }) => missingIn(trace)))] : [];
  const unknown = severity === null && levels.some(({ trace }) => trace.truth === null);
  const status = severity !== null ? 'fires' : unknown ? 'unknown' : 'clear';
  return {
    outcome: { rule, status, severity, item, missing, levels, diagnosis: null },
    support: pick('for', rule.diagnosis?.corroborating),
    against: pick('against', rule.diagnosis?.contradicting),
  };
}

/** How sure a diagnosis is, and why. */
async function weigh(
  outcome: Outcome,
  support: readonly Trace[],
  against: readonly Trace[],
  values: Values,
  factSet: FactSet,
): Promise<Outcome> {
  const { diagnosis } = outcome.rule;
  if (!diagnosis) return outcome;
  const render = (await textRenderer(factSet))(outcome.rule);
  const holding = (list: readonly { text: string }[] = [], traces: readonly Trace[]): string[] =>
    list.filter((_, index) => traces[index]?.truth === true).map(({ text }) => render(text));
  const corroborating = holding(diagnosis.corroborating, support);
  const contradicting = holding(diagnosis.contradicting, against);
  const missing = (diagnosis.needs ?? []).filter((name) => (factSet.facts[name]?.value ?? null) === null).length;
  const short = values.get('sample.short') === true;
  const weighed: DiagnosisOutcome = {
    score: scoreOf(diagnosis, { corroborating: corroborating.length, contradicting: contradicting.length, missing, short }),
    corroborating,
    contradicting,
  };
  return { ...outcome, diagnosis: weighed };
}

/** Lets the rules that follow see how a rule came out; nothing is set when it is unknown. */
function setFinding(values: Map<string, number | string | boolean>, rule: Rule, outcomes: readonly Outcome[]): void {
  const own = outcomes.filter((outcome) => outcome.rule === rule);
  if (own.some(({ status }) => status === 'unknown')) return;
  values.set(findingFact(rule.id), Math.max(-1, ...own.map(({ severity }) => (severity === null ? -1 : rank(severity)))));
}
