import { cleanText } from './clean.js';
import { timeOfLine } from './date-line.js';
import type { TextHost, TextKind, TextSample } from './kind.js';
import { kinds } from './kinds/index.js';

/** Lines that belong together, and what they say. */
export interface TextBlock {
  /** The name of the text that it is in. */
  readonly name: string;
  /** The id of its kind. */
  readonly kind: string;
  readonly title: string;
  readonly origin: TextKind['origin'];
  /** From 1. */
  readonly firstLine: number;
  readonly lastLine: number;
  /** The date that a line before it says, in seconds since the epoch. */
  readonly date: number | null;
  readonly samples: readonly TextSample[];
}

/** Lines that nothing recognised, one after the other. */
export interface UnknownLines {
  readonly name: string;
  readonly line: number;
  readonly lastLine: number;
  /** The first of them. */
  readonly text: string;
}

/** What a text tells of the host by the way: a prompt, a banner. */
export interface ToldHost {
  readonly hostname?: string;
  readonly kernel?: string;
  readonly arch?: string;
}

export interface Recognised {
  readonly blocks: readonly TextBlock[];
  readonly unrecognised: readonly UnknownLines[];
  readonly host: ToldHost;
}

const ID_ORDER: readonly (readonly [string, TextKind])[] = Object.entries(kinds).filter(([id]) => id !== 'told-file');
const TOLD_FILE = kinds['told-file'];
/** The first line of sar, iostat, …: `Linux 5.4.0 (host)   11/23/26   _x86_64_   (4 CPU)`. */
const BANNER = /^Linux (\d\S{1,100}) \(([\w.-]{1,253})\)\s+\S.{0,60}?(?:\s_(\w{1,20})_)?(?:\s+\(\d{1,5} CPU\))?$/;
/** Of a line that was not recognised so much is kept. */
const TEXT_KEPT = 200;

/** Finds the blocks of all kinds in a text, in their order; linear in its length, and nothing makes it throw. */
export function recogniseText(text: string, name: string, host: TextHost): Recognised {
  const blocks: TextBlock[] = [];
  const unrecognised: UnknownLines[] = [];
  const about: { hostname?: string; kernel?: string; arch?: string } = {};
  let date: number | null = null;
  for (const segment of cleanText(text)) {
    if (segment.host !== null) about.hostname ??= segment.host;
    const told = segment.path ?? segment.command ?? pathIn(name) ?? name;
    let hinted: ReadonlySet<TextKind> | undefined;
    for (let at = 0; at < segment.lines.length;) {
      const line = segment.lines[at] ?? '';
      const banner = line.startsWith('Linux ') ? BANNER.exec(line) : null;
      if (banner) {
        about.kernel ??= banner[1] ?? '';
        about.hostname = banner[2] ?? '';
        if (banner[3] !== undefined) about.arch ??= banner[3];
      }
      const time = timeOfLine(line, told);
      const found = line === '' || time !== null ? null : best(segment.lines, at, told, (hinted ??= hintedBy(told, name)));
      if (found === null) {
        if (time !== null) date = time;
        else if (line !== '' && !banner) addUnknown(unrecognised, name, segment.numbers[at] ?? 0, line);
        at += 1;
        continue;
      }
      const { id, kind, length } = found;
      const samples = kind.read(segment.lines.slice(at, at + length), { ...host, told });
      blocks.push({
        name,
        kind: id,
        title: id === 'told-file' ? `/${[...(samples[0]?.files.keys() ?? [])].join(', /')}` : kind.title,
        origin: kind.origin,
        firstLine: segment.numbers[at] ?? 0,
        lastLine: segment.numbers[at + length - 1] ?? 0,
        date,
        samples,
      });
      at += length;
    }
  }
  return { blocks, unrecognised, host: about };
}

/** The path of a file of the kernel, when a text is named by it: `case-1/proc/sys/vm/swappiness`. */
function pathIn(name: string): string | null {
  const path = /(?:^|\/)((?:proc|sys\/(?:kernel|fs|devices|module|class|block)|etc)\/[^\s]{1,300})$/.exec(name)?.[1];
  return path?.replace(/\.txt$/, '') ?? null;
}

/** The kinds that a path, a command or a name speaks of. */
function hintedBy(told: string, name: string): Set<TextKind> {
  const names = [told, told.slice(told.lastIndexOf('/') + 1), name.slice(name.lastIndexOf('/') + 1)];
  return new Set(Object.values(kinds).filter(({ hint }) => hint !== undefined && names.some((word) => hint.test(word))));
}

/** The kind of which most lines from here on are; of two that claim as many, the one whose name was told, else the kernel's. */
function best(
  lines: readonly string[],
  at: number,
  told: string,
  hinted: ReadonlySet<TextKind>,
): { id: string; kind: TextKind; length: number } | null {
  let found: { id: string; kind: TextKind; length: number } | null = null;
  let rank = 0;
  for (const [id, kind] of ID_ORDER) {
    const length = Math.min(kind.span(lines, at, hinted.has(kind), told), lines.length - at);
    const own = length <= 0 ? 0 : length + (hinted.has(kind) ? 0.5 : 0) + (kind.origin === 'kernel' ? 0.25 : 0);
    if (own > rank) {
      rank = own;
      found = { id, kind, length };
    }
  }
  if (found !== null || TOLD_FILE === undefined) return found;
  const length = TOLD_FILE.span(lines, at, true, told);
  return length > 0 ? { id: 'told-file', kind: TOLD_FILE, length } : null;
}

function addUnknown(list: UnknownLines[], name: string, line: number, text: string): void {
  const last = list.at(-1);
  if (last && last.name === name && line <= last.lastLine + 1) list[list.length - 1] = { ...last, lastLine: line };
  else list.push({ name, line, lastLine: line, text: text.slice(0, TEXT_KEPT) });
}
