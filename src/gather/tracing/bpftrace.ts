import { parseBpfOutput } from './bpftrace-output.js';
import { type Attempt, type Engine, endOf, type Job } from './engine.js';
import type { BpfForm, Setting } from './trace.js';

// oxlint-disable-next-line typescript/no-explicit-any -- of any trace
type BpfJob = Job<BpfForm<any>>;

/** Entries of a map; beyond, bpftrace drops what is new. Maps are laid out beforehand, for each CPU: the default of 4096 costs too much. */
const MAP_KEYS = 2048;
/** Naming the frames of a stack may cost a tool seconds for each program: only so many. */
const MOST_STACKS = 40;
/** For compiling before and printing after. */
const START_SECONDS = 45;
/** Printed when all but the stacks was: a tool that is killed before has told a part only. */
const PRINTED = 'memdoctor: all but the stacks is printed';
const END_SECONDS = 20;

/** Both names of the setting: it was renamed in bpftrace 0.19. */
const ENVIRONMENT = { BPFTRACE_MAP_KEYS_MAX: String(MAP_KEYS), BPFTRACE_MAX_MAP_KEYS: String(MAP_KEYS) };

/** How long a program is attached that is only tried. */
const TRIAL = 'ms:100';

/**
 * All programs in one process of bpftrace: it compiles once and attaches at the same time. When it refuses, the culprits are looked for by
 * trials of halves that end at once, and the rest is run: never two tracers at a time on a host that may be short of memory.
 */
export const bpftraceEngine: Engine<BpfJob> = async (jobs, context) => {
  const attempt = await together(jobs, context);
  if ('done' in attempt) return attempt.done;
  if (jobs.length <= 1 || !attempt.early || context.signal?.aborted === true) return new Map(failed(jobs, attempt.failed));
  const culprits = NO_HEADERS.test(attempt.failed)
    ? new Map(failed(jobs.filter(needsTypes), 'the kernel has no BTF, and bpftrace finds no headers (linux/types.h) to read fields by'))
    : await refused(jobs, context);
  const rest = jobs.filter(({ id }) => !culprits.has(id));
  // when each half is taken and the whole is not, nobody knows why
  if (culprits.size === 0) return new Map(failed(jobs, attempt.failed));
  const second = rest.length === 0 ? { done: new Map<string, Attempt>() } : await together(rest, context);
  return new Map([...('done' in second ? second.done : failed(rest, second.failed)), ...culprits]);
};

const failed = (jobs: readonly BpfJob[], reason: string): [string, Attempt][] => jobs.map(({ id }) => [id, { failed: reason }]);

/** Without BTF bpftrace compiles what it knows of types, and needs headers for that. */
const NO_HEADERS = /fatal error: '[\w/.-]{1,80}' file not found/;
const needsTypes = ({ form, setting }: BpfJob): boolean => /\bargs\b|\bstruct /.test(form.program(setting));

/** The programs that bpftrace does not take, with what it says of each. */
async function refused(jobs: readonly BpfJob[], context: Context): Promise<Map<string, Attempt>> {
  const middle = Math.ceil(jobs.length / 2);
  const found = new Map<string, Attempt>();
  for (const half of [jobs.slice(0, middle), jobs.slice(middle)]) {
    if (half.length === 0 || context.signal?.aborted === true) continue;
    const attempt = await together(half, context, TRIAL);
    if ('done' in attempt) continue;
    if (half.length === 1) found.set(half[0]?.id ?? '', { failed: attempt.failed });
    else for (const [id, reason] of await refused(half, context)) found.set(id, reason);
  }
  return found;
}

type Context = Parameters<Engine<BpfJob>>[1];

