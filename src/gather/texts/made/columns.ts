/** Rows of a table under the words of its header, where one column (a command) may hold blanks and others may be empty. Pure. */

/** What a column holds: `text` is one word, `rest` takes all that the other columns leave. */
export type Column = { readonly name: string; readonly kind: 'number' | 'text' | 'rest'; readonly words?: number };

/** So many columns after the command are more than a person asks for: all of them. */
const MANY = 6;
const NUMBER = /^-?[\d.,]+[kmgtpe]?(?:i?b)?\+?$|^-$/i;

/**
 * The words of a row by column. Columns after the one of kind `rest` are counted from the end. A numeric column whose word is no
 * number is taken for empty: old tools print blanks for kernel threads. Null when a row has too few words.
 */
export function fields(line: string, columns: readonly Column[]): Map<string, string> | null {
  const at = columns.findIndex(({ kind }) => kind === 'rest');
  const front = at < 0 ? columns : columns.slice(0, at);
  const back = at < 0 ? [] : columns.slice(at + 1);
  const found = new Map<string, string>();
  let rest = line.trim();
  for (const { name, kind, words = 1 } of front) {
    const match = words === 1 ? /^(\S+)(?:\s+|$)/.exec(rest) : new RegExp(String.raw`^(\S+(?:\s+\S+){${words - 1}})(?:\s+|$)`).exec(rest);
    if (!match) return found.size > 2 && at < 0 ? found : null;
    const [whole, word = ''] = match;
    if (kind === 'number' && !NUMBER.test(word)) continue;
    found.set(name, word);
    rest = rest.slice(whole.length);
  }
  if (at < 0) return found;
  const tail = rest.split(/\s+/).filter(Boolean);
  const taken = back.length === 0 ? 0 : back.reduce((sum, { words = 1 }) => sum + words, 0);
  // among many columns others hold blanks too (an environment): then none of them can be counted from the end
  if (taken > 0 && (taken > MANY ? tail.length === taken + 1 : tail.length > taken)) {
    let from = tail.length - taken;
    rest = tail.slice(0, from).join(' ');
    for (const { name, words = 1 } of back) {
      found.set(name, tail.slice(from, from + words).join(' '));
      from += words;
    }
  } else if (taken > 0) rest = tail[0] ?? '';
  found.set(columns[at]?.name ?? '', rest.trim());
  return found;
}
