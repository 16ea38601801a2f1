import { bytes, percent } from '../format.js';
import { fit, pad, wrap } from './columns.js';
import { cut, visible } from './escape.js';
import { WHY_WORDS } from './oom-model.js';
import { ownerName } from './owner.js';
import type { Report } from './report.js';

const [LINES, TASKS, PROSE] = [5, 5, 1500];

/** The last OOM for a terminal: the paragraph, the largest lines and processes. `heading` paints its first line. */
export function oomText({ oom }: Report, width: number, heading: (text: string) => string): string[] {
  const moment = oom?.moments[0];
  if (!oom || !moment || moment.kind.startsWith('allocation')) return [];
  const when = oom.now === true ? 'recent' : oom.now === false ? 'earlier' : 'by the log';
  const lines = [
    heading(fit(`Out of memory, ${when}: ${WHY_WORDS[moment.why]}`, width)),
    ...wrap(visible(cut(moment.paragraph, PROSE)), width, '  '),
  ];
  const { sheet } = moment;
  if (sheet) {
    const rows = [...sheet.lines, { name: 'on no line', bytes: sheet.unaccountedBytes }]
      .toSorted((a, b) => b.bytes - a.bytes)
      .slice(0, LINES);
    lines.push(
      ...rows.map((row) =>
        fit(
          `    ${pad(row.name, 28)}${pad(bytes(row.bytes), 9, 'right')} ${pad(percent((100 * row.bytes) / sheet.totalBytes), 6, 'right')}`,
          width,
        ),
      ),
    );
  }
  for (const task of moment.tasks.slice(0, TASKS)) {
    const name = visible(ownerName({ name: task.name, ...(task.pid === null ? {} : { pid: task.pid }) }));
    const swap = task.swapBytes === null || task.swapBytes === 0 ? '' : `, swapped ${bytes(task.swapBytes)}`;
    lines.push(fit(`    ${pad(name, 28)}${pad(bytes(task.rssBytes ?? 0), 9, 'right')}${swap}${task.killed ? '  killed' : ''}`, width));
  }
  return lines;
}
