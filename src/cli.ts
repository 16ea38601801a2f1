#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { EXIT, InputError } from './errors.js';
import { visible } from './report/escape.js';
import { VERSION } from './version.js';

/** Options that several commands share; each command's own file says what they mean to it. */
export interface ReportOptions {
  format?: 'html' | 'md' | 'text' | 'json' | 'ndjson';
  output?: string;
  rules: string[];
  builtinRules: boolean;
  disable: string[];
  set: string[];
  failOn?: 'notice' | 'warning' | 'critical';
  quiet?: boolean;
  color: 'auto' | 'always' | 'never';
  top: number;
  redact?: boolean;
  /** A file, or false for none; without it, the configuration is looked for. */
  config?: string | false;
  /** The names of the options that were given, and are not defaults. */
  given?: ReadonlySet<string>;
}

export interface GatherOptions {
  duration: number;
  interval: number;
  root: string;
  raw?: string;
  redact?: boolean;
  quiet?: boolean;
  /** Which traces to run after the last sample. */
  trace?: string;
  traceSeconds: number;
  pid?: number;
}

export interface TraceCommandOptions {
  format: 'text' | 'json';
  output?: string;
  seconds: number;
  pid?: number;
  by?: string;
  raw?: string;
  folded?: boolean;
  redact?: boolean;
  quiet?: boolean;
  color: 'auto' | 'always' | 'never';
}

export interface TestOptions {
  samples?: string;
  format: 'text' | 'junit' | 'tap' | 'json';
}

export interface NewOptions {
  dir: string;
  fact: string;
  forEach?: string;
  yaml?: boolean;
}

const collect = (value: string, previous: string[]): string[] => [...previous, value];

function atLeast(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || value < least)
      throw new InvalidArgumentError(`It must be a number, ${least} or more.`);
    return value;
  };
}

function durationSeconds(text: string): number {
  const value = atLeast(0)(text);
  if (value !== 0 && value < 2) throw new InvalidArgumentError('It must be 2 or more seconds, or 0 for one sample and no rates.');
  if (value > 3600) throw new InvalidArgumentError('It must be at most 3600 seconds.');
  return value;
}

function traceSeconds(text: string): number {
  const value = Number(text);
  if (!/^\d{1,2}$/.test(text) || value < 1 || value > 60) throw new InvalidArgumentError('It must be a whole number of seconds, 1 to 60.');
  return value;
}

function processId(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError('It must be the number of a process.');
  return Number(text);
}

const reportOptions = [
  new Option(
    '--format <format>',
    'html, md, text, json or ndjson; default: by the ending of -o FILE, else text on a terminal, html otherwise',
  ).choices(['html', 'md', 'text', 'json', 'ndjson']),
  new Option('-o, --output <file>', 'write the report there; it gets its name only when it is whole'),
  new Option('--rules <path>', 'add rules: a file, a folder, a pack, an npm package memdoctor-rules-* (repeatable)')
    .default([], 'none')
    .argParser(collect),
  new Option('--no-builtin-rules', 'leave the built-in rules out'),
  new Option('--disable <id>', 'leave one rule out (repeatable)').default([], 'none').argParser(collect),
  new Option('--set <rule.param=value>', 'set a parameter of a rule (repeatable)').default([], 'none').argParser(collect),
  new Option('--config <file>', 'the configuration; default: memdoctor.config.json here or above'),
  new Option('--no-config', 'use no configuration'),
  new Option('--fail-on <severity>', 'exit with status 1 when something at least that severe was found').choices([
    'notice',
    'warning',
    'critical',
  ]),
  new Option('--top <n>', 'rows in the tables of processes, caches and cgroups').default(15).argParser(atLeast(1)),
  new Option('--color <when>', 'colours in text').choices(['auto', 'always', 'never']).default('auto'),
];
const quiet = new Option('--quiet', 'no progress on stderr');
const redact = new Option('--redact', 'put pseudonyms for hosts, users, addresses, programs, paths, command lines and control groups');
const gatherOptions = [
  new Option('--duration <seconds>', 'how long to watch: at least 2; 0 for one sample and no rates').default(10).argParser(durationSeconds),
  new Option('--interval <seconds>', 'between the sub-samples').default(1).argParser(atLeast(0.1)),
  new Option('--root <dir>', 'read another root: a mounted image, a test').default('/'),
  new Option('--raw <dir>', 'also keep the raw evidence in that new directory'),
  new Option('--trace <list>', 'then trace the kernel for some seconds (root): default, all, or names; memdoctor trace tells which'),
  new Option('--trace-seconds <n>', 'how long').default(8).argParser(traceSeconds),
  new Option('--pid <pid>', 'trace that process only').argParser(processId),
  quiet,
];

