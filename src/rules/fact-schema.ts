import { quote } from '../errors.js';

/**
 * The version of the fact names: the minor one grows when facts are added, the major one when a name changes its meaning. Renamed
 * facts keep their old names in `FACT_ALIASES`, so that rules go on working.
 */
export const FACT_SCHEMA_VERSION = '1.0';

export interface Alias {
  /** The name that it has now. */
  readonly now: string;
  /** The fact schema version in which it was renamed. */
  readonly since: string;
}

/** Old names of facts. None has been renamed yet. */
export const FACT_ALIASES: Readonly<Record<string, Alias>> = {};

/** Why a rule cannot be used here, when it was written for a newer memdoctor; null when it can. What is no version is left to the schema. */
export function tooNew(version: unknown, own: string = FACT_SCHEMA_VERSION): string | null {
  const [theirs, ours] = [numbersOf(version), numbersOf(own)];
  if (!theirs || !ours || theirs.major < ours.major || (theirs.major === ours.major && theirs.minor <= ours.minor)) return null;
  return `it is written for the facts of version ${quote(String(version))}, and this memdoctor has those of ${own}: a newer memdoctor can use it`;
}

function numbersOf(version: unknown): { major: number; minor: number } | null {
  const match = typeof version === 'string' ? /^(\d{1,5})\.(\d{1,5})$/.exec(version) : null;
  return match && { major: Number(match[1]), minor: Number(match[2]) };
}
