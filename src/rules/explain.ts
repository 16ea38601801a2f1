import { partsOf } from './conditions.js';
import type { Outcome, Trace, Truth } from './outcome.js';
import type { Condition, Rule } from './rule.js';
import { valueText } from './value.js';
import { comparisonText, findingText, unitIn } from './words.js';

/**
 * What a rule looks for, why, and what it advises, as plain text; with its outcomes for a host, also how each condition came out.
 * The words of the rule and of the host are as they are: whoever prints them makes them safe, line by line.
 */
export function explainRule(rule: Rule, outcomes: readonly Outcome[] = []): string {
  const part = rule.diagnosis;
  const sections: (readonly [string, readonly string[]])[] = [
    [
      '',
      [
        `${rule.id}: ${rule.title}`,
        `${rule.category}${rule.forEach === undefined ? '' : `, for each of ${rule.forEach}`}; ${rule.builtin ? 'built in' : rule.pack === undefined ? 'added' : `of the pack ${rule.pack}`}, ${rule.file}`,
        ...(rule.changes ?? []).map((change) => `changed by ${change}`),
      ],
    ],
    ['What it says', [rule.message, ...(rule.explanation === undefined ? [] : [rule.explanation])]],
    ...rule.levels.map(({ severity, conditions }): [string, string[]] => [`It is ${severity} when`, conditionLines(rule, conditions)]),
    ['Params', Object.entries(rule.params ?? {}).map(([name, { value, unit, why }]) => `${name} = ${valueText(value, unit)}: ${why}`)],
    [
      'As a diagnosis',
      part ? [`base confidence ${part.base}, scope ${part.scope}${part.logOnly ? ', rests on the log or totals since boot' : ''}`] : [],
    ],
    ['It explains', part?.explains ?? []],
    ['It goes before', part?.outranks ?? []],
    ['For it speaks', (part?.corroborating ?? []).map(({ conditions, text }) => `${text} [${conditionLines(rule, conditions).join(' ')}]`)],
    [
      'Against it speaks',
      (part?.contradicting ?? []).map(({ conditions, text }) => `${text} [${conditionLines(rule, conditions).join(' ')}]`),
    ],
    [
      'What to do',
      (rule.actions ?? []).flatMap(({ kind, text, command, risk }) => [
        `${kind}: ${text}`,
        ...(command === undefined ? [] : [`  $ ${command}`]),
        ...(risk === undefined ? [] : [`  risk: ${risk}`]),
      ]),
    ],
    ['When it may be wrong', rule.limits ?? []],
    ['References', (rule.references ?? []).map(({ title, url }) => `${title}: ${url}`)],
    ...outcomes.map((outcome): [string, string[]] => ['Here', outcomeLines(outcome)]),
  ];
  return sections
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) =>
      title === ''
        ? lines.join('\n')
        : `${title}\n${lines
            .flatMap((line) => line.split('\n'))
            .map((line) => `  ${line}`)
            .join('\n')}`,
    )
    .join('\n\n')
    .concat('\n');
}

const WORDS = { all: 'all of', any: 'any of', not: 'not' } as const;

/** A condition as people read it, one line for each comparison. */
export function conditionLines(rule: Pick<Rule, 'forEach' | 'params'>, condition: Condition): string[] {
  if ('fact' in condition) return [comparisonText(rule, condition)];
  if ('finding' in condition) return [findingText(condition)];
  const parts = partsOf(condition);
  const kind = 'all' in condition ? 'all' : 'any' in condition ? 'any' : 'not';
  const inner = parts.map((part) => conditionLines(rule, part));
  const [only] = inner;
  if (kind !== 'not' && inner.length === 1 && only) return only;
  if (kind === 'not' && only?.length === 1) return [`not: ${only[0]}`];
  return [`${WORDS[kind]}:`, ...inner.flat().map((line) => `  ${line}`)];
}

const MARKS = (truth: Truth): string => (truth === null ? '?' : truth ? '✓' : '✗');

/** How one outcome came about: the verdict, and each condition with the value that was found. */
export function outcomeLines({ rule, status, severity, item, missing, levels, diagnosis }: Outcome): string[] {
  const what = item === null ? '' : `${item.name}: `;
  const verdict =
    status === 'fires' ? `${what}it fires: ${severity ?? ''}` : `${what}${status === 'clear' ? 'it does not hold' : 'it cannot be told'}`;
  return [
    verdict,
    ...(missing.length > 0 ? [`not known: ${missing.join(', ')}`] : []),
    ...(diagnosis
      ? [
          `confidence ${diagnosis.score}`,
          ...diagnosis.corroborating.map((text) => `+ ${text}`),
          ...diagnosis.contradicting.map((text) => `- ${text}`),
        ]
      : []),
    ...levels.flatMap(({ severity: level, trace }) => [
      `${MARKS(trace.truth)} ${level}`,
      ...traceLines(rule, trace).map((line) => `  ${line}`),
    ]),
  ];
}

function traceLines(rule: Rule, trace: Trace): string[] {
  const mark = MARKS(trace.truth);
  if (trace.kind === 'fact') return [`${mark} ${comparisonText(rule, trace.condition)}: ${sideText(rule, trace)}`];
  if (trace.kind === 'finding') return [`${mark} ${findingText(trace.condition)}: ${trace.value ?? 'cannot be told'}`];
  return [`${mark} ${WORDS[trace.kind]}:`, ...trace.parts.flatMap((part) => traceLines(rule, part)).map((line) => `  ${line}`)];
}

function sideText(rule: Rule, { condition, value, threshold }: Extract<Trace, { kind: 'fact' }>): string {
  const is = `is ${valueText(value, unitIn(rule, condition.fact))}`;
  if (typeof condition.value !== 'object' || !('fact' in condition.value)) return is;
  return `${is}, against ${valueText(threshold, unitIn(rule, condition.value.fact))}`;
}