const withOptions = (command: Command, options: readonly Option[]): Command => {
  for (const option of options) command.addOption(option);
  return command;
};

/** The options of a command, with the names of those that were given. */
const given = <O extends object>(options: O, command: Command): O & { given: ReadonlySet<string> } => ({
  ...options,
  given: new Set(Object.keys(options).filter((name) => command.getOptionValueSource(name) === 'cli')),
});

let status: number = EXIT.done;

/** The table of commands. Each loads its own code only when it runs. */
function program(): Command {
  const root = new Command('memdoctor')
    .description('Tells what is wrong with the memory of a Linux host, why, who owns it, and what to do next.')
    .version(VERSION, '-V, --version')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(oneLine(text)) });

  withOptions(root.command('run').description('gather on this host, diagnose, write the report'), [
    ...reportOptions,
    ...gatherOptions,
    redact,
  ]).action(async (options: ReportOptions & GatherOptions, command: Command) => {
    status = await (await import('./commands/run.js')).run(given(options, command));
  });
  withOptions(root.command('gather').description('gather on this host, write the snapshot'), [
    new Option('-o, --output <file>', 'write the snapshot there'),
    ...gatherOptions,
    redact,
  ]).action(async (options: GatherOptions & { output?: string }) => {
    status = await (await import('./commands/gather.js')).gather(options);
  });
  withOptions(
    root
      .command('diagnose')
      .description('diagnose a snapshot, a directory, an archive (.tar, .tar.gz, .tar.xz), or - (stdin)')
      .argument('<input...>'),
    [...reportOptions, redact, quiet],
  ).action(async (inputs: string[], options: ReportOptions, command: Command) => {
    status = await (await import('./commands/diagnose.js')).diagnose(inputs, given(options, command));
  });

  withOptions(
    root
      .command('trace')
      .description('trace the kernel for some seconds (root) and tell what was seen; without a list, what can be traced here')
      .argument('[list]', 'default, all, or names with commas between'),
    [
      new Option('--seconds <n>', 'how long').default(8).argParser(traceSeconds),
      new Option('--pid <pid>', 'that process only').argParser(processId),
      new Option('--format <format>', 'text or json').choices(['text', 'json']).default('text'),
      new Option('--folded', 'print the stacks folded, for flamegraph.pl or speedscope'),
      new Option('--by <means>', 'by these means only, not by the best that the host allows').choices([
        'bpftrace',
        'tracepoint',
        'fentry',
        'kprobe',
        'usdt',
        'tracefs',
        'perf',
        'perf-record',
        'perf-stat',
        'proc',
      ]),
      new Option('--raw <dir>', 'also keep what the tracers printed in that new directory'),
      new Option('-o, --output <file>', 'write it there'),
      new Option('--color <when>', 'colours in text').choices(['auto', 'always', 'never']).default('auto'),
      redact,
      quiet,
    ],
  ).action(async (list: string | undefined, options: TraceCommandOptions) => {
    status = await (await import('./commands/trace.js')).trace(list, options);
  });

  const rules = root.command('rules').description('work with rules');
  const ruleSource = reportOptions.filter((option) =>
    ['--rules', '--no-builtin-rules', '--config', '--no-config'].includes(option.long ?? ''),
  );
  withOptions(rules.command('list').description('every rule: id, category, severities, where it comes from'), ruleSource).action(
    async (options: ReportOptions) => {
      status = await (await import('./commands/rules.js')).list(options);
    },
  );
  withOptions(rules.command('explain').description('what a rule looks for, why, and what to do').argument('<id>'), [
    ...ruleSource,
    new Option('--input <snapshot>', 'say also why it fired, or not, on that input'),
  ]).action(async (id: string, options: ReportOptions & { input?: string }) => {
    status = await (await import('./commands/rules.js')).explain(id, options);
  });
  rules
    .command('validate')
    .description('check rule files; every error of every file is said')
    .argument('<path...>')
    .action(async (paths: string[]) => {
      status = await (await import('./commands/rules.js')).validate(paths);
    });
  withOptions(
    rules.command('test').description('run the inline tests of rule files; without a path, of the built-in rules').argument('[path...]'),
    [
      new Option('--samples <dir>', 'also run the rules over the samples in it: on a healthy one (healthy-*) none may be above notice'),
      new Option('--format <format>', 'text, junit, tap or json').choices(['text', 'junit', 'tap', 'json']).default('text'),
    ],
  ).action(async (paths: string[], options: TestOptions) => {
    status = await (await import('./commands/rules.js')).test(paths, options);
  });
  withOptions(rules.command('new').description('write a rule to start from, with its tests').argument('<id>'), [
    new Option('--dir <dir>', 'where to').default('rules'),
    new Option('--fact <name>', 'the fact that it looks at; see memdoctor facts list').default('mem.available_pct'),
    new Option('--for-each <set>', 'the item set that it runs over, for a fact item.…'),
    new Option('--yaml', 'in YAML'),
  ]).action(async (id: string, options: NewOptions) => {
    status = await (await import('./commands/rules.js')).create(id, options);
  });

  const facts = root.command('facts').description('what rules can use');
  const factInput = new Option('--input <input>', 'with the values there: a snapshot, a directory, an archive, a text');
  withOptions(
    facts.command('list').description('every fact: name, unit, meaning').argument('[words...]', 'only those with all these words'),
    [factInput],
  ).action(async (words: string[], options: { input?: string }) => {
    status = await (await import('./commands/facts.js')).list(words, options);
  });
  withOptions(facts.command('explain').description('what a fact, or an item set, is and how it is worked out').argument('<name>'), [
    factInput,
  ]).action(async (name: string, options: { input?: string }) => {
    status = await (await import('./commands/facts.js')).explain(name, options);
  });

  root
    .command('collector')
    .description('print a POSIX sh script that collects the same evidence on a host without Node.js')
    .action(async () => {
      status = await (await import('./commands/collector.js')).collector();
    });
  root
    .command('schema')
    .description('print a JSON Schema (2020-12)')
    .addArgument(root.createArgument('<document>').choices(['snapshot', 'report', 'rule', 'override', 'pack', 'config']))
    .action(async (document: 'snapshot' | 'report' | 'rule' | 'override' | 'pack' | 'config') => {
      status = await (await import('./commands/schema.js')).schema(document);
    });
  return root;
}

const oneLine = (text: string): string =>
  `memdoctor: ${visible(
    text
      .trim()
      .replace(/^error: /, '')
      .replaceAll(/\s*\n\s*/g, ' '),
  )}\n`;

/** Runs the command line; the only place that turns errors into an exit status. */
async function main(): Promise<number> {
  try {
    const command = program();
    if (process.argv.length <= 2) {
      process.stderr.write(oneLine("no command given: try 'memdoctor run', or 'memdoctor --help'"));
      return EXIT.usage;
    }
    await command.parseAsync();
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (error instanceof InputError) {
      process.stderr.write(oneLine(error.message));
      return EXIT.usage;
    }
    process.stderr.write(
      oneLine(
        `internal error: ${error instanceof Error ? error.message : String(error)} (please report it; MEMDOCTOR_DEBUG=1 shows where)`,
      ),
    );
    if (process.env['MEMDOCTOR_DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
    return EXIT.internal;
  }
}

// a reader such as head closes the pipe early: that is no error
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  throw error;
});
process.exitCode = await main();
