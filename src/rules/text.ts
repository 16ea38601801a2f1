import type { FactSet, Item } from '../facts/fact.js';
import { VOCABULARY } from './known.js';
import type { Rule, RuleFile } from './rule.js';
import { compileTemplate, loadHandlebars, readTemplate, type Resolve, type TemplateValues } from './template.js';
import { unitOf, type Vocabulary } from './vocabulary.js';

/** Renders one of a rule's templates as plain text, not escaped. */
export type RenderText = (template: string) => string;

/** What names stand for in the templates of a rule: its params (`floor` or `params.floor`), `item.<field>`, and all facts. */
export function resolveFor(rule: Pick<RuleFile, 'params' | 'forEach'>, vocabulary: Vocabulary): Resolve {
  return (name) => {
    const param = name.startsWith('params.') ? name.slice('params.'.length) : name;
    const params = rule.params ?? {};
    const definition = Object.hasOwn(params, param) ? params[param] : undefined;
    if (definition) return { key: `params.${param}`, unit: definition.unit };
    const now = vocabulary.aliases && Object.hasOwn(vocabulary.aliases, name) ? (vocabulary.aliases[name]?.now ?? name) : name;
    const unit = unitOf(vocabulary, now, rule.forEach);
    return unit && { key: now, unit };
  };
}

interface Compiled {
  readonly render: (values: TemplateValues) => string;
  /** What it shows or asks for: the few values that it must be given. */
  readonly keys: readonly string[];
}
const compiled = new WeakMap<Rule, Map<string, Compiled>>();

/**
 * A function that renders the texts of a rule for one host, and for one item of its set. What cannot be read as a template is
 * shown as it stands: a text never stops a report.
 */
export async function textRenderer(
  factSet: FactSet,
  vocabulary: Vocabulary = VOCABULARY,
): Promise<(rule: Rule, item?: Item | null) => RenderText> {
  const handlebars = await loadHandlebars();

  function make(rule: Rule, template: string): Compiled {
    const { program, problems, keys } = readTemplate(handlebars, template, resolveFor(rule, vocabulary), () => []);
    return program && problems.length === 0 ? { render: compileTemplate(handlebars, program), keys } : { render: () => template, keys: [] };
  }

  return (rule, item) => {
    const known = compiled.get(rule) ?? new Map<string, Compiled>();
    compiled.set(rule, known);
    return (template) => {
      if (!template.includes('{{')) return template;
      const { render, keys } = known.get(template) ?? make(rule, template);
      known.set(template, { render, keys });
      return render(valuesOf(keys, factSet, rule, item ?? null));
    };
  };
}

function valuesOf(keys: readonly string[], { facts }: FactSet, { params = {} }: Rule, item: Item | null): TemplateValues {
  const values = Object.create(null) as Record<string, unknown>;
  for (const key of keys) {
    if (key.startsWith('params.')) values[key] = params[key.slice('params.'.length)]?.value;
    else if (key.startsWith('item.')) values[key] = item?.[key.slice('item.'.length)];
    else values[key] = facts[key]?.value;
  }
  return values;
}
