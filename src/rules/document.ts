import { basename } from 'node:path';
import { offsetOf, placeOf, scan, type Scan } from './places.js';
import type { Finding, RuleProblem } from './problem.js';
import type { RuleText } from './rule-files.js';

/** A file that was read as JSON or YAML, and a way from a JSON pointer to its line and column. */
export interface Document {
  /** Undefined when the text cannot be read; then `problems` says why. */
  readonly value: unknown;
  readonly problem: (finding: Finding) => RuleProblem;
  readonly problems: readonly RuleProblem[];
}

type ReadYaml = (text: string) => Scan & { readonly value?: unknown };

const isYaml = (file: string): boolean => /\.ya?ml$/i.test(file);

/** The name of a file without its folder and ending: what the id in it must be. */
export const stemOf = (file: string): string => basename(file).replace(/\.(?:json|ya?ml)$/i, '');

/** The reader of YAML when one of the files needs it: it takes its time to load. */
export const yamlFor = async (texts: Iterable<RuleText>): Promise<ReadYaml | undefined> =>
  [...texts].some(({ file }) => isYaml(file)) ? (await import('./yaml.js')).readYaml : undefined;

/** Reads a text by the ending of its file's name. Never throws because of what is in it. */
export function readDocument({ file, text }: RuleText, readYaml: ReadYaml | undefined): Document {
  const read = isYaml(file) && readYaml ? readYaml(text) : readJson(text);
  const problem = (finding: Finding): RuleProblem => locate(file, text, read, finding);
  if (!read.problem) return { value: read.value, problem, problems: [] };
  const { offset, message } = read.problem;
  return { value: undefined, problem, problems: [{ file, ...placeOf(text, offset), message }] };
}

function readJson(text: string): Scan & { readonly value?: unknown } {
  const places = scan(text);
  return places.problem ? places : { ...places, value: JSON.parse(text) as unknown };
}

function locate(file: string, text: string, places: Scan, { at, message, key = false }: Finding): RuleProblem {
  return { file, ...placeOf(text, offsetOf(places, at, key)), message: at === '' ? message : `${at}: ${message}` };
}
