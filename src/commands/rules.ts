import type { ReportOptions } from '../cli.js';
import { EXIT } from '../errors.js';
import { loadInput } from '../main.js';
import { rulesExplain, rulesList, rulesTest, rulesValidate, type Said } from '../rules/commands.js';
import { visible } from '../report/escape.js';
import { writeDocument } from './output.js';

type Which = Pick<ReportOptions, 'rules' | 'builtinRules'>;
const which = (options: Which) => ({ builtin: options.builtinRules, paths: options.rules });

/** `memdoctor rules list`. @returns the exit status. */
export const list = async (options: Which): Promise<number> => say(await rulesList(which(options)));

/** `memdoctor rules explain ID [--input FILE]`. @returns the exit status. */
export async function explain(id: string, options: Which & { input?: string }): Promise<number> {
  const snapshot = options.input === undefined ? undefined : await loadInput(options.input);
  return say(await rulesExplain(id, which(options), snapshot));
}

/** `memdoctor rules validate PATH…`. @returns the exit status: 2 when a file has a problem. */
export const validate = async (paths: readonly string[]): Promise<number> => say(await rulesValidate(paths));

/** `memdoctor rules test [PATH…]`. @returns the exit status: 2 when a test fails. */
export const test = async (paths: readonly string[]): Promise<number> => say(await rulesTest(paths));

async function say({ text, ok }: Said): Promise<number> {
  await writeDocument(text.split('\n').map(visible).join('\n'), undefined);
  return ok ? EXIT.done : EXIT.usage;
}
