/** The processes of top. Pure. */
import { type Column, fields } from './columns.js';
import { decimal, duration, percentOf, size } from './figures.js';
import type { ProcessRow } from './processes.js';
import { defined } from './ps-row.js';

const NAMES: Readonly<Record<string, string>> = {
  pid: 'pid',
  ppid: 'ppid',
  virt: 'vsz',
  vsz: 'vsz',
  vss: 'vsz',
  size: 'vsz',
  res: 'rss',
  rss: 'rss',
  shr: 'shared',
  share: 'shared',
  s: 'state',
  stat: 'state',
  'time+': 'time',
  '%cpu': 'cpu',
  nth: 'threads',
  '#thr': 'threads',
  nmaj: 'majflt',
  nmin: 'minflt',
  swap: 'swap',
  ooma: 'oomadj',
  rsan: 'anon',
  rslk: 'locked',
  cgroups: 'cgroup',
};
const NUMERIC = new Set(['pid', 'ppid', 'vsz', 'rss', 'shared', 'threads', 'majflt', 'minflt', 'swap', 'anon', 'locked']);
const SIZE = String.raw`\d[\d.,]{0,14}[kmgtp]?`;
/** PID USER PR NI VIRT RES SHR S %CPU %MEM TIME+ COMMAND, the columns that top has when nobody changed them. */
const USUAL = new RegExp(
  String.raw`^\s*\d{1,10}\s+\S{1,32}\s+(?:-?\d{1,3}|rt|RT)\s+-?\d{1,3}\s+${SIZE}\s+${SIZE}\s+${SIZE}\s+[RSDZTtXIW][<NLsl+]?\s+\d{1,5}(?:[.,]\d)?\s+\d{1,3}(?:[.,]\d)?\s+(?:\d{1,7}:\d\d(?:[.,]\d\d)?|\d{1,5}[.,]\d\d[hdw]|\d{1,7}h)(?:\s|$)`,
);
const USUAL_COLUMNS = 'pid user pr ni vsz rss shared state cpu mem time'.split(' ');

/** The columns of the usual header. */
export const usualColumns = (): Column[] => [
  ...USUAL_COLUMNS.map((name): Column => ({ name, kind: NUMERIC.has(name) ? 'number' : 'text' })),
  { name: 'args', kind: 'rest' },
];
export const isUsualRow = (line: string): boolean => line.length < 20_000 && USUAL.test(line);

/** The columns of a header of top; null when the line is none. */
export function topColumns(line: string): Column[] | null {
  if (line.length > 1500 || !/^(?=.*\bPID\b)(?=.*(?:\b(?:RES|RSS|VIRT|SIZE|VSS)\b|%VSZ))/.test(line)) return null;
  // htop marks the column it sorts by, over the blank after it
  const words = line
    .trim()
    .replace('S[%CPU]', 'S %CPU')
    .replace(/[▽△▼▲]/, ' ')
    .split(/\s+/);
  const command = words.findIndex((word) => /^(?:command|cmd|cmdline|args|name|befehl|comando|commande|команда)$/i.test(word));
  // procps 2 has SIZE, RSS and SHARE, ps none of SHARE
  if (command < 2 || !/RES|VIRT|TIME\+|%VSZ|#THR|\bSHARE\b/.test(line)) return null;
  return words.map((word, index): Column => {
    const name = index === command ? 'args' : (NAMES[word.toLowerCase()] ?? word);
    return { name, kind: index === command ? 'rest' : NUMERIC.has(name) ? 'number' : 'text' };
  });
}

/** True for a row under these columns: it begins with numbers where they say so. */
export function isTopRow(line: string, columns: readonly Column[]): boolean {
  const row = line.trim() === '' ? null : fields(line, columns);
  return row !== null && /^\d{1,10}$/.test(row.get('pid') ?? '') && (row.has('rss') || row.has('vsz'));
}

/** The process in a row; null when it has no figure of resident memory. */
export function topProcess(row: ReadonlyMap<string, string>): ProcessRow | null {
  const pid = Number(row.get('pid'));
  const kib = (name: string): number | undefined => size(row.get(name) ?? '', 1024) ?? undefined;
  const rss = kib('rss');
  if (!Number.isInteger(pid) || pid <= 0 || pid > 2 ** 31 || rss === undefined) return null;
  const count = (name: string): number | undefined => {
    const value = /^\d+$/.test(row.get(name) ?? '') ? decimal(row.get(name) ?? '') : null;
    return value ?? undefined;
  };
  return {
    pid,
    rss,
    ...defined('ppid', count('ppid')),
    ...defined('args', row.get('args')?.trim()),
    ...defined('state', row.get('state')),
    ...defined('threads', count('threads')),
    ...defined('vsize', kib('vsz')),
    ...defined('shared', kib('shared')),
    ...defined('anon', kib('anon')),
    ...defined('locked', kib('locked')),
    ...defined('swap', kib('swap')),
    ...defined('cpuSeconds', duration(row.get('time') ?? '') ?? undefined),
    ...defined('cpuPct', percentOf(row.get('cpu'))),
    ...defined('minflt', count('minflt')),
    ...defined('majflt', count('majflt')),
  };
}
