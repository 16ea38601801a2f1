import { styleText } from 'node:util';
import { bytes, percent } from '../format.js';
import { columns, fit, pad, wrap } from './columns.js';
import { cut, visible } from './escape.js';
import { keyFigures } from './key-figures.js';
import { readsModel } from './next-reads.js';
import { oomText } from './oom-text.js';
import { redactedText } from './redacted.js';
import { tracesBlock, tracesLine } from './traces/text.js';
import type { Report, ReportDiagnosis } from './report.js';
import { speaks } from './tools-model.js';
import { partOf, suspectsTitle, suspectText } from './suspects.js';
import { NOT_THERE } from './unknown.js';
import { ownerKind, ownerName, ownerSize } from './owner.js';
import { ACTION_WORDS, causeWord, confidenceWords, plural, riskOf, STATUS_WORDS, watched } from './words.js';

type Style = Parameters<typeof styleText>[0];
/** Colours a text, or not. */
type Paint = (style: Style, text: string) => string;

const TONES = { healthy: 'green', attention: 'yellow', critical: 'red', inconclusive: 'cyan' } as const;
/** How many rows each part has. */
interface Sizes {
  readonly actions: number;
  readonly lines: number;
  readonly processes: number;
  /** The section on OOM: a healthy report has room for it or not. */
  readonly oom: boolean;
  /** Two key figures a line. */
  readonly paired: boolean;
  /** What could not be told, and why. */
  readonly remarks: boolean;
  readonly reasons: number;
  /** Empty lines between the parts. */
  readonly gaps: boolean;
}
const FULL: Sizes = { actions: 4, lines: 8, processes: 5, oom: true, paired: false, remarks: true, reasons: 5, gaps: true };
/** A healthy report fits one screen: the first of these that does is taken. */
const SMALLER: readonly Sizes[] = [
  { actions: 4, lines: 6, processes: 4, oom: true, paired: false, remarks: true, reasons: 5, gaps: true },
  { actions: 2, lines: 5, processes: 4, oom: true, paired: true, remarks: true, reasons: 5, gaps: true },
  { actions: 2, lines: 4, processes: 3, oom: false, paired: true, remarks: true, reasons: 5, gaps: true },
  { actions: 1, lines: 4, processes: 3, oom: false, paired: true, remarks: false, reasons: 5, gaps: true },
  { actions: 1, lines: 3, processes: 0, oom: false, paired: true, remarks: false, reasons: 5, gaps: true },
  { actions: 1, lines: 2, processes: 0, oom: false, paired: true, remarks: false, reasons: 5, gaps: true },
  { actions: 1, lines: 0, processes: 0, oom: false, paired: true, remarks: false, reasons: 5, gaps: true },
  { actions: 0, lines: 0, processes: 0, oom: false, paired: true, remarks: false, reasons: 2, gaps: true },
  { actions: 0, lines: 0, processes: 0, oom: false, paired: true, remarks: false, reasons: 1, gaps: false },
];
const OTHERS = 4;
/** Longer texts are cut. */
const PROSE = 600;

/** The lines of the smallest terminal in use. */
const SCREEN = 24;

/** The report for a terminal: what is wrong, why, what to do, and the few figures behind it. A healthy one fits `height` lines with the next prompt. */
export function renderText(report: Report, color: boolean, width: number, height = SCREEN): string {
  const paint: Paint = color ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
  const room = Math.max(40, width);
  if (report.verdict.status !== 'healthy') return inSizes(report, FULL, paint, room);
  let text = '';
  for (const sizes of SMALLER) {
    text = inSizes(report, sizes, paint, room);
    if (text.split('\n').length <= height) break;
  }
  return text;
}

