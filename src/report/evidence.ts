import { factDefinitions, itemDefinitions } from '../facts/derive.js';
import type { FactSet, Item, Unit } from '../facts/fact.js';
import { bytes } from '../format.js';
import type { Outcome, Trace } from '../rules/outcome.js';
import type { Rule } from '../rules/rule.js';
import { valueText } from '../rules/value.js';
import { thresholdText, unitIn } from '../rules/words.js';
import { ownerName } from './owner.js';
import type { ReportEvidence } from './report.js';

type FactTrace = Extract<Trace, { kind: 'fact' }>;

/**
 * What a finding stands on: the facts that its rule names, else those whose comparisons hold; each with its threshold and with
 * where it came from. What is unknown is left out: it proves nothing.
 */
export function evidenceOf(outcome: Outcome, factSet: FactSet): ReportEvidence[] {
  const { rule, item } = outcome;
  const traces = deciding(outcome);
  const names = rule.evidence ?? [...new Set(traces.filter(({ truth }) => truth === true).map(({ condition }) => condition.fact))];
  return names.flatMap((name) => {
    const known = name.startsWith('item.') ? itemEvidence(rule, item, name, factSet) : factEvidence(name, factSet);
    const trace = traces.find(({ condition }) => condition.fact === name);
    return known ? [{ ...known, threshold: trace ? thresholdOf(rule, trace) : null }] : [];
  });
}

/** The comparisons of the level that holds; of all levels when none does. */
function deciding({ levels, severity }: Outcome): FactTrace[] {
  const holding = levels.filter((level) => level.severity === severity);
  return (holding.length > 0 ? holding : levels).flatMap(({ trace }) => leaves(trace));
}

function leaves(trace: Trace): FactTrace[] {
  if (trace.kind === 'fact') return [trace];
  if (trace.kind === 'finding') return [];
  return trace.parts.flatMap(leaves);
}

function thresholdOf(rule: Rule, { condition, threshold }: FactTrace): string {
  const text = thresholdText(rule, condition);
  if (typeof condition.value !== 'object' || !('fact' in condition.value)) return text;
  const other = condition.value.fact;
  return text.replace(other, () => `${valueText(threshold, unitIn(rule, other))} (${other})`);
}

type Known = Omit<ReportEvidence, 'threshold'>;

function factEvidence(name: string, { facts }: FactSet): Known | null {
  const [fact, definition] = [facts[name], factDefinitions[name]];
  if (!fact || !definition || fact.value === null) return null;
  const source = sourceText(fact.from, definition.formula);
  if (typeof fact.value !== 'object') return { fact: name, label: definition.title, value: fact.value, unit: fact.unit, source };
  const { value: entity } = { value: fact.value };
  const size = entity.bytes === null ? '' : `, ${bytes(entity.bytes)}`;
  return { fact: name, label: definition.title, value: `${ownerName(entity)}${size}`, unit: 'text', source };
}

function itemEvidence(rule: Rule, item: Item | null, name: string, { items }: FactSet): Known | null {
  const field = name.slice('item.'.length);
  const value = item?.[field] ?? null;
  if (rule.forEach === undefined || value === null) return null;
  const definition = itemDefinitions[rule.forEach]?.fields[field];
  const [label, unit, formula]: [string, Unit, string] = definition
    ? [definition.title, definition.unit, definition.formula]
    : ['Name', 'text', 'name'];
  return { fact: name, label, value, unit, source: sourceText(items[rule.forEach]?.from ?? [], formula) };
}

/** `/proc/meminfo MemAvailable, MemTotal: 100 × MemAvailable / MemTotal`; fields of one file are said together. */
export function sourceText(from: readonly string[], formula: string): string {
  const files = new Map<string, string[]>();
  for (const place of from) {
    const [file = '', ...field] = place.split(' ');
    files.set(file, [...(files.get(file) ?? []), ...(field.length > 0 ? [field.join(' ')] : [])]);
  }
  const places = [...files].map(([file, fields]) => `${file} ${fields.join(', ')}`.trim());
  return [places.join('; '), formula].filter(Boolean).join(': ');
}
