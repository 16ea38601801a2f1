import { scaled } from '../kill-lines.js';
import type { Moment } from '../schema.js';
import { PART, type Reader } from './draft.js';

/** `[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name`. */
const HEAD = /^\[ {0,8}pid {0,8}\] {1,12}((?:[a-z_\d]{1,24} {1,20}){3,18}name)$/;
/** Of all kernels. */
const KNOWN: ReadonlySet<string> = new Set(
  'uid tgid total_vm rss rss_anon rss_file rss_shmem cpu nr_ptes nr_pmds nr_puds pgtables_bytes swapents oom_adj oom_score_adj name'.split(
    ' ',
  ),
);
const TITLE = /^Tasks state \(memory values in pages\)/;
const ROW = /^\[ {0,12}(\d{1,10})\] {1,12}(\d{1,10} {1,20}\d{1,10} {1,20}\d{1,15} .{0,300})$/;
const NUMBER = /^-?\d{1,20}$/;
/** Rows held until the columns are known, when the table's head is missing. */
const GUESSED_FROM = 24;
const TOP = 40;
const GROUPS = 20;
const NAMES = 4000;

/** A row, in pages; page tables are pages where the table counts them, else bytes. */
interface Task {
  name: string;
  pid: number;
  uid: number | null;
  tgid: number | null;
  totalVm: number;
  rss: number;
  swap: number;
  anon?: number;
  file?: number;
  shmem?: number;
  tablePages: number;
  tableBytes: number;
  hasTables: boolean;
  adj?: number;
}
type Sum = { name: string; count: number; rss: number; anon: number; swap: number; tablePages: number; tableBytes: number };

/** The table of tasks while it is read. */
export interface Tasks {
  columns: readonly string[] | null;
  /** Where each column stands. */
  at: Map<string, number>;
  held: string[];
  count: number;
  top: Task[];
  sums: Map<string, Sum>;
  all: Sum & { file: number; shmem: number };
  protected: number;
  /** Bits that the sizes of page tables have in common, bytes; how many tables that were. */
  tableBits: number;
  tables: number;
}

const sumOf = (name: string): Sum => ({ name, count: 0, rss: 0, anon: 0, swap: 0, tablePages: 0, tableBytes: 0 });
const begun = (columns: readonly string[] | null): Tasks => ({
  columns,
  at: new Map(),
  held: [],
  count: 0,
  top: [],
  sums: new Map(),
  all: { ...sumOf(''), file: 0, shmem: 0 },
  protected: 0,
  tableBits: 0,
  tables: 0,
});

/** The table of tasks: by the names of its columns, or by their look when its head is missing. */
export const readTasks: Reader = (text, draft) => {
  if (TITLE.test(text)) {
    draft.part = PART.tasks;
    return true;
  }
  const columns = HEAD.exec(text)?.[1];
  if (columns !== undefined) {
    draft.tasks = begun(mended(columns.split(/ +/)));
    draft.part = PART.tasks;
    return true;
  }
  const row = ROW.exec(text);
  if (!row) return false;
  draft.tasks ??= begun(null);
  draft.part = PART.tasks;
  if (draft.tasks.columns !== null) readRow(row, draft.tasks, draft.tasks.columns);
  else draft.tasks.held.push(text);
  if (draft.tasks.held.length >= GUESSED_FROM) settle(draft.tasks);
  return true;
};

/** A name of a column that was wrapped is two words here. */
function mended(words: readonly string[]): string[] {
  const columns: string[] = [];
  for (const word of words) {
    const last = columns.at(-1);
    const whole = last !== undefined && !KNOWN.has(last) && KNOWN.has(last + word);
    if (whole) columns.pop();
    columns.push(whole ? last + word : word);
  }
  return columns;
}

function readRow([, pid, rest = '']: RegExpExecArray, tasks: Tasks, columns: readonly string[]): void {
  const fields = rest.trimEnd().split(/ +/, columns.length - 1);
  if (fields.length < columns.length - 1 || !fields.every((field) => NUMBER.test(field))) return;
  if (tasks.at.size === 0) columns.forEach((column, at) => tasks.at.set(column, at));
  const value = (name: string): number | undefined => {
    const at = tasks.at.get(name);
    return at === undefined ? undefined : Number(fields[at]);
  };
  const old = value('oom_adj') ?? value('oomkilladj');
  const adj = value('oom_score_adj') ?? (old === undefined ? undefined : scaled(old));
  // the kernel prints a counter that went below zero as it is
  const amount = (name: string): number | undefined => {
    const found = value(name);
    return found === undefined ? undefined : Math.max(0, found);
  };
  const tables = ['nr_ptes', 'nr_pmds', 'nr_puds'].map((name) => amount(name));
  const bytes = amount('pgtables_bytes');
  const [anon, file, shmem] = [amount('rss_anon'), amount('rss_file'), amount('rss_shmem')];
  add(tasks, {
    name: nameAfter(rest, columns.length - 1),
    pid: Number(pid),
    uid: amount('uid') ?? null,
    tgid: amount('tgid') ?? null,
    totalVm: amount('total_vm') ?? 0,
    rss: amount('rss') ?? 0,
    swap: amount('swapents') ?? 0,
    ...(anon === undefined ? {} : { anon }),
    ...(file === undefined ? {} : { file }),
    ...(shmem === undefined ? {} : { shmem }),
    tablePages: tables.reduce<number>((sum, pages) => sum + (pages ?? 0), 0),
    tableBytes: bytes ?? 0,
    hasTables: bytes !== undefined || tables[0] !== undefined,
    ...(adj === undefined ? {} : { adj }),
  });
}