async function together(
  jobs: readonly BpfJob[],
  context: Context,
  length?: string,
): Promise<{ failed: string; early: boolean } | { done: Map<string, Attempt> }> {
  const command = context.ground.command('bpftrace');
  if (command === null) return { failed: 'bpftrace is not installed', early: false };
  const { host, seconds, signal } = context;
  const running = host.start(command, ['-f', 'json', '-B', 'none', '-e', programOf(jobs, length ?? `s:${seconds}`)], ENVIRONMENT);
  const started = performance.now();
  const { status, stdout, stderr } = await endOf(running, START_SECONDS + seconds + END_SECONDS, host, signal);
  const output = parseBpfOutput(stdout);
  // that many probes are to be attached is said before they are
  if (output.attached === null || (output.maps.size === 0 && status !== 0))
    return { failed: complaint(stderr, status), early: status !== null && status < 128 };
  if (status !== 0 && !output.printed.includes(PRINTED))
    return { failed: 'bpftrace had to be ended before it printed what it had seen', early: false };
  const traced = signal?.aborted === true ? Math.min(seconds, (performance.now() - started) / 1000) : seconds;
  // every map is made anew for each program: which of them is full is known by its size
  const done = jobs.map(({ id, form, setting }): [string, Attempt] => {
    const own = [...output.maps].filter(([name]) => name.startsWith(prefix(id)));
    const full = own.filter(([, entries]) => entries.length >= MAP_KEYS).length;
    const stacks = form.stackMaps === undefined ? 0 : lostStacks(stderr);
    const seen = form.read(output, setting);
    return [id, { seen, seconds: traced, lost: output.lost + full + stacks, probes: probesOf(form.program(setting)) }];
  });
  return { done: new Map(done) };
}

/**
 * The programs of several traces as one, that ends itself: it prints the small maps first and the stacks last, so that a tool that is
 * killed while it names frames has given the rest. `length` is how long it runs, as an interval has it: `s:8`.
 */
export function programOf(
  jobs: readonly { id: string; form: Pick<BpfJob['form'], 'program' | 'scratch' | 'stackMaps'>; setting: Setting }[],
  length: string,
): string {
  const programs = jobs.map(({ form, setting }) => form.program(setting).trim());
  const scratch = jobs.flatMap(({ form }) => form.scratch ?? []);
  const stacks = jobs.flatMap(({ form }) => form.stackMaps ?? []);
  const used = [...new Set(programs.flatMap((program) => [...program.matchAll(/@(\w+)/g)].map(([, name]) => `@${name}`)))];
  const cleared = scratch.filter((name) => used.includes(name));
  const last = stacks.filter((name) => used.includes(name));
  const first = used.filter((name) => !scratch.includes(name) && !stacks.includes(name));
  const end = [
    ...cleared.map((name) => `clear(${name});`),
    ...first.map((name) => `print(${name}); clear(${name});`),
    `printf("${PRINTED}\\n");`,
    ...last.map((name) => `print(${name}, ${MOST_STACKS}); clear(${name});`),
  ];
  return `${programs.join('\n')}\ninterval:${length} { exit(); }\nEND { ${end.join(' ')} }\n`;
}

const prefix = (id: string): string => `${id.replaceAll('-', '_')}_`;

/** The probes that a program names, as the report lists them. */
const probesOf = (program: string): string[] => [
  ...new Set(
    [...program.matchAll(/^\s*((?:tracepoint|software|hardware|kprobe|kretprobe|kfunc|kretfunc|usdt):[^\s{/]+)/gm)].map(
      ([, probe]) => probe ?? '',
    ),
  ),
];

/** What bpftrace said, in one line: its first error that is not the harmless one about RLIMIT_MEMLOCK. */
function complaint(stderr: string, status: number | null): string {
  const lines = stderr
    .split('\n')
    .filter((line) => /error|fail|cannot|could not|invalid|unknown/i.test(line) && !line.includes('RLIMIT_MEMLOCK'));
  const said = (lines[0] ?? stderr.split('\n').find((line) => line.trim() !== '') ?? '')
    .replace(/^(stdin|.{0,40}):\d+:[\d-]+: /, '')
    .trim();
  return `bpftrace ${status === null ? 'was ended' : `ended with status ${status}`}${said === '' ? '' : `: ${said.slice(0, 200)}`}`;
}

/** Stacks that found no room in the kernel's table of stacks. */
const lostStacks = (stderr: string): number => stderr.split('failed to look up stack id').length - 1;
