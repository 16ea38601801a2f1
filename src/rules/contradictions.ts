import { ANYTHING, type Domain, isEmpty, narrowed, OPPOSITE } from './domain.js';
import type { Report } from './problem.js';
import { type Condition, type FactCondition, type FindingCondition, rank, type RuleFile } from './rule.js';
import { unitOf, type Vocabulary } from './vocabulary.js';
import { comparisonText, findingText } from './words.js';

type Scalar = number | string | boolean;

/** A comparison with known values; `key` is the fact, or the finding. Opaque: facts are compared with each other. */
interface Leaf {
  readonly kind: 'leaf';
  readonly at: string;
  readonly key: string;
  readonly operator: FactCondition['operator'];
  readonly value: Scalar | readonly Scalar[] | null;
  readonly text: string;
}
interface All {
  readonly kind: 'all';
  readonly at: string;
  readonly parts: readonly Part[];
}
interface Choice {
  readonly kind: 'any';
  readonly at: string;
  readonly parts: readonly Part[];
}
type Part = Leaf | All | Choice;

interface Held {
  readonly domain: Domain;
  readonly texts: readonly string[];
}
type Context = ReadonlyMap<string, Held>;
type Never = { readonly at: string; readonly text: string };

/** How many steps a rule may take: a hostile one is not looked at to its end. */
const STEPS = 20_000;

/** Reports conditions that can never hold, and levels that can never be what the rule says. */
export function checkContradictions(rule: RuleFile, vocabulary: Vocabulary, report: Report): void {
  let steps = 0;
  const parse = (condition: Condition, at: string): Part => partOf(rule, condition, at, false);
  const start = (key: string): Domain => domainOf(rule, key, vocabulary);

  /** What is known when the comparisons of a part hold, or why they cannot. */
  function hold(context: Context, leaves: readonly Leaf[]): Context | Never {
    const held = new Map(context);
    for (const { key, operator, value, text, at } of leaves) {
      if (value === null) continue;
      const before = held.get(key) ?? { domain: start(key), texts: [] };
      const domain = narrowed(before.domain, operator, value);
      const texts = [...before.texts, text];
      if (isEmpty(domain)) return { at, text: texts.length > 1 ? [...new Set(texts)].join(' and ') : `${text}, ${boundsOf(start(key))}` };
      held.set(key, { domain, texts });
    }
    return held;
  }

  function never(part: Part, context: Context): Never | null {
    if (++steps > STEPS) return null;
    const { leaves, choices } = flat(part);
    const held = hold(context, leaves);
    if ('at' in held) return held;
    for (const choice of choices) {
      const dead = choice.parts.map((branch) => never(branch, held));
      const [first] = dead;
      if (first && dead.every((reason) => reason !== null)) return dead.length === 1 ? first : { at: choice.at, text: first.text };
    }
    return null;
  }

  /** Reports the branches that can never hold, in a part that can. */
  function branches(part: Part, context: Context): void {
    const { leaves, choices } = flat(part);
    const held = hold(context, leaves);
    if ('at' in held) return;
    for (const choice of choices)
      for (const branch of choice.parts) {
        const reason = never(branch, held);
        if (reason) report(reason.at, `this can never hold: ${reason.text}`);
        else if (steps <= STEPS) branches(branch, held);
      }
  }

  /** Whether one part holds whenever another does, as far as can be seen. */
  function implies(part: Part, other: Part, context: Context): boolean {
    if (++steps > STEPS) return false;
    const { leaves, choices } = flat(part);
    const held = hold(context, leaves);
    if ('at' in held) return false;
    if (follows(other, held, [...leaves, ...choices])) return true;
    return choices.some((choice) => choice.parts.every((branch) => implies(branch, other, held)));
  }

  function follows(part: Part, held: Context, given: readonly Part[]): boolean {
    if (given.some((known) => sameAs(known, part))) return true;
    if (part.kind === 'all') return part.parts.every((inner) => follows(inner, held, given));
    if (part.kind === 'any') return part.parts.some((inner) => follows(inner, held, given));
    const known = held.get(part.key);
    return known !== undefined && part.value !== null && isEmpty(narrowed(known.domain, OPPOSITE[part.operator], part.value));
  }

  const levels = (rule.levels ?? (rule.conditions ? [{ severity: rule.severity ?? 'info', conditions: rule.conditions }] : [])).map(
    ({ severity, conditions }, index) => {
      const at = rule.levels ? `/levels/${index}/conditions` : '/conditions';
      return { severity, at, part: parse(conditions, at) };
    },
  );
  const weighed = (['corroborating', 'contradicting'] as const).flatMap((list) =>
    (rule.diagnosis?.[list] ?? []).map(({ conditions }, index) => parse(conditions, `/diagnosis/${list}/${index}/conditions`)),
  );
  const none: Context = new Map();
  for (const part of [...levels.map((level) => level.part), ...weighed]) {
    const reason = never(part, none);
    if (reason) report(reason.at, `this can never hold: ${reason.text}`);
    else branches(part, none);
  }
  for (const [index, { severity, at, part }] of levels.entries()) {
    const above = levels.slice(0, index).find((level) => rank(level.severity) > rank(severity) && implies(part, level.part, none));
    if (above) report(at, `whenever this holds, ${above.severity} above does too: the rule can never be ${severity}`);
  }
}

