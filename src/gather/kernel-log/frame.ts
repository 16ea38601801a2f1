import { cleanLine, withoutHex, withoutOctal } from './clean.js';
import { exportReader, looksJson, ofJson, opensExport } from './journal.js';
import { type LogLine, takePrefix } from './prefix.js';
import { endsThere, isBroken, memberOf, several, unquoted } from './transfer.js';
import { begins, columnsOf, completes, glue, overflows } from './unwrap.js';

/** A joined line is no longer than this. */
const LONGEST = 4096;
/** No line is wrapped over more than these. */
const MOST_PARTS = 64;
/** So many lines cut at the same place were not cut at a blank. */
const CERTAIN = 3;
/** /dev/kmsg: the dictionary of the record above. */
const DICTIONARY = /^ [A-Z_]{1,40}=/;

/** Makes records of lines: cleans them, takes their prefix, joins what was wrapped, undoes escapes. */
export interface Framer {
  readonly line: (line: string) => void;
  /** What follows does not follow what was. */
  readonly gap: () => void;
  readonly end: () => void;
  /** True while every line is needed: records of many lines. */
  readonly greedy: () => boolean;
}

interface Held {
  record: LogLine;
  /** Of its last part, and its indentation. */
  length: number;
  indent: number;
  /** Its last part ends with a blank: mail was wrapped there. */
  spaced: boolean;
  /** So many lines it is made of. */
  parts: number;
}

/** `take` gets each record in order; `decode` makes text of a line as it is in the file. */
export function framer(take: (record: LogLine) => void, decode: (line: string) => string): Framer {
  const journal = exportReader(decode);
  let held: Held | null = null;
  let exported = false;
  /** A terminal cuts lines at one width, mail at the blank before it: how long those joined were, and how many were the longest. */
  const width = { most: 0, atMost: 0, times: 0 };
  /** Of the table of tasks, by its header. */
  let columns = 0;
  /** Of quoted-printable mail: what is held of a line that goes on, and whether the text is known to be such. */
  const soft = { held: '', parts: 0, known: false };

  function emit(record: LogLine): void {
    const text = unescaped(record);
    if (!text.includes('\n')) return take(text === record.text ? record : { ...record, text });
    for (const part of text.split('\n')) if (part.trim() !== '') take({ ...record, text: part.trimEnd() });
  }
  function flush(): void {
    if (held !== null) {
      columns = columnsOf(held.record.text) ?? columns;
      emit(held.record);
    }
    held = null;
  }
  function hold(text: string): void {
    if (held?.record.style === 'kmsg' && DICTIONARY.test(text)) return;
    const clean = cleanLine(text);
    // a blank line ends whatever was open
    if (clean === '') return flush();
    const indent = clean.length - clean.trimStart().length;
    const record = takePrefix(clean);
    const length = clean.length + text.length - text.trimEnd().length;
    const spaced = text.endsWith(' ');
    if (held !== null && held.parts < MOST_PARTS && (joins(held, record, indent) || isCut(held, record)))
      return join(held, record, { length, indent, spaced, parts: held.parts + 1 });
    const inherits = held !== null && record.style === 'plain' && held.record.style !== 'plain' && indent > held.indent;
    const [before, base] = [held?.record, held?.indent ?? 0];
    flush();
    // further lines of one record are indented below its first
    held = {
      record: inherits && before ? { ...before, text: record.text } : record,
      length,
      indent: inherits ? base : indent,
      spaced,
      parts: 1,
    };
  }
  /** As wide as the terminal, which has cut lines before. */
  function isCut(to: Held, next: LogLine): boolean {
    return next.style === 'plain' && fills(to) && !begins(next.text) && to.record.text.length < LONGEST;
  }
  const fills = ({ length }: Held): boolean => length === width.most && width.atMost >= CERTAIN && width.atMost * 2 >= width.times;

  function join(to: Held, record: LogLine, part: Omit<Held, 'record'>): void {
    if (to.length > width.most) Object.assign(width, { most: to.length, atMost: 0 });
    if (to.length === width.most) width.atMost += 1;
    width.times += 1;
    const { text } = to.record;
    const cut = fills(to) && part.indent <= to.indent;
    const blank = to.spaced && !text.startsWith('oom-kill:') && text !== '';
    const joined = text + (blank ? ' ' : glue(text, record.text, cut, columns)) + record.text;
    const time = to.record.time ?? record.time;
    Object.assign(to, part, { record: { ...to.record, time, text: joined } });
  }
  /** Undoes quoted-printable. */
  function line(raw: string): void {
    const ended = raw.endsWith('=0A=') && endsThere(raw);
    const whole = soft.held + (ended ? raw.slice(0, -1) : raw);
    if (!ended && raw.endsWith('=') && soft.parts < MOST_PARTS && whole.length < LONGEST && isBroken(raw, soft.known)) {
      Object.assign(soft, { held: whole.slice(0, -1), parts: soft.parts + 1 });
      return;
    }
    Object.assign(soft, { held: '', parts: 0 });
    const plain = whole.includes('=') ? unquoted(whole) : null;
    if (plain === null) return lineOf(whole);
    soft.known = true;
    for (const part of plain.split('\n')) lineOf(part);
  }
  function lineOf(raw: string): void {
    if (exported && (journal.open() || opensExport(raw))) {
      const record = journal.take(raw);
      if (record) emit(record);
      return;
    }
    if (opensExport(raw)) {
      exported = true;
      flush();
      journal.take(raw);
      return;
    }
    const text = decode(raw);
    const begin = text.charCodeAt(0) === 0x1e ? text.slice(1) : text;
    const record = looksJson(begin) ? ofJson(begin) : null;
    if (record) {
      flush();
      // what a container wrote is a line like any other
      if (record.style === 'plain') hold(record.text);
      else emit(record);
      return;
    }
    if (!text.includes('\r')) return each(memberOf(text) ?? text);
    const parts = text.split('\r').filter((part) => part !== '');
    if (parts.length === 0) flush();
    for (const part of parts) each(part);
  }
  function each(text: string): void {
    const parts = several(text);
    if (parts === null) return hold(text);
    for (const part of parts) hold(part);
  }
  return {
    line,
    greedy: () => exported,
    gap: () => {
      Object.assign(soft, { held: '', parts: 0 });
      flush();
    },
    end: () => {
      if (soft.held !== '') lineOf(soft.held);
      const record = journal.end();
      if (record) emit(record);
      flush();
    },
  };
}

const unescaped = ({ style, text }: LogLine): string =>
  style === 'kmsg' ? withoutHex(text) : style === 'syslog' ? withoutOctal(text) : text;

function joins({ record: { text, style }, length, indent }: Held, next: LogLine, nextIndent: number): boolean {
  if (text.length + next.text.length >= LONGEST) return false;
  // the date and host alone filled the line
  if (next.style === 'printk' && style === 'syslog' && text === '') return true;
  if (next.style !== 'plain') return false;
  if (style === 'kmsg' || completes(text, next.text)) return true;
  return style !== 'plain' && nextIndent <= indent && overflows({ text, length }, next.text);
}
