import type { LogLine } from './prefix.js';

type Fields = Readonly<Record<string, unknown>>;

/** A record of the journal by its fields; null when it has no message. */
export function ofJournal(fields: Fields): LogLine | null {
  const text = textOf(fields['MESSAGE']);
  if (text === null) return null;
  const micros = numberOf(fields['_SOURCE_MONOTONIC_TIMESTAMP']) ?? numberOf(fields['__MONOTONIC_TIMESTAMP']);
  const wall = wallOf(numberOf(fields['__REALTIME_TIMESTAMP']) ?? numberOf(fields['_SOURCE_REALTIME_TIMESTAMP']));
  const name = textOf(fields['SYSLOG_IDENTIFIER']) ?? textOf(fields['_COMM']);
  const program = fields['_TRANSPORT'] === 'kernel' || name === 'kernel' ? null : name;
  return { time: micros === null ? null : micros / 1e6, ...(wall === null ? {} : { wallTime: wall }), program, text, style: 'journal' };
}

/** A record of `journalctl -o json` or of a container's log; null when the line is none. */
export function ofJson(line: string): LogLine | null {
  const fields = parsed(line);
  if (fields === null) return null;
  if ('MESSAGE' in fields) return ofJournal(fields);
  const text = textOf(fields['log']);
  if (text === null) return null;
  const wall = textOf(fields['time']);
  return { time: null, ...(wall === null || !ISO.test(wall) ? {} : { wallTime: wall }), program: null, text, style: 'plain' };
}

/** True for a line that may be such a record. `json-seq` puts RS before it, `json-sse` a word. */
export const looksJson = (line: string): boolean => line.startsWith('{"') || line.startsWith('{ "') || line.startsWith('data: {');

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

function parsed(line: string): Fields | null {
  try {
    const value: unknown = JSON.parse(line.slice(line.indexOf('{')));
    return typeof value === 'object' && value !== null ? (value as Fields) : null;
  } catch {
    return null;
  }
}

/** A field may be text, or bytes when it is not UTF-8 or holds control characters; of several values the first counts. */
function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return null;
  const bytes = value.filter((item): item is number => typeof item === 'number');
  return bytes.length === value.length ? Buffer.from(bytes).toString('utf8') : textOf(value[0]);
}

function numberOf(value: unknown): number | null {
  const digits = textOf(value);
  return digits !== null && /^\d{1,16}$/.test(digits) ? Number(digits) : null;
}

function wallOf(micros: number | null): string | null {
  // beyond it Date has no value
  if (micros === null || micros > 8.64e15) return null;
  return `${new Date(Math.floor(micros / 1e6) * 1000).toISOString().slice(0, 19)}.${String(micros % 1e6).padStart(6, '0')}Z`;
}

/** The fields of `journalctl -o export` that matter: a record is a run of such lines, up to a blank one. */
const FIELD = /^([A-Z_][A-Z0-9_]{0,63})=(.*)$/;
const WANTED = new Set([
  'MESSAGE',
  'SYSLOG_IDENTIFIER',
  '_COMM',
  '_TRANSPORT',
  '__REALTIME_TIMESTAMP',
  '_SOURCE_REALTIME_TIMESTAMP',
  '__MONOTONIC_TIMESTAMP',
  '_SOURCE_MONOTONIC_TIMESTAMP',
]);

/** Puts the lines of an export together. */
export interface ExportReader {
  /** True while a record is open: its lines are to come here. */
  readonly open: () => boolean;
  /** Takes a line as it is in the file, one character a byte; gives the record that it ends. */
  readonly take: (line: string) => LogLine | null;
  /** The record that the end of the text ends. */
  readonly end: () => LogLine | null;
}

/** True for the first line of a record: journalctl writes the addresses first. */
export const opensExport = (line: string): boolean => /^__(?:CURSOR|REALTIME_TIMESTAMP|SEQNUM)=/.test(line);

/** Starts without a record. `decode` makes text of a line as it is in the file. */
export function exportReader(decode: (line: string) => string): ExportReader {
  let fields: Record<string, unknown> | null = null;
  /** A field of bytes: its name, and after the line of the name the length that its first 8 bytes tell. */
  let binary: { name: string; bytes: string; size: number | null } | null = null;

  function end(): LogLine | null {
    const record = fields === null ? null : ofJournal(fields);
    fields = null;
    binary = null;
    return record;
  }
  function takeBinary(line: string): void {
    if (binary === null) return;
    const bytes = binary.bytes === '' && binary.size === null ? line : `${binary.bytes}\n${line}`;
    // 64 bit, little endian; a length may hold the byte of a line break itself
    binary = { ...binary, bytes, size: bytes.length >= 8 ? lengthOf(bytes) : -1 };
    if (bytes.length < 8 || bytes.length < 8 + (binary.size ?? 0)) return;
    put(binary.name, decode(bytes.slice(8, 8 + (binary.size ?? 0))));
    binary = null;
  }
  function put(name: string, value: string): void {
    if (fields !== null && WANTED.has(name) && !Object.hasOwn(fields, name)) fields[name] = value;
  }
  return {
    open: () => fields !== null,
    end,
    take: (line) => {
      fields ??= {};
      if (binary !== null) {
        takeBinary(line);
        // a length that is wrong, or bytes that are no such field: the record is given up
        if (binary !== null && (binary as { bytes: string }).bytes.length > 65_536) binary = null;
        return null;
      }
      if (line === '') return end();
      const field = FIELD.exec(line);
      if (field) put(field[1] ?? '', decode(field[2] ?? ''));
      else if (/^[A-Z_][A-Z0-9_]{0,63}$/.test(line)) binary = { name: line, bytes: '', size: null };
      return null;
    },
  };
}

const lengthOf = (bytes: string): number => {
  let size = 0;
  for (let at = 7; at >= 0; at -= 1) size = size * 256 + (bytes.charCodeAt(at) & 255);
  return size;
};
