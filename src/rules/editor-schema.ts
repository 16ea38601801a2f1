import { factDefinitions, itemDefinitions } from '../facts/derive.js';
import type { Unit } from '../facts/fact.js';
import { kindOf } from './check-conditions.js';
import { OPERATORS, overrideSchema, ruleSchema } from './rule.js';
import { HELPERS } from './template.js';
import { PSEUDO_FACTS } from './vocabulary.js';

type Schema = Readonly<Record<string, unknown>>;

const OPERATOR_WORDS: Readonly<Record<(typeof OPERATORS)[number], string>> = {
  equal: '=',
  notEqual: '≠; a fact that is unknown makes it unknown, not true',
  lessThan: '<, for numbers',
  lessThanInclusive: '≤, for numbers',
  greaterThan: '>, for numbers',
  greaterThanInclusive: '≥, for numbers',
  in: 'is one of a list: "value": ["a", "b"]',
  notIn: 'is none of a list: "value": ["a", "b"]',
};
const TYPES = { number: 'number', text: 'string', boolean: 'boolean', entity: 'object' } as const;

/** The schema of rule files with the names of this version in it: editors complete them, and say what each is. */
export const editorRuleSchema = (): Schema => withNames(ruleSchema, 'rule');
/** The same for the files that change a rule. */
export const editorOverrideSchema = (): Schema => withNames(overrideSchema, 'override');

interface Named {
  readonly unit: Unit;
  readonly title: string;
  readonly formula: string;
  readonly validity?: string;
  readonly reference?: string;
}

function described({ unit, title, formula, validity, reference }: Named): Schema {
  return {
    description: `${title} [${unit}]. ${formula}${validity === undefined ? '' : `. ${validity}`}`,
    markdownDescription: [
      `**${title}** — ${unit}`,
      `\`${formula.replaceAll('`', '')}\``,
      ...(validity === undefined ? [] : [`_${validity}_`]),
      ...(reference === undefined ? [] : [`[reference](${reference})`]),
    ].join('\n\n'),
  };
}

const pseudo: Readonly<Record<string, Named>> = Object.fromEntries(
  Object.entries(PSEUDO_FACTS).map(([name, title]) => [
    name,
    { unit: 'count' as const, title, formula: 'from the outcomes of other rules' },
  ]),
);

function withNames(schema: Schema, name: string): Schema {
  const facts: [string, Named][] = Object.entries({ ...factDefinitions, ...pseudo });
  const fields = new Map<string, Named & { sets: string[] }>();
  for (const [set, { fields: own }] of Object.entries(itemDefinitions))
    for (const [field, definition] of Object.entries(own)) {
      const known = fields.get(field);
      if (known) known.sets.push(set);
      else fields.set(field, { ...definition, sets: [set] });
    }
  const items = [...fields].map(([field, { sets, ...definition }]): [string, Named] => [
    `item.${field}`,
    { ...definition, title: `${definition.title} (forEach ${sets.join(', ')})` },
  ]);
  const itemName: [string, Named] = ['item.name', { unit: 'text', title: 'The name of the item', formula: 'with forEach' }];
  const all = [...facts, itemName, ...items];
  const testFacts = {
    type: 'object',
    description: 'by name; a fact that is missing, or null, is unknown',
    properties: Object.fromEntries(
      facts.map(([fact, { unit, title }]) => [fact, { type: [TYPES[kindOf(unit)], 'null'], description: `${title} [${unit}]` }]),
    ),
    additionalProperties: false,
  };
  const refs: Readonly<Record<string, unknown>> = {
    forEach: {
      description: 'the rule runs for each item of the set',
      anyOf: Object.entries(itemDefinitions).map(([set, { title }]) => ({ const: set, description: title })),
    },
    evidence: { type: 'array', items: { $ref: '#/$defs/fact' }, description: 'facts to show, the most telling first' },
    message: {
      type: 'string',
      description: `what was found, a template: {{percent mem.free_pct}}; helpers: ${Object.keys(HELPERS).join(', ')}; {{#if name}} and {{#unless name}}`,
    },
  };
  const { properties = {}, $defs = {} } = schema as { properties?: Record<string, Schema>; $defs?: Record<string, Schema> };
  const tests = properties['tests'] as { items: { properties: Record<string, unknown> } } & Schema;
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:memdoctor:schema:${name}`,
    title: `memdoctor ${name}`,
    ...schema,
    properties: {
      ...properties,
      ...Object.fromEntries(Object.entries(refs).filter(([key]) => Object.hasOwn(properties, key))),
      tests: { ...tests, items: { ...tests.items, properties: { ...tests.items.properties, facts: testFacts } } },
    },
    $defs: {
      ...$defs,
      condition: conditionWithNames($defs['condition'] ?? {}),
      fact: { anyOf: all.map(([fact, definition]) => ({ const: fact, ...described(definition) })) },
      operator: { anyOf: OPERATORS.map((operator) => ({ const: operator, description: OPERATOR_WORDS[operator] })) },
    },
  };
}

/** The schema of conditions, with the names of facts and operators where they may stand. */
function conditionWithNames(condition: Schema): Schema {
  const branches = condition['anyOf'] as readonly Schema[];
  return {
    ...condition,
    anyOf: branches.map((branch) => {
      const { properties = {} } = branch as { properties?: Record<string, Schema> };
      if (!Object.hasOwn(properties, 'fact')) return branch;
      const value = properties['value'] as { anyOf: readonly Schema[] };
      return {
        ...branch,
        properties: {
          fact: { $ref: '#/$defs/fact' },
          operator: { $ref: '#/$defs/operator' },
          value: {
            description: 'a number, a text, true or false, a list, {"param": name} or {"fact": name}',
            anyOf: value.anyOf.map((side) =>
              Object.hasOwn(side['properties'] ?? {}, 'fact') ? { ...side, properties: { fact: { $ref: '#/$defs/fact' } } } : side,
            ),
          },
        },
      };
    }),
  };
}
