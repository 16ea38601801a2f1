import type { Evidence } from '../evidence.js';
import { machineOf } from '../machine.js';
import { looksBinary } from '../text-input.js';
import { timeOfLine } from '../texts/date-line.js';
import { expand, readable, readOne, type Tree } from '../tree.js';
import { keepLog } from '../trees/log-keeper.js';
import { memoryTree } from '../trees/memory.js';
import { overlay } from '../trees/overlay.js';
import { evidenceFromTexts, type NamedText } from '../trees/text.js';
import type { Layout } from './layout.js';

const LOG = 'kernel-log.txt';
/** Of one text, and of all of them. */
const TEXT_BYTES = 8_388_608;
const ALL_TEXT_BYTES = 33_554_432;
const SMALL = 65_536;
/** Files of the kernel that tools tell of as a series, or that tell the size of a page: what is made of tools joins them. */
const JOINED = ['proc/version', 'proc/zoneinfo', 'proc/meminfo', 'proc/vmstat'];
/** What a log says that is worth more than being the better log. */
const TELLING = /\binvoked oom-killer\b|\bOut of memory\b|\bpage allocation failure\b|\bMemory cgroup out of memory\b|\boom-kill:/i;

/** Reads the evidence that lies below the top of a tree in a known layout. `dirname` is the name of that directory, if it has one. */
export async function readLayout(tree: Tree, layout: Layout, dirname: string): Promise<Evidence> {
  const moved = await movedOf(tree, layout);
  const { texts, logs } = await textsOf(tree, layout);
  const made = madeOf(texts);
  const log = await bestLog(tree, layout, logs);
  const last = made.samples.length - 1;
  const own = overlay([
    memoryTree(new Map(log === null ? [] : [[LOG, { body: log }]])),
    { ...tree, ...movedTree(tree, moved) },
    ...made.samples.slice(-1).map((sample) => sample.tree),
  ]);
  const { pageSize } = made.subject;
  const [hostname, etcHostname, release, version, machine] = (
    await own.read(['proc/sys/kernel/hostname', 'etc/hostname', 'proc/sys/kernel/osrelease', 'proc/version', 'proc/sys/kernel/arch'])
  ).map((result) => (readable(result) && result.text.trim() !== '' ? result.text.trim() : null));
  // "Linux version 6.1.0-56-amd64 (…"
  const kernel = release ?? version?.split(/\s+/)[2] ?? made.subject.kernel;
  const time = (await dateOf(tree, layout)) ?? made.samples[last]?.time ?? timeOfName(dirname);
  return {
    subject: {
      hostname: hostname ?? etcHostname ?? made.subject.hostname,
      kernel,
      arch: machine ?? made.subject.arch ?? machineOf(kernel),
      origin: layout.origin,
      pageSize,
      clockTicks: 100,
    },
    samples: made.samples.map((sample, index) => {
      const { sources: _, ...rest } = sample;
      return index === last ? { ...rest, time: sample.time ?? time, tree: own } : rest;
    }),
    notes: [],
    ...(texts.some(({ name }) => !JOINED.includes(name)) ? { texts: made.texts } : {}),
  };
}

/** Machines whose kernels have pages of 4 KiB only: there nothing is concluded from numbers that do not fit. */
const ONE_PAGE_SIZE = /^(?:x86_64|i[3-6]86|s390x?|armv\w{1,4}|riscv64)$/;

function madeOf(texts: readonly NamedText[]): ReturnType<typeof evidenceFromTexts> {
  const made = evidenceFromTexts(texts, undefined, false);
  const { arch, kernel, pageSize } = made.subject;
  return pageSize !== 4096 && ONE_PAGE_SIZE.test(arch ?? machineOf(kernel) ?? '') ? evidenceFromTexts(texts, 4096, false) : made;
}

/** Which files are read in another place than their own. */
async function movedOf(tree: Tree, { places }: Layout): Promise<Map<string, string>> {
  const moved = new Map<string, string>();
  for (const [path, others] of Object.entries(places)) {
    if (await isText(tree, path)) continue;
    for (const other of others) if (!moved.has(path) && (await isText(tree, other))) moved.set(path, other);
  }
  return moved;
}

const isText = async (tree: Tree, path: string): Promise<boolean> => {
  const result = await readOne(tree, path, { maxBytes: SMALL });
  return readable(result) && result.text.trim() !== '';
};

const movedTree = (tree: Tree, moved: ReadonlyMap<string, string>): Pick<Tree, 'read'> => ({
  read: async (paths, limits) => {
    const results = await tree.read(
      paths.map((path) => moved.get(path) ?? path),
      limits,
    );
    return results.map((result, index) => ({ ...result, path: paths[index] ?? result.path }));
  },
});

interface Log {
  readonly path: string;
  readonly text: string;
}

