import { defineText, oneSample, type TextHost } from '../kind.js';
import { type Column, fields } from '../made/columns.js';
import { size } from '../made/figures.js';
import { filesFrom, meminfoText } from '../made/files.js';
import { fits } from '../made/fits.js';
import { processFiles } from '../made/processes.js';
import { psProcess } from '../made/ps-row.js';
import { run } from '../shape.js';

const HEAD =
  /^\s*(?=.*\bPSS\b)(?=.*\b(?:USS|RSS|Swap)\b)(?:PID|User|Command|Map|Name|Mappings|Swap|USS|PSS|RSS|VSS|Count|PIDs|Time|AVG\w*)(?:\s+(?:PID|User|Command|Map|Name|Swap|USS|PSS|RSS|VSS|Count|PIDs|Time|AVG\w*|Mappings)){2,9}\s*$/i;
const RULE = /^\s*-{3,}\s*$/;
const SYSTEM = /^\s*(?:Area|firmware\/hardware|kernel image|kernel dynamic memory|userspace memory|free memory)\s+/;
const NUMERIC = new Set(['pid', 'swap', 'uss', 'pss', 'rss']);

/** Processes with their proportional memory. -u and -m have rows of users and mappings, -w of the whole: free memory, and what userspace has. */
export default defineText({
  title: 'smem',
  docs: 'https://www.selenic.com/smem/',
  origin: 'tool',
  hint: /\bsmem\b/,
  span: (lines, at) => {
    const first = lines[at] ?? '';
    if (/^\s*Area\s+Used\s+Cache\s+Noncache\s*$/.test(first)) return run(lines, at, (line) => fits(SYSTEM, line));
    if (!fits(HEAD, first)) return 0;
    const columns = columnsOf(first);
    const isRow = (line: string): boolean => {
      const row = fields(line, columns);
      return (
        row !== null &&
        (!columns.some(({ name }) => name === 'pid') ? /\d/.test(line) : /^\d+$/.test(row.get('pid') ?? '')) &&
        row.has('pss')
      );
    };
    return run(
      lines,
      at,
      (line, index) =>
        index === at ||
        fits(RULE, line) ||
        isRow(line) ||
        fits(RULE, lines[index - 1] ?? '') ||
        (fits(RULE, lines[index - 2] ?? '') && lines[index - 1]?.trim() === ''),
      {
        elided: true,
        blanks: 1,
      },
    );
  },
  read: (lines, { pageSize }: TextHost) => {
    const first = lines.find((line) => line.trim() !== '') ?? '';
    if (fits(SYSTEM, first)) return oneSample(wholeFiles(lines));
    const columns = columnsOf(first);
    if (!columns.some(({ name }) => name === 'pid')) return [];
    const rule = lines.findIndex((line) => fits(RULE, line));
    const rows = lines.slice(1, rule < 0 ? undefined : rule).flatMap((line) => fields(line, columns) ?? []);
    const processes = rows.flatMap((row) => psProcess(row, pageSize) ?? []);
    return oneSample(new Map(processes.flatMap((process) => processFiles(process, pageSize))));
  },
});

const columnsOf = (head: string): Column[] =>
  head
    .trim()
    .split(/\s+/)
    .map((word): Column => {
      const name = word.toLowerCase();
      if (name === 'command') return { name: 'args', kind: 'rest' };
      return { name, kind: NUMERIC.has(name) ? 'number' : 'text' };
    });

/** The rows of -w are those of the whole: what is used of userspace has no field of the kernel, free memory has. */
function wholeFiles(lines: readonly string[]): ReadonlyMap<string, string> {
  const rows = lines.flatMap((line) => {
    const [, area = '', used = ''] = /^\s*(\D+?)\s+(\d\S*)\s/.exec(line) ?? [];
    const bytes = size(used, 1024);
    return bytes === null ? [] : [[area, bytes] as const];
  });
  const total = rows.filter(([area]) => !area.startsWith('firmware')).reduce((sum, [, bytes]) => sum + bytes, 0);
  const free = rows.find(([area]) => area === 'free memory')?.[1];
  // smem adds AnonPages and Mapped: the first is what it calls no cache
  const user = lines.map((line) => /^\s*userspace memory\s+(\S+)\s+(\S+)\s+(\S+)\s*$/.exec(line)).find((match) => match !== null);
  const [mapped, anon] = [user?.[2], user?.[3]].map((word) => (word === undefined ? null : size(word, 1024)));
  const fields = { MemTotal: total, MemFree: free ?? null, AnonPages: anon ?? null, Mapped: mapped ?? null };
  return filesFrom({ 'proc/meminfo': free === undefined || total === 0 ? null : meminfoText(fields) });
}
