/** The public API: the way of the data, one function a step. */
import { deriveFacts } from './facts/derive.js';
import type { Snapshot } from './gather/snapshot.js';
import { buildReport } from './report/build.js';
import type { Report } from './report/report.js';
import { evaluate } from './rules/evaluate.js';
import type { LoadedRules } from './rules/load.js';
import { rankDiagnoses } from './rules/rank.js';

export { gatherLive as gather } from './gather/gather.js';
export { loadInput } from './gather/snapshot-io.js';
export { loadRules } from './rules/load.js';
export { render } from './report/render.js';

/**
 * Snapshot in, report out; pure but for the time it takes. `top` is how many rows the tables have.
 */
export async function diagnose(snapshot: Snapshot, loaded: LoadedRules, top = 15): Promise<Report> {
  const factSet = deriveFacts(snapshot);
  const outcomes = await evaluate(loaded.rules, factSet);
  const ranked = rankDiagnoses(outcomes, factSet);
  return buildReport({ snapshot, factSet, outcomes, ranked, loaded, top });
}
