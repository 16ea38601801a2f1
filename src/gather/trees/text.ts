import type { Evidence, EvidenceSample } from '../evidence.js';
import { readLog } from '../kernel-log/read.js';
import { recordLines } from '../kernel-log/json-records.js';
import { machineOf } from '../machine.js';
import type { TextsRead } from '../snapshot.js';
import { PAGE_SIZE_FILE } from '../texts/kinds/page-size.js';
import { oldestFirst } from '../texts/made/oldest-first.js';
import { RAM_FILE } from '../texts/made/ram-share.js';
import { COURSE_FILE, courseOf } from '../texts/course.js';
import { merge, type Merged } from '../texts/merge.js';
import { recogniseText, type TextBlock, type ToldHost, type UnknownLines } from '../texts/recognise.js';
import { timelineOf } from '../texts/timeline.js';
import { memoryTree } from './memory.js';
import type { Tree } from '../tree.js';

export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** So much is said of what was read. */
const [MOST_BLOCKS, MOST_UNKNOWN] = [500, 200];
/** So much of a log is searched for what it tells of the host. */
const LOG_READ = 4_194_304;
const PIECE = 262_144;
const PAGE_SIZES = [4096, 8192, 16_384, 65_536];

/**
 * Evidence from texts that people paste: files of the kernel, what tools printed, logs. `pageSize` where something else tells
 * it; `estimates`: RAM may be worked out from the shares of processes, as the files of the kernel are not at hand. A text in which
 * nothing is recognised is no error here: `texts` says what was found.
 */
export function evidenceFromTexts(
  given: readonly NamedText[],
  pageSize?: number,
  estimates = true,
): Evidence & { readonly texts: TextsRead } {
  const texts = given.map(({ name, text }) => ({ name, text: recordLines(text) ?? text }));
  const read = (size: number, ram?: number) =>
    texts.map(({ name, text }) => recogniseText(text, name, { pageSize: size, ...(ram === undefined ? {} : { ram }) }));
  let found = read(pageSize ?? 4096);
  let size = pageSize ?? 4096;
  const first = merge(timelineOf(found.flatMap(({ blocks }) => blocks)));
  const told = pageSize ?? pageSizeOf(first);
  // rows of ps without a size may tell their share of RAM
  const sizeless = found.some(({ blocks }) => blocks.some(({ kind, samples }) => kind === 'ps' && samples.length === 0));
  const ram = sizeless ? ramOf(first) : undefined;
  if ((told !== null && told !== size) || ram !== undefined) {
    size = told ?? size;
    found = read(size, ram);
  }
  const blocks = found.flatMap((part) => part.blocks);
  const timeline = timelineOf(blocks);
  const whole = withWholeLog(merge(timeline), blocks, texts);
  const merged = withCourse(estimates ? withRam(whole) : whole, blocks);
  const [start = 0] = timeline.moments;
  const logOnly = blocks.every(({ kind, samples: [sample] }) => kind === 'kernel-log' && (sample?.files.size ?? 0) <= 1);
  const samples = timeline.moments.map((moment, index): EvidenceSample => {
    const time = timeline.epoch === null ? null : timeline.epoch + moment;
    const tree = treeOf(merged.files[index] ?? new Map<string, string>());
    return { time, monotonic: moment - start, tree, ...(logOnly ? { sources: ['kernel-log'] } : {}) };
  });
  return {
    subject: {
      ...hostOf(
        merged,
        found.map(({ host }) => host),
      ),
      origin: 'text',
      pageSize: size,
      clockTicks: 100,
    },
    samples,
    notes: [],
    texts: {
      recognised: blocks.slice(0, MOST_BLOCKS).map((block) => tellOf(block, merged.used.has(block))),
      unrecognised: found
        .flatMap((part) => part.unrecognised)
        .slice(0, MOST_UNKNOWN)
        .map(unknownOf),
    },
  };
}

/**
 * The reader of logs joins what was broken and passes over what is none: of one text it gets every line that no other kind has
 * claimed, so that the rest of a wrapped line is not lost.
 */
function withWholeLog(merged: Merged, blocks: readonly TextBlock[], texts: readonly NamedText[]): Merged {
  const [only] = texts;
  if (only === undefined || texts.length > 1 || !blocks.some(({ kind }) => kind === 'kernel-log')) return merged;
  const lines = only.text.split('\n');
  for (const { kind, firstLine, lastLine } of blocks) if (kind !== 'kernel-log') lines.fill('', Math.max(0, firstLine - 1), lastLine);
  return { ...merged, files: withLast(merged, 'kernel-log.txt', oldestFirst(lines).join('\n')) };
}

/** The files, with one more in the last moment. */
const withLast = ({ files }: Merged, path: string, text: string): Merged['files'] =>
  files.map((part, index) => (index === files.length - 1 ? new Map([...part, [path, text]]) : part));

/** Readings without a clock make no samples: the last counts, and what they tell together goes beside it. */
function withCourse(merged: Merged, blocks: readonly TextBlock[]): Merged {
  const course = courseOf(blocks);
  if (course === null) return merged;
  return { files: withLast(merged, COURSE_FILE, course.text), used: new Set([...merged.used, ...course.blocks]) };
}

/** MemTotal by the shares of the processes, where no text tells it: within some per cent. */
function withRam(merged: Merged): Merged {
  const ram = told(merged.files, 'proc/meminfo', /^MemTotal:\s/m) === undefined ? ramOf(merged) : undefined;
  if (ram === undefined) return merged;
  const line = `MemTotal: ${Math.round(ram / 1024)} kB\n`;
  return { ...merged, files: merged.files.map((files) => new Map([...files, ['proc/meminfo', line + (files.get('proc/meminfo') ?? '')]])) };
}

