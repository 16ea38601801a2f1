import { InputError, quote } from '../errors.js';
import { deriveFacts } from '../facts/derive.js';
import type { Snapshot } from '../gather/snapshot.js';
import { asRule, checkPacks } from './check-packs.js';
import { evaluate } from './evaluate.js';
import { explainRule } from './explain.js';
import { ruleRows } from './list.js';
import { loadBuiltin, loadRules, type LoadOptions, referencesTo } from './load.js';
import { findPacks } from './packs.js';
import { problemText } from './problem.js';
import type { Rule } from './rule.js';
import { didYouMean } from './suggest.js';
import { plural, TEST_FORMATS } from './test-formats.js';
import { problemCases, sampleCases, testCases, type TestSample } from './test-run.js';

/** What a command says. The text may hold words of strangers (rule files): print it line by line through `visible`. */
export interface Said {
  readonly text: string;
  readonly ok: boolean;
}

type Which = Pick<LoadOptions, 'builtin' | 'paths' | 'settings'>;

/** `rules list`: one line a rule: id, severities, category, title, and where a rule comes from that is not built in, or is changed. */
export async function rulesList(which: Which): Promise<Said> {
  const { rules, problems } = await loadRules(which);
  const rows = ruleRows(rules).map(({ id, category, severities, title, from }) => [
    id,
    severities.join('/'),
    category,
    from === '' ? title : `${title} (${from})`,
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return { text: linesOf([...lines, ...problems.map(problemText)]), ok: problems.length === 0 };
}

/** `rules explain ID`, with `--input` also how it came out there. @throws InputError when there is no such rule. */
export async function rulesExplain(id: string, which: Which, snapshot?: Snapshot): Promise<Said> {
  const { rules } = await loadRules(which);
  const rule = rules.find((candidate) => candidate.id === id);
  if (!rule)
    throw new InputError(
      `there is no rule ${quote(id)}${didYouMean(
        id,
        rules.map((candidate) => candidate.id),
      )}`,
    );
  const outcomes = snapshot ? (await evaluate(rules, deriveFacts(snapshot))).filter((outcome) => outcome.rule === rule) : [];
  return { text: explainRule(rule, outcomes), ok: true };
}

/** `rules validate PATH…`: every problem of every file, then what is no mistake but looks like one. */
export async function rulesValidate(paths: readonly string[]): Promise<Said> {
  const { parsed, problems, notes, skipped, overrides } = await checkPacks(
    await findPacks(referencesTo(paths)),
    (await loadBuiltin()).rules,
  );
  const count = parsed.length + overrides.length;
  const bad = problems.length === 0 ? 'no problems' : plural(problems.length, 'problem');
  const noted = notes.length === 0 ? [] : [plural(notes.length, 'note')];
  const left = skipped.length === 0 ? [] : [`${skipped.length} left out`];
  return {
    text: linesOf([
      ...problems.map(problemText),
      ...[...skipped, ...notes].map((note) => problemText({ ...note, message: `note: ${note.message}` })),
      [plural(count, 'rule file'), bad, ...noted, ...left].join(', '),
    ]),
    ok: problems.length === 0,
  };
}

export interface TestOptions {
  readonly format?: keyof typeof TEST_FORMATS;
  readonly samples?: readonly TestSample[];
}

/**
 * `rules test [PATH…]`: the tests inside the rules, those of the built-in ones without a path; and the rules over samples. Files with
 * problems are not run, and fail.
 */
export async function rulesTest(paths: readonly string[], { format = 'text', samples = [] }: TestOptions = {}): Promise<Said> {
  const builtin = await loadBuiltin();
  const { tested, all, problems } =
    paths.length === 0 ? { tested: builtin.rules, all: builtin.rules, problems: builtin.problems } : await added(paths, builtin.rules);
  const cases = [...problemCases(problems), ...(await testCases(tested)), ...(await sampleCases(tested, all, samples))];
  return { text: TEST_FORMATS[format]({ rules: tested.length, cases }), ok: cases.every(({ failure }) => failure === null) };
}

async function added(paths: readonly string[], builtin: readonly Rule[]) {
  const { parsed, overrides, changed, problems } = await checkPacks(await findPacks(referencesTo(paths)), builtin);
  const broken = new Set(problems.map(({ file }) => file));
  const own = parsed.flatMap(({ rule, file, pack }) => (rule && !broken.has(file) ? [asRule(rule, file, pack)] : []));
  const tested = [...own, ...overrides.flatMap(({ rule }) => rule ?? [])];
  return { tested, all: [...builtin, ...own].map((rule) => changed.get(rule.id) ?? rule), problems };
}

const linesOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
