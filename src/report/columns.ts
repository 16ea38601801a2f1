/** Lines of text that fit a terminal. Widths are in columns; East Asian wide characters and emoji take two. */

const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u;
const COMBINING = /\p{M}/u;

const charWidth = (char: string): number => (COMBINING.test(char) ? 0 : WIDE.test(char) ? 2 : 1);

/** How many columns a text takes. */
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

/** Breaks a text into lines at blanks; a word that is longer than a line is broken inside. */
export function wrap(text: string, width: number, indent = ''): string[] {
  const room = Math.max(10, width - columns(indent));
  const lines: string[] = [];
  let line = '';
  for (const word of text
    .split(' ')
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
