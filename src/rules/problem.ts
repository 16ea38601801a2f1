import type { Place } from './places.js';

/** What is wrong with a rule file, and where. */
export interface RuleProblem extends Place {
  readonly file: string;
  /** What was found, what is accepted, and what may have been meant. */
  readonly message: string;
}

/** `rules/x.json:12:7: found …` */
export const problemText = ({ file, line, column, message }: RuleProblem): string => `${file}:${line}:${column}: ${message}`;

/** A problem inside one file: what a check reports, before its place is looked up. */
export interface Finding {
  /** JSON pointer of what is wrong. */
  readonly at: string;
  readonly message: string;
  /** Points at the member's key, not at its value. */
  readonly key?: boolean;
}

/** Takes a problem down. */
export type Report = (at: string, message: string, key?: boolean) => void;

/** A file that is wrong in more places is no rule file. */
const MOST = 50;

/** Thrown and caught in here only. */
class Enough extends Error {}

/** Runs a check; after 50 problems it is stopped, and that is said. */
export function withinLimit(report: Report, check: (report: Report) => void): void {
  let count = 0;
  try {
    check((at, message, key) => {
      if (count++ === MOST) {
        report('', `has more than ${MOST} problems: the others are not listed`);
        throw new Enough();
      }
      report(at, message, key);
    });
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
  }
}