/** The outputs of tools, and the logs that are in them. */
async function textsOf(tree: Tree, layout: Layout): Promise<{ texts: NamedText[]; logs: Log[] }> {
  const texts: NamedText[] = [];
  const logs: Log[] = [];
  let left = ALL_TEXT_BYTES;
  async function add(name: string): Promise<boolean> {
    const result = await readOne(tree, name, { maxBytes: Math.min(TEXT_BYTES, left), deadlineMs: 10_000 });
    if (!readable(result) || result.text.trim() === '' || looksBinary(Buffer.from(result.text.slice(0, 4096)))) return false;
    if (UNPACKED_LINK.test(result.text)) return false;
    left -= result.bytes;
    const { text, logs: inside } = layout.takeLogs?.(result.text) ?? { text: result.text, logs: [] };
    logs.push(...inside);
    texts.push({ name, text });
    return true;
  }
  // first: of what tells the same, a later text outranks it
  const sar = await latestSar(tree, layout);
  if (sar !== null) await add(sar);
  for (const names of layout.texts)
    for (const pattern of names) {
      let isThere = false;
      for (const name of await expand(tree, [pattern])) if (left > 0 && !NOT_LOOSE.has(name) && (await add(name))) isThere = true;
      if (isThere) break;
    }
  // without outputs of tools they are needed for the size of a page only
  for (const name of JOINED) await add(name);
  return { texts, logs };
}

const NOT_LOOSE = new Set([LOG, 'statfs.txt', 'manifest.json']);

/** What is left of a link where there are none. */
const UNPACKED_LINK = /^\s{0,4}(?:\.{1,2}\/){0,8}sos_commands\/[^\s]{1,200}\s{0,4}$/;

/** The day of `Linux 5.4.0 (host)  11/23/26  …`, of `2026-11-23`, as a number that grows; null without one. */
function dayOf(text: string): number | null {
  const head =
    text
      .slice(0, 400)
      .split('\n')
      .find((line) => line.startsWith('Linux ')) ?? '';
  const iso = /\b(\d{4})-(\d\d)-(\d\d)\b/.exec(head);
  if (iso) return Number(`${iso[1]}${iso[2]}${iso[3]}`);
  const [, month, day, year] = /\b(\d\d)[/.](\d\d)[/.]((?:\d\d)?\d\d)\b/.exec(head) ?? [];
  return year === undefined ? null : Number(`${year.padStart(4, '20')}${month}${day}`);
}

async function latestSar(tree: Tree, { sar }: Layout): Promise<string | null> {
  let best: { name: string; day: number } | null = null;
  for (const name of await expand(tree, sar ?? [])) {
    const result = await readOne(tree, name, { maxBytes: SMALL });
    const day = readable(result) ? dayOf(result.text) : null;
    if (day !== null && (best === null || day >= best.day)) best = { name, day };
  }
  return best?.name ?? null;
}

/** The first log of the layout that tells of trouble; the first one when none does; null when there is none. */
async function bestLog(tree: Tree, layout: Layout, inside: readonly Log[]): Promise<Buffer | null> {
  const [ready] = await tree.list('').then((names) => names.filter((name) => name === LOG));
  if (ready !== undefined) return null;
  let first: Buffer | null = null;
  const consider = (body: Buffer): Buffer | null => {
    if (body.toString('latin1', 0, SMALL).trim() === '' || looksBinary(body.subarray(0, 4096))) return null;
    first ??= body;
    return TELLING.test(body.toString('latin1')) ? body : null;
  };
  for (const path of layout.takeLogs ? [] : await expand(tree, layout.logs)) {
    const body = await logOf(tree, path);
    const telling = body && consider(body);
    if (telling) return telling;
  }
  const taken = layout.takeLogs ? [...inside, ...(await logsIn(tree, layout))] : [];
  for (const { text } of taken) {
    const telling = consider(Buffer.from(text));
    if (telling) return telling;
  }
  return first;
}

async function logsIn(tree: Tree, layout: Layout): Promise<Log[]> {
  const logs: Log[] = [];
  for (const path of await expand(tree, layout.logs)) {
    const body = await logOf(tree, path);
    if (body) logs.push(...(layout.takeLogs?.(body.toString('utf8')).logs ?? []));
  }
  return logs;
}

async function logOf(tree: Tree, path: string): Promise<Buffer | null> {
  const opened = await tree.open?.(path);
  if (opened) return keepLog(opened);
  const result = await readOne(tree, path, { maxBytes: TEXT_BYTES, deadlineMs: 10_000 });
  return readable(result) ? Buffer.from(result.text) : null;
}

/** Seconds since the epoch, from the first file that tells. */
async function dateOf(tree: Tree, { dates }: Layout): Promise<number | null> {
  for (const path of await expand(tree, dates)) {
    const result = await readOne(tree, path, { maxBytes: SMALL });
    if (!readable(result)) continue;
    const universal = /Universal time: \w{3} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC/.exec(result.text)?.[1];
    if (universal !== undefined) return timeOfLine(universal);
    for (const line of result.text.split('\n', 200)) {
      const time = timeOfLine(line.trim(), 'date');
      if (time !== null) return time;
    }
  }
  return null;
}

/** `sosreport-host-20240730102211`, `scc_host_240730_1022`: the local time, taken for UTC. */
function timeOfName(name: string): number | null {
  const [, date, clock] = /[-_](20\d{6})[-_]?(\d{6})?(?!\d)/.exec(name) ?? /_(\d{6})_(\d{4})(?!\d)/.exec(name) ?? [];
  if (date === undefined || clock === undefined) return null;
  const [, year, month, day] = /^((?:20)?\d\d)(\d\d)(\d\d)$/.exec(date) ?? [];
  return timeOfLine(`${year?.padStart(4, '20')}-${month}-${day} ${clock.slice(0, 2)}:${clock.slice(2, 4)}:${clock.slice(4) || '00'}`);
}
