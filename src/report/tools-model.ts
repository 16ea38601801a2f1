import { columns as widthOf } from './columns.js';
import { cut, cutMiddle, visible } from './escape.js';
import type { Report } from './report.js';
import type { ReportTool } from './tools-schema.js';
import { plural } from './words.js';

/** Longer cells are cut: a name must not push the other columns out of sight. */
const [CELL, LINE] = [60, 240];
const GAP = '  ';
/** Columns of names; all others are numbers, at the right. */
const LEFT = new Set(['', 'time', 'NAME', 'TYPE', 'COMMAND']);

/** True for a tool that has something to show. */
export const speaks = (tool: ReportTool): boolean => tool.lines.length + tool.rows.length > 0;

/** The appendix of tools for Markdown and HTML: each as the text that it would have printed; null when none has anything to show. */
export function toolsModel(tools: Report['tools'] = []) {
  const shown = tools.filter(speaks);
  if (shown.length === 0) return null;
  const silent = tools.filter((tool) => !speaks(tool));
  return {
    shown: shown.map((tool) => ({ command: tool.command, title: tool.title, output: toolText(tool), note: tool.note })),
    silent: silent.map(({ command, note }) => ({ command, note: note ?? '' })),
    silentCount: plural(silent.length, 'tool has', 'tools have'),
  };
}

/** What a tool prints: lines, heads, rows; columns aligned, nothing but printable characters. */
export function toolText({ lines, columns, groups = [], rows }: ReportTool): string {
  const cells = [columns, ...rows].map((row) => columns.map((_, index) => visible(cutMiddle(row[index] ?? '', CELL))));
  const widths = widened(
    columns.map((_, index) => Math.max(0, ...cells.map((row) => widthOf(row[index] ?? '')))),
    groups,
  );
  const table = cells.map((row) => row.map((cell, index) => aligned(cell, widths[index] ?? 0, LEFT.has(columns[index] ?? ''))).join(GAP));
  return [...lines.map((line) => visible(cut(line, LINE))), ...(groups.length > 0 ? [groupLine(groups, widths)] : []), ...table]
    .filter((line, index) => line !== '' || index < lines.length)
    .map((line) => line.trimEnd())
    .join('\n');
}

function aligned(cell: string, width: number, left: boolean): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(cell)));
  return left ? cell + blanks : blanks + cell;
}

type Groups = NonNullable<ReportTool['groups']>;

/** Widens the first column of a group whose head is longer than its columns. */
function widened(widths: readonly number[], groups: Groups): number[] {
  const wide = [...widths];
  let at = 0;
  for (const { name, columns } of groups) {
    const room = groupWidth(wide, at, columns);
    if (name.length > room) wide[at] = (wide[at] ?? 0) + name.length - room;
    at += columns;
  }
  return wide;
}

const groupWidth = (widths: readonly number[], at: number, columns: number): number =>
  widths.slice(at, at + columns).reduce((sum, width) => sum + width, GAP.length * (columns - 1));

/** The heads over groups of columns, filled with dashes as vmstat does. */
function groupLine(groups: Groups, widths: readonly number[]): string {
  let at = 0;
  return groups
    .map(({ name, columns }) => {
      const dashes = Math.max(0, groupWidth(widths, at, columns) - name.length);
      at += columns;
      const before = Math.floor(dashes / 2);
      return '-'.repeat(before) + name + '-'.repeat(dashes - before);
    })
    .join(GAP);
}
