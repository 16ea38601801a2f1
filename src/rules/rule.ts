import { boolean, type Infer, list, map, number, oneOf, row, text } from '../json-schema.js';
import { UNITS } from '../facts/fact.js';

export const SEVERITIES = ['critical', 'warning', 'notice', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];
/** info 0, notice 1, warning 2, critical 3; a finding that is clear has rank −1. */
export const rank = (severity: Severity): number => SEVERITIES.length - 1 - SEVERITIES.indexOf(severity);

/**
 * json-rules-engine's own operators. `in` and `notIn` want a list: with a string the engine looks for a substring.
 */
export const OPERATORS = [
  'equal',
  'notEqual',
  'lessThan',
  'lessThanInclusive',
  'greaterThan',
  'greaterThanInclusive',
  'in',
  'notIn',
] as const;

const SCALAR = { type: ['number', 'string', 'boolean'] } as const;

/** One comparison of a fact (`psi.mem.some.avg10`, or `item.used_pct` in a rule with forEach) with a number, a param or another fact. */
export interface FactCondition {
  readonly fact: string;
  readonly operator: (typeof OPERATORS)[number];
  readonly value: number | string | boolean | readonly (number | string)[] | { readonly param: string } | { readonly fact: string };
}
/** True when another rule's finding is there with at least this severity (default info). */
export interface FindingCondition {
  readonly finding: string;
  readonly atLeast?: Severity;
}
/** json-rules-engine's condition language, with finding conditions added. */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | FactCondition
  | FindingCondition;

const reference = row({ title: text(), url: { type: 'string', pattern: '^https://' } as const });
const action = row(
  {
    kind: oneOf(['confirm', 'mitigate', 'fix'], 'confirm first, then the mildest remedy, then the lasting one'),
    text: text('what to do, a template'),
  },
  { command: text('to copy and run, a template'), risk: text('what it may hurt; says so when nothing') },
);
const param = row(
  { value: SCALAR, unit: oneOf(UNITS), why: { type: 'string', minLength: 8 } as const },
  { reference: { type: 'string', pattern: '^https://' } as const },
);

const test = row(
  {
    name: text(),
    facts: map({ type: ['number', 'string', 'boolean', 'object', 'null'] } as const, 'by name; a fact that is missing is unknown'),
    expect: oneOf([...SEVERITIES, 'clear', 'unknown']),
  },
  {
    item: map({ type: ['number', 'string', 'boolean', 'null'] } as const, 'the item, for a rule with forEach'),
    findings: map(oneOf([...SEVERITIES, 'clear', 'unknown']), 'the outcomes of other rules; one that is missing is clear'),
    params: map(SCALAR),
    why: text(),
  },
);

const conditionsRef = { $ref: '#/$defs/condition' } as const;
const level = row({ severity: oneOf(SEVERITIES), conditions: conditionsRef });
const weighed = row({ conditions: conditionsRef, text: text('one clause, a template') });

/** What makes a rule a diagnosis: how sure it is, what it explains, who owns it. */
const diagnosis = row(
  {
    base: number('confidence before corroboration, 0..100'),
    scope: oneOf(['cgroup', 'node', 'zone', 'process', 'host'], 'the narrower wins a tie'),
    explains: list(text(), 'ids of the findings that are consequences of it'),
  },
  {
    healthy: boolean('says that nothing is wrong'),
    alone: boolean('it speaks of the whole host: it is said first or not at all'),
    lastResort: boolean('evaluated after all other diagnoses'),
    owner: list(text(), 'names of entity facts; the first that is known is the owner'),
    explainedBytes: text('name of the fact that says how much of the shortage it accounts for'),
    suspect: {
      ...row({
        who: text('what it is that may hold it, in a word or two'),
        bytes: text('name of the fact that says how much it may hold at most'),
        source: text('id of the source that tells how much it holds'),
        weight: number('how common it is where so much is held by it or by others: 1 is rare; our judgement'),
      }),
      description: 'when nothing tells the cause, it is a suspect by what it may hold',
    } as const,
    corroborating: list(weighed, 'each that holds adds 10, at most 30'),
    contradicting: list(weighed, 'each that holds takes 20, and is said as evidence against'),
    outranks: list(text(), 'ids of diagnoses that are consequences of this one, or less specific'),
    needs: list(text(), 'names of facts whose absence takes 10 each'),
    logOnly: boolean('rests on the log or counters since boot alone: takes 15'),
  },
);

