import type { Known } from './check-conditions.js';
import type { Report } from './problem.js';
import type { RuleFile } from './rule.js';
import { type Handlebars, readTemplate } from './template.js';
import { resolveFor } from './text.js';
import { namesFor } from './vocabulary.js';

/** Every text of a rule that is a template, with its JSON pointer. */
export function* templatesOf(rule: RuleFile): Generator<[string, string]> {
  yield [rule.message, '/message'];
  if (rule.explanation !== undefined) yield [rule.explanation, '/explanation'];
  for (const [index, action] of (rule.actions ?? []).entries())
    for (const key of ['text', 'command', 'risk'] as const) {
      const text = action[key];
      if (text !== undefined) yield [text, `/actions/${index}/${key}`];
    }
  for (const list of ['corroborating', 'contradicting'] as const)
    for (const [index, { text }] of (rule.diagnosis?.[list] ?? []).entries()) yield [text, `/diagnosis/${list}/${index}/text`];
}

/** Texts that are shown as they are. */
function* plainTexts(rule: RuleFile): Generator<[string, string]> {
  yield [rule.title, '/title'];
  for (const [index, limit] of (rule.limits ?? []).entries()) yield [limit, `/limits/${index}`];
}

const MAX_PLAIN = 500;

/** Checks the templates of a rule, and notes the params used in `used`. */
export function checkTemplates(handlebars: Handlebars, rule: RuleFile, known: Known, report: Report, used: Set<string>): void {
  const resolve = resolveFor(rule, known.vocabulary);
  const names = () => [...Object.keys(rule.params ?? {}), ...namesFor(known.vocabulary, rule.forEach)];
  for (const [text, at] of templatesOf(rule)) {
    const { problems, keys } = readTemplate(handlebars, text, resolve, names);
    for (const problem of problems) report(at, problem);
    for (const key of keys) if (key.startsWith('params.')) used.add(key.slice('params.'.length));
  }
  for (const [text, at] of plainTexts(rule)) {
    if (text.includes('{{')) report(at, 'found "{{" in a text that is no template');
    if (text.length > MAX_PLAIN) report(at, `the text is longer than ${MAX_PLAIN} characters`);
  }
}
