// A program that uses the package as it is published: compiled and run by scripts/check.mjs against the packed tarball.
import { diagnose, gather, InputError, loadInput, loadRules, render, type Report, type Snapshot } from 'memdoctor';

const snapshot: Snapshot = process.argv[2] === undefined ? await gather({ durationSeconds: 0 }) : await loadInput(process.argv[2]);
const rules = await loadRules({ disabled: ['info-short-uptime'], set: ['swap-full.warning=95'] });
const report: Report = await diagnose(snapshot, rules);
const verdict: 'healthy' | 'attention' | 'critical' | 'inconclusive' = report.verdict.status;
const first = report.diagnoses[0];
console.log(verdict, first?.id ?? 'none', first?.score.toFixed(0));
for (const format of ['html', 'md', 'text', 'json', 'ndjson'] as const) console.log((await render(report, { format })).length > 200);
console.log((await diagnose(snapshot)).schemaVersion);
try {
  await loadRules({ paths: ['nowhere'] });
} catch (error) {
  console.log(error instanceof InputError ? error.message : 'another error');
}
