/** The columns of ps by the names that its versions give them, and what a row of them says of a process. Pure. */
import type { Column } from './columns.js';
import { decimal, duration, percentOf, size } from './figures.js';
import type { ProcessRow } from './processes.js';

/** Our name of a column by its header, in lower case. Others are one word that is passed over. */
const NAMES: Readonly<Record<string, string>> = {
  pid: 'pid',
  ppid: 'ppid',
  tid: 'tid',
  lwp: 'tid',
  spid: 'tid',
  user: 'user',
  uid: 'user',
  euser: 'user',
  ruser: 'user',
  uname: 'user',
  vsz: 'vsz',
  vsize: 'vsz',
  virt: 'vsz',
  vmsize: 'vsz',
  sz: 'pages',
  size: 'size',
  rss: 'rss',
  rsz: 'rss',
  rssize: 'rss',
  res: 'rss',
  trs: 'trs',
  drs: 'drs',
  stat: 'state',
  s: 'state',
  state: 'state',
  st: 'state',
  nlwp: 'threads',
  thcnt: 'threads',
  thcount: 'threads',
  time: 'time',
  cputime: 'time',
  'time+': 'time',
  majflt: 'majflt',
  maj_flt: 'majflt',
  majfl: 'majflt',
  maj_fault: 'majflt',
  minflt: 'minflt',
  minfl: 'minflt',
  min_flt: 'minflt',
  pss: 'pss',
  uss: 'uss',
  swap: 'swap',
  oomadj: 'oomadj',
  cgroup: 'cgroup',
  command: 'args',
  cmd: 'args',
  args: 'args',
  comm: 'name',
  ucmd: 'name',
  ucomm: 'name',
  name: 'args',
  pmem: 'share',
  '%mem': 'share',
  started: 'lstart',
  start: 'text',
  stime: 'text',
  tty: 'text',
  tt: 'text',
  tname: 'text',
  wchan: 'text',
  addr: 'text',
  f: 'text',
  flags: 'text',
  etime: 'text',
  elapsed: 'text',
  etimes: 'text',
  pcpu: 'busy',
  '%cpu': 'busy',
  c: 'text',
  cp: 'text',
  pri: 'text',
  ni: 'text',
  psr: 'text',
  cls: 'text',
  rtprio: 'text',
  class: 'text',
  policy: 'text',
  group: 'text',
  gid: 'text',
  egid: 'text',
  sid: 'text',
  sess: 'text',
  pgid: 'text',
  pgrp: 'text',
  tpgid: 'text',
  label: 'text',
  unit: 'text',
  slice: 'text',
  pending: 'text',
  blocked: 'text',
  ignored: 'text',
  caught: 'text',
  numa: 'text',
  cpu: 'text',
  p: 'text',
  esp: 'text',
  eip: 'text',
  oom: 'text',
  shr: 'text',
  pcy: 'text',
  vsz_rss: 'text',
  tgid: 'text',
  nspid: 'text',
  pidns: 'text',
  pc: 'text',
};
const NUMERIC = new Set([
  'pid',
  'tid',
  'ppid',
  'vsz',
  'pages',
  'size',
  'rss',
  'trs',
  'drs',
  'threads',
  'majflt',
  'minflt',
  'pss',
  'uss',
  'swap',
  'share',
]);
/** `Mon Nov 23 13:10:00 2026`. */
const LSTART = /[A-Z]\w{2} +[A-Z]\w{2} +\d{1,2} \d{2}:\d{2}:\d{2} \d{4}/;

