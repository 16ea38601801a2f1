import type { OverrideFile, Rule } from './rule.js';

/** Where something of a changed rule stands in the file that changes it; null for what was there before. */
export function placeIn(at: string, before: Rule, override: OverrideFile): string | null {
  const [, member = '', second = '', third = '', ...rest] = at.split('/');
  if (member === 'tests') return at;
  if (['title', 'message', 'explanation'].includes(member)) return override[member as 'title'] === undefined ? null : at;
  if (['evidence', 'actions', 'references', 'limits'].includes(member)) {
    const index = Number(second) - (before[member as 'limits']?.length ?? 0);
    return index < 0 ? null : ['', member, index, third, ...rest].filter((part, place) => place === 0 || part !== '').join('/');
  }
  if (member !== 'diagnosis' || third === '') return null;
  const list = before.diagnosis?.[second as 'explains'];
  const index = Number(third) - (Array.isArray(list) ? list.length : 0);
  return index < 0 ? null : ['', member, second, index, ...rest].join('/');
}
