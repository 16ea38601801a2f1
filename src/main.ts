/**
 * The public API: the way of the data, one function a step.
 *
 *     import { gather, diagnose, render } from 'memdoctor';
 *     const report = await diagnose(await gather({ durationSeconds: 5 }));
 *     console.log(await render(report, { format: 'md' }));
 *
 * What is wrong with an input, a rule or an option is an {@link InputError}, one clear line.
 */
import { deriveFacts } from './facts/derive.js';
import { gatherLive, type GatherOptions as LiveOptions } from './gather/gather.js';
import type { Snapshot } from './gather/snapshot.js';
import { buildReport } from './report/build.js';
import type { Report } from './report/report.js';
import { evaluate } from './rules/evaluate.js';
import { type LoadedRules, loadRules } from './rules/load.js';
import { rankDiagnoses } from './rules/rank.js';

export { InputError } from './errors.js';
export { loadInput } from './gather/snapshot-io.js';
export type { Snapshot } from './gather/snapshot.js';
export { render } from './report/render.js';
export type { Report, ReportDiagnosis, ReportEvidence, ReportFinding } from './report/report.js';
export { type LoadedRules, type LoadOptions, loadRules } from './rules/load.js';

/** How to gather: 10 seconds at `/`, a small sample each second, when nothing is said. */
export type GatherOptions = Partial<LiveOptions>;

/**
 * Watches this host, or another root, and gives the snapshot. Reads only; what cannot be read costs its source only.
 * @throws InputError when the root is none, or the raw evidence cannot be written.
 */
export const gather = (options: GatherOptions = {}): Promise<Snapshot> =>
  gatherLive({ durationSeconds: 10, intervalSeconds: 1, ...options });

/**
 * Snapshot in, report out; pure but for the time it takes. Without `loaded` with the built-in rules. `top` is how many rows the
 * tables have.
 */
export async function diagnose(snapshot: Snapshot, loaded?: LoadedRules, top = 15): Promise<Report> {
  const { rules, ...rest } = loaded ?? (builtin ??= await loadRules());
  const factSet = deriveFacts(snapshot);
  const outcomes = await evaluate(rules, factSet);
  const ranked = rankDiagnoses(outcomes, factSet);
  return buildReport({ snapshot, factSet, outcomes, ranked, loaded: { ...rest }, top });
}

/** Loaded once, so that they are compiled once. */
let builtin: LoadedRules | undefined;
