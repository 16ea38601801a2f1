import { boolean, bytes, constant, count, type Infer, list, map, nullable, number, oneOf, row, seconds, text } from '../json-schema.js';
import { ORIGINS, redactedSchema, textsReadSchema } from '../gather/snapshot.js';
import { SOURCE_STATUSES } from '../gather/collect.js';
import { UNITS } from '../facts/fact.js';
import { oomSchema } from './oom-schema.js';
import { toolsSchema } from './tools-schema.js';
import { tracesSchema } from './traces/schema.js';
import { SEVERITIES } from '../rules/rule.js';

/** The version of the report's form. */
export const REPORT_VERSION = '1.0';

export const VERDICTS = ['healthy', 'attention', 'critical', 'inconclusive'] as const;

const scalar = { type: ['number', 'string', 'boolean', 'null'] } as const;

const evidence = row({
  fact: text(),
  label: text(),
  value: scalar,
  unit: oneOf(UNITS),
  threshold: nullable(text('as people read it: "≥ 10 %"')),
  source: text('the files and fields it came from, with the formula'),
});
const action = row({ kind: oneOf(['confirm', 'mitigate', 'fix']), text: text(), command: nullable(text()), risk: nullable(text()) });
const reference = row({ title: text(), url: text() });

const owner = row({ kind: text(), name: text(), bytes: nullable(number()) }, { pid: number() });

const diagnosis = row(
  {
    id: text(),
    title: text(),
    severity: oneOf(SEVERITIES),
    confidence: oneOf(['high', 'medium', 'low']),
    score: number('5..97'),
    summary: text('what is wrong, with figures'),
    explanation: nullable(text()),
    owner: nullable(owner),
    explainedBytes: nullable(number()),
    because: list(text(), 'ids of the findings it explains'),
    supporting: list(text()),
    against: list(text()),
    evidence: list(evidence),
    actions: list(action),
    references: list(reference),
  },
  {
    suspected: {
      ...row(
        {},
        {
          holds: count('comparisons that are known to hold, on the way in which it is nearest to be told'),
          of: count(),
          who: text('may hold the bytes'),
          source: text('id of the source that would tell'),
          bytes: bytes('that it may hold at most'),
        },
      ),
      description: 'not found: no cause was, and nothing that was read rules it out',
    } as const,
  },
);

const finding = row({
  id: text(),
  category: text(),
  severity: oneOf(SEVERITIES),
  title: text(),
  item: nullable(text('the cgroup, device, … that a rule with forEach names')),
  message: text(),
  explanation: nullable(text()),
  evidence: list(evidence),
  explainedBy: nullable(text('id of the diagnosis it is a consequence of')),
  actions: list(action),
  references: list(reference),
});

const event = row(
  { kind: text(), time: nullable(number('seconds since boot')), source: text() },
  {
    text: text('the line that says it best'),
    count: count('of alike ones that were folded'),
    order: nullable(number()),
    gfpMask: nullable(text()),
    constraint: nullable(text()),
    cgroup: nullable(text()),
    trigger: nullable(row({ name: text(), pid: nullable(number()) })),
    victims: list(
      row({
        name: text(),
        pid: nullable(number()),
        totalVmBytes: nullable(number()),
        anonRssBytes: nullable(number()),
        fileRssBytes: nullable(number()),
        shmemRssBytes: nullable(number()),
        oomScoreAdj: nullable(number()),
      }),
    ),
    wallTime: text('ISO 8601, when the log has it'),
    firstTime: seconds('since boot: of the first of those folded'),
    program: text('the user-space program that acted'),
    subsystem: text('of the kernel that asked, by the call trace'),
    device: text(),
    bytes: bytes('asked for, lost or freed'),
    seconds: seconds('that it was stalled or blocked'),
    harmless: text('why it needs no action'),
  },
);

const processRow = row({
  pid: number(),
  name: text(),
  command: nullable(text('cut, secrets masked')),
  cgroup: nullable(text()),
  anonBytes: nullable(number()),
  fileBytes: nullable(number()),
  shmemBytes: nullable(number()),
  swapBytes: nullable(number()),
  pssBytes: nullable(number()),
  growthBytesPerSecond: nullable(number()),
  majorFaultsPerSecond: nullable(number()),
  threads: nullable(number()),
  oomScoreAdj: nullable(number()),
});

