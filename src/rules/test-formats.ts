import type { Case } from './test-run.js';

export interface TestRun {
  readonly rules: number;
  readonly cases: readonly Case[];
}

export const TEST_FORMATS = { text: asText, junit: asJunit, tap: asTap, json: asJson } as const;

export const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
const failed = ({ cases }: TestRun): readonly Case[] => cases.filter(({ failure }) => failure !== null);

/** What failed, what was found on samples, and a line with the counts. */
function asText(run: TestRun): string {
  const lines = run.cases.flatMap(({ suite, file, name, failure, note }) => {
    if (failure === null) return note === undefined ? [] : [`${suite}: ${note}`];
    return [failure.startsWith(`${file}:`) ? failure : `${file}: test ${JSON.stringify(name)}: ${failure}`];
  });
  const bad = failed(run).length;
  const tests = run.cases.filter(({ suite, file }) => suite !== file).length;
  return [
    ...lines,
    `${plural(run.rules, 'rule')}, ${plural(tests, 'test')}, ${bad === 0 ? 'no failures' : plural(bad, 'failure')}`,
    '',
  ].join('\n');
}

/** JUnit's XML, as CI servers read it: one suite a rule. */
function asJunit(run: TestRun): string {
  const suites = new Map<string, Case[]>();
  for (const entry of run.cases) {
    const known = suites.get(entry.suite);
    if (known) known.push(entry);
    else suites.set(entry.suite, [entry]);
  }
  const body = [...suites].map(([suite, cases]) => {
    const tests = cases.map(({ name, file, failure }) => {
      const head = `    <testcase name="${xml(name)}" classname="${xml(suite)}" file="${xml(file)}"`;
      return failure === null ? `${head}/>` : `${head}>\n      <failure message="${xml(failure)}"/>\n    </testcase>`;
    });
    const bad = cases.filter(({ failure }) => failure !== null).length;
    return [`  <testsuite name="${xml(suite)}" tests="${cases.length}" failures="${bad}">`, ...tests, '  </testsuite>'].join('\n');
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="memdoctor rules" tests="${run.cases.length}" failures="${failed(run).length}">`,
    ...body,
    '</testsuites>',
    '',
  ].join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;', "'": '&apos;' };
const xml = (text: string): string =>
  text
    .replaceAll(/[<>&"']/g, (char) => ENTITIES[char] ?? char)
    .replaceAll('\n', '&#10;')
    // oxlint-disable-next-line no-control-regex -- XML 1.0 cannot hold them in any form
    .replaceAll(/[\u0000-\u001f\u007f\ufffe\uffff]/g, '\uFFFD');

/** TAP version 14. */
function asTap(run: TestRun): string {
  const lines = run.cases.flatMap(({ suite, name, failure, note }, index) => [
    `${failure === null ? 'ok' : 'not ok'} ${index + 1} - ${tap(`${suite}: ${name}`)}`,
    ...(failure === null && note === undefined ? [] : ['  ---', `  message: ${JSON.stringify(failure ?? note)}`, '  ...']),
  ]);
  return ['TAP version 14', `1..${run.cases.length}`, ...lines, ''].join('\n');
}

const tap = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll('\\', '\\\\').replaceAll('#', '\\#');

function asJson(run: TestRun): string {
  const bad = failed(run).length;
  return `${JSON.stringify({ rules: run.rules, tests: run.cases.length, failures: bad, cases: run.cases }, null, 2)}\n`;
}
