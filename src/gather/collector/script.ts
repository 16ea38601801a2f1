import type { AnySource } from '../source.js';
import { sources } from '../sources/index.js';
import { STRAIN } from '../strain.js';
import { VERSION } from '../../version.js';
import { collectorTemplate } from './template.js';

const CADENCES = ['every', 'first', 'full', 'last'] as const;
type Cadence = (typeof CADENCES)[number];

/** The samples of a run, by the part they play, and what is read in each. */
const PARTS: Readonly<Record<string, readonly Cadence[]>> = {
  only: CADENCES,
  first: ['every', 'first', 'full'],
  between: ['every'],
  last: ['every', 'full', 'last'],
};
/** Files that no kernel offers: each is made by a function of the script. */
const MADE: Readonly<Record<string, string>> = { 'statfs.txt': 'mount_sizes', 'kernel-log.txt': 'kernel_log' };
/** Seconds for one heavy file beyond those that a live run would give it: here a whole process is started for it. */
const GRACE_SECONDS = 1;
const DEFAULT_DEADLINE_MS = 250;
const MARK = '# @generated\n';
/** What can stand in a list that the shell splits, and within double quotes, as itself. */
const PLAIN = /^[\w./*+-]+$/;

type Entry = readonly [id: string, source: AnySource];
const registry: readonly Entry[] = Object.entries(sources);

/** The collector: one POSIX sh script that writes the raw evidence of all sources, as `gather --raw` does. */
export const collectorScript = (): string => collectorTemplate().replace(MARK, () => `${generated(registry)}\n`);

/** The shell's variables: what to read when, and how much of it. */
export function generated(table: readonly Entry[]): string {
  const variables: [string, string][] = [
    ['VERSION', `memdoctor ${VERSION}`],
    ['STRAIN_FULL_PCT', String(STRAIN.fullPct)],
    ['STRAIN_AVAILABLE_PCT', String(STRAIN.availablePct)],
  ];
  for (const cadence of CADENCES) {
    const due = table.filter(([, source]) => source.cadence === cadence);
    variables.push([`FILES_${cadence}`, listed(due.filter(([, { heavy }]) => heavy !== true).flatMap(([, source]) => plainReads(source)))]);
    variables.push([`STEPS_${cadence}`, listed(due.flatMap(([, source]) => stepsOf(source)))]);
    variables.push([`HEAVY_${cadence}`, listed(due.filter(([, { heavy }]) => heavy === true).flatMap(([, source]) => heavyReads(source)))]);
    for (const [name, heavy] of [
      ['PROCESSES', false],
      ['HEAVY_PROCESSES', true],
    ] as const)
      variables.push([
        `${name}_${cadence}`,
        listed(due.filter(([, source]) => (source.heavy === true) === heavy).flatMap(([, source]) => processReads(source))),
      ]);
  }
  for (const [part, cadences] of Object.entries(PARTS)) {
    const due = table.filter(([, { cadence }]) => cadence !== 'pasted' && cadences.includes(cadence));
    variables.push([`IDS_${part}`, idsOf(due)], [`IDS_${part}_strained`, idsOf(due.filter(([, { heavy }]) => heavy !== true))]);
  }
  for (const [, { collector }] of table)
    variables.push(...Object.entries(collector?.cgroups ?? {}).map(([name, value]) => [name, String(value)] as [string, string]));
  return variables.map(([name, value]) => `${name}='${value}'\n`).join('');
}

/** The patterns that the script expands itself: those of processes never, and of a source with a plan only the files that are named in full. */
const plainReads = ({ reads, collector }: AnySource): string[] =>
  reads.filter((path) => !(path in MADE) && !path.startsWith('proc/*/') && (collector === undefined || !path.includes('*')));

const stepsOf = ({ reads, collector }: AnySource): string[] => [
  ...reads.flatMap((path) => MADE[path] ?? []),
  ...(collector?.cgroups === undefined ? [] : ['walk_cgroups']),
];

/** `file:of:most:alone:where` */
const processReads = ({ collector }: AnySource): string[] =>
  (collector?.processes ?? []).map(({ file, of, most, alone, where }) =>
    [file, of, most ?? '', alone === true ? 'alone' : '', where ?? ''].join(':'),
  );

const heavyReads = (source: AnySource): string[] => {
  const seconds = Math.ceil((source.limits?.deadlineMs ?? DEFAULT_DEADLINE_MS) / 1000) + GRACE_SECONDS;
  return plainReads(source).map((path) => `${seconds}:${path}`);
};

/** One a line, without repetition. @throws when one cannot stand in the script: a mistake in a source. */
function listed(words: readonly string[]): string {
  for (const word of words) if (!PLAIN.test(word.replaceAll(':', ''))) throw new Error(`collector: the path ${word} needs quoting`);
  return [...new Set(words)].map((word) => `\n  ${word}`).join('');
}

const idsOf = (entries: readonly Entry[]): string => entries.map(([id]) => `"${id}"`).join(', ');