const VERSION = {
  type: 'string',
  pattern: '^[0-9]{1,5}[.][0-9]{1,5}$',
  description: 'of the facts that it was written for: a memdoctor that has older ones leaves it out, and says so',
} as const;

/** A rule file. Exactly one of `levels` and `severity` + `conditions` is there; `diagnosis` makes it a diagnosis. */
export const ruleSchema = {
  ...row(
    {
      id: { type: 'string', pattern: '^[a-z0-9]+(-[a-z0-9]+)*$' } as const,
      title: text(),
      category: {
        type: 'string',
        pattern: '^[a-z0-9]+(-[a-z0-9]+)*$',
        description: 'a word; findings of one category stand together',
      } as const,
      message: text('what was found, a template: {{percent psi.mem.some.avg10}}'),
      tests: list(test),
    },
    {
      $schema: text(),
      factSchemaVersion: VERSION,
      status: oneOf(['experimental', 'stable', 'deprecated']),
      forEach: text('name of an item set: the rule runs for each item'),
      params: map(param),
      severity: oneOf(SEVERITIES),
      conditions: conditionsRef,
      levels: { ...list(level, 'from the most severe to the least'), minItems: 1 },
      explanation: text('what it means and why it matters, a template'),
      evidence: list(text(), 'names of facts, or item fields (item.used_pct)'),
      actions: list(action),
      references: list(reference),
      limits: list(text(), 'when it may be wrong'),
      diagnosis,
    },
    'A memdoctor rule: conditions over facts, and what to say when they hold.',
  ),
  oneOf: [{ required: ['levels'] }, { required: ['severity', 'conditions'] }],
  $defs: {
    condition: {
      description: 'json-rules-engine’s all, any and not over comparisons of facts and over findings',
      anyOf: [
        ...(['all', 'any'] as const).map((key) => ({
          type: 'object',
          properties: { [key]: { type: 'array', minItems: 1, items: { $ref: '#/$defs/condition' } } },
          required: [key],
          additionalProperties: false,
        })),
        { type: 'object', properties: { not: { $ref: '#/$defs/condition' } }, required: ['not'], additionalProperties: false },
        {
          type: 'object',
          properties: {
            fact: { type: 'string' },
            operator: { enum: OPERATORS },
            value: {
              anyOf: [
                SCALAR,
                { type: 'array', items: { type: ['number', 'string'] } },
                { type: 'object', properties: { param: { type: 'string' } }, required: ['param'], additionalProperties: false },
                { type: 'object', properties: { fact: { type: 'string' } }, required: ['fact'], additionalProperties: false },
              ],
            },
          },
          required: ['fact', 'operator', 'value'],
          additionalProperties: false,
        },
        {
          type: 'object',
          properties: { finding: { type: 'string' }, atLeast: { enum: SEVERITIES } },
          required: ['finding'],
          additionalProperties: false,
        },
      ],
    },
  },
} as const;

/**
 * A file of a pack that changes a rule which is there: built in, or of a pack that this one extends. Lists are added to those of the
 * rule; texts and params take the place of its own.
 */
