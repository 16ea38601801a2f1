import { bytes, count, duration, percent, rate } from '../format.js';
import { cut } from './escape.js';
import { keyFigures } from './key-figures.js';
import { readsModel } from './next-reads.js';
import { oomModel } from './oom-model.js';
import { letterOf, toneOf } from './tones.js';
import { toolsModel } from './tools-model.js';
import { redactedText } from './redacted.js';
import { tracesModel } from './traces/model.js';
import type { Report, ReportDiagnosis, ReportEvidence, ReportFinding } from './report.js';
import { partOf, suspectsTitle, suspectText } from './suspects.js';
import { valueText } from '../rules/value.js';
import { ownerKind, ownerName, ownerSize } from './owner.js';
import { ACTION_WORDS, causeWord, confidenceWords, momentText, plural, riskOf, STATUS_WORDS, watched } from './words.js';

/**
 * What Markdown and HTML show, in the order they show it: every number already text, nothing escaped yet. The templates
 * escape each value by the helper that they print it with.
 */
export type PageModel = ReturnType<typeof pageModel>;

/** Makes the model of a page; pure. */
export function pageModel(report: Report) {
  const { found, suspects } = partOf(report);
  const [first, ...others] = found;
  const titles = new Map([...report.findings, ...report.diagnoses].map(({ id, title }) => [id, title]));
  const { subject } = report;
  return {
    hostname: subject.hostname ?? 'unnamed host',
    status: report.verdict.status,
    statusWord: STATUS_WORDS[report.verdict.status],
    headline: report.verdict.headline,
    causeWord: causeWord(report),
    subject: subjectRows(report),
    trusted: report.trusted,
    cause: first ? diagnosisModel(first, titles) : null,
    others: others.map((diagnosis) => diagnosisModel(diagnosis, titles)),
    figures: keyFigures(report.facts),
    suspectsTitle: suspectsTitle(suspects),
    suspects: suspects.map((suspect) => ({ id: suspect.id, text: suspectText(suspect) })),
    reads: readsModel(report.nextReads),
    oom: oomModel(report),
    traces: tracesModel(report.traces),
    balance: balanceModel(report.balance),
    findings: report.findings.map((finding) => findingModel(finding, titles)),
    processes: report.tables.processes.map((row) => ({
      name: `${row.name} [${row.pid}]`,
      command: row.command,
      cgroup: row.cgroup,
      anon: sizeOr(row.anonBytes),
      shmem: sizeOr(row.shmemBytes),
      file: sizeOr(row.fileBytes),
      swap: sizeOr(row.swapBytes),
      growth: row.growthBytesPerSecond === null ? '–' : `${bytes(row.growthBytesPerSecond)}/s`,
      faults: row.majorFaultsPerSecond === null ? '–' : rate(row.majorFaultsPerSecond),
    })),
    cgroups: report.tables.cgroups.map((row) => ({
      name: row.name,
      current: sizeOr(row.currentBytes),
      limit: row.limitBytes === null ? 'none' : bytes(row.limitBytes),
      high: row.highBytes === null ? 'none' : bytes(row.highBytes),
      workingSet: sizeOr(row.workingSetBytes),
      highEvents: countOr(row.highEvents),
      maxEvents: countOr(row.maxEvents),
      oomKills: countOr(row.oomKills),
      psi: row.psiSomePercent === null ? '–' : percent(row.psiSomePercent),
    })),
    slab: report.tables.slab.map((row) => ({
      name: row.name,
      size: bytes(row.bytes),
      active: row.activePercent === null ? '–' : percent(row.activePercent),
      growth: sizeOr(row.growthBytes),
    })),
    // a single node is the whole host: the balance has it
    numa: (report.tables.numa.length > 1 ? report.tables.numa : []).map((row) => ({
      node: `Node ${row.node}`,
      total: bytes(row.totalBytes),
      free: bytes(row.freeBytes),
      available: sizeOr(row.availableBytes),
      miss: row.missPerSecond === null ? '–' : rate(row.missPerSecond, 'pages'),
    })),
    zones: (report.tables.zones ?? []).map((row) => ({
      name: row.name,
      managed: sizeOr(row.managedBytes),
      free: sizeOr(row.freeBytes),
      min: sizeOr(row.minBytes),
      low: sizeOr(row.lowBytes),
      high: sizeOr(row.highBytes),
      blocks: row.freeBlocks === null ? '–' : row.freeBlocks.join(' '),
    })),
    swaps: report.tables.swaps.map((row) => ({
      ...row,
      size: bytes(row.sizeBytes),
      used: bytes(row.usedBytes),
      priority: String(row.priority),
    })),
    events: report.events.map(eventModel),
    unknown: unknownGroups(report.unknown),
    unknownCount: plural(report.unknown.length, 'rule'),
    sources: Object.entries(report.sources)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, source]) => ({ id, ...source, took: duration(source.seconds), size: bytes(source.bytes), reason: source.reason ?? '' })),
    texts: textsModel(report.texts),
    tools: toolsModel(report.tools),
    sourcesCount: statusCounts(report.sources),
    notes: report.notes ?? [],
    made: madeRows(report),
    rules: `${plural(report.rules.total, 'rule')}: ${report.rules.fired} fired, ${report.rules.clear} clear, ${report.rules.unknown} could not be told`,
    redacted: redactedText(report.redacted),
    disabled: report.rules.disabled,
    problems: report.rules.problems,
    version: report.memdoctorVersion,
    schemaVersion: report.schemaVersion,
  };
}

