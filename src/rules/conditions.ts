import type { Condition, FactCondition, FindingCondition } from './rule.js';

/** The conditions right below one; none for a comparison. */
export function partsOf(condition: Condition): readonly Condition[] {
  if ('all' in condition) return condition.all;
  if ('any' in condition) return condition.any;
  if ('not' in condition) return [condition.not];
  return [];
}

/** Every comparison in a condition, in the order of the file, with its JSON pointer below `at`. */
export function* leavesOf(condition: Condition, at = ''): Generator<[FactCondition | FindingCondition, string]> {
  if ('all' in condition) for (const [index, part] of condition.all.entries()) yield* leavesOf(part, `${at}/all/${index}`);
  else if ('any' in condition) for (const [index, part] of condition.any.entries()) yield* leavesOf(part, `${at}/any/${index}`);
  else if ('not' in condition) yield* leavesOf(condition.not, `${at}/not`);
  else yield [condition, at];
}
