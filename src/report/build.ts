import { recordOf } from '../facts/derive.js';
import type { Fact, FactSet } from '../facts/fact.js';
import type { Snapshot } from '../gather/snapshot.js';
import { sources } from '../gather/sources/index.js';
import type { LoadedRules } from '../rules/load.js';
import type { Outcome } from '../rules/outcome.js';
import { problemText } from '../rules/problem.js';
import type { RankedDiagnosis, Ranking } from '../rules/rank.js';
import { type RenderText, textRenderer } from '../rules/text.js';
import { VERSION } from '../version.js';
import { actionsOf, referencesOf } from './actions.js';
import { type Named, withGroups, withNames } from './placeholders.js';
import { balanceSheetOf } from './balance.js';
import { evidenceOf } from './evidence.js';
import { eventsOf } from './events.js';
import { nextReadsOf } from './next-reads.js';
import { oomOf } from './oom.js';
import { REPORT_VERSION, type Report, type ReportDiagnosis, type ReportFinding } from './report.js';
import { seriesOf } from './series.js';
import { subjectOf } from './subject.js';
import { suspectsOf } from './suspects.js';
import { tablesOf } from './tables.js';
import { toolsOf } from './tools.js';
import { traceActions } from './traces/advice.js';
import { reportTraces } from './traces/build.js';
import { unknownOf } from './unknown.js';
import { bySeverity, verdictOf } from './verdict.js';

/** What is less than this needs no trace. */
const SICK: ReadonlySet<string> = new Set(['critical', 'warning']);

export interface BuildInput {
  readonly snapshot: Snapshot;
  readonly factSet: FactSet;
  readonly outcomes: readonly Outcome[];
  readonly ranked: Ranking;
  readonly loaded: Pick<LoadedRules, 'problems' | 'disabled'>;
  /** Rows of the table of processes. */
  readonly top: number;
}

