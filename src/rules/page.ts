import { conditionLines } from './explain.js';
import { toRule } from './parse.js';
import type { RuleFile } from './rule.js';
import { valueText } from './value.js';

/** The generated page of a rule in docs/rules, in Markdown; made of the built-in rules only. */
export function rulePage(file: RuleFile): string {
  const rule = toRule(file, '', true);
  const part = rule.diagnosis;
  const sections: (readonly [string, string])[] = [
    ['What it says', [prose(rule.message), ...(rule.explanation === undefined ? [] : [prose(rule.explanation)])].join('\n\n')],
    ...rule.levels.map(({ severity, conditions }): [string, string] => [
      `When it is ${severity}`,
      `\`\`\`text\n${conditionLines(rule, conditions).join('\n')}\n\`\`\``,
    ]),
    [
      'Params',
      table(
        ['param', 'value', 'why', 'reference'],
        Object.entries(rule.params ?? {}).map(([name, { value, unit, why, reference }]) => [
          `\`${name}\``,
          valueText(value, unit),
          prose(why),
          reference ?? '',
        ]),
      ),
    ],
    ['Explains', list((part?.explains ?? []).map(link))],
    ['Goes before', list((part?.outranks ?? []).map(link))],
    ['Speaks for it', list((part?.corroborating ?? []).map(({ text }) => prose(text)))],
    ['Speaks against it', list((part?.contradicting ?? []).map(({ text }) => prose(text)))],
    [
      'What to do',
      list(
        (rule.actions ?? []).map(({ kind, text, command, risk }) =>
          [
            `**${kind}**: ${prose(text)}`,
            ...(command === undefined ? [] : [code(command)]),
            ...(risk === undefined ? [] : [`Risk: ${prose(risk)}`]),
          ].join('. '),
        ),
      ),
    ],
    ['When it may be wrong', list((rule.limits ?? []).map(prose))],
    ['Evidence', list((rule.evidence ?? []).map(code))],
    ['References', list((rule.references ?? []).map(({ title, url }) => `[${prose(title)}](${url})`))],
  ];
  const facts = [
    `\`${rule.category}\``,
    ...(rule.forEach === undefined ? [] : [`for each of \`${rule.forEach}\``]),
    ...(part ? [`base confidence ${part.base}`, `scope ${part.scope}`] : []),
  ];
  const body = sections.filter(([, text]) => text !== '').map(([title, text]) => `## ${title}\n\n${text}\n`);
  return [`# ${rule.id}: ${prose(rule.title)}\n`, `${facts.join(', ')}\n`, ...body].join('\n');
}

/** Rule texts hold template names, comparison signs and kernel names with underscores: none of it is markup. */
const prose = (text: string): string =>
  text
    .replaceAll(/[\\<>*_[\]|]/g, String.raw`\$&`)
    .replaceAll(/\{\{([^}]*)\}\}/g, (_, inner: string) => code(inner.replaceAll('\\', '')))
    .replaceAll('\n', ' ');
const code = (text: string): string => `\`${text.replaceAll('`', "'")}\``;
const link = (id: string): string => `[${id}](${id}.md)`;
const list = (entries: readonly string[]): string => entries.map((entry) => `- ${entry}`).join('\n');

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  return [line(head), `|${head.map(() => ' --- |').join('')}`, ...rows.map(line)].join('\n');
}
