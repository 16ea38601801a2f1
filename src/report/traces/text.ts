import { columns as widthOf, fit, pad, wrap } from '../columns.js';
import { cut, visible } from '../escape.js';
import { plural } from '../words.js';
import { cellText, howText } from './model.js';
import type { ReportTrace } from './schema.js';

/** Marks a heading, or not. */
export type Bold = (text: string) => string;

/** More rows are left to the JSON. */
const MOST_ROWS = 20;
/** Longer texts are cut. */
const PROSE = 400;
const WORDS = { refused: 'refused', unsupported: 'cannot be done here', failed: 'failed', ok: 'done' } as const;

/** The traces of a report in a terminal: an answer each, then which saw nothing, then which could not be done, and why. */
export function tracesBlock(traces: readonly ReportTrace[], width: number, bold: Bold): string[] {
  const { seen, nothing, not } = sorted(traces);
  return [
    bold('Who did it'),
    ...seen.flatMap(({ answer }) => hanging(`  ${answer ?? ''}`, width, 4)),
    ...(nothing.length === 0 ? [] : hanging(`  Nothing seen: ${nothing.map(({ id }) => id).join(', ')}.`, width, 4)),
    ...(not.length === 0
      ? []
      : [
          ...hanging(`  Not traced: ${not.map(({ id, reason }) => `${id} (${cut(reason ?? '', 80)})`).join('; ')}.`, width, 4).slice(0, 4),
          fit(`  Elsewhere: sudo memdoctor trace ${not.map(({ id }) => id).join(',')}`, width),
        ]),
  ];
}

/** The same in a line, for a host that is well. */
export function tracesLine(traces: readonly ReportTrace[], width: number, bold: Bold): string[] {
  const { seen, nothing, not } = sorted(traces);
  const parts = [
    ...(seen.length > 0 ? [`${seen.length} saw somebody (--format md shows whom)`] : []),
    ...(nothing.length > 0 ? [`${nothing.length} saw nothing`] : []),
    ...(not.length > 0 ? [`${not.length} could not be done`] : []),
  ];
  return [`${bold('Traced')}  ${fit(parts.join('; '), width - 'Traced  '.length)}`];
}

const sorted = (traces: readonly ReportTrace[]) => ({
  seen: traces.filter(({ status, rows }) => status === 'ok' && rows.length > 0),
  nothing: traces.filter(({ status, rows }) => status === 'ok' && rows.length === 0),
  not: traces.filter(({ status }) => status !== 'ok'),
});

/** One trace whole: its question, answer, table and how it was done. */
export function traceText(trace: ReportTrace, width: number, bold: Bold): string {
  const { id, title, status, reason, command, tools, answer, notes, rows, rowsSeen } = trace;
  const lines = [bold(fit(`${id}: ${title}`, width))];
  if (status !== 'ok') {
    lines.push(...indented(`${WORDS[status]}${reason === null ? '' : `: ${reason}`}`, width));
    if (command !== null) lines.push(fit(`  elsewhere: ${command}${tools.length === 0 ? '' : ` (or ${tools.join(', ')})`}`, width));
    return lines.join('\n');
  }
  lines.push(...indented(answer ?? '', width), ...table(trace, width));
  const more = Math.max(rowsSeen, rows.length) - Math.min(rows.length, MOST_ROWS);
  if (more > 0) lines.push(`  and ${plural(more, 'more row')}`);
  lines.push(...indented([howText(trace), ...notes].join('; '), width));
  return lines.join('\n');
}

const indented = (text: string, width: number): string[] => wrap(visible(cut(text, PROSE)), width, '  ');

function hanging(text: string, width: number, indent: number): string[] {
  const [first = '', ...rest] = wrap(visible(cut(text.trimStart(), PROSE)), width, '  ');
  if (rest.length === 0) return [first];
  return [first, ...wrap(rest.map((line) => line.trim()).join(' '), width, ' '.repeat(indent))];
}

const [GAP, LEAST] = ['  ', 12];

/** Rows under their heads: numbers at the right, names cut as far as needed, then columns left out from the right. */
function table({ columns, rows: all }: ReportTrace, width: number): string[] {
  const rows = all.slice(0, MOST_ROWS);
  if (rows.length === 0) return [];
  const room = width - GAP.length;
  const cells = [
    columns.map(({ name }) => name),
    ...rows.map((row) => row.map((cell, index) => cellText(cell, columns[index]?.unit ?? 'text'))),
  ].map((row) => row.map(visible));
  const widths = columns.map((_, index) => Math.max(1, ...cells.map((row) => widthOf(row[index] ?? ''))));
  const over = (count: number) => widths.slice(0, count).reduce((sum, each) => sum + each + GAP.length, -GAP.length) - room;
  const texts = columns.flatMap(({ unit }, index) => (unit === 'text' ? [index] : []));
  // the widest name gives way first
  for (let most = Math.max(...widths); over(columns.length) > 0 && most >= LEAST; most -= 1)
    for (const index of texts) widths[index] = Math.min(widths[index] ?? 0, most);
  let shown = columns.length;
  while (shown > 1 && over(shown) > 0) shown -= 1;
  if (over(shown) > 0) widths[0] = Math.max(1, room);
  return cells.map((row) =>
    `${GAP}${row
      .slice(0, shown)
      .map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.unit === 'text' ? 'left' : 'right'))
      .join(GAP)}`.trimEnd(),
  );
}