/** A condition with its negations pushed down to the comparisons. */
function partOf(rule: RuleFile, condition: Condition, at: string, negated: boolean): Part {
  if ('not' in condition) return partOf(rule, condition.not, `${at}/not`, !negated);
  if ('all' in condition || 'any' in condition) {
    const key = 'all' in condition ? 'all' : 'any';
    const parts = 'all' in condition ? condition.all : condition.any;
    const kind = (key === 'all') === negated ? 'any' : 'all';
    const inner = parts.map((part, index) => partOf(rule, part, `${at}/${key}/${index}`, negated));
    return { kind, at, parts: inner };
  }
  const said = (text: string): string => (negated ? `not ${text}` : text);
  if ('finding' in condition) return findingLeaf(condition, at, negated, said(findingText(condition)));
  const operator = negated ? OPPOSITE[condition.operator] : condition.operator;
  return {
    kind: 'leaf',
    at,
    key: condition.fact,
    operator,
    value: constantOf(rule, condition),
    text: said(comparisonText(rule, condition)),
  };
}

const findingLeaf = ({ finding, atLeast = 'info' }: FindingCondition, at: string, negated: boolean, text: string): Leaf => ({
  kind: 'leaf',
  at,
  key: `finding ${finding}`,
  operator: negated ? 'lessThan' : 'greaterThanInclusive',
  value: rank(atLeast),
  text,
});

function constantOf(rule: RuleFile, { value }: FactCondition): Leaf['value'] {
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value as readonly (number | string)[];
  if ('fact' in value) return null;
  const { param } = value as { param: string };
  return rule.params && Object.hasOwn(rule.params, param) ? (rule.params[param]?.value ?? null) : null;
}

/** What must all hold of a part: its comparisons, and its choices. */
function flat(part: Part): { leaves: Leaf[]; choices: Choice[] } {
  const leaves: Leaf[] = [];
  const choices: Choice[] = [];
  const add = (inner: Part): void => {
    if (inner.kind === 'leaf') leaves.push(inner);
    else if (inner.kind === 'all' || inner.parts.length === 1) for (const deeper of inner.parts) add(deeper);
    else choices.push(inner);
  };
  add(part);
  return { leaves, choices };
}

const shapeOf = (part: Part): unknown =>
  part.kind === 'leaf' ? [part.key, part.operator, part.value, part.text] : [part.kind, part.parts.map(shapeOf)];
const sameAs = (a: Part, b: Part): boolean => a.kind === b.kind && JSON.stringify(shapeOf(a)) === JSON.stringify(shapeOf(b));

/** Differences may be below zero, whatever they are counted in. */
const SIGNED = /grow|delta|drift|slope|trend|change/;
const COUNTED = ['count', 'pages', 'pages/s', '1/s'];

function domainOf(rule: RuleFile, key: string, vocabulary: Vocabulary): Domain {
  if (key.startsWith('finding ') || key === 'findings.worst') return { ...ANYTHING, low: -1, high: 3 };
  const unit = unitOf(vocabulary, key, rule.forEach);
  const name = key.startsWith('item.') ? `${rule.forEach ?? ''}/${key.slice('item.'.length)}` : key;
  if (vocabulary.shares?.has(name)) return { ...ANYTHING, low: 0, high: 100 };
  if (unit !== undefined && COUNTED.includes(unit) && !SIGNED.test(key)) return { ...ANYTHING, low: 0 };
  return unit === 'boolean' ? { ...ANYTHING, only: [true, false] } : ANYTHING;
}

function boundsOf({ low, high, only }: Domain): string {
  if (only) return `which is one of ${only.join(', ')}`;
  if (high === 100) return 'which is a share: from 0 to 100 %';
  return high === 3 ? 'which goes from −1 (clear) to 3 (critical)' : `which is never below ${low}`;
}
