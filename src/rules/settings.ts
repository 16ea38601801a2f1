import type { PackReference } from './packs.js';
import type { Severity } from './rule.js';

/** What a configuration says of rules, and where, for messages. */
export interface RuleSettings {
  /** As messages and `rules list` show it. */
  readonly file: string;
  readonly packs: readonly PackReference[];
  readonly disable: readonly string[];
  readonly params: Readonly<Record<string, Readonly<Record<string, number | string | boolean>>>>;
  readonly severity: Readonly<Record<string, Severity | 'off' | Readonly<Record<string, Severity>>>>;
  /** A message about the place of a JSON pointer: `memdoctor.config.json:3:5: …`. */
  readonly at: (pointer: string, message: string, key?: boolean) => string;
}
