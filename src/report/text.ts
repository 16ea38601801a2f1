import { styleText } from 'node:util';
import { bytes, percent } from '../format.js';
import { columns, fit, pad, wrap } from './columns.js';
import { cut, visible } from './escape.js';
import { keyFigures } from './key-figures.js';
import type { Report, ReportDiagnosis } from './report.js';
import { ownerKind, ownerName } from './owner.js';
import { ACTION_WORDS, confidenceWords, plural, STATUS_WORDS, watched } from './words.js';

type Style = Parameters<typeof styleText>[0];
/** Colours a text, or not. */
type Paint = (style: Style, text: string) => string;

const TONES = { healthy: 'green', attention: 'yellow', critical: 'red', inconclusive: 'cyan' } as const;
/** How many rows each part has. */
interface Sizes {
  readonly actions: number;
  readonly lines: number;
  readonly processes: number;
}
const FULL: Sizes = { actions: 4, lines: 8, processes: 5 };
/** A healthy report fits one screen: the first of these that does is taken. */
const SCREEN = 40;
const SMALLER: readonly Sizes[] = [
  { actions: 4, lines: 6, processes: 4 },
  { actions: 2, lines: 4, processes: 3 },
  { actions: 2, lines: 3, processes: 0 },
  { actions: 1, lines: 0, processes: 0 },
];
const [REASONS, OTHERS] = [5, 4];
/** Longer texts are cut. */
const PROSE = 600;

/** The report for a terminal: what is wrong, why, what to do, and the few figures behind it. */
export function renderText(report: Report, color: boolean, width: number): string {
  const paint: Paint = color ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
  const room = Math.max(40, width);
  if (report.verdict.status !== 'healthy') return inSizes(report, FULL, paint, room);
  let text = '';
  for (const sizes of SMALLER) {
    text = inSizes(report, sizes, paint, room);
    if (text.split('\n').length <= SCREEN + 1) break;
  }
  return text;
}

function inSizes(report: Report, sizes: Sizes, paint: Paint, width: number): string {
  const [first, ...others] = report.diagnoses;
  const blocks = [
    head(report, paint, width),
    first ? cause(first, report, paint, width) : [],
    first ? actions(first, sizes.actions, paint, width) : [],
    noticed(others, report, paint, width),
    figures(report, paint, width),
    sizes.lines > 0 ? balance(report, sizes.lines, paint, width) : [],
    processes(report, sizes.processes, paint, width),
    footer(report, paint, width),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
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

function cause(diagnosis: ReportDiagnosis, report: Report, paint: Paint, width: number): string[] {
  const titles = new Map(report.findings.map((finding) => [finding.id, finding.title]));
  const because = [...new Set([...diagnosis.because.map((id) => titles.get(id) ?? id), ...diagnosis.supporting])];
  const label = report.verdict.status === 'healthy' ? 'Diagnosis' : 'Root cause';
  const lines = [
    paint('bold', label) + paint('dim', fit(`  ${confidenceWords(diagnosis)}, ${visible(diagnosis.id)}`, width - label.length)),
  ];
  // not twice what the headline says
  if (!report.verdict.headline.startsWith(diagnosis.title)) lines.push(...wrap(visible(cut(diagnosis.title, PROSE)), width, '  '));
  lines.push(...wrap(visible(cut(diagnosis.summary, PROSE)), width, '  '));
  if (diagnosis.owner) {
    const size = diagnosis.owner.bytes === null ? '' : `, ${bytes(diagnosis.owner.bytes)}`;
    lines.push(...labelled('Owner', `${ownerKind(diagnosis.owner.kind)} ${ownerName(diagnosis.owner)}${size}`, width));
  }
  if (because.length > 0) lines.push(...labelled('Because', because.slice(0, REASONS).join('; '), width));
  if (diagnosis.against.length > 0) lines.push(...labelled('Against', diagnosis.against.join('; '), width));
  return lines;
}

function labelled(label: string, text: string, width: number): string[] {
  const [opening = '', ...rest] = wrap(visible(cut(text, PROSE)), width, ' '.repeat(11));
  return [`  ${pad(label, 9)}${opening.slice(11)}`, ...rest];
}

function actions(diagnosis: ReportDiagnosis, most: number, paint: Paint, width: number): string[] {
  if (diagnosis.actions.length === 0) return [];
  const lines = [paint('bold', 'What to do')];
  for (const [index, action] of diagnosis.actions.slice(0, most).entries()) {
    const [opening = '', ...rest] = wrap(`${ACTION_WORDS[action.kind]}: ${visible(cut(action.text, PROSE))}`, width, '     ');
    lines.push(`  ${index + 1}. ${opening.slice(5)}`, ...rest);
    // a command is not broken: it is there to be copied
    if (action.command !== null) lines.push(...action.command.split('\n').map((line) => `     ${paint('cyan', `$ ${visible(line)}`)}`));
  }
  return lines;
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

function figures(report: Report, paint: Paint, width: number): string[] {
  const found = keyFigures(report.facts);
  if (found.length === 0) return [];
  return [
    paint('bold', 'Key figures'),
    ...found.map(({ label, value, note }) =>
      fit(`  ${pad(label, 22)}${pad(value, 10, 'right')}${note === null ? '' : `   ${note}`}`, width),
    ),
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

/** The reasons that keep the most rules from being told. */
function commonReasons(unknown: Report['unknown']): string[] {
  const counts = new Map<string, number>();
  for (const { why } of unknown) counts.set(why, (counts.get(why) ?? 0) + 1);
  return [...counts]
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, 2)
    .map(([why, rules]) => `${why} (${plural(rules, 'rule')})`);
}

function footer(report: Report, paint: Paint, width: number): string[] {
  const { rules } = report;
  const lines = [`${plural(rules.total, 'rule')}: ${rules.fired} fired, ${rules.clear} clear, ${rules.unknown} could not be told.`];
  if (report.unknown.length > 0) lines.push(`Not known: ${commonReasons(report.unknown).join('; ')}.`);
  if (!report.trusted)
    lines.push('This view mixes the figures of a container with those of its host: host-wide figures are not to be relied on.');
  if (rules.problems.length > 0) lines.push(`Left out: ${rules.problems.join('; ')}`);
  return lines
    .flatMap((line) => wrap(visible(line), width).slice(0, 3))
    .map((line) => paint('dim', fit(line, Math.max(width, columns(line)))));
}