const zoneRow = row({
  name: text('"Node 0 Normal"'),
  freeBytes: nullable(number()),
  minBytes: nullable(number()),
  lowBytes: nullable(number()),
  highBytes: nullable(number()),
  managedBytes: nullable(number()),
  freeBlocks: nullable(list(count(), 'free blocks of 2^order pages, by order from 0; null when /proc/buddyinfo was not read')),
});

/** The result document; every rendering is made from it alone. */
export const reportSchema = row(
  {
    schemaVersion: constant('1.0'),
    memdoctorVersion: text(),
    verdict: row({ status: oneOf(VERDICTS), headline: text() }),
    diagnoses: list(diagnosis, 'ranked, the root cause first; where no cause was found, suspects after the rest'),
    findings: list(finding, 'most severe first'),
    unknown: list(row({ id: text(), missing: list(text()), why: text() })),
    balance: nullable(
      row({
        totalBytes: bytes(),
        lines: list(row({ name: text(), bytes: number(), source: text() }, { of: text('the line that it is a part of: not added again') })),
        unaccountedBytes: number('what no line holds; may be a little below zero'),
        trust: text('how far to believe it: error bar and why'),
      }),
    ),
    facts: map(
      row({ value: { anyOf: [scalar, owner] } as const, unit: oneOf(UNITS), from: list(text()) }, { reason: text('why it is unknown') }),
    ),
    subject: row({
      hostname: nullable(text()),
      kernel: nullable(text()),
      arch: nullable(text()),
      distribution: nullable(text()),
      capturedAt: nullable(text()),
      durationSeconds: seconds(),
      samples: count(),
      origin: oneOf(ORIGINS),
      virtualization: nullable(text()),
      container: nullable(text()),
      pageSize: bytes(),
      uptimeSeconds: nullable(seconds()),
      totalBytes: nullable(bytes()),
    }),
    events: list(event, 'in the order of the log'),
    tables: row(
      {
        processes: list(processRow),
        slab: list(row({ name: text(), bytes: number(), activePercent: nullable(number()), growthBytes: nullable(number()) })),
        numa: list(
          row(
            {
              node: number(),
              totalBytes: number(),
              freeBytes: number(),
              availableBytes: nullable(number()),
              missPerSecond: nullable(number()),
            },
            {
              anonBytes: number(),
              fileBytes: number('Active(file) + Inactive(file)'),
              shmemBytes: number(),
              slabBytes: number(),
              hugetlbBytes: number('pages of the default size'),
              pageTablesBytes: number(),
            },
          ),
        ),
        cgroups: list(
          row({
            name: text(),
            currentBytes: nullable(number()),
            limitBytes: nullable(number('the least memory.max of it and its ancestors')),
            highBytes: nullable(number()),
            workingSetBytes: nullable(number()),
            highEvents: nullable(number('in the sample')),
            maxEvents: nullable(number()),
            oomKills: nullable(number('since its creation')),
            psiSomePercent: nullable(number()),
          }),
        ),
        swaps: list(row({ name: text(), type: text(), sizeBytes: number(), usedBytes: number(), priority: number() })),
      },
      { zones: list(zoneRow, 'in the order of the kernel, those without memory left out; absent when neither file was read') },
    ),
    series: map(list(list(number())), 'by name: [seconds since the first sample, value]'),
    sources: map(row({ title: text(), status: oneOf(SOURCE_STATUSES), seconds: seconds(), bytes: bytes(), reason: nullable(text()) })),
    rules: row({
      total: count(),
      fired: count(),
      clear: count(),
      unknown: count(),
      disabled: list(text()),
      problems: list(text('rule files that were left out, and why')),
    }),
    trusted: boolean('false when the view is mixed (a container over host counters): host-wide figures are not to be relied on'),
  },
  {
    oom: oomSchema,
    texts: textsReadSchema,
    tools: toolsSchema,
    traces: tracesSchema,
    redacted: redactedSchema,
    nextReads: list(
      row({
        source: text('id of the source'),
        command: text('shows it; it only reads'),
        partly: boolean('a part of it was read'),
        diagnoses: list(text(), 'the root causes that lack it, of those that could explain the trouble'),
      }),
      'where the cause could not be told, what to read next: the most telling first',
    ),
    notes: list(text(), 'what was passed over in an archive for safety'),
  },
  'A memdoctor report.',
);

export type Report = Infer<typeof reportSchema>;
export type ReportDiagnosis = Report['diagnoses'][number];
export type ReportFinding = Report['findings'][number];
export type ReportEvidence = ReportFinding['evidence'][number];