/** The columns of a header of ps, null when the line is none. `next`: a row below it, that tells how wide a start time is. */
export function psColumns(line: string, next = ''): Column[] | null {
  if (
    line.length > 400 ||
    !/\b(?:PID|RSS|VSZ|RSZ|VSIZE)\b|^\s*pid\s/i.test(line) ||
    /[:;{}]\s|\b(?:RES|VIRT|SHARE)\b|TIME\+|%VSZ|\/s\s|%usr|^\s*\d/.test(line)
  )
    return null;

  const words = line.trim().split(/\s+/);
  const named = words.map((word) => NAMES[word.toLowerCase()]);
  const known = named.filter((name) => name !== undefined).length;
  if (words.length < 2 || known < 2 || known < words.length * 0.7) return null;
  // prose has all words in small letters
  if (words.filter((word) => /^[A-Z%]/.test(word)).length < words.length * 0.6) return null;
  const commands = named.filter((name) => name === 'args' || name === 'name').length;
  let open = false;
  return named.map((name, index): Column => {
    const bare = name ?? 'text';
    const isRest = !open && (bare === 'args' || (bare === 'name' && (commands === 1 || index === named.length - 1)));
    if (isRest) open = true;
    // before other columns it is cut, or the mere name: both are headed COMMAND
    if (isRest && bare === 'args' && index < named.length - 1) return { name: 'brief', kind: 'rest' };
    const long = bare === 'lstart' && LSTART.test(next);
    return { name: bare, kind: isRest ? 'rest' : NUMERIC.has(bare) ? 'number' : 'text', ...(long ? { words: 5 } : {}) };
  });
}

/**
 * The process in a row; null for a thread's row, or one without a pid or without a figure of memory. `ram`: bytes, when it is
 * known; %MEM is RSS as a share of it, cut to a tenth of a per cent.
 */
export function psProcess(row: ReadonlyMap<string, string>, pageSize: number, ram?: number): ProcessRow | null {
  const pid = Number(row.get('pid') ?? Number.NaN);
  if (!Number.isInteger(pid) || pid <= 0 || pid > 2 ** 31) return null;
  const kib = (name: string): number | undefined => size(row.get(name) ?? '', 1024) ?? undefined;
  const count = (name: string): number | undefined => decimal(row.get(name) ?? '') ?? undefined;
  const share = percentOf(row.get('share'));
  const ofRam = share === undefined || ram === undefined ? undefined : Math.round((share / 100) * (ram / pageSize)) * pageSize;
  const rss = kib('rss') ?? (row.has('pss') ? kib('pss') : undefined) ?? ofRam;
  if (rss === undefined) return null;
  const pages = count('pages');
  const parts = kib('trs') === undefined || kib('drs') === undefined ? undefined : (kib('trs') ?? 0) + (kib('drs') ?? 0);
  const vsize = kib('vsz') ?? parts ?? (pages === undefined ? undefined : pages * pageSize);
  const uss = kib('uss');
  const told = (name: string): string | undefined => row.get(name);
  const oomScoreAdj = count('oomadj');
  const brief = told('brief');
  const isName = brief !== undefined && brief.length <= 15 && !/\/| -/.test(brief);
  return {
    pid,
    rss,
    ...defined('ppid', count('ppid')),
    ...defined('name', isName ? brief : told('name')),
    // toybox prints the state between the columns and the name
    ...defined('args', (brief ?? told('args'))?.replace(/^[RSDZTI] (?=\S)/, '')),
    ...defined('state', told('state')),
    ...defined('threads', count('threads')),
    ...defined('cpuPct', percentOf(told('busy'))),
    ...defined('vsize', vsize),
    // what is not its own is shared, file pages and memory forked or mapped in common
    ...defined('shared', uss === undefined ? undefined : Math.max(0, rss - uss)),
    ...defined('swap', kib('swap')),
    ...defined('pss', kib('pss')),
    ...defined('cpuSeconds', duration(told('time') ?? '') ?? undefined),
    ...defined('minflt', count('minflt')),
    ...defined('majflt', count('majflt')),
    ...defined('oomScoreAdj', oomScoreAdj),
    ...defined('cgroup', told('cgroup')),
  };
}

/** An object with the key, or without it. */
export const defined = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
