import type { ReportOptions } from '../cli.js';
import { EXIT, InputError } from '../errors.js';
import { redact } from '../gather/redact/redact.js';
import type { Snapshot } from '../gather/snapshot.js';
import { diagnose as diagnoseSnapshot, loadInput, loadRules, render } from '../main.js';
import type { Report } from '../report/report.js';
import { visible } from '../report/escape.js';
import { problemText, type RuleProblem } from '../rules/problem.js';
import { rank } from '../rules/rule.js';
import { type Configured, configured } from './config.js';
import { chooseColor, chooseFormat, chooseWidth, writeDocument } from './output.js';

/**
 * `memdoctor diagnose INPUT…`: one report; with several inputs, one JSON object a line, in their order. An input of several that
 * cannot be read is said on stderr and costs its own line only. @returns the exit status: the highest of all inputs.
 */
export async function diagnose(inputs: readonly string[], asked: ReportOptions): Promise<number> {
  const options = await configured(asked, inputs);
  const format = chooseFormat(options, process.stdout.isTTY);
  if (inputs.length > 1 && format !== 'ndjson')
    throw new InputError(`${inputs.length} inputs were given: several inputs need --format ndjson (one report a line)`);
  const loaded = await rulesOf(options);
  const [only] = inputs;
  if (inputs.length === 1 && only !== undefined) return reportOn(await inputOf(only, options), options, loaded);
  const texts: string[] = [];
  let status: number = EXIT.done;
  for (const input of inputs) {
    try {
      const report = await diagnoseSnapshot(await inputOf(input, options), loaded, options.top);
      const text = await rendered(report, options);
      // a file gets its name when it is whole; a pipe gets each line at once
      if (options.output === undefined) await writeDocument(text, undefined);
      else texts.push(text);
      status = Math.max(status, failed(report, options) ? EXIT.failOn : EXIT.done);
    } catch (error) {
      status = Math.max(status, complain(error, input));
    }
  }
  if (options.output !== undefined) await writeDocument(texts.join(''), options.output);
  return status;
}

async function inputOf(input: string, { quiet, redact: asked }: ReportOptions): Promise<Snapshot> {
  const read = await loadInput(input);
  const snapshot = asked === true ? redact(read) : read;
  if (!quiet) for (const note of snapshot.notes ?? []) process.stderr.write(`memdoctor: ${visible(note)}\n`);
  return snapshot;
}

/** Says on stderr what is wrong with one input of several. @returns the exit status for it. */
function complain(error: unknown, input: string): number {
  const message = error instanceof Error ? error.message : String(error);
  const known = error instanceof InputError;
  process.stderr.write(`memdoctor: ${visible(known ? message : `${input}: internal error: ${message}`)}\n`);
  return known ? EXIT.usage : EXIT.internal;
}

/** The report of one snapshot, written as asked. @returns the exit status. */
export async function reportOn(snapshot: Snapshot, options: ReportOptions, loaded: Awaited<ReturnType<typeof rulesOf>>): Promise<number> {
  const report = await diagnoseSnapshot(snapshot, loaded, options.top);
  await writeDocument(await rendered(report, options), options.output);
  return failed(report, options) ? EXIT.failOn : EXIT.done;
}

/** The rules that the options ask for; what had to be left out is said. @throws InputError that lists what is wrong with them. */
export async function rulesOf(options: Configured<Pick<ReportOptions, 'rules' | 'builtinRules' | 'disable' | 'set' | 'quiet'>>) {
  const { rules: paths, builtinRules: builtin, disable: disabled, set, settings } = options;
  const loaded = await loadRules({ builtin, paths, disabled, set, settings });
  if (!options.quiet) for (const line of leftOut(loaded.problems)) process.stderr.write(`memdoctor: ${visible(line)}\n`);
  return loaded;
}

const MAX_LINES = 8;

/** One line a file that was left out: its first problem. */
function leftOut(problems: readonly RuleProblem[]): string[] {
  const files = [...new Set(problems.map(({ file }) => file))];
  const lines = files.slice(0, MAX_LINES).flatMap((file) => {
    const [first, ...more] = problems.filter((problem) => problem.file === file);
    return first ? [`${problemText(first)}${more.length > 0 ? ` (and ${more.length} more)` : ''}`] : [];
  });
  return files.length > MAX_LINES ? [...lines, `and ${files.length - MAX_LINES} more rule files were left out`] : lines;
}

const rendered = (report: Report, options: ReportOptions): Promise<string> =>
  render(report, {
    format: chooseFormat(options, process.stdout.isTTY),
    color: chooseColor(options.color, options.output),
    width: chooseWidth(options.output),
    ...(options.output === undefined && process.stdout.isTTY ? { height: Math.max(24, process.stdout.rows) } : {}),
  });

function failed(report: Report, options: ReportOptions): boolean {
  const { failOn } = options;
  if (failOn === undefined) return false;
  return [...report.findings, ...report.diagnoses].some((finding) => rank(finding.severity) >= rank(failOn));
}
