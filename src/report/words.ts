import { duration } from '../format.js';
import type { Report, ReportDiagnosis } from './report.js';

/** The fixed words of all renderings. */

export const STATUS_WORDS: Readonly<Record<Report['verdict']['status'], string>> = {
  healthy: 'Healthy',
  attention: 'Needs attention',
  critical: 'Critical',
  inconclusive: 'Inconclusive',
};

/** What the first diagnosis is called: that something is well, or not known, is no cause. */
export const causeWord = ({ verdict }: Pick<Report, 'verdict'>): string =>
  verdict.status === 'healthy' || verdict.status === 'inconclusive' ? 'Diagnosis' : 'Root cause';

export const ACTION_WORDS = { confirm: 'Confirm', mitigate: 'Relieve', fix: 'Fix' } as const;

/** How sure a diagnosis is: `high confidence, 85 of 100`. */
export const confidenceWords = (diagnosis: Pick<ReportDiagnosis, 'confidence' | 'score'>): string =>
  `${diagnosis.confidence} confidence, ${Math.round(diagnosis.score)} of 100`;

/** How the host was watched: `11 samples over 10 s`. */
export function watched(subject: Report['subject']): string {
  if (subject.samples < 2) return 'one sample: no rates';
  return `${subject.samples} samples over ${duration(subject.durationSeconds)}`;
}

/** A title for a set of actions or findings: `1 rule`, `3 rules`. */
export const plural = (number: number, one: string, many = `${one}s`): string => `${number} ${number === 1 ? one : many}`;

/**
 * What an action may hurt, or that it hurts nothing: rules write `None: it only reads.` for that, which is no risk to warn of. Both
 * are null when nothing is written.
 */
export function riskOf(risk: string | null): { readonly risk: string | null; readonly harmless: string | null } {
  const [, why] = /^None(?:: (\S.*)|\.)$/s.exec(risk ?? '') ?? [];
  if (why !== undefined) return { risk: null, harmless: why.charAt(0).toUpperCase() + why.slice(1) };
  return { risk: risk === 'None.' ? null : risk, harmless: null };
}

/** A moment as people read it, to the second: `2026-11-23 07:56:08 UTC` for `2026-11-23T07:56:08.369Z`; another form stays as it is. */
export const momentText = (iso: string): string => iso.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/, '$1 $2 UTC');
