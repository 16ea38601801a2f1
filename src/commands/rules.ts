import { closeSync, existsSync, mkdirSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { NewOptions, ReportOptions, TestOptions } from '../cli.js';
import { EXIT, InputError } from '../errors.js';
import { loadInput } from '../main.js';
import { rulesExplain, rulesList, rulesTest, rulesValidate, type Said } from '../rules/commands.js';
import type { TestSample } from '../rules/test-run.js';
import { visible } from '../report/escape.js';
import { configured } from './config.js';
import { writeDocument } from './output.js';

type Which = Pick<ReportOptions, 'rules' | 'builtinRules' | 'config'>;

async function which(options: Which, evidence: readonly string[] = []) {
  const { rules, builtinRules, settings } = await configured(options, evidence);
  return { builtin: builtinRules, paths: rules, settings };
}

/** `memdoctor rules list`. @returns the exit status. */
export const list = async (options: Which): Promise<number> => say(await rulesList(await which(options)));

/** `memdoctor rules explain ID [--input FILE]`. @returns the exit status. */
export async function explain(id: string, options: Which & { input?: string }): Promise<number> {
  const snapshot = options.input === undefined ? undefined : await loadInput(options.input);
  return say(await rulesExplain(id, await which(options, options.input === undefined ? [] : [options.input]), snapshot));
}

/** `memdoctor rules validate PATH…`. @returns the exit status: 2 when a file has a problem. */
export const validate = async (paths: readonly string[]): Promise<number> => say(await rulesValidate(paths));

/** `memdoctor rules test [PATH…]`. @returns the exit status: 2 when a test fails. */
export async function test(paths: readonly string[], { samples, format }: TestOptions): Promise<number> {
  return say(await rulesTest(paths, { format, samples: samples === undefined ? [] : await samplesIn(samples) }));
}

const MAX_SAMPLES = 200;

/** Snapshots, archives and directories of evidence in a folder; those whose name begins with "healthy" are to stay silent. */
async function samplesIn(folder: string): Promise<TestSample[]> {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw new InputError(`--samples ${folder}: is no folder`);
  const names = readdirSync(folder)
    .filter((name) => !name.startsWith('.') && !/\.(?:md|sh|html)$/i.test(name))
    .sort();
  if (names.length === 0) throw new InputError(`--samples ${folder}: there is no sample in it`);
  if (names.length > MAX_SAMPLES) throw new InputError(`--samples ${folder}: has more than ${MAX_SAMPLES} samples`);
  const { deriveFacts } = await import('../facts/derive.js');
  const samples: TestSample[] = [];
  for (const name of names) {
    const factSet = deriveFacts(await loadInput(join(folder, name)));
    samples.push({ name, healthy: name.startsWith('healthy') || basename(folder).startsWith('healthy'), factSet });
  }
  return samples;
}

/** `memdoctor rules new ID`: writes a rule and, once, the schema beside it. @returns the exit status. */
export async function create(id: string, { dir, fact, forEach, yaml = false }: NewOptions): Promise<number> {
  const { scaffold, scaffoldText, SCHEMA_NAME } = await import('../rules/scaffold.js');
  const rule = scaffold(id, fact, forEach);
  const file = join(dir, `${id}.${yaml ? 'yaml' : 'json'}`);
  for (const other of ['json', 'yaml', 'yml'])
    if (existsSync(join(dir, `${id}.${other}`)))
      throw new InputError(`${join(dir, `${id}.${other}`)}: is there already, and is left as it is`);
  const { editorRuleSchema } = await import('../rules/editor-schema.js');
  const schema = join(dir, SCHEMA_NAME);
  writing(dir, () => mkdirSync(dir, { recursive: true }));
  const text = await scaffoldText(rule, yaml);
  writing(file, () => writeNew(file, text));
  if (!existsSync(schema)) writing(schema, () => writeNew(schema, `${JSON.stringify(editorRuleSchema())}\n`));
  await writeDocument(
    [
      `${file}: a rule to start from; its tests pass`,
      `  memdoctor facts list WORD          the facts to choose from`,
      `  memdoctor rules validate ${dir}    what is wrong, and where it still says TODO`,
      `  memdoctor rules test ${dir}        its tests`,
      '',
    ].join('\n'),
    undefined,
  );
  return EXIT.done;
}

/** Never follows or overwrites what is there. */
function writeNew(file: string, text: string): void {
  const handle = openSync(file, 'wx', 0o644);
  try {
    writeSync(handle, text);
  } finally {
    closeSync(handle);
  }
}

function writing(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new InputError(`${path}: cannot be written: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}

async function say({ text, ok }: Said): Promise<number> {
  await writeDocument(text.split('\n').map(visible).join('\n'), undefined);
  return ok ? EXIT.done : EXIT.usage;
}
