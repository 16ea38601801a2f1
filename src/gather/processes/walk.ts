import { ParseError, quote } from '../../errors.js';
import { memoryCgroup } from '../cgroup/membership.js';
import { type Failures, failures } from '../failures.js';
import type { Collected, CollectorPlan, HostContext } from '../source.js';
import type { ProcessEntry, Processes } from '../sources/processes.js';
import { readable, type ReadLimits, readOne, type ReadResult, type Tree } from '../tree.js';
import { shownCommand } from './command.js';
import { parseLimits } from './limits.js';
import { memoryOf, parseStatm, parseStatus, type StatusSizes, tellsKinds } from './memory.js';
import { memoryPlaces, parseOpenFiles } from './open-files.js';
import { parseStat, type ProcessStat, statOfStatus } from './stat.js';
import { BLOCKED, type Candidate, PINNERS, tally, type Tally, TOP_PROCESSES, WIDEST } from './tally.js';

const BATCH = 200;
const COMMANDS = 10;
/** So many of the largest are asked for their limits, and so many for their open files. */
const LIMITED = 30;
const OPENERS = 15;
/** Of a process with very many open files. */
const LINKS_LIMITS: ReadLimits = { maxBytes: 2_097_152, deadlineMs: 1000 };
const ROLLUPS = 5;
/** smaps_rollup walks all page tables of a process: seconds for hundreds of GiB. */
const ROLLUP_LIMITS: ReadLimits = { deadlineMs: 1000 };
const SMALL: ReadLimits = { maxBytes: 16_384 };

/** The same walk for the collector script. */
export const PROCESS_READS: CollectorPlan = {
  processes: [
    { file: 'stat', of: 'all' },
    { file: 'status', of: 'all' },
    { file: 'statm', of: 'undivided' },
    { file: 'oom_score_adj', of: 'memory', most: TOP_PROCESSES },
    { file: 'cgroup', of: 'memory', most: TOP_PROCESSES },
    { file: 'limits', of: 'memory', most: LIMITED },
    { file: 'fd.links', of: 'memory', most: OPENERS },
    { file: 'fd.links', of: 'slots', most: WIDEST },
    { file: 'fd.links', of: 'pinned', most: PINNERS },
    { file: 'wchan', of: 'blocked', most: BLOCKED },
    { file: 'smaps_rollup', of: 'memory', most: ROLLUPS, alone: true },
    { file: 'cmdline', of: 'memory', most: COMMANDS, alone: true },
  ],
};

/**
 * Walks all processes in batches and keeps sums and the largest only. One that vanishes between two reads is no error;
 * one that may not be read is left out, and noted. Null when /proc shows no process at all.
 */
export async function walkProcesses(tree: Tree, host: HostContext): Promise<Collected<Processes>> {
  const pids = (await tree.list('proc')).filter((name) => /^\d{1,10}$/.test(name));
  const sum = tally();
  const failed = failures('proc/*');
  let estimated = false;
  for (let at = 0; at < pids.length; at += BATCH)
    if (await readBatch(pids.slice(at, at + BATCH), { tree, host, sum, failed })) estimated = true;
  if (sum.sums.visible === 0) return { data: null, reads: failed.results() };
  const reader = { tree, host, failed };
  const largest = sum.top();
  const more = await kernelSide(largest, sum, reader);
  const top = await describe(largest, reader);
  return {
    data: {
      ...sum.sums,
      states: Object.fromEntries([...sum.states].sort(([a], [b]) => (a < b ? -1 : 1))),
      groups: sum.groups().map((group) => withPss(group, top)),
      top,
      ...more,
      ...(estimated ? { estimated: true as const } : {}),
    },
    reads: failed.results(),
  };
}

interface Reader {
  readonly tree: Tree;
  readonly host: HostContext;
  readonly failed: Failures;
}

