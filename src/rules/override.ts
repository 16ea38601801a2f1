import { quote } from '../errors.js';
import { escapePointer } from './places.js';
import type { Report } from './problem.js';
import { type OverrideFile, type Rule, type Severity, SEVERITIES } from './rule.js';
import { didYouMean } from './suggest.js';

type Params = NonNullable<Rule['params']>;

/** A rule as an override makes it; what does not fit is reported and left out. `by` says who changes it. */
export function overridden(rule: Rule, override: OverrideFile, by: string, report: Report): Rule {
  const { params, severity, title, message, explanation, evidence, actions, references, limits, diagnosis, tests = [] } = override;
  if (diagnosis && !rule.diagnosis) report('/diagnosis', `${quote(rule.id)} is no diagnosis`, true);
  const part = rule.diagnosis;
  const added = diagnosis ?? {};
  const what = Object.keys(override).filter((key) => !['$schema', 'override', 'why', 'tests', 'factSchemaVersion'].includes(key));
  if (what.length === 0) report('', 'changes nothing: it has "why" only');
  return {
    ...rule,
    levels:
      severity === undefined ? rule.levels : levelsOf(rule, severity, (below, text) => report(`/severity${below}`, text, below !== '')),
    ...(params && {
      params: paramsOf(rule, params, override.why, by, (name, text, key) => report(`/params/${escapePointer(name)}`, text, key)),
    }),
    ...(title !== undefined && { title }),
    ...(message !== undefined && { message }),
    ...(explanation !== undefined && { explanation }),
    ...(evidence && { evidence: [...new Set([...(rule.evidence ?? []), ...evidence])] }),
    ...(actions && { actions: [...(rule.actions ?? []), ...actions] }),
    ...(references && { references: [...(rule.references ?? []), ...references] }),
    ...(limits && { limits: [...(rule.limits ?? []), ...limits] }),
    ...(part && {
      diagnosis: {
        ...part,
        explains: [...new Set([...part.explains, ...(added.explains ?? [])])],
        ...(added.outranks && { outranks: [...new Set([...(part.outranks ?? []), ...added.outranks])] }),
        ...(added.corroborating && { corroborating: [...(part.corroborating ?? []), ...added.corroborating] }),
        ...(added.contradicting && { contradicting: [...(part.contradicting ?? []), ...added.contradicting] }),
      },
    }),
    tests,
    changes: [...(rule.changes ?? []), `${by}: ${what.join(', ')}`],
  };
}

/** The levels of a rule with other severities: one for all of them, or by level. */
export function levelsOf(
  rule: Rule,
  severity: Severity | Readonly<Record<string, Severity>>,
  report: (below: string, message: string) => void,
): Rule['levels'] {
  if (typeof severity === 'string') return rule.levels.map((level) => ({ ...level, severity }));
  const own = rule.levels.map((level) => level.severity as string);
  for (const name of Object.keys(severity))
    if (!own.includes(name))
      report(`/${name}`, `${quote(rule.id)} has no level ${quote(name)}: it has ${own.join(', ')}${didYouMean(name, SEVERITIES)}`);
  return rule.levels.map((level) => ({
    ...level,
    severity: (Object.hasOwn(severity, level.severity) ? severity[level.severity] : undefined) ?? level.severity,
  }));
}

/** The params of a rule with other values. */
export function paramsOf(
  rule: Rule,
  values: Readonly<Record<string, number | string | boolean>>,
  why: string,
  by: string,
  report: (name: string, message: string, key?: boolean) => void,
): Params {
  const changed: Record<string, Params[string]> = { ...rule.params };
  for (const [name, value] of Object.entries(values)) {
    const names = Object.keys(rule.params ?? {});
    const param = names.includes(name) ? changed[name] : undefined;
    if (!param) {
      const accepted = names.length > 0 ? `it has ${names.join(', ')}` : 'it has none';
      report(name, `${rule.id} has no param ${quote(name)}: ${accepted}${didYouMean(name, names)}`, true);
    } else if (typeof value !== typeof param.value)
      report(name, `found a ${typeof value}, the param ${quote(name)} is in ${param.unit}: expected a ${typeof param.value}`);
    else changed[name] = { ...param, value, why: `${why} (${by})` };
  }
  return changed;
}