function inSizes(report: Report, sizes: Sizes, paint: Paint, width: number): string {
  const { found, suspects } = partOf(report);
  const [first, ...others] = found;
  const blocks = [
    head(report, paint, width),
    first ? cause(first, report, sizes.reasons, paint, width) : [],
    first ? actions(first, sizes.actions, paint, width) : [],
    suspected(suspects, paint, width),
    nextReads(report, paint, width),
    sizes.oom ? oomText(report, width, (text) => paint('bold', text)) : [],
    tracesOf(report, paint, width),
    noticed(others, report, paint, width),
    figures(report, sizes, paint, width),
    sizes.lines > 0 ? balance(report, sizes.lines, paint, width) : [],
    processes(report, sizes.processes, paint, width),
    readTexts(report, paint, width),
    footer(report, sizes, paint, width),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join(sizes.gaps ? '\n\n' : '\n')}\n`;
}

function head({ subject, verdict }: Report, paint: Paint, width: number): string[] {
  const about = [subject.hostname, subject.kernel, subject.totalBytes === null ? null : bytes(subject.totalBytes), watched(subject)];
  const status = STATUS_WORDS[verdict.status].toUpperCase();
  const [opening = '', ...rest] = wrap(`${status}: ${visible(cut(verdict.headline, PROSE))}`, width);
  return [
    paint(
      'dim',
      fit(
        about
          .filter((part) => part !== null)
          .map(visible)
          .join(' · '),
        width,
      ),
    ),
    paint(['bold', TONES[verdict.status]], opening.slice(0, status.length)) + paint('bold', opening.slice(status.length)),
    ...rest.map((line) => paint('bold', line)),
  ];
}

function cause(diagnosis: ReportDiagnosis, report: Report, reasons: number, paint: Paint, width: number): string[] {
  const titles = new Map(report.findings.map((finding) => [finding.id, finding.title]));
  const because = [...new Set([...diagnosis.because.map((id) => titles.get(id) ?? id), ...diagnosis.supporting])];
  const label = causeWord(report);
  const lines = [
    paint('bold', label) + paint('dim', fit(`  ${confidenceWords(diagnosis)}, ${visible(diagnosis.id)}`, width - label.length)),
  ];
  // not twice what the headline says
  if (!report.verdict.headline.startsWith(diagnosis.title)) lines.push(...wrap(visible(cut(diagnosis.title, PROSE)), width, '  '));
  lines.push(...wrap(visible(cut(diagnosis.summary, PROSE)), width, '  '));
  if (diagnosis.owner) {
    const size = ownerSize(diagnosis.owner);
    const held = size === null ? '' : `, ${size}`;
    lines.push(...labelled('Owner', `${ownerKind(diagnosis.owner.kind)} ${ownerName(diagnosis.owner)}${held}`, width));
  }
  if (because.length > 0) lines.push(...labelled('Because', because.slice(0, reasons).join('; '), width));
  if (diagnosis.against.length > 0) lines.push(...labelled('Against', diagnosis.against.join('; '), width));
  return lines;
}

function labelled(label: string, text: string, width: number): string[] {
  const [opening = '', ...rest] = wrap(visible(cut(text, PROSE)), width, ' '.repeat(11));
  return [`  ${pad(label, 9)}${opening.slice(11)}`, ...rest];
}

function actions(diagnosis: ReportDiagnosis, most: number, paint: Paint, width: number): string[] {
  if (most === 0 || diagnosis.actions.length === 0) return [];
  const lines = [paint('bold', 'What to do')];
  for (const [index, action] of foremost(diagnosis.actions, most).entries()) {
    const [opening = '', ...rest] = wrap(`${ACTION_WORDS[action.kind]}: ${visible(cut(action.text, PROSE))}`, width, '     ');
    lines.push(`  ${index + 1}. ${opening.slice(5)}`, ...rest);
    // a command is not broken: it is there to be copied
    if (action.command !== null) lines.push(...action.command.split('\n').map((line) => `     ${paint('cyan', `$ ${visible(line)}`)}`));
    // what only reads needs no warning
    const { risk } = riskOf(action.risk);
    if (risk !== null) lines.push(...wrap(`Risk: ${visible(cut(risk, PROSE))}`, width, '     ').map((line) => paint('dim', line)));
  }
  return lines;
}

/** The first of them, in their order, with room for a remedy and a lasting one where there are many that only look. */
function foremost(all: ReportDiagnosis['actions'], most: number): ReportDiagnosis['actions'] {
  const looks = all.filter(({ kind }) => kind === 'confirm');
  const kept = new Set(looks.slice(0, Math.max(1, most - Math.min(2, all.length - looks.length))));
  return all.filter((action) => action.kind !== 'confirm' || kept.has(action)).slice(0, most);
}

function suspected(suspects: readonly ReportDiagnosis[], paint: Paint, width: number): string[] {
  if (suspects.length === 0) return [];
  const lines = suspects.flatMap((suspect) => wrap(visible(suspectText(suspect)), width, '  '));
  return [paint('bold', suspectsTitle(suspects)), ...lines];
}

function nextReads(report: Report, paint: Paint, width: number): string[] {
  const reads = readsModel(report.nextReads);
  if (reads.length === 0) return [];
  const lines = reads.flatMap(({ command, why }) => [
    `  ${paint('cyan', `$ ${visible(command)}`)}`,
    ...wrap(visible(why), width, '      ').map((line) => paint('dim', line)),
  ]);
  return [paint('bold', 'What to read next'), ...lines];
}

function tracesOf({ traces = [], verdict }: Report, paint: Paint, width: number): string[] {
  if (traces.length === 0) return [];
  return (verdict.status === 'healthy' ? tracesLine : tracesBlock)(traces, width, (text) => paint('bold', text));
}

function noticed(others: readonly ReportDiagnosis[], report: Report, paint: Paint, width: number): string[] {
  const loose = report.findings.filter(
    (finding) => finding.explainedBy === null && (finding.severity === 'critical' || finding.severity === 'warning'),
  );
  const rows = [
    ...others.map((diagnosis) => `${diagnosis.severity}: ${diagnosis.title} (${diagnosis.confidence} confidence)`),
    ...loose.map((finding) => `${finding.severity}: ${finding.title}${finding.item === null ? '' : ` (${finding.item})`}`),
  ];
  if (rows.length === 0) return [];
  const more = rows.length > OTHERS ? [`  and ${rows.length - OTHERS} more`] : [];
  return [paint('bold', 'Also noticed'), ...rows.slice(0, OTHERS).map((row) => `  ${fit(visible(row), width - 2)}`), ...more];
}

function figures(report: Report, { paired }: Sizes, paint: Paint, width: number): string[] {
  const found = keyFigures(report.facts);
  if (found.length === 0) return [];
  const half = Math.floor((width - 4) / 2);
  const [name, size] = [Math.min(22, Math.max(12, half - 10)), 10];
  const figure = ({ label, value }: (typeof found)[number]) => `${pad(label, name)}${pad(value, size, 'right')}`;
  if (paired && half >= 32) {
    const rows = Math.ceil(found.length / 2);
    return [
      paint('bold', 'Key figures'),
      ...found.slice(0, rows).map((left, row) => {
        const right = found[row + rows];
        return fit(`  ${pad(figure(left), half)}${right ? `  ${figure(right)}` : ''}`.trimEnd(), width);
      }),
    ];
  }
  return [
    paint('bold', 'Key figures'),
    ...found.map(({ label, value, note }) => {
      const line = `  ${pad(label, 22)}${pad(value, size, 'right')}`;
      // half a remark is none
      const whole = note === null ? line : `${line}   ${note}`;
      return fit(columns(whole) <= width ? whole : line, width);
    }),
  ];
}

function balance(report: Report, most: number, paint: Paint, width: number): string[] {
  if (!report.balance) return [];
  const { totalBytes, lines, unaccountedBytes } = report.balance;
  const whole = lines.filter((line) => line.of === undefined && line.bytes > 0);
  const all = [...whole, { name: 'not accounted for', bytes: unaccountedBytes }].sort((a, b) => b.bytes - a.bytes);
  const longest = Math.max(1, ...all.map((line) => line.bytes));
  const room = Math.max(5, width - 52);
  const row = (line: { name: string; bytes: number }) =>
    fit(
      `  ${pad(visible(line.name), 28)}${pad(bytes(line.bytes), 9, 'right')} ${pad(percent((100 * line.bytes) / totalBytes), 6, 'right')}  ${meter(line.bytes / longest, Math.min(room, 32))}`.trimEnd(),
      width,
    );
  const more = all.length > most ? [`  and ${plural(all.length - most, 'smaller line')}`] : [];
  return [paint('bold', 'Where memory is') + paint('dim', `  of ${bytes(totalBytes)}`), ...all.slice(0, most).map(row), ...more];
}

const meter = (share: number, width: number): string => '█'.repeat(Math.round(Math.min(1, Math.max(0, share)) * width));

const cell = (value: number | null, suffix = ''): string => pad(value === null ? '?' : `${bytes(value)}${suffix}`, 11, 'right');

function processes(report: Report, most: number, paint: Paint, width: number): string[] {
  const rows = report.tables.processes.slice(0, most);
  if (rows.length === 0) return [];
  const name = Math.max(12, Math.min(36, width - 40));
  const lines = rows.map((row) => {
    const growth =
      row.growthBytesPerSecond === null || Math.round(row.growthBytesPerSecond) === 0 ? '' : cell(row.growthBytesPerSecond, '/s');
    return fit(`  ${pad(visible(`${row.name} [${row.pid}]`), name)}${cell(row.anonBytes)}${cell(row.swapBytes)}${growth}`.trimEnd(), width);
  });
  return [
    paint(
      'bold',
      fit(
        `${pad('Top processes', name + 2)}${pad('private', 11, 'right')}${pad('swapped', 11, 'right')}${pad('growth', 11, 'right')}`.trimEnd(),
        width,
      ),
    ),
    ...lines,
  ];
}

/** The reasons that keep the most rules from being told, without file names and without what cannot be helped: a terminal has no room for them. */
function commonReasons(unknown: Report['unknown']): string[] {
  const counts = new Map<string, number>();
  for (const { why } of unknown) {
    const short = cut(
      why
        .replaceAll(/ \([^()]*\)/g, '')
        .replaceAll(/; or paste `[^`]*`/g, '')
        .replace(`: ${NOT_THERE}`, ''),
      100,
    );
    counts.set(short, (counts.get(short) ?? 0) + 1);
  }
  return [...counts]
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, 2)
    .map(([why, rules]) => `${why} (${plural(rules, 'rule')})`);
}

