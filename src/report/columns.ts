/** Lines of text that fit a terminal. Widths are in columns; East Asian wide characters and emoji take two. */

/** East Asian Width W and F, and what is drawn as an emoji by itself. */
const WIDE =
  /[\u1100-\u115F\u2329\u232A\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE10-\uFE19\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{16FE0}-\u{18CFF}\u{1AFF0}-\u{1B2FF}\u{1F200}-\u{1F2FF}\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}\p{Emoji_Presentation}]/u;
/** Drawn over the character before; and the parts of a Hangul syllable after its first. */
const COMBINING = /[\p{Mn}\p{Me}\u1160-\u11FF\uD7B0-\uD7FB]/u;
/** One of the two letters that make a flag. */
const FLAG = /[\u{1F1E6}-\u{1F1FF}]/u;
/** Asks for the character before as an emoji: one column more at the worst. */
const AS_EMOJI = '\uFE0F';

function charWidth(char: string): number {
  if (char < '\u0300' || char === AS_EMOJI || FLAG.test(char)) return 1;
  return COMBINING.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
}

/** How many columns a text takes at most: terminals differ about emoji. */
export const columns = (text: string): number => Array.from(text).reduce((sum, char) => sum + charWidth(char), 0);

/** Cuts a text to fit, with an ellipsis at its end. */
export function fit(text: string, width: number): string {
  if (columns(text) <= width) return text;
  let [kept, used] = ['', 0];
  for (const char of text) {
    if (used + charWidth(char) > width - 1) break;
    kept += char;
    used += charWidth(char);
  }
  return `${kept}…`;
}

/** Fills a text with blanks to a width, cutting it if it is longer. */
export function pad(text: string, width: number, side: 'left' | 'right' = 'left'): string {
  const fitted = fit(text, width);
  const blanks = ' '.repeat(Math.max(0, width - columns(fitted)));
  return side === 'left' ? fitted + blanks : blanks + fitted;
}

/** A blank, but not the one between a number and its unit. */
const BREAK = / (?!(?<=\d )(?:(?:[KMGTP]i)?B\b|%))/;

/** Breaks a text into lines at blanks; a word that is longer than a line is broken inside. */
export function wrap(text: string, width: number, indent = ''): string[] {
  const room = Math.max(10, width - columns(indent));
  const lines: string[] = [];
  let line = '';
  for (const word of text
    .split(BREAK)
    .filter(Boolean)
    .flatMap((long) => pieces(long, room))) {
    if (line !== '' && columns(line) + 1 + columns(word) > room) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  if (line !== '') lines.push(line);
  return lines.map((text) => indent + text);
}

function pieces(word: string, room: number): string[] {
  const found: string[] = [];
  let piece = '';
  for (const char of word) {
    if (columns(piece) + charWidth(char) > room) {
      found.push(piece);
      piece = '';
    }
    piece += char;
  }
  return [...found, piece];
}