const lineRange = (first: number, last: number): string => (first === last ? String(first) : `${first}–${last}`);

/** What was read from texts, and the lines that were not understood; null when there were none. */
function textsModel(texts: Report['texts']) {
  if (texts === undefined) return null;
  return {
    recognised: texts.recognised.map((block) => ({
      title: block.title,
      where: `${block.name}:${lineRange(block.firstLine, block.lastLine)}`,
      note: block.used ? '' : `not used: ${block.note ?? 'not needed'}`,
    })),
    unrecognised: texts.unrecognised.map(({ name, line, lastLine, text }) => ({
      where: `${name}:${lineRange(line, lastLine)}`,
      text: cut(text, 100),
    })),
  };
}

/** The rules that could not be told, by the reason they share; the reason of most of them first. */
function unknownGroups(unknown: Report['unknown']): { why: string; ids: string[] }[] {
  const groups = new Map<string, string[]>();
  for (const { id, why } of unknown) groups.set(why, [...(groups.get(why) ?? []), id]);
  return [...groups].map(([why, ids]) => ({ why, ids })).toSorted((a, b) => b.ids.length - a.ids.length);
}

const sizeOr = (value: number | null): string => (value === null ? '–' : bytes(value));
const countOr = (value: number | null): string => (value === null ? '–' : count(value));

/** How many sources fared how: `38 sources: 33 ok, 5 absent`. */
function statusCounts(sources: Report['sources']): string {
  const counts = new Map<string, number>();
  for (const { status } of Object.values(sources)) counts.set(status, (counts.get(status) ?? 0) + 1);
  const said = [...counts].toSorted((a, b) => b[1] - a[1]).map(([status, number]) => `${number} ${status}`);
  return `${plural(Object.keys(sources).length, 'source')}: ${said.join(', ')}`;
}

/** By what, from what and how long the report was made. */
function madeRows({ memdoctorVersion, schemaVersion, subject, rules }: Report): { label: string; value: string }[] {
  return [
    { label: 'memdoctor', value: `${memdoctorVersion}, report ${schemaVersion}` },
    { label: 'Captured', value: subject.capturedAt === null ? 'at a time that is not known' : momentText(subject.capturedAt) },
    { label: 'Watched', value: `${watched(subject)} (${subject.origin})` },
    { label: 'Page size', value: bytes(subject.pageSize) },
    { label: 'Rules', value: `${rules.total}: ${rules.fired} fired, ${rules.clear} clear, ${rules.unknown} could not be told` },
  ];
}

function subjectRows({ subject }: Report): { label: string; value: string }[] {
  const rows: [string, string | null][] = [
    ['Kernel', subject.kernel === null ? null : `${subject.kernel}${subject.arch === null ? '' : ` (${subject.arch})`}`],
    ['System', subject.distribution],
    ['Memory', subject.totalBytes === null ? null : bytes(subject.totalBytes)],
    ['Machine', [subject.virtualization, subject.container].filter((part) => part !== null).join(', ') || null],
    ['Up', subject.uptimeSeconds === null ? null : duration(subject.uptimeSeconds)],
    ['Captured', subject.capturedAt === null ? null : momentText(subject.capturedAt)],
    ['Watched', watched(subject)],
  ];
  return rows.flatMap(([label, value]) => (value === null ? [] : [{ label, value }]));
}

