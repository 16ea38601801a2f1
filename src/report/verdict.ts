import type { FactSet } from '../facts/fact.js';
import { bytes } from '../format.js';
import { calledCgroup } from '../gather/kernel-log/moment/cgroup-names.js';
import type { Ranking } from '../rules/rank.js';
import { rank, type Severity } from '../rules/rule.js';
import { type NextRead, readsPhrase } from './next-reads.js';
import { ownerKind, ownerName, ownerSize } from './owner.js';
import type { Report, ReportDiagnosis, ReportFinding } from './report.js';

interface Input {
  readonly diagnoses: readonly ReportDiagnosis[];
  readonly findings: readonly ReportFinding[];
  readonly unknown: Report['unknown'];
  readonly ranked: Ranking;
  readonly factSet: FactSet;
  /** Asked for when the cause cannot be told. */
  readonly reads: () => readonly NextRead[];
}

/** The verdict and its headline: one sentence that says what is wrong and who owns it, or that nothing is, or what is missing. */
export function verdictOf({ diagnoses, findings, unknown, ranked, factSet, reads }: Input): Report['verdict'] {
  const worst = Math.max(-1, ...[...diagnoses, ...findings].map(({ severity }) => rank(severity)));
  const [first] = diagnoses;
  const alone = findings.find((finding) => rank(finding.severity) === worst && finding.explainedBy === null);
  const trouble = (): string =>
    first && !(alone && rank(first.severity) < worst)
      ? diagnosisLine(first)
      : alone
        ? findingLine(alone)
        : 'Something is wrong with memory.';
  // symptoms alone, and nothing that could tell where they come from
  if (ranked.diagnoses[0]?.rule.diagnosis?.lastResort && !couldTell(factSet))
    return {
      status: 'inconclusive',
      headline: symptomsOnly(
        findings.find(({ severity }) => rank(severity) === worst),
        unknown,
        reads(),
      ),
    };
  if (worst >= rank('critical')) return { status: 'critical', headline: trouble() };
  if (worst >= rank('warning')) return { status: 'attention', headline: trouble() };
  const part = ranked.diagnoses[0]?.rule.diagnosis;
  // a cause that was found before it did harm is no emergency, but no uncertainty either
  if (first && first.confidence !== 'low' && !part?.healthy && !part?.lastResort)
    return { status: 'attention', headline: diagnosisLine(first) };
  if (first && part?.healthy) return { status: 'healthy', headline: asFarAs(first.title, factSet) + available(factSet) };
  return { status: 'inconclusive', headline: inconclusive(first, findings, unknown, reads()) };
}

/** The most that a diagnosis scores that is there when there is no other. */
const LAST = 20;

function diagnosisLine({ title, owner, confidence, score }: ReportDiagnosis): string {
  // that no cause was found is no guess
  const claim = confidence === 'low' && score > LAST ? `${title.replace(/\.$/, '')}, as it seems` : title;
  if (!owner) return sentence(claim);
  const size = ownerSize(owner);
  return `${claim.replace(/\.$/, '')}: ${calledOf(owner)}${size === null ? '' : ` (${size})`}.`;
}

function calledOf(owner: NonNullable<ReportDiagnosis['owner']>): string {
  const called = owner.kind === 'cgroup' ? calledCgroup(owner.name) : owner.name;
  return called === owner.name ? `${ownerKind(owner.kind)} ${ownerName(owner)}` : called;
}

const findingLine = ({ title, item }: ReportFinding): string => (item === null ? sentence(title) : `${title.replace(/\.$/, '')}: ${item}.`);
const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** With a part of the evidence, what was not seen is said. */
function asFarAs(title: string, { facts }: FactSet): string {
  const unseen = facts['strain.unseen']?.value;
  if (facts['strain.partial']?.value !== true || typeof unseen !== 'string') return sentence(title);
  const rates = facts['sample.single']?.value === true ? 'one sample, no rates; ' : '';
  return `${title.replace(/\.$/, '')}, as far as this shows (${rates}not seen: ${unseen}).`;
}

/** Whether there was enough to find a cause: how much is available, and what memory consists of or which processes there are. */
const couldTell = ({ facts }: FactSet): boolean =>
  typeof facts['mem.available_bytes']?.value === 'number' &&
  (typeof facts['mem.anon_pct']?.value === 'number' || facts['coverage.processes']?.value !== 'absent');

function symptomsOnly(worst: ReportFinding | undefined, unknown: Report['unknown'], reads: readonly NextRead[]): string {
  const symptom = sentence(worst ? worst.message : 'Something is wrong with memory.');
  if (reads.length > 0) return `${symptom} What was read cannot tell why. What would tell most: ${readsPhrase(reads)}.`;
  return `${symptom} What was read cannot tell why: how much memory is available, or who holds it, was not shown. ${unknown.length} checks could not be made.`;
}

function available({ facts }: FactSet): string {
  const [free, total] = ['mem.available_bytes', 'mem.total_bytes'].map((name) => facts[name]?.value);
  return typeof free === 'number' && typeof total === 'number' ? ` ${bytes(free)} of ${bytes(total)} are available.` : '';
}

function inconclusive(
  first: ReportDiagnosis | undefined,
  findings: readonly ReportFinding[],
  unknown: Report['unknown'],
  reads: readonly NextRead[],
): string {
  const notice = findings.find(({ severity, explainedBy }) => severity === 'notice' && explainedBy === null);
  const known = first
    ? diagnosisLine(first)
    : notice
      ? `${sentence(notice.message)} Whether that is trouble, and whose, what was read cannot tell.`
      : 'Nothing that was read shows trouble with memory, but that does not prove there is none.';
  if (reads.length > 0) return `${known} What would tell most: ${readsPhrase(reads)}.`;
  if (unknown.length === 0) return known;
  const reasons = new Map<string, number>();
  for (const { why } of unknown) reasons.set(why, (reasons.get(why) ?? 0) + 1);
  const [most] = [...reasons].toSorted((a, b) => b[1] - a[1]);
  return `${known} ${unknown.length} checks could not be made${most ? ` (${most[0]})` : ''}.`;
}

/** For sorting: the most severe first. */
export const bySeverity = (a: { readonly severity: Severity }, b: { readonly severity: Severity }): number =>
  rank(b.severity) - rank(a.severity);