/** What was read from texts: each kind once, and where lines were not understood. */
function readTexts({ texts }: Report, paint: Paint, width: number): string[] {
  if (texts === undefined) return [];
  const kinds = new Map<string, number>();
  for (const { title, used } of texts.recognised) if (used) kinds.set(title, (kinds.get(title) ?? 0) + 1);
  const unused = texts.recognised.filter(({ used }) => !used);
  const lost = texts.unrecognised;
  const told = [...kinds].map(([title, times]) => (times === 1 ? title : `${title} ×${times}`));
  const lines = wrap(visible(told.join(', ')), width, '  ').slice(0, 4);
  for (const { name, firstLine, title, note } of unused.slice(0, 3))
    lines.push(`  not used: ${title} at ${name}:${firstLine} (${note ?? ''})`);
  for (const { name, line, lastLine, text } of lost.slice(0, 3))
    lines.push(`  not understood: ${name}:${line === lastLine ? line : `${line}-${lastLine}`}: ${text.trim()}`);
  const more = Math.max(0, unused.length - 3) + Math.max(0, lost.length - 3);
  if (more > 0) lines.push(`  and ${more} more`);
  return [paint('bold', 'Read from the text'), ...lines.map((line) => fit(visible(line), width))];
}

function footer(report: Report, { remarks }: Sizes, paint: Paint, width: number): string[] {
  const { rules } = report;
  const lines = [`${plural(rules.total, 'rule')}: ${rules.fired} fired, ${rules.clear} clear, ${rules.unknown} could not be told.`];
  if (remarks && report.unknown.length > 0) lines.push(`Not known: ${commonReasons(report.unknown).join('; ')}.`);
  const redacted = redactedText(report.redacted);
  if (redacted !== null) lines.push(redacted);
  if (!report.trusted)
    lines.push('This view mixes the figures of a container with those of its host: host-wide figures are not to be relied on.');
  if (remarks && (report.tools ?? []).some(speaks))
    lines.push('--format html or md shows what vmstat, free, ps, slabtop, numastat and sar would have shown.');
  if (rules.problems.length > 0) lines.push(`Left out: ${rules.problems.join('; ')}`);
  return lines
    .flatMap((line) => wrap(visible(line), width).slice(0, 3))
    .map((line) => paint('dim', fit(line, Math.max(width, columns(line)))));
}
