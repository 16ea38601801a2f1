/**
 * Everything that a host, a log or a rule file says is untrusted. These functions make it safe for one format each; they are
 * pure, and nothing reaches a reader but through one of them (HTML goes through Handlebars, which escapes by itself).
 */

/** Controls, formats (bidi, zero width, tags), line and paragraph separators, lone surrogates; and blanks that look like a space. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u115F\u1160\u3164\uFFA0\u2800]/gu;
/** More marks on one character than any language has: they would be drawn over the lines above and below. */
const MARKS = /(\p{M}{4})(\p{M}+)/gu;
/** What Markdown may take for markup anywhere in a line. */
const SPECIAL = /[\\`*_[\]<>~&$]/g;
/** A word that some Markdown reader would turn into a link or a mention by itself: addresses, mail, names of hosts. */
const LINKISH =
  /@|:\/\/|www\.|^\W*(?:mailto|xmpp|javascript|data|vbscript|tel|ftp):|[^\W_]\.(?:[a-z]{2}|biz|com|dev|edu|gov|net|org|pro|web|xxx|aero|asia|coop|info|museum|name|shop|xn--[\w-]{1,40}|рф)(?![\w-])/i;
/** And one that GitHub, GitLab or Jira would: numbers of issues and requests, commits, emoji, macros in braces. */
const REFERENCE = /[#!%$~^](?=\w)|&\d|\bGH-\d|\b[A-Z][A-Z0-9_]{1,20}-\d|\b[0-9a-f]{40}\b|:[\w+-]{1,60}:|[{}]/;

/** Makes what cannot be seen visible: a line feed becomes `⟨U+000A⟩`, a right-to-left override `⟨U+202E⟩`. Safe for a terminal: no escape sequence survives; nor a pile of marks. */
export const visible = (text: string): string =>
  text
    .replaceAll(INVISIBLE, (char) => `⟨U+${codePoint(char)}⟩`)
    .replaceAll(MARKS, (_, some: string, more: string) => `${some}⟨+${Array.from(more).length} marks⟩`);

const codePoint = (char: string): string => (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');

/** Cuts a text to a number of characters, the last one an ellipsis; never inside a surrogate pair. */
export function cut(text: string, most: number): string {
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, Math.max(0, most - 1)).join('')}…`;
}

/** Cuts a text in its middle: the ends of a path say more than its middle. */
export function cutMiddle(text: string, most: number): string {
  const characters = Array.from(text);
  if (characters.length <= most) return text;
  const head = Math.ceil((most - 1) / 2);
  return `${characters.slice(0, head).join('')}…${characters.slice(characters.length - (most - 1 - head)).join('')}`;
}

/** Text as one line of plain Markdown: it renders as the same characters, as no markup, in paragraphs, headings, lists and table cells. */
export function markdownText(text: string): string {
  const words = visible(text).split(' ').filter(Boolean);
  return words.map((word, index) => (isReference(word) ? markdownCode(word) : markdownWord(word, index === 0))).join(' ');
}

/** True for a word that some reader would turn into a link or a mention. */
const isReference = (word: string): boolean => LINKISH.test(word) || REFERENCE.test(word);

/** Text as a Markdown code span, safe in a table cell too. The fence is longer than any run of backticks in it. */
export function markdownCode(text: string): string {
  // a table is cut at its pipes before code spans are seen, and readers differ about `\|` in them
  const shown = visible(text).replaceAll('|', '⟨U+007C⟩');
  if (shown.trim() === '') return shown === '' ? '*empty*' : `*${Array.from(shown).length} spaces*`;
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = /^[` ]|[` ]$/.test(shown) ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** Text as a fenced Markdown code block, for commands to copy. */
export function markdownBlock(text: string, language = 'sh'): string {
  const lines = text.split('\n').map(visible).join('\n');
  const longest = Math.max(2, ...[...lines.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${lines}\n${fence}`;
}

/** Prose of a rule with a host's words in it: what stands between single backticks becomes a code span, all else is plain text. */
export function markdownProse(text: string): string {
  let prose = '';
  let gap = false;
  for (const [index, part] of text.split(/`([^`]+)`/).entries()) {
    const code = index % 2 === 1;
    const escaped = code ? markdownCode(part) : markdownText(part);
    gap ||= !code && part.startsWith(' ');
    if (escaped === '') continue;
    // two code spans without a space between them would become one
    const apart = gap || (prose.endsWith('`') && escaped.startsWith('`'));
    prose += (prose !== '' && apart ? ' ' : '') + escaped;
    gap = !code && part.endsWith(' ');
  }
  return prose;
}

/** A link that memdoctor itself wrote (a rule's reference): https only, else its text alone. */
export function markdownLink(title: string, url: string): string {
  if (!safeUrl(url)) return markdownText(title);
  // readers differ about code spans and backslashes within the text of a link
  const plain = !/[\\`]/.test(title) && !visible(title).split(' ').some(isReference);
  return plain ? `[${markdownText(title)}](<${url}>)` : `${markdownText(title)}: <${url}>`;
}

/** True for an https address of plain characters: nothing in it can end a link or an attribute. */
export const safeUrl = (url: string): boolean => /^https:\/\/[\w.-]+(?::\d+)?(?:[/?#][\w\-./?#=&;%+:,~@!*']*)?$/.test(url);

function markdownWord(word: string, first: boolean): string {
  const escaped = word.replaceAll(SPECIAL, String.raw`\$&`).replaceAll('|', '&#124;');
  if (!first) return escaped;
  // at the start of a line these make a list, a heading or a rule
  return escaped.replace(/^[-+=:#]/, String.raw`\$&`).replace(/^(\d+)([.)])(?!\d)/, String.raw`$1\$2`);
}
