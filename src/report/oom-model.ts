import { bytes, count, percent } from '../format.js';
import { grid, type Grid } from './html-tables.js';
import { whenText } from './oom-paragraph.js';
import type { OomMoment } from './oom-schema.js';
import { ownerName } from './owner.js';
import type { Report } from './report.js';

type OomTask = OomMoment['tasks'][number];

/** What Markdown and HTML show of the section on OOM; nothing is escaped yet. */
export function oomModel(report: Report) {
  const { oom } = report;
  if (!oom) return null;
  const kills = oom.moments.some(({ kind }) => !kind.startsWith('allocation'));
  return {
    title: kills ? 'Out of memory' : 'Failed allocations',
    now: NOW[String(oom.now)] ?? '',
    moments: oom.moments.map((moment, index) => ({
      id: `oom-${index + 1}`,
      first: index === 0,
      when: whenText({ time: moment.time, ...(moment.wallTime === null ? {} : { wallTime: moment.wallTime }) }),
      why: WHY_WORDS[moment.why],
      paragraph: moment.paragraph,
      asked: asked(moment),
      tables: tablesOf(moment),
      note: moment.sheet && moment.sheet.missing.length > 0 ? `The report has no figure for: ${moment.sheet.missing.join(', ')}.` : null,
    })),
  };
}

const NOW: Readonly<Record<string, string>> = {
  true: 'It happened in this sample or within the last hour.',
  false: 'It is earlier than the last hour: history, not the present state.',
  null: 'It is told from the log alone: whether it still goes on cannot be known.',
};

/** The causes, in words for a heading. */
export const WHY_WORDS: Readonly<Record<OomMoment['why'], string>> = {
  manual: 'asked for by hand',
  'memcg-limit': 'the memory limit of a control group was reached',
  cpuset: 'the nodes of a cpuset were full',
  mempolicy: 'the nodes of a memory policy were full',
  'low-zone': 'a low zone ran dry',
  'movable-only': 'free memory was for movable pages only',
  fragmentation: 'free memory was in pieces too small',
  'swap-full': 'private memory filled RAM and swap',
  'no-swap': 'private memory filled RAM, without swap',
  locked: 'locked memory filled RAM',
  kernel: 'the kernel’s own memory filled RAM',
  hugepages: 'huge page pools held the memory',
  shmem: 'shared memory and tmpfs filled RAM',
  watermarks: 'free memory was below the marks',
  policy: 'memory was not short by the kernel’s marks',
  accounting: 'the kernel’s figures cannot be true',
  unknown: 'the log does not tell why',
};

function asked(moment: OomMoment): string {
  const parts = [
    moment.trigger === null ? null : `asked by ${moment.trigger}`,
    moment.order === null ? null : `order ${moment.order}`,
    moment.gfp,
    moment.kernel === null ? null : `kernel ${moment.kernel}`,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

const size = (value: number | null): string => (value === null ? '–' : bytes(value));

/** The tables that have rows, each with its caption. */
function tablesOf({ sheet, tasks, groups, zones, memcg }: OomMoment): { caption: string; table: Grid }[] {
  const share = (value: number): string => (sheet ? percent((100 * value) / sheet.totalBytes) : '–');
  const lines = sheet
    ? [...sheet.lines.toSorted((a, b) => b.bytes - a.bytes), { name: 'on no line', bytes: sheet.unaccountedBytes, source: 'the rest' }]
    : [];
  const all = [
    {
      caption: `Where the memory was${sheet ? `, of ${bytes(sheet.totalBytes)} (${sheet.totalSource})` : ''}`,
      table: grid(lines, [
        ['Line', (row) => row.name],
        ['Size', (row) => bytes(row.bytes), 'n'],
        ['Share', (row) => share(row.bytes), 'n'],
        ['From', (row) => row.source],
      ]),
    },
    {
      caption: 'Largest processes at that moment',
      table: grid(tasks, [
        ['Process', (row: OomTask) => ownerName({ name: row.name, ...(row.pid === null ? {} : { pid: row.pid }) })],
        ['Resident', (row) => size(row.rssBytes), 'n'],
        ['Private', (row) => size(row.anonBytes), 'n'],
        ['Swapped', (row) => size(row.swapBytes), 'n'],
        ['oom_score_adj', (row) => (row.oomScoreAdj === null ? '–' : String(row.oomScoreAdj)), 'n'],
        ['Score', (row) => (row.score === null ? '–' : String(Math.min(1000, Math.round(row.score)))), 'n'],
        ['Killed', (row) => (row.killed ? 'killed' : '')],
      ]),
    },
    {
      caption: 'Processes of one name',
      table: grid(groups, [
        ['Name', (row) => row.name],
        ['Count', (row) => count(row.count), 'n'],
        ['Resident', (row) => size(row.rssBytes), 'n'],
        ['Private', (row) => size(row.anonBytes), 'n'],
        ['Swapped', (row) => size(row.swapBytes), 'n'],
      ]),
    },
    {
      caption: 'Zones',
      table: grid(zones, [
        ['Zone', (row) => row.name],
        ['Free', (row) => size(row.freeBytes), 'n'],
        ['Min', (row) => size(row.minBytes), 'n'],
        ['Low', (row) => size(row.lowBytes), 'n'],
        ['Reserved for others', (row) => size(row.reserveBytes), 'n'],
        ['Managed', (row) => size(row.managedBytes), 'n'],
        ['For this allocation', (row) => (row.usable === false ? 'not usable' : row.short ? 'exhausted' : 'room')],
      ]),
    },
    {
      caption: 'Control group',
      table: grid(memcg ? [memcg] : [], [
        ['Group', (row) => row.name],
        ['Path', (row) => row.path ?? '–'],
        ['Usage', (row) => size(row.usageBytes), 'n'],
        ['Limit', (row) => size(row.limitBytes), 'n'],
        ['Limit met', (row) => (row.failcnt === null ? '–' : `${count(row.failcnt)} times`), 'n'],
      ]),
    },
  ];
  return all.filter(({ table }) => table.rows.length > 0);
}
