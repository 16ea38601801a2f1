import type { Bucket, Stack } from './trace.js';

/** One entry of a map: its key as bpftrace prints it, parts joined by commas; empty for a map without keys. */
export interface MapEntry {
  readonly key: string;
  readonly value: number;
}

/** What bpftrace printed with `-f json`. Names of maps are without the `@`. */
export interface BpfOutput {
  /** How many probes were attached; null when it did not come so far. */
  readonly attached: number | null;
  readonly maps: ReadonlyMap<string, readonly MapEntry[]>;
  /** Histograms by map and key; the key is empty for a map without keys. */
  readonly histograms: ReadonlyMap<string, ReadonlyMap<string, readonly Bucket[]>>;
  /** What printf() wrote, a line each. */
  readonly printed: readonly string[];
  /** Events that bpftrace said it lost. */
  readonly lost: number;
}

const MOST_PRINTED = 1000;

/**
 * Reads the output of `bpftrace -f json -B none` (one JSON object a line; blank lines between). A line that is cut, or of no known
 * kind, is passed over: the process may have been killed while it wrote. Never throws.
 */
export function parseBpfOutput(text: string): BpfOutput {
  let attached: number | null = null;
  let lost = 0;
  const maps = new Map<string, MapEntry[]>();
  const histograms = new Map<string, Map<string, Bucket[]>>();
  const printed: string[] = [];
  for (const line of text.split('\n')) {
    const { type, data } = parsed(line);
    if (type === 'attached_probes') attached = numberOf(member(data, 'probes')) ?? attached;
    else if (type === 'lost_events') lost += numberOf(member(data, 'events')) ?? 0;
    else if (type === 'printf' && typeof data === 'string') {
      if (printed.length < MOST_PRINTED) printed.push(data.replace(/\n$/, ''));
    } else if (type === 'map' || type === 'stats') for (const [name, value] of members(data)) first(maps, name, entriesOf(value));
    else if (type === 'hist' || type === 'lhist') for (const [name, value] of members(data)) first(histograms, name, histogramsOf(value));
  }
  return { attached, maps, histograms, printed, lost };
}

/**
 * Parts a key: the first `numeric` parts are numbers, the rest is text, commas and all (a process may be called `a,b`).
 * Null when a numeric part is none.
 */
export function splitKey(key: string, numeric: number): { numbers: number[]; rest: string } | null {
  const numbers: number[] = [];
  let at = 0;
  for (let part = 0; part < numeric; part += 1) {
    const comma = key.indexOf(',', at);
    const end = comma < 0 ? key.length : comma;
    const word = key.slice(at, end).trim();
    if (!/^-?\d{1,20}$/.test(word)) return null;
    numbers.push(Number(word));
    at = comma < 0 ? key.length : comma + 1;
  }
  return { numbers, rest: key.slice(at) };
}

/** The entries of a map whose keys are `pid, comm`. */
export function byProcess(output: BpfOutput, name: string): Map<string, { pid: number; comm: string; value: number }> {
  const found = new Map<string, { pid: number; comm: string; value: number }>();
  for (const { key, value } of output.maps.get(name) ?? []) {
    const parts = splitKey(key, 1);
    if (parts) found.set(key, { pid: parts.numbers[0] ?? 0, comm: parts.rest, value });
  }
  return found;
}

/**
 * The stacks of a map whose keys are `ustack, comm` or `kstack, comm` (or a stack alone): bpftrace prints a stack as lines, the innermost
 * frame first, each indented, and ends it with a newline, which 0.23 escapes twice. `scale`: how many events an entry's unit stands for.
 */
export function foldedStacks(output: BpfOutput, name: string, scale = 1): Stack[] {
  return (output.maps.get(name) ?? []).flatMap(({ key: printed, value }) => {
    const key = printed.includes('\n') ? printed : printed.replaceAll('\\n', '\n');
    const end = key.lastIndexOf('\n');
    const frames = key
      .slice(0, Math.max(end, 0))
      .split('\n')
      .map((frame) => frame.trim())
      .filter((frame) => frame !== '');
    const comm = key.slice(end + 1).replace(/^,/, '');
    const stack = [comm, ...frames.toReversed()].map(plainFrame).filter((frame) => frame !== '');
    return stack.length === 0 ? [] : [{ stack: stack.join(';'), count: value * scale }];
  });
}

/** A frame as folded stacks can hold it: one line, no semicolon, no offset (stacks that differ by an offset alone are one). */
export const plainFrame = (frame: string): string =>
  frame
    .replaceAll(/\p{Cc}+/gu, ' ')
    .replaceAll(';', ':')
    .replace(/\+(0x[0-9a-f]+|\d+)$/, '')
    .trim()
    .slice(0, 200);

/** A map without keys that was cleared is printed again at the end, as 0: what was printed first counts. */
function first<Value>(maps: Map<string, Value>, name: string, value: Value): void {
  const plain = name.replace(/^@/, '');
  if (!maps.has(plain)) maps.set(plain, value);
}

function parsed(line: string): { type?: unknown; data?: unknown } {
  if (!line.startsWith('{')) return {};
  try {
    return JSON.parse(line) as { type?: unknown; data?: unknown };
  } catch {
    return {};
  }
}

const member = (data: unknown, name: string): unknown => members(data).find(([key]) => key === name)?.[1];
const members = (data: unknown): [string, unknown][] =>
  typeof data === 'object' && data !== null && !Array.isArray(data) ? Object.entries(data) : [];
const numberOf = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);

/** A map without keys is a bare number; one of stats holds count, average and total: the total is taken. */
function entriesOf(value: unknown): MapEntry[] {
  const bare = numberOf(value);
  if (bare !== null) return [{ key: '', value: bare }];
  return members(value).flatMap(([key, entry]) => {
    const found = numberOf(entry) ?? numberOf(member(entry, 'total'));
    return found === null ? [] : [{ key, value: found }];
  });
}

function histogramsOf(value: unknown): Map<string, Bucket[]> {
  if (Array.isArray(value)) return new Map([['', bucketsOf(value)]]);
  return new Map(members(value).map(([key, entry]) => [key, bucketsOf(entry)]));
}

/** The first bucket may have no lower bound (values below 0 or 0 itself), the last no upper one. */
function bucketsOf(value: unknown): Bucket[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry): Bucket[] => {
    const counted = numberOf(member(entry, 'count'));
    if (counted === null) return [];
    const min = numberOf(member(entry, 'min'));
    const max = numberOf(member(entry, 'max'));
    return [{ min: min ?? Math.min(0, max ?? 0), max: max ?? Math.max(min ?? 0, 0), count: counted }];
  });
}