/** Adds a batch of processes to the sums; true when the kernel does not tell anonymous memory, so that it had to be estimated. */
async function readBatch(pids: readonly string[], { tree, host, failed, sum }: Reader & { sum: Tally }): Promise<boolean> {
  const found = new Map<string, { stat: ProcessStat; status: StatusSizes }>();
  const reads = await tree.read(
    pids.flatMap((pid) => [`proc/${pid}/stat`, `proc/${pid}/status`]),
    SMALL,
  );
  for (const [index, pid] of pids.entries()) {
    const stat = parsed(reads[2 * index], 'proc/*/stat', failed, parseStat);
    const status = parsed(reads[2 * index + 1], 'proc/*/status', failed, parseStatus);
    // evidence that somebody pasted may have the one and not the other
    const known =
      stat ?? (reads[2 * index]?.status === 'absent' ? parsed(reads[2 * index + 1], 'proc/*/status', failed, statOfStatus) : undefined);
    if (known) found.set(pid, { stat: known, status: status ?? new Map() });
  }
  const undivided = [...found]
    .filter(([, { stat, status }]) => !stat.kernelThread && stat.vsize > 0 && !tellsKinds(status))
    .map(([pid]) => pid);
  const statms = await readEach(undivided, 'statm', (text) => parseStatm(text, host.pageSize), { tree, failed });
  for (const [pid, { stat, status }] of found) sum.add(stat, memoryOf(status, statms.get(pid)));
  return [...statms.keys()].some((pid) => found.get(pid)?.status.has('VmRSS'));
}

/** The rows of the largest processes, with what is read for them alone; what may block comes last. */
async function describe(largest: readonly Candidate[], reader: Reader): Promise<ProcessEntry[]> {
  const pids = largest.map(({ stat }) => String(stat.pid));
  const adjustments = await readEach(pids, 'oom_score_adj', parseAdjustment, reader);
  const cgroups = await readEach(pids, 'cgroup', memoryCgroup, reader);
  const limits = await readEach(pids.slice(0, LIMITED), 'limits', parseLimits, reader);
  const rollups = await readEach(pids.slice(0, ROLLUPS), 'smaps_rollup', parsePss, reader, ROLLUP_LIMITS);
  const commands = await readEach(pids.slice(0, COMMANDS), 'cmdline', shownCommand, reader, SMALL);
  return largest.map(({ stat, memory }) => {
    const pid = String(stat.pid);
    const command = commands.get(pid);
    const pss = rollups.get(pid);
    const limited = limits.get(pid);
    const { fdSize: _, ...sizes } = memory;
    return {
      pid: stat.pid,
      name: stat.name,
      state: stat.state,
      startSeconds: stat.startTicks / reader.host.clockTicks,
      threads: stat.threads,
      ...sizes,
      vsize: stat.vsize,
      minflt: stat.minflt,
      majflt: stat.majflt,
      oomScoreAdj: adjustments.get(pid) ?? null,
      cgroup: cgroups.get(pid) ?? null,
      ...(typeof command === 'string' ? { command } : {}),
      ...(typeof pss === 'number' ? { pss } : {}),
      ...(limited === undefined ? {} : { limits: limited }),
    };
  });
}

