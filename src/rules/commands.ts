import { InputError, quote } from '../errors.js';
import { deriveFacts } from '../facts/derive.js';
import type { Snapshot } from '../gather/snapshot.js';
import { evaluate } from './evaluate.js';
import { explainRule } from './explain.js';
import { ruleRows } from './list.js';
import { checkFiles, loadBuiltin, loadRules, type LoadOptions } from './load.js';
import { toRule } from './parse.js';
import { problemText } from './problem.js';
import type { Rule } from './rule.js';
import { testRule } from './self-test.js';
import { didYouMean } from './suggest.js';

/** What a command says. The text may hold words of strangers (rule files): print it line by line through `visible`. */
export interface Said {
  readonly text: string;
  readonly ok: boolean;
}

type Which = Pick<LoadOptions, 'builtin' | 'paths'>;
const load = ({ builtin, paths }: Which) => loadRules({ builtin, paths, disabled: [], set: [] });

/** `rules list`: one line a rule: id, severities, category, title, and the file of a rule that is not built in. */
export async function rulesList(which: Which): Promise<Said> {
  const { rules, problems } = await load(which);
  const rows = ruleRows(rules).map(({ id, category, severities, title, file, builtin }) => [
    id,
    severities.join('/'),
    category,
    builtin ? title : `${title} (${file})`,
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
  const { rules } = await load(which);
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

/** `rules validate PATH…`: every problem of every file. */
export async function rulesValidate(paths: readonly string[]): Promise<Said> {
  const { parsed, problems } = await checkFiles(paths, (await loadBuiltin()).rules);
  const text = linesOf([...problems.map(problemText), summary(parsed.length, 'rule file', problems.length, 'problem')]);
  return { text, ok: problems.length === 0 };
}

/** `rules test [PATH…]`: the tests inside the rules, those of the built-in ones without a path. Files with problems are not run. */
export async function rulesTest(paths: readonly string[]): Promise<Said> {
  const builtin = await loadBuiltin();
  const { parsed, problems } = paths.length === 0 ? { parsed: [], problems: builtin.problems } : await checkFiles(paths, builtin.rules);
  const broken = new Set(problems.map(({ file }) => file));
  const rules: Rule[] =
    paths.length === 0 ? builtin.rules : parsed.flatMap(({ rule, file }) => (rule && !broken.has(file) ? [toRule(rule, file, false)] : []));
  const lines = problems.map(problemText);
  let [run, failed] = [0, 0];
  for (const rule of rules)
    for (const { test, found, passed, outcome } of await testRule(rule)) {
      run++;
      if (passed) continue;
      failed++;
      const missing = outcome.missing.length > 0 ? ` (not known: ${outcome.missing.join(', ')})` : '';
      lines.push(`${rule.file}: test ${quote(test.name)}: expected ${test.expect}, found ${found}${missing}`);
    }
  return {
    text: linesOf([...lines, `${plural(rules.length, 'rule')}, ${summary(run, 'test', failed, 'failure')}`]),
    ok: failed === 0 && problems.length === 0,
  };
}

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
const summary = (count: number, what: string, bad: number, badWord: string): string =>
  `${plural(count, what)}, ${bad === 0 ? `no ${badWord}s` : plural(bad, badWord)}`;
const linesOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