/** Puts the report together. Pure: the same input gives the same report (it waits for nothing but the loading of Handlebars). */
export async function buildReport({ snapshot, factSet, outcomes, ranked, loaded, top }: BuildInput): Promise<Report> {
  const rendererOf = await textRenderer(factSet);
  const live = snapshot.subject.origin === 'live';
  const about: About = { factSet, grouped: withGroups(snapshot), live };
  const diagnoses = ranked.diagnoses.map((entry) => diagnosisOf(entry, rendererOf(entry.rule, entry.outcome.item), about));
  const findings = outcomes
    .filter(({ rule, status }) => status === 'fires' && !rule.diagnosis)
    .map((outcome) => findingOf(outcome, ranked, rendererOf(outcome.rule, outcome.item), about))
    .toSorted((a, b) => bySeverity(a, b) || compareText(a.category, b.category) || compareText(a.id, b.id));
  const unknown = unknownOf(outcomes, factSet);
  const suspects = once(() =>
    suspectsOf({ outcomes, findings, found: diagnoses.length, factSet, rendererOf: ({ rule, item }) => rendererOf(rule, item) }),
  );
  const reads = once(() => {
    // what a live run did not read is not there, or is told with its reason
    if (live) return [];
    const holders = new Set(suspects().flatMap(({ suspected }) => suspected?.source ?? []));
    return nextReadsOf({ outcomes, findings, unknown, factSet, holders, pasted: snapshot.texts !== undefined });
  });
  const verdict = verdictOf({ diagnoses, findings, unknown, ranked, factSet, reads });
  const open = verdict.status === 'inconclusive' || ranked.diagnoses[0]?.rule.diagnosis?.lastResort === true;
  const nextReads = open ? reads() : [];
  return {
    schemaVersion: REPORT_VERSION,
    memdoctorVersion: VERSION,
    verdict,
    diagnoses: [...diagnoses, ...(open ? suspects() : [])],
    findings,
    unknown,
    balance: balanceSheetOf(snapshot, factSet),
    facts: factsOf(factSet),
    subject: subjectOf(snapshot),
    events: eventsOf(snapshot),
    oom: oomOf(snapshot, factSet),
    tables: tablesOf(snapshot, factSet, top),
    series: seriesOf(snapshot),
    sources: sourcesOf(snapshot),
    rules: { ...ruleCounts(outcomes), disabled: [...loaded.disabled], problems: loaded.problems.map(problemText) },
    ...(snapshot.texts === undefined ? {} : { texts: snapshot.texts }),
    ...(snapshot.notes === undefined ? {} : { notes: snapshot.notes }),
    tools: toolsOf(snapshot),
    ...(snapshot.traces === undefined ? {} : { traces: reportTraces(snapshot.traces, factSet) }),
    ...(nextReads.length === 0 ? {} : { nextReads }),
    ...(snapshot.redacted === undefined ? {} : { redacted: snapshot.redacted }),
    trusted: factSet.facts['view.mixed']?.value !== true,
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** What holds for every finding and diagnosis of a report. */
interface About {
  readonly factSet: FactSet;
  readonly grouped: (named: Named | null) => Named | null;
  readonly live: boolean;
}

function diagnosisOf(
  { outcome, rule, severity, confidence, score, because, owner, explainedBytes }: RankedDiagnosis,
  render: RenderText,
  { factSet, grouped, live }: About,
): ReportDiagnosis {
  return {
    id: rule.id,
    title: render(rule.title),
    severity,
    confidence,
    score,
    summary: render(rule.message),
    explanation: rule.explanation === undefined ? null : render(rule.explanation),
    owner: owner && { kind: owner.kind, name: owner.name, bytes: owner.bytes, ...(owner.pid === undefined ? {} : { pid: owner.pid }) },
    explainedBytes,
    because: [...because],
    supporting: [...(outcome.diagnosis?.corroborating ?? [])],
    against: [...(outcome.diagnosis?.contradicting ?? [])],
    evidence: evidenceOf(outcome, factSet),
    actions: [...withNames(actionsOf(rule, render), grouped(owner)), ...traceActions(rule, factSet, live && !rule.diagnosis?.healthy)],
    references: referencesOf(rule),
  };
}

function findingOf(outcome: Outcome, { explainedBy }: Ranking, render: RenderText, { factSet, grouped, live }: About): ReportFinding {
  const { rule, severity, item } = outcome;
  return {
    id: rule.id,
    category: rule.category,
    severity: severity ?? 'info',
    title: render(rule.title),
    item: item?.name ?? null,
    message: render(rule.message),
    explanation: rule.explanation === undefined ? null : render(rule.explanation),
    evidence: evidenceOf(outcome, factSet),
    explainedBy: explainedBy.get(rule.id) ?? null,
    actions: [
      ...withNames(actionsOf(rule, render), grouped(itemOf(outcome))),
      ...traceActions(rule, factSet, live && SICK.has(severity ?? 'info')),
    ],
    references: referencesOf(rule),
  };
}

/** What a finding of one cgroup or process is about. */
function itemOf({ rule, item }: Outcome): Named | null {
  if (!item) return null;
  if (rule.forEach === 'cgroups') return { kind: 'cgroup', name: item.name };
  const pid = item['pid'];
  return rule.forEach === 'processes' && typeof pid === 'number' ? { kind: 'process', name: item.name, pid } : null;
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const factsOf = ({ facts }: FactSet): Report['facts'] =>
  recordOf(Object.keys(facts), (name) => {
    const { value, unit, from, reason } = facts[name] as Fact;
    return { value, unit, from: [...from], ...(reason === undefined ? {} : { reason }) };
  });

function sourcesOf(snapshot: Snapshot): Report['sources'] {
  const titles: Readonly<Record<string, { readonly title: string }>> = sources;
  return Object.fromEntries(
    Object.entries(snapshot.sources).map(([id, { status, seconds, bytes, reason }]) => [
      id,
      { title: Object.hasOwn(titles, id) ? (titles[id]?.title ?? id) : id, status, seconds, bytes, reason: reason ?? null },
    ]),
  );
}

/** Rules with forEach count once, by the worst of their outcomes. */
function ruleCounts(outcomes: readonly Outcome[]): { total: number; fired: number; clear: number; unknown: number } {
  const ids = (status: Outcome['status']) => new Set(outcomes.filter((outcome) => outcome.status === status).map(({ rule }) => rule.id));
  const all = new Set(outcomes.map(({ rule }) => rule.id));
  const fired = ids('fires');
  const unknown = [...ids('unknown')].filter((id) => !fired.has(id));
  return { total: all.size, fired: fired.size, clear: all.size - fired.size - unknown.length, unknown: unknown.length };
}
