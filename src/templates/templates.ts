import { readFileSync } from 'node:fs';

/** The texts of this folder, written into the bundle at build time. */
declare const MEMDOCTOR_TEMPLATES: string | undefined;

/** The text of a template or style sheet of this folder. @throws when there is none of that name: a mistake in the program. */
export function template(
  name:
    | 'report.md.hbs'
    | 'page.html.hbs'
    | 'oom.md.hbs'
    | 'oom.html.hbs'
    | 'tools.md.hbs'
    | 'tools.html.hbs'
    | 'traces.md.hbs'
    | 'traces.html.hbs'
    | 'page.css',
): string {
  if (typeof MEMDOCTOR_TEMPLATES === 'undefined') return readFileSync(new URL(name, import.meta.url), 'utf8');
  const text = (JSON.parse(MEMDOCTOR_TEMPLATES) as Record<string, string>)[name];
  if (text === undefined) throw new Error(`the bundle has no template ${name}`);
  return text;
}
