/** json-rules-engine, with the type of a nested condition that it does not export. */
import { Engine, Fact, type TopLevelCondition } from 'json-rules-engine';

export { Engine, Fact };
export type { TopLevelCondition };
export type NestedCondition = TopLevelCondition | { fact: string; operator: string; value: unknown };
