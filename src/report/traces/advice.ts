import type { FactSet } from '../../facts/fact.js';
import type { Rule } from '../../rules/rule.js';
import type { ReportFinding } from '../report.js';

/** As View.traced() says that a trace was not asked for. */
const NOT_TRACED = /^([a-z-]{1,40}) was not traced: /;

/** The step that would name who it is: a short trace, where what a rule shows is unknown for want of one. Only of use while it lasts. */
export function traceActions({ evidence = [] }: Rule, { facts }: FactSet, live: boolean): ReportFinding['actions'] {
  const wanted = new Set(evidence.flatMap((name) => NOT_TRACED.exec(facts[name]?.reason ?? '')?.[1] ?? []));
  if (!live || wanted.size === 0) return [];
  return [
    {
      kind: 'confirm',
      text: 'Have the kernel name who it is: a short trace while it lasts.',
      command: `sudo memdoctor run --trace ${[...wanted].toSorted().join(',')}`,
      risk: 'None: a few seconds, refused where the host could not bear it, and nothing is left behind.',
    },
  ];
}
