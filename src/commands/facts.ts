import { EXIT } from '../errors.js';
import { deriveFacts } from '../facts/derive.js';
import type { FactSet } from '../facts/fact.js';
import { loadInput } from '../main.js';
import { visible } from '../report/escape.js';
import { explainFact, factLines } from '../rules/explain-fact.js';
import { loadBuiltin } from '../rules/load.js';
import { writeDocument } from './output.js';

const factsOf = async (input: string | undefined): Promise<FactSet | null> =>
  input === undefined ? null : deriveFacts(await loadInput(input));

/** `memdoctor facts list [WORD…] [--input INPUT]`. @returns the exit status. */
export async function list(words: readonly string[], { input }: { input?: string }): Promise<number> {
  return say([...factLines(words, await factsOf(input)), ''].join('\n'));
}

/** `memdoctor facts explain NAME [--input INPUT]`. @returns the exit status. */
export async function explain(name: string, { input }: { input?: string }): Promise<number> {
  return say(explainFact(name, await factsOf(input), (await loadBuiltin()).rules));
}

/** Values may be words of strangers: names of processes and devices. */
async function say(text: string): Promise<number> {
  await writeDocument(text.split('\n').map(visible).join('\n'), undefined);
  return EXIT.done;
}
