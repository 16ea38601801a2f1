import type { ReportOptions } from '../cli.js';
import { EXIT, InputError } from '../errors.js';
import type { Snapshot } from '../gather/snapshot.js';
import { diagnose as diagnoseSnapshot, loadInput, loadRules, render } from '../main.js';
import type { Report } from '../report/report.js';
import { rank } from '../rules/rule.js';
import { chooseColor, chooseFormat, writeDocument } from './output.js';

/** `memdoctor diagnose INPUT…`: one report; with several inputs, one JSON object a line. @returns the exit status. */
export async function diagnose(inputs: readonly string[], options: ReportOptions): Promise<number> {
  const format = chooseFormat(options, process.stdout.isTTY);
  if (inputs.length > 1 && format !== 'ndjson')
    throw new InputError(`${inputs.length} inputs were given: several inputs need --format ndjson (one report a line)`);
  const loaded = await rulesOf(options);
  const texts: string[] = [];
  let status: number = EXIT.done;
  for (const input of inputs) {
    const report = await diagnoseSnapshot(await loadInput(input), loaded, options.top);
    texts.push(await rendered(report, options));
    status = Math.max(status, failed(report, options) ? EXIT.failOn : EXIT.done);
  }
  await writeDocument(texts.join(''), options.output);
  return status;
}

/** The report of one snapshot, written as asked. @returns the exit status. */
export async function reportOn(snapshot: Snapshot, options: ReportOptions, loaded: Awaited<ReturnType<typeof rulesOf>>): Promise<number> {
  const report = await diagnoseSnapshot(snapshot, loaded, options.top);
  await writeDocument(await rendered(report, options), options.output);
  return failed(report, options) ? EXIT.failOn : EXIT.done;
}

/** The rules that the options ask for. @throws InputError that lists what is wrong with them. */
export const rulesOf = (options: Pick<ReportOptions, 'rules' | 'builtinRules' | 'disable' | 'set'>) =>
  loadRules({ builtin: options.builtinRules, paths: options.rules, disabled: options.disable, set: options.set });

const rendered = (report: Report, options: ReportOptions): Promise<string> =>
  render(report, {
    format: chooseFormat(options, process.stdout.isTTY),
    color: chooseColor(options.color, options.output),
    width: options.output === undefined ? (process.stdout.columns ?? 100) : 100,
  });

function failed(report: Report, options: ReportOptions): boolean {
  const { failOn } = options;
  if (failOn === undefined) return false;
  return [...report.findings, ...report.diagnoses].some((finding) => rank(finding.severity) >= rank(failOn));
}
