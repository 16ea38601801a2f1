import { rank, type Rule, type Severity } from './rule.js';

export interface RuleRow {
  readonly id: string;
  readonly category: string;
  /** The most severe first. */
  readonly severities: readonly Severity[];
  readonly title: string;
  readonly file: string;
  readonly builtin: boolean;
  /** Where a rule comes from that is not built in, and what changed it; empty for a built-in one as it was. */
  readonly from: string;
}

const key = (rule: Rule): string => `${rule.diagnosis ? '1' : '0'} ${rule.category} ${rule.id}`;

/** One row for each rule, by category and id; the diagnoses last. */
export function ruleRows(rules: readonly Rule[]): RuleRow[] {
  return rules
    .toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
    .map((rule) => ({
      id: rule.id,
      category: rule.category,
      severities: rule.levels.map(({ severity }) => severity).toSorted((a, b) => rank(b) - rank(a)),
      title: rule.title,
      file: rule.file,
      builtin: rule.builtin,
      from: fromOf(rule),
    }));
}

const fromOf = ({ builtin, pack, file, changes = [] }: Rule): string =>
  [
    ...(builtin ? [] : [pack === undefined ? file : `pack ${pack}, ${file}`]),
    ...(changes.length > 0 ? [`${builtin ? 'built in, ' : ''}changed by ${changes.join('; ')}`] : []),
  ].join('; ');
