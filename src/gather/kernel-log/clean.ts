/** What a terminal, a mail program or a web page may have left in a line. */

// oxlint-disable no-control-regex -- control characters are what is looked for
/** A line without any of these is clean. */
const SUSPECT =
  /[\0-\u0008\u000B-\u001F\u007F-\u00A0\u200B-\u200F\u2028-\u202F\uFEFF&]|^[\s\uFEFF]{0,8}[>|`]|#033\[|\^\[\[|<br|\[\/[A-Za-z]{1,9}\]|\[[A-Za-z]{4,5}=/;
/** CSI sequences, as bytes, as rsyslog escapes them and in caret notation; OSC sequences; character sets. */
const ANSI = /(?:\u001B|#033|\^\[)\[[0-9;?]{0,20}[A-Za-z]|\u001B\][^\u0007\u001B]{0,200}(?:\u0007|\u001B\\)|\u001B[()][A-Z0-9]/g;
const CONTROL = /[\0-\u0008\u000B-\u001F\u007F-\u009F\u200B-\u200F\u2028-\u202E\uFEFF]/g;
const ENTITY = /&(?:lt|gt|amp|quot|apos|nbsp|#\d{1,5}|#x[0-9a-f]{1,4});/gi;
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: ' ' };
const BREAK = /<br ?\/?>/g;
/** Of a forum: what is set off in a line, when the line ends it or begins it with a value; the kernel itself prints `[B]` and `[U]`. */
const MARKED = /\[\/(?:color|size|font|b|i|u)\]|\[(?:color|size|font)=/i;
const MARKS = /\[\/?(?:color|size|font|b|i|u)(?:=[^\]\s]{0,60})?\]/gi;
/** The same, for the cleaner of other texts. */
export const withoutMarks = (line: string): string => (MARKED.test(line) ? line.replaceAll(MARKS, '') : line);
/** Quoted mail, any depth. */
const QUOTES = /^\s{0,8}(?:[>|] {0,2}){1,12}/;
const FENCE = /^\s{0,8}(?:```|~~~)\w{0,20}$/;

/** A line as it was printed; '' for one that is a fence of Markdown only. */
export function cleanLine(line: string): string {
  const trimmed = line.trimEnd();
  if (!SUSPECT.test(trimmed)) return trimmed;
  const plain = trimmed
    .replaceAll(ANSI, '')
    .replaceAll(CONTROL, '')
    .replaceAll('\u00A0', ' ')
    .replaceAll('\u202F', ' ')
    .replaceAll(BREAK, '')
    .replaceAll(ENTITY, character);
  const unquoted = withoutMarks(plain).replace(QUOTES, '').trimEnd();
  return FENCE.test(unquoted) ? '' : unquoted;
}

function character(entity: string): string {
  const name = entity.slice(1, -1).toLowerCase();
  if (!name.startsWith('#')) return NAMED[name] ?? entity;
  const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  if (code === 160) return ' ';
  return code >= 32 && code < 65_536 ? String.fromCharCode(code) : '';
}

/** rsyslog and syslogd write a control character as `#` and three octal digits: `#012` is a line break. */
export const withoutOctal = (text: string): string =>
  text.includes('#0')
    ? text
        .replaceAll(/#0([0-3][0-7])/g, (_, digits: string) => kept(Number.parseInt(digits, 8)))
        .replaceAll(ANSI, '')
        .replaceAll(/\u001B/g, '')
    : text;

const kept = (code: number): string => (code === 10 || code === 9 || code === 27 ? String.fromCharCode(code) : '');

/** /dev/kmsg writes what is not printable ASCII, and the backslash, as `\xHH`. */
export function withoutHex(text: string): string {
  if (!text.includes('\\x')) return text;
  return text.replaceAll(/(?:\\x[0-9a-f]{2})+/g, (run) => Buffer.from(run.replaceAll('\\x', ''), 'hex').toString('utf8'));
}