/** Who may hold memory of the kernel, by open files and pinned pages; and what the tasks wait for that wait uninterruptibly. */
async function kernelSide(
  largest: readonly Candidate[],
  sum: Tally,
  reader: Reader,
): Promise<Pick<Processes, 'holders' | 'fdSlots' | 'blocked' | 'daemons' | 'reclaimers'>> {
  const slots = sum.slots();
  const holders = [...new Map([...sum.holders(), ...largest.slice(0, OPENERS)].map((each) => [each.stat.pid, each])).values()];
  const pids = holders.map(({ stat }) => String(stat.pid));
  const inMemory = memoryPlaces((await readOne(reader.tree, 'proc/self/mountinfo')).text);
  const opened = await readEach(pids, 'fd.links', (text) => parseOpenFiles(text, inMemory), reader, LINKS_LIMITS);
  const waits = await readEach(
    sum.blocked.map(({ pid }) => String(pid)),
    'wchan',
    (text) => text.trim(),
    reader,
  );
  const rows = holders.map(({ stat, memory }) => {
    const files = opened.get(String(stat.pid));
    return {
      pid: stat.pid,
      name: stat.name,
      ...(memory.fdSize === undefined ? {} : { fdSize: memory.fdSize }),
      ...(memory.pinned === undefined ? {} : { pinned: memory.pinned }),
      ...files,
    };
  });
  const busy = await readEach(
    sum.reclaimers.map(({ pid }) => String(pid)),
    'cpu.pct',
    parsePercent,
    reader,
  );
  return {
    daemons: sum.daemons(),
    ...(sum.reclaimers.length === 0
      ? {}
      : {
          reclaimers: sum.reclaimers
            .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.pid - b.pid))
            .map(({ pid, name, state, cpuTicks }) => {
              const cpuPct = busy.get(String(pid));
              return { pid, name, state, cpu: cpuTicks / reader.host.clockTicks, ...(cpuPct === undefined ? {} : { cpuPct }) };
            }),
        }),
    ...(slots === null ? {} : { fdSlots: slots }),
    ...(slots === null && opened.size === 0 ? {} : { holders: rows }),
    ...(sum.blocked.length === 0
      ? {}
      : { blocked: sum.blocked.map(({ pid, name, kernelThread }) => waitOf({ pid, name, kernelThread }, waits.get(String(pid)))) }),
  };
}

/** "0" is what the kernel prints to those who may not know. */
const waitOf = <T extends object>(task: T, wchan: string | undefined): T & { wchan?: string } =>
  wchan !== undefined && /^[A-Za-z_][\w.]{0,80}$/.test(wchan) ? { ...task, wchan } : task;

/** Reads one file of several processes; those that are gone, or may not be read, are missing from the map. */
async function readEach<T>(
  pids: readonly string[],
  file: string,
  parse: (text: string) => T,
  { tree, failed }: Pick<Reader, 'tree' | 'failed'>,
  limits: ReadLimits = SMALL,
): Promise<Map<string, T>> {
  if (pids.length === 0) return new Map();
  const values = new Map<string, T>();
  const reads = await tree.read(
    pids.map((pid) => `proc/${pid}/${file}`),
    limits,
  );
  for (const [index, pid] of pids.entries()) {
    const value = parsed(reads[index], `proc/*/${file}`, failed, parse);
    if (value !== undefined) values.set(pid, value);
  }
  return values;
}

function parsed<T>(read: ReadResult | undefined, pattern: string, failed: Failures, parse: (text: string) => T): T | undefined {
  if (read === undefined) return undefined;
  // a process may have any number of arguments: that its command line was cut is no fault
  failed.note(read.status === 'truncated' && pattern.endsWith('cmdline') ? { ...read, status: 'ok' } : read, pattern);
  // a process that ends during the read leaves an empty text
  if (!readable(read) || read.text === '') return undefined;
  try {
    return parse(read.text);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    failed.garbled(read, pattern, error.message);
    return undefined;
  }
}

const parseAdjustment = (text: string): number | null => (/^-?\d{1,4}$/.test(text.trim()) ? Number(text) : null);

/** @throws ParseError */
function parsePercent(text: string): number {
  const percent = Number(text);
  if (!/^\d{1,6}(?:\.\d{1,3})?\s*$/.test(text)) throw new ParseError(`found ${quote(text)}, expected a percentage`);
  return percent;
}

function parsePss(text: string): number | null {
  const match = /^Pss:\s+(\d{1,15}) kB$/m.exec(text);
  return match ? Number(match[1]) * 1024 : null;
}

/** A group has a Pss when each of its processes has one. */
function withPss<G extends { name: string; count: number }>(group: G, top: readonly ProcessEntry[]): G & { pss?: number } {
  const known = top.filter(({ name, pss }) => name === group.name && pss !== undefined);
  return known.length === group.count ? { ...group, pss: known.reduce((sum, { pss }) => sum + (pss ?? 0), 0) } : group;
}
