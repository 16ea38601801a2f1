import { dirname, resolve } from 'node:path';
import { InputError } from '../errors.js';
import { schemaFindings } from '../rules/check-shape.js';
import { readDocument, yamlFor } from '../rules/document.js';
import { shownPath } from '../rules/packs.js';
import { problemText } from '../rules/problem.js';
import { orInputError, textOf } from '../rules/rule-files.js';
import type { RuleSettings } from '../rules/settings.js';
import type { ConfigFile } from './schema.js';

export interface Config {
  readonly settings: RuleSettings;
  readonly report: NonNullable<ConfigFile['report']>;
}

/** Reads a configuration. @throws InputError in one line that says where it is wrong. */
export async function readConfig(path: string): Promise<Config> {
  const file = shownPath(path);
  const text = { file, text: orInputError(file, () => textOf(path, 'a configuration')) };
  const { value, problem, problems } = readDocument(text, await yamlFor([text]));
  const [unreadable] = problems;
  if (unreadable) throw new InputError(problemText(unreadable));
  const { config: validate } = await import('../rules/rule-validator.js');
  const [wrong] = schemaFindings(value, validate, 'a configuration');
  if (wrong) throw new InputError(problemText(problem(wrong)));
  const { packs = [], disable = [], params = {}, severity = {}, report = {} } = value as ConfigFile;
  const base = dirname(resolve(path));
  const at = (pointer: string, message: string, key = false): string => problemText(problem({ at: pointer, message, key }));
  return {
    settings: {
      file,
      packs: packs.map((reference, index) => ({ reference, base, by: at(`/packs/${index}`, '').replace(/: [^:]*: $/, '') })),
      disable,
      params: params as RuleSettings['params'],
      severity,
      at,
    },
    report,
  };
}