/** The last text at a path that a pattern is found in. */
const told = (files: readonly ReadonlyMap<string, string>[], path: string, pattern: RegExp): string | undefined =>
  files.findLast((part) => pattern.test(part.get(path) ?? ''))?.get(path);

function treeOf(files: ReadonlyMap<string, string>): Tree {
  const held = new Map([...withMarks(files)].map(([path, text]) => [path, { body: Buffer.from(text) }]));
  return {
    ...memoryTree(held),
    // a log may be longer than what is read at once
    open: (path) => Promise.resolve(held.has(path) ? pieces(held.get(path)?.body) : null),
  };
}

async function* pieces(body: Uint8Array = new Uint8Array()): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += PIECE) yield await Promise.resolve(body.subarray(at, at + PIECE));
}

/** The directories of cgroups are known by a file that each has, which a pasted path does not show. */
function withMarks(files: ReadonlyMap<string, string>): Map<string, string> {
  const all = new Map(files);
  for (const path of files.keys()) {
    const [, root = '', old = '', rest = ''] = /^(sys\/fs\/cgroup(\/memory)?\/)(.*)$/.exec(path) ?? [];
    if (root === '') continue;
    const parts = rest.split('/').slice(0, -1);
    for (let depth = 0; depth <= parts.length && depth < 20; depth += 1) {
      const mark = `${root}${parts
        .slice(0, depth)
        .map((part) => `${part}/`)
        .join('')}${old === '' ? 'cgroup.procs' : 'memory.stat'}`;
      if (!all.has(mark)) all.set(mark, '');
    }
  }
  return all;
}

function hostOf({ files }: Merged, told: readonly ToldHost[]): { hostname: string | null; kernel: string | null; arch: string | null } {
  const of = (path: string): string | null =>
    files
      .findLast((part) => part.has(path))
      ?.get(path)
      ?.trim() || null;
  const first = (name: keyof ToldHost): string | null => told.map((host) => host[name]).find((value) => value !== undefined) ?? null;
  const kernel =
    of('proc/sys/kernel/osrelease') ??
    of('proc/version')?.split(/\s+/)[2] ??
    first('kernel') ??
    toldByLog(files.at(-1) ?? new Map<string, string>())?.kernel ??
    null;
  return {
    hostname: of('proc/sys/kernel/hostname') ?? of('etc/hostname') ?? first('hostname'),
    kernel,
    arch: of('proc/sys/kernel/arch') ?? first('arch') ?? machineOf(kernel),
  };
}

/** The end of the log, when there is one. */
const toldByLog = (files: ReadonlyMap<string, string>): ReturnType<typeof readLog> | null => {
  const log = files.get('kernel-log.txt');
  return log === undefined ? null : readLog(log.slice(-LOG_READ));
};

/** The size of a page: told, or MemTotal divided by the managed pages of all zones, or MemFree by nr_free_pages; null when nothing tells. */
function pageSizeOf({ files }: Merged): number | null {
  const last = files.at(-1) ?? new Map<string, string>();
  const told = Number(last.get(PAGE_SIZE_FILE) ?? Number.NaN);
  if (PAGE_SIZES.includes(told)) return told;
  const field = (path: string, pattern: RegExp): number => Number(pattern.exec(last.get(path) ?? '')?.[1] ?? Number.NaN);
  const managed = [...(last.get('proc/zoneinfo') ?? '').matchAll(/^\s+managed\s+(\d{1,15})$/gm)].reduce(
    (sum, [, pages]) => sum + Number(pages),
    0,
  );
  return (
    nearPageSize((field('proc/meminfo', /^MemTotal:\s+(\d{1,15}) kB$/m) * 1024) / managed, 1.1) ??
    nearPageSize(
      (field('proc/meminfo', /^MemFree:\s+(\d{1,15}) kB$/m) * 1024) / field('proc/vmstat', /^nr_free_pages (\d{1,15})$/m),
      1.3,
    ) ??
    toldByLog(last)?.reports?.findLast((report) => report.pageSize !== null)?.pageSize ??
    null
  );
}

/** Bytes of RAM; undefined when nothing tells. */
function ramOf({ files }: Merged): number | undefined {
  const kib = /^MemTotal:\s+(\d{1,15}) kB$/m.exec(told(files, 'proc/meminfo', /^MemTotal:\s/m) ?? '')?.[1];
  const shared = told(files, RAM_FILE, /^\d/);
  if (kib !== undefined) return Number(kib) * 1024;
  return shared === undefined ? undefined : Number(shared);
}

/** The page size that a quotient is within a factor of. */
const nearPageSize = (quotient: number, factor: number): number | null =>
  PAGE_SIZES.find((size) => quotient < size * factor && quotient > size / factor) ?? null;

function tellOf(block: TextBlock, used: boolean): TextsRead['recognised'][number] {
  const { name, kind, title, firstLine, lastLine, samples, origin } = block;
  const note =
    samples.length === 0
      ? 'nothing in it can be used'
      : origin === 'tool'
        ? 'the same is told elsewhere, more exactly or later'
        : 'a later one of the same kind was used';
  return { name, kind, title, firstLine, lastLine, used, ...(used ? {} : { note }) };
}

const unknownOf = ({ name, line, lastLine, text }: UnknownLines): TextsRead['unrecognised'][number] => ({ name, line, lastLine, text });
