import type { FactSet } from '../facts/fact.js';
import { bytes as sizeText } from '../format.js';
import type { Outcome, Trace } from '../rules/outcome.js';
import type { RenderText } from '../rules/text.js';
import { actionsOf, referencesOf } from './actions.js';
import type { Report, ReportDiagnosis, ReportFinding } from './report.js';
import { plural } from './words.js';

type Suspicion = NonNullable<ReportDiagnosis['suspected']>;

/** With what was found no more than so many. */
const MOST = 3;
/** With fewer than so many of its conditions known to hold, or less than half of them, a cause is one of too many. */
const [LEAST, SHARE] = [2, 0.5];
/** Of RAM: what may hold less is no suspect; ordinary hosts have as much in use. Our judgement. */
const MUCH = 0.2;
const NOTED: ReadonlySet<string> = new Set(['notice', 'warning', 'critical']);

interface Input {
  readonly outcomes: readonly Outcome[];
  readonly findings: readonly ReportFinding[];
  /** How many diagnoses were found. */
  readonly found: number;
  readonly factSet: FactSet;
  readonly rendererOf: (outcome: Outcome) => RenderText;
}

interface Suspect {
  readonly outcome: Outcome;
  readonly suspected: Suspicion;
  readonly explains: readonly string[];
}

/**
 * Where the cause cannot be told, the causes that nothing rules out: first those that would explain what was noticed and of whose
 * conditions at least half are known to hold, those first of which most do; then those that may hold much of what is in use, those
 * first that may hold most and are most common. What is missing is in `unknown`. Pure.
 */
export function suspectsOf({ outcomes, findings, found, factSet, rendererOf }: Input): ReportDiagnosis[] {
  const open = outcomes.filter(({ status, rule: { diagnosis } }) => status === 'unknown' && diagnosis && !diagnosis.healthy);
  const bySigns = suspectsBySigns(open, findings);
  const known = new Set(bySigns.map(({ outcome }) => outcome.rule.id));
  const byBytes = suspectsByBytes(open, factSet).filter(({ outcome }) => !known.has(outcome.rule.id));
  return [...bySigns, ...byBytes].slice(0, Math.max(0, MOST - found)).map((suspect) => described(suspect, rendererOf(suspect.outcome)));
}

function suspectsBySigns(open: readonly Outcome[], findings: readonly ReportFinding[]): Suspect[] {
  const noted = new Set(findings.filter(({ severity }) => NOTED.has(severity)).map(({ id }) => id));
  const near = open.flatMap((outcome) => {
    const { diagnosis } = outcome.rule;
    const explains = diagnosis?.explains.filter((id) => noted.has(id)) ?? [];
    const best = outcome.levels.flatMap(({ trace }) => easiest(trace) ?? []).toSorted(byShare)[0];
    if (!diagnosis || diagnosis.lastResort || explains.length === 0 || !best) return [];
    return best.holds < Math.max(LEAST, SHARE * best.of) ? [] : [{ outcome, best, base: diagnosis.base, explains }];
  });
  return near
    .toSorted((a, b) => byShare(a.best, b.best) || b.best.holds - a.best.holds || b.base - a.base)
    .map(({ outcome, best, explains }) => ({ outcome, suspected: best, explains }));
}

function suspectsByBytes(open: readonly Outcome[], { facts }: FactSet): Suspect[] {
  const numberOf = (name: string): number => {
    const value = facts[name]?.value;
    return typeof value === 'number' ? value : 0;
  };
  const much = MUCH * (numberOf('mem.total_bytes') || Infinity);
  return open
    .flatMap((outcome) => {
      const suspect = outcome.rule.diagnosis?.suspect;
      const held = suspect ? numberOf(suspect.bytes) : 0;
      return suspect && held >= much ? [{ outcome, held, suspect }] : [];
    })
    .toSorted((a, b) => b.held * b.suspect.weight - a.held * a.suspect.weight)
    .map(({ outcome, held, suspect }) => ({ outcome, suspected: { who: suspect.who, bytes: held, source: suspect.source }, explains: [] }));
}

function described({ outcome: { rule }, suspected, explains }: Suspect, render: RenderText): ReportDiagnosis {
  return {
    id: rule.id,
    title: render(rule.title),
    severity: 'info',
    confidence: 'low',
    score: scoreOf(suspected),
    summary: suspicionText(suspected),
    // figures in it may be unknown
    explanation: null,
    owner: null,
    explainedBytes: null,
    because: [...explains],
    supporting: [],
    against: [],
    evidence: [],
    actions: actionsOf(rule, render).filter(({ kind }) => kind === 'confirm'),
    references: referencesOf(rule),
    suspected,
  };
}

/** 5..15: below all that was found, the last resort too. */
const scoreOf = ({ holds = 0, of = 1 }: Suspicion): number => Math.round(5 + (10 * holds) / of);

/** Why it is a suspect: `2 of 3 conditions hold`, `processes together: up to 6.3 GiB`. */
function suspicionText({ holds = 0, of = 0, who, bytes }: Suspicion): string {
  if (who === undefined || bytes === undefined) return `${holds} of ${plural(of, 'condition')} hold${holds === 1 ? 's' : ''}`;
  return `${who}: up to ${sizeText(bytes)}`;
}

/** What was found, and what is merely suspected. */
export function partOf({ diagnoses }: Report): { readonly found: ReportDiagnosis[]; readonly suspects: ReportDiagnosis[] } {
  return {
    found: diagnoses.filter(({ suspected }) => suspected === undefined),
    suspects: diagnoses.filter(({ suspected }) => suspected !== undefined),
  };
}

/** What the list of suspects is called: by signs they could be the cause, by bytes alone nothing says that anything is wrong. */
export const suspectsTitle = (suspects: readonly ReportDiagnosis[]): string =>
  suspects.some(({ because }) => because.length > 0) ? 'What it could be' : 'Who may hold the memory';

/** A row of that list: `A process leaks (2 of 3 conditions hold)`, `processes together: up to 6.3 GiB`. */
export const suspectText = ({ title, summary, suspected }: ReportDiagnosis): string =>
  suspected?.who === undefined ? `${title.replace(/\.$/, '')} (${summary})` : summary;

interface Held {
  readonly holds: number;
  readonly of: number;
}

const byShare = (a: Held, b: Held): number => b.holds / b.of - a.holds / a.of;

/** Of the way in which a condition is nearest to hold: how many comparisons do, and of how many; null when it cannot hold. */
function easiest(trace: Trace): Held | null {
  if (trace.truth === false) return null;
  if (trace.kind === 'fact' || trace.kind === 'finding' || trace.kind === 'not') return { holds: trace.truth === true ? 1 : 0, of: 1 };
  const ways = trace.parts.flatMap((part) => easiest(part) ?? []);
  if (trace.kind === 'any') return ways.toSorted((a, b) => byShare(a, b) || a.of - b.of)[0] ?? null;
  return { holds: sum(ways.map(({ holds }) => holds)), of: sum(ways.map(({ of }) => of)) };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
