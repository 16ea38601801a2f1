import type { RenderText } from '../rules/text.js';
import type { Rule } from '../rules/rule.js';
import type { ReportFinding } from './report.js';

/** PATH_MAX: no file that there is has a longer name, and nobody copies a longer command. */
const LONGEST = 4096;
const ORDER = ['confirm', 'mitigate', 'fix'] as const;

/** What a rule advises, its texts filled in: look first, then the mildest remedy, then the lasting one. Advice whose text comes out empty is not for this case. */
export function actionsOf(rule: Rule, render: RenderText): ReportFinding['actions'] {
  return (rule.actions ?? [])
    .map(({ kind, text, command, risk }) => ({
      kind,
      text: render(text),
      command: command === undefined ? null : renderCommand(command, render),
      risk: risk === undefined ? null : render(risk),
    }))
    .filter(({ text }) => text.trim() !== '')
    .toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

/** Where a rule says that there is more to read. */
export const referencesOf = ({ references = [] }: Rule): ReportFinding['references'] =>
  references.map(({ title, url }) => ({ title, url }));

/**
 * Fills in a command that will be pasted into a root shell: what a host chose stays one word there, so that a process named
 * `$(reboot)` is but a name. Null when that cannot be done safely: the name would be an option, or has what its quotes let through, or the whole is longer than any path.
 */
export function renderCommand(template: string, render: RenderText): string | null {
  // the parts of {{#if}} blocks cannot be told apart here
  if (/\{\{\s*[#/^~!>&{]/.test(template)) return null;
  let command = '';
  for (const part of template.split(/(\{\{[^}]*\}\})/)) {
    if (!part.startsWith('{{')) command += part;
    else {
      const word = shellWord(render(part), quotesAt(command), /(^|[\s'"=])$/.test(command));
      if (word === null) return null;
      command += word;
    }
  }
  return command.length > LONGEST ? null : command;
}

type Quotes = 'none' | 'single' | 'double';

/** Which quotes are open at the end of a piece of POSIX shell. */
function quotesAt(before: string): Quotes {
  let open: Quotes = 'none';
  for (let at = 0; at < before.length; at++) {
    const char = before[at];
    if (char === '\\' && open !== 'single') at++;
    else if (char === "'" && open !== 'double') open = open === 'single' ? 'none' : 'single';
    else if (char === '"' && open !== 'single') open = open === 'double' ? 'none' : 'double';
  }
  return open;
}

/** A text as (a part of) one word of a POSIX shell, inside the quotes that are open; null when it cannot be. */
export function shellWord(text: string, quotes: Quotes = 'none', begins = true): string | null {
  // a control character ends a line in a terminal, quoted or not
  if (text === '' || (begins && text.startsWith('-')) || /\p{Cc}/u.test(text)) return null;
  if (/^[\w./:@%+,=-]+$/.test(text)) return text;
  const inside = text.replaceAll("'", String.raw`'\''`);
  if (quotes === 'double') return null;
  return quotes === 'single' ? inside : `'${inside}'`;
}