export const overrideSchema = {
  ...row(
    { override: text('the id of the rule'), why: { type: 'string', minLength: 8, description: 'why it is changed' } as const },
    {
      $schema: text(),
      factSchemaVersion: VERSION,
      params: map(SCALAR, 'new values of params of the rule, by name'),
      severity: {
        description: 'whatever level holds, this severity; or by level: {"critical": "warning"}',
        anyOf: [oneOf(SEVERITIES), map(oneOf(SEVERITIES))],
      } as const,
      title: text(),
      message: text('a template'),
      explanation: text('a template'),
      evidence: list(text(), 'names of facts'),
      actions: list(action),
      references: list(reference),
      limits: list(text()),
      diagnosis: row(
        {},
        {
          explains: list(text(), 'ids of findings'),
          outranks: list(text(), 'ids of diagnoses'),
          corroborating: list(weighed, 'each that holds adds 10, at most 30'),
          contradicting: list(weighed, 'each that holds takes 20, and is said as evidence against'),
        },
        'for a diagnosis: what is added to it',
      ),
      tests: list(test, 'of the rule as it is then'),
    },
    'A change of a memdoctor rule by a pack.',
  ),
  $defs: ruleSchema.$defs,
} as const;

/** `memdoctor-pack.json`: what makes a folder a pack. Its rules lie in rules/, its changes of other rules in overrides/. */
export const packSchema = row(
  { name: { type: 'string', pattern: '^[a-z0-9]+(-[a-z0-9]+)*$', description: 'its rules are name/id' } as const },
  {
    $schema: text(),
    version: text(),
    description: text(),
    factSchemaVersion: VERSION,
    extends: list(text(), 'packs that it builds on: names of packages, or folders inside of its own'),
  },
  'A pack of memdoctor rules.',
);

type Inferred = Infer<ReturnType<typeof forTypes>>;
const forTypes = () => {
  const { oneOf: _oneOf, $defs: _defs, ...plain } = ruleSchema;
  return plain;
};

type Level = { readonly severity: Severity; readonly conditions: Condition };
type Weighed = { readonly conditions: Condition; readonly text: string };
export type RuleTest = Infer<typeof test>;
export type DiagnosisPart = Omit<Infer<typeof diagnosis>, 'corroborating' | 'contradicting'> & {
  readonly corroborating?: readonly Weighed[];
  readonly contradicting?: readonly Weighed[];
};

/** A rule as its file has it. */
export type RuleFile = Omit<Inferred, 'conditions' | 'levels' | 'diagnosis' | 'params'> & {
  readonly conditions?: Condition;
  readonly levels?: readonly Level[];
  readonly diagnosis?: DiagnosisPart;
  readonly params?: Readonly<
    Record<string, { value: number | string | boolean; unit: (typeof UNITS)[number]; why: string; reference?: string }>
  >;
};

/** A rule ready to run: levels always there, most severe first; params as set; where it came from. */
export type Rule = Omit<RuleFile, 'severity' | 'conditions' | 'levels'> & {
  readonly levels: readonly Level[];
  /** The file, for messages and `rules list`. */
  readonly file: string;
  readonly builtin: boolean;
  /** The pack that it comes from; none for a built-in rule and for one that was given by itself. */
  readonly pack?: string;
  /** What changed it, in the order of the changes: "acme: params, severity". */
  readonly changes?: readonly string[];
};

export type PackFile = Infer<typeof packSchema>;
/** An override as its file has it. */
export type OverrideFile = Omit<Infer<Omit<typeof overrideSchema, '$defs'>>, 'diagnosis' | 'severity' | 'params'> & {
  readonly params?: Readonly<Record<string, number | string | boolean>>;
  readonly severity?: Severity | Readonly<Record<string, Severity>>;
  readonly diagnosis?: Partial<Pick<DiagnosisPart, 'explains' | 'outranks' | 'corroborating' | 'contradicting'>>;
};

/** Whether an id is that of a diagnosis, also in a pack: the ids of diagnoses begin with "dx-". */
export const isDiagnosisId = (id: string): boolean => id.slice(id.lastIndexOf('/') + 1).startsWith('dx-');
