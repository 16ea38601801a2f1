import { withoutMarks } from '../kernel-log/clean.js';
import { unflattened } from './flat.js';
import { directoryAfter, pathFrom, type Prompt, promptOf } from './prompt.js';

/** Lines that one command printed: nothing in it is quoting, mark-up or a prompt. */
export interface Segment extends Prompt {
  readonly lines: string[];
  /** The number of each line in the text, from 1. */
  readonly numbers: number[];
}

/** Longer lines are cut: none of the kinds has any. */
const LONGEST = 65_536;
// terminals are steered by control characters
const ANSI =
  // oxlint-disable-next-line no-control-regex -- see above
  /\u001B(?:\[[0-9;?]{0,30}[A-Za-z]|\][^\u0007\u001B]{0,200}(?:\u0007|\u001B\\)|[()][A-Z0-9]|[=>])|[\u0000-\u0007\u000E-\u001A\u007F]/g;
const ODD_BLANKS = /[\u00A0\u2007\u202F\u3000]/g;
const INVISIBLE = /[\uFEFF\u200B\u200E\u200F]/g;
const TAGS =
  /<\/?(?:pre|code|p|br|div|span|b|i|u|em|strong|tt|font|table|tbody|thead|tr|td|th|ul|ol|li|a|h[1-6]|blockquote|html|body|samp|kbd)(?:\s[^<>]{0,300})?\/?>/gi;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: ' ', '#39': "'" };
/** Markdown's, Jira's, BBCode's and Confluence's ways to begin and to end verbatim text. */
const FENCE =
  /^\s{0,8}(?:`{3,}[\w-]{0,20}|~{3,}[\w-]{0,20}|\{(?:code|noformat)(?::[^}]{0,80})?\}|\[\/?(?:code|quote|pre)[^\]]{0,40}\])\s*$/i;
const INLINE_FENCE = /\{(?:code|noformat)(?::[^}]{0,80})?\}|\[\/?code\]/gi;
const QUOTE = /^(?:\s{0,3}>){1,8} ?/;
/** What `docker compose logs` puts before each line: `web_1  | `, `web-1  | `. */
const COMPOSE = /^[a-zA-Z][\w.-]{0,62}[_-]\d{1,4}\s{1,30}\| ?/;
/** Markdown's bold, over whole lines or from one to the next: no kind begins or ends a line so. */
const BOLD = /^\*\*(?=[A-Za-z]\w{3})|(?<=\w)\*\*$/g;
const BAR = /^\s{0,3}\| (?!.*\|\s*$)/;

/** Takes off what a text gathered on its way here, and divides it where a prompt, a header or a fence stands. */
export function cleanText(text: string): Segment[] {
  const segments: Segment[] = [{ command: null, path: null, host: null, lines: [], numbers: [] }];
  const begin = (prompt: Prompt): void => void segments.push({ ...prompt, lines: [], numbers: [] });
  for (const [index, raw] of text.split(/\r{0,3}\n|\r/).entries()) {
    const line = plain(raw);
    if (FENCE.test(line)) {
      // what a line before the fence names is in it; what stands after it is something else
      const { lines = [], command = null, path = null, host = null } = segments.at(-1) ?? {};
      begin(lines.every((other) => other === '') ? { command, path, host } : { command: null, path: null, host: null });
      continue;
    }
    for (const piece of unflattened(line)) {
      const prompt = promptOf(piece.trimStart());
      if (prompt) begin(prompt);
      else {
        segments.at(-1)?.lines.push(piece);
        segments.at(-1)?.numbers.push(index + 1);
      }
    }
  }
  for (const segment of segments) {
    uncomment(segment.lines);
    dedent(segment.lines);
  }
  return placed(segments);
}

/** Follows the shell through its directories, for files that are named without theirs. */
function placed(segments: Segment[]): Segment[] {
  let directory: string | null = null;
  return segments.map((segment, index) => {
    // what `pwd` prints looks like a header that names a file
    const printed = segments[index - 1]?.command === 'pwd' && segment.command === null && segment.host === null;
    if (printed && segment.path !== null) {
      directory = segment.path;
      return { ...segment, path: null };
    }
    const path = pathFrom(directory, segment);
    directory = directoryAfter(segment.command, segment.lines) ?? directory;
    return path === segment.path ? segment : { ...segment, path };
  });
}

/** One line without quoting, mark-up, colours and trailing blanks; tabs stay. */
function plain(raw: string): string {
  let line = raw.length > LONGEST ? raw.slice(0, LONGEST) : raw;
  // oxlint-disable-next-line no-control-regex -- see ANSI
  if (/[^\t\u0020-\u007E]/.test(line)) line = line.replaceAll(ANSI, '').replaceAll(ODD_BLANKS, ' ').replaceAll(INVISIBLE, '');
  if (line.includes('<')) line = line.replaceAll(TAGS, '');
  if (line.includes('&')) line = line.replaceAll(/&(lt|gt|amp|quot|apos|nbsp|#39);/g, (_, name: string) => ENTITIES[name] ?? '');
  if (line.includes('{') || line.includes('[')) line = FENCE.test(line) ? line : withoutMarks(line.replaceAll(INLINE_FENCE, ''));
  line = line.replace(QUOTE, '').replace(BAR, '').replace(COMPOSE, '');
  line = line.trimEnd();
  return line.includes('**') ? line.replaceAll(BOLD, '') : line;
}

/** Output that is told as a comment below its command: a hash before each of its lines. One such line alone is the header of a table. */
const COMMENT = /^\s{0,3}#(?: |$)/;
/** The last words of a Java machine have such hashes of their own. */
const LAST_WORDS = /^\s{0,3}# (?:There is insufficient|Native memory allocation|A fatal error|Out of Memory Error)/;

/** Takes the hashes off where two lines or more begin with one. */
function uncomment(lines: string[]): void {
  for (let at = 0; at < lines.length;) {
    let end = at;
    while (end < lines.length && COMMENT.test(lines[end] ?? '')) end += 1;
    const own = lines.slice(at, end).some((line) => LAST_WORDS.test(line));
    if (end - at > 1 && !own) for (let index = at; index < end; index += 1) lines[index] = (lines[index] ?? '').replace(COMMENT, '');
    at = end + 1;
  }
}

/** Takes the indentation off that all lines of a paragraph have. */
function dedent(lines: string[]): void {
  for (let at = 0; at < lines.length;) {
    let end = at;
    let least = Infinity;
    for (; end < lines.length && lines[end] !== ''; end += 1) least = Math.min(least, (lines[end] ?? '').search(/\S/));
    if (least > 0 && least < Infinity) for (let index = at; index < end; index += 1) lines[index] = (lines[index] ?? '').slice(least);
    at = end + 1;
  }
}