/** The name is all that stands after the numbers: it may hold blanks, and begin with a digit. */
function nameAfter(rest: string, numbers: number): string {
  let at = 0;
  for (let seen = 0; seen < numbers; seen++) {
    while (rest[at] === ' ') at++;
    while (at < rest.length && rest[at] !== ' ') at++;
  }
  return rest.slice(at).trim().slice(0, 64);
}

function add(tasks: Tasks, task: Task): void {
  tasks.count += 1;
  if (task.adj === -1000) tasks.protected += 1;
  if (task.tableBytes > 0) {
    tasks.tables += 1;
    tasks.tableBits |= task.tableBytes % 2 ** 20;
  }
  let sum = tasks.sums.get(task.name);
  if (sum === undefined && tasks.sums.size < NAMES) tasks.sums.set(task.name, (sum = sumOf(task.name)));
  for (const one of sum ? [sum, tasks.all] : [tasks.all]) {
    one.count += 1;
    one.rss += task.rss;
    one.anon += task.anon ?? 0;
    one.swap += task.swap;
    one.tablePages += task.tablePages;
    one.tableBytes += task.tableBytes;
  }
  tasks.all.file += task.file ?? 0;
  tasks.all.shmem += task.shmem ?? 0;
  tasks.top.push(task);
  if (tasks.top.length > TOP * 8) tasks.top = largest(tasks.top, TOP);
}

const largest = <T extends { rss: number; swap: number }>(list: Iterable<T>, many: number): T[] =>
  [...list].sort((a, b) => b.rss + b.swap - (a.rss + a.swap)).slice(0, many);

/** Columns by the look of rows without a head: how many numbers stand before the name, and whether the fifth counts bytes. */
export function settle(tasks: Tasks): void {
  if (tasks.columns !== null || tasks.held.length === 0) return;
  const rows = tasks.held.splice(0).map((text) => ROW.exec(text));
  const leading = rows.map((row) => {
    const fields = (row?.[2] ?? '').trim().split(/ +/);
    const word = fields.findIndex((field) => !NUMBER.test(field));
    return word < 0 ? fields.length - 1 : word;
  });
  // a name may begin with a number of its own, so the fewest count
  const numbers = Math.min(...leading);
  const fifth = rows.map((row) => Number((row?.[2] ?? '').trim().split(/ +/)[4]));
  tasks.columns = ['uid', 'tgid', 'total_vm', 'rss', ...(restOf(numbers, fifth) ?? []), 'name'];
  if (tasks.columns.length === 5) return;
  for (const row of rows) if (row) readRow(row, tasks, tasks.columns);
}

/** The columns between rss and the name: 2.6.27, 2.6.36 to 3.6, 3.7 (pages), 4.1, 4.15 (bytes), 6.7. */
function restOf(numbers: number, fifth: readonly number[]): readonly string[] | undefined {
  if (numbers === 10) return ['rss_anon', 'rss_file', 'rss_shmem', 'pgtables_bytes', 'swapents', 'oom_score_adj'];
  if (numbers === 8) return ['nr_ptes', 'nr_pmds', 'swapents', 'oom_score_adj'];
  if (numbers === 6) return ['cpu', 'oom_adj'];
  if (numbers !== 7) return undefined;
  if (fifth.every((value) => value % 1024 === 0) && fifth.some((value) => value > 0))
    return ['pgtables_bytes', 'swapents', 'oom_score_adj'];
  return ['nr_ptes', 'swapents', 'oom_score_adj'];
}

/** The total_vm of a task that was kept, in pages. */
export const totalVmOf = (tasks: Tasks, pid: number): number | undefined => tasks.top.find((task) => task.pid === pid)?.totalVm;

/** The table in bytes. */
export function tasksOf(tasks: Tasks, pageSize: number): Moment['tasks'] | undefined {
  if (tasks.count === 0) return undefined;
  const has = (column: string): boolean => tasks.columns?.includes(column) ?? false;
  const tables = (one: { tablePages: number; tableBytes: number }): number => one.tableBytes + one.tablePages * pageSize;
  const split = has('rss_anon');
  return {
    count: tasks.count,
    columns: ['pid', ...(tasks.columns ?? [])].slice(0, 20),
    top: largest(tasks.top, TOP).map((task) => ({
      name: task.name,
      pid: task.pid,
      uid: task.uid,
      tgid: task.tgid,
      rss: task.rss * pageSize,
      swap: task.swap * pageSize,
      totalVm: task.totalVm * pageSize,
      ...(task.anon === undefined ? {} : { anon: task.anon * pageSize }),
      ...(task.file === undefined ? {} : { file: task.file * pageSize }),
      ...(task.shmem === undefined ? {} : { shmem: task.shmem * pageSize }),
      ...(task.hasTables ? { pageTables: tables(task) } : {}),
      ...(task.adj === undefined ? {} : { oomScoreAdj: task.adj }),
    })),
    groups: largest(tasks.sums.values(), GROUPS).map((sum) => ({
      name: sum.name,
      count: sum.count,
      rss: sum.rss * pageSize,
      anon: split ? sum.anon * pageSize : null,
      swap: sum.swap * pageSize,
      pageTables: tables(sum),
    })),
    totals: {
      rss: tasks.all.rss * pageSize,
      anon: split ? tasks.all.anon * pageSize : null,
      file: split ? tasks.all.file * pageSize : null,
      shmem: split ? tasks.all.shmem * pageSize : null,
      swap: tasks.all.swap * pageSize,
      pageTables: tables(tasks.all),
    },
    protected: tasks.protected,
  };
}
