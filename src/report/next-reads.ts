import type { FactSet } from '../facts/fact.js';
import { sources } from '../gather/sources/index.js';
import type { Outcome } from '../rules/outcome.js';
import type { Report, ReportFinding } from './report.js';
import { plural } from './words.js';

export type NextRead = NonNullable<Report['nextReads']>[number];

/** More than these nobody pastes. */
const MOST = 5;
/** A source that was shown in part goes first when it matters to so many, of those to whom the most wanted one does. */
const MATTERS = 0.1;
const TITLES: Readonly<Record<string, { readonly title: string; readonly paste?: string } | undefined>> = sources;
const TROUBLE: ReadonlySet<string> = new Set(['warning', 'critical']);

interface Input {
  readonly outcomes: readonly Outcome[];
  readonly findings: readonly ReportFinding[];
  readonly unknown: Report['unknown'];
  readonly factSet: FactSet;
  /** Sources that would tell who holds what is in use, where nothing points at a cause. */
  readonly holders: ReadonlySet<string>;
  /** What was pasted may be a part of it; of a file that was collected, the kernel wrote no more. */
  readonly pasted: boolean;
}

/**
 * What to read next, where the cause could not be told: the sources that the most root causes lack, a source of which only a part was
 * shown first. With trouble that nothing explains, only causes that could explain it are counted; without, what tells who
 * holds the memory goes first. Pure.
 */
export function nextReadsOf({ outcomes, findings, unknown, factSet, holders, pasted }: Input): NextRead[] {
  const lacks = lackOf(unknown, factSet);
  const trouble = new Set(findings.filter(({ severity }) => TROUBLE.has(severity)).map(({ id }) => id));
  const causes = new Map<string, Set<string>>();
  for (const { rule, status } of outcomes) {
    const { diagnosis } = rule;
    if (status !== 'unknown' || !diagnosis || diagnosis.healthy || diagnosis.lastResort) continue;
    if (trouble.size > 0 && !diagnosis.explains.some((id) => trouble.has(id))) continue;
    for (const source of lacks(rule.id)) causes.set(source, (causes.get(source) ?? new Set()).add(rule.id));
  }
  const reads = [...causes].flatMap(([source, ids]): NextRead[] => {
    const command = commandOf(source);
    const partly = factSet.facts[`coverage.${source}`]?.value === 'ok';
    return command === null || (partly && !pasted) ? [] : [{ source, command, partly, diagnoses: [...ids] }];
  });
  const most = Math.max(0, ...reads.map(({ diagnoses }) => diagnoses.length));
  // the rest of what was shown in part is the least trouble to paste
  const rankOf = ({ source, partly, diagnoses }: NextRead): number =>
    partly && (holders.has(source) || diagnoses.length >= MATTERS * most) ? 2 : Number(holders.has(source));
  return reads.toSorted((a, b) => rankOf(b) - rankOf(a) || b.diagnoses.length - a.diagnoses.length).slice(0, MOST);
}

/** For the renderers: the command, and why it is the one to run. */
export const readsModel = (reads: Report['nextReads'] = []): { command: string; why: string }[] =>
  reads.map(({ command, partly, diagnoses }) => ({
    command,
    why: `${partly ? 'only a part of it was shown; ' : ''}${plural(diagnoses.length, 'cause')} cannot be told without it`,
  }));

/** What it all is called in a sentence: `/proc/meminfo (only a part was shown), the kernel log`. */
export const readsPhrase = (reads: readonly NextRead[]): string =>
  reads
    .slice(0, 3)
    .map(({ source, partly }) => `${TITLES[source]?.title ?? source}${partly ? ' (only a part was shown)' : ''}`)
    .join(', ');

/** The command that shows a source; null when there is none to ask a person for. */
export const commandOf = (source: string): string | null => TITLES[source]?.paste ?? null;

/** For a rule that could not be told, the sources that it lacks, by way of the rules that it asks about too. */
function lackOf(unknown: Report['unknown'], { facts, items }: FactSet): (id: string) => ReadonlySet<string> {
  const missing = new Map(unknown.map((entry) => [entry.id, entry.missing]));
  const found = new Map<string, Set<string>>();
  return function lacks(id: string): ReadonlySet<string> {
    const known = found.get(id);
    if (known) return known;
    const own = new Set<string>();
    // set first: rules do not ask in a ring, but names come from files
    found.set(id, own);
    for (const name of missing.get(id) ?? []) {
      if (missing.has(name)) for (const source of lacks(name)) own.add(source);
      const source = (facts[name] ?? items[name])?.lacks;
      if (source !== undefined) own.add(source);
    }
    return own;
  };
}