const evidenceModel = (item: ReportEvidence) => ({
  fact: item.fact,
  label: item.label,
  value: valueText(item.value, item.unit),
  threshold: item.threshold ?? '–',
  source: item.source,
});

function actionModel(action: ReportFinding['actions'][number]) {
  const { risk, harmless } = riskOf(action.risk);
  return { ...action, risk, harmless, word: ACTION_WORDS[action.kind] };
}

function diagnosisModel(diagnosis: ReportDiagnosis, titles: ReadonlyMap<string, string>) {
  const { owner } = diagnosis;
  return {
    id: diagnosis.id,
    title: diagnosis.title,
    severity: diagnosis.severity,
    confidence: confidenceWords(diagnosis),
    sure: diagnosis.confidence,
    score: Math.round(diagnosis.score),
    summary: diagnosis.summary,
    explanation: diagnosis.explanation,
    owner: owner && { kind: ownerKind(owner.kind), name: ownerName(owner), size: ownerSize(owner) },
    explained: diagnosis.explainedBytes === null ? null : bytes(diagnosis.explainedBytes),
    because: diagnosis.because.map((id) => ({ id, title: titles.get(id) ?? id })),
    supporting: diagnosis.supporting,
    against: diagnosis.against,
    hasReasons: diagnosis.because.length + diagnosis.supporting.length > 0,
    figures: plural(diagnosis.evidence.length, 'figure'),
    evidence: diagnosis.evidence.map(evidenceModel),
    actions: diagnosis.actions.map(actionModel),
    references: diagnosis.references,
  };
}

function findingModel(finding: ReportFinding, titles: ReadonlyMap<string, string>) {
  return {
    ...finding,
    figures: plural(finding.evidence.length, 'figure'),
    evidence: finding.evidence.map(evidenceModel),
    actions: finding.actions.map(actionModel),
    explainedByTitle: finding.explainedBy === null ? null : (titles.get(finding.explainedBy) ?? finding.explainedBy),
  };
}

function balanceModel(balance: Report['balance']) {
  if (!balance) return null;
  const share = (value: number) => percent((100 * value) / balance.totalBytes);
  const wholes = balance.lines.filter(({ of }) => of === undefined);
  const lines = balance.lines.map((line) => ({
    name: line.name,
    letter: line.of === undefined ? letterOf(wholes.indexOf(line)) : '',
    size: bytes(line.bytes),
    share: share(line.bytes),
    bytes: line.bytes,
    source: line.source,
    of: line.of ?? null,
    tone: line.of === undefined ? toneOf(line.name, wholes.indexOf(line)) : null,
  }));
  return {
    total: bytes(balance.totalBytes),
    lines,
    unaccounted: bytes(balance.unaccountedBytes),
    unaccountedShare: share(balance.unaccountedBytes),
    unaccountedBytes: balance.unaccountedBytes,
    trust: balance.trust,
  };
}

function eventModel(event: Report['events'][number]) {
  const parts = [
    event.trigger && `caused by ${ownerName(named(event.trigger))}`,
    event.cgroup && `in ${event.cgroup}`,
    event.order === null || event.order === undefined ? null : `order ${event.order}`,
    event.gfpMask,
    event.constraint,
    event.program === undefined ? null : `by ${event.program}`,
    event.subsystem === undefined ? null : `for ${event.subsystem}`,
    event.device,
    event.harmless === undefined ? null : `harmless: ${event.harmless}`,
  ];
  return {
    kind: (event.count ?? 1) > 1 ? `${event.kind} × ${event.count}` : event.kind,
    time: event.wallTime ?? (event.time === null ? '–' : `${duration(event.time)} after boot`),
    what: parts.filter(Boolean).join(', ') || (event.text ?? ''),
    victims: (event.victims ?? [])
      .map((victim) => `${ownerName(named(victim))}${victim.anonRssBytes === null ? '' : ` (${bytes(victim.anonRssBytes)} private)`}`)
      .join(', '),
    source: event.source,
  };
}

const named = ({ name, pid }: { name: string; pid: number | null }) => ({ name, ...(pid === null ? {} : { pid }) });
