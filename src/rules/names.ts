import type { Pack } from './packs.js';
import type { Condition, DiagnosisPart, RuleFile, RuleTest } from './rule.js';
import type { Vocabulary } from './vocabulary.js';

/** What names in a rule file become: ids of rules, and facts. */
export interface Renaming {
  readonly id: (id: string) => string;
  readonly fact: (name: string) => string;
}

type Named = Partial<Pick<RuleFile, 'conditions' | 'levels' | 'evidence' | 'tests'>> & { readonly diagnosis?: Partial<DiagnosisPart> };

/** A rule, or what changes one, in which every name is as `renaming` says. Texts are left as they are. */
export function renamed<T extends Named>(rule: T, renaming: Renaming): T {
  const { id, fact } = renaming;
  const { conditions, levels, evidence, tests, diagnosis } = rule;
  return {
    ...rule,
    ...(conditions && { conditions: renamedCondition(conditions, renaming) }),
    ...(levels && { levels: levels.map((level) => ({ ...level, conditions: renamedCondition(level.conditions, renaming) })) }),
    ...(evidence && { evidence: evidence.map(fact) }),
    ...(tests && { tests: tests.map((test) => renamedTest(test, renaming)) }),
    ...(diagnosis && {
      diagnosis: {
        ...diagnosis,
        ...(diagnosis.explains && { explains: diagnosis.explains.map(id) }),
        ...(diagnosis.outranks && { outranks: diagnosis.outranks.map(id) }),
        ...(diagnosis.owner && { owner: diagnosis.owner.map(fact) }),
        ...(diagnosis.needs && { needs: diagnosis.needs.map(fact) }),
        ...(diagnosis.explainedBytes !== undefined && { explainedBytes: fact(diagnosis.explainedBytes) }),
        ...(diagnosis.suspect && { suspect: { ...diagnosis.suspect, bytes: fact(diagnosis.suspect.bytes) } }),
        ...(diagnosis.corroborating && { corroborating: renamedAll(diagnosis.corroborating, renaming) }),
        ...(diagnosis.contradicting && { contradicting: renamedAll(diagnosis.contradicting, renaming) }),
      },
    }),
  };
}

const renamedAll = <W extends { readonly conditions: Condition }>(list: readonly W[], renaming: Renaming): W[] =>
  list.map((part) => ({ ...part, conditions: renamedCondition(part.conditions, renaming) }));

function renamedCondition(condition: Condition, renaming: Renaming): Condition {
  const { id, fact } = renaming;
  if ('all' in condition) return { all: condition.all.map((part) => renamedCondition(part, renaming)) };
  if ('any' in condition) return { any: condition.any.map((part) => renamedCondition(part, renaming)) };
  if ('not' in condition) return { not: renamedCondition(condition.not, renaming) };
  if ('finding' in condition) return { ...condition, finding: id(condition.finding) };
  const { value } = condition;
  const other = typeof value === 'object' && 'fact' in value ? { fact: fact(value.fact) } : value;
  return { ...condition, fact: fact(condition.fact), value: other };
}

const renamedKeys = <V>(map: Readonly<Record<string, V>>, rename: (name: string) => string): Record<string, V> =>
  Object.fromEntries(Object.entries(map).map(([name, value]) => [rename(name), value]));

const renamedTest = (test: RuleTest, { id, fact }: Renaming): RuleTest => ({
  ...test,
  facts: renamedKeys(test.facts, fact),
  ...(test.findings && { findings: renamedKeys(test.findings, id) }),
});

/** The name that a fact has now. */
export const aliasOf = (name: string, { aliases = {} }: Vocabulary): string =>
  Object.hasOwn(aliases, name) ? (aliases[name]?.now ?? name) : name;

/** Makes full ids of the ids of a pack's own rules. */
export const qualifier =
  ({ name }: Pack, own: ReadonlyMap<string, unknown>) =>
  (id: string): string =>
    name !== null && own.has(`${name}/${id}`) ? `${name}/${id}` : id;
