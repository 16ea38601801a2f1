import type { PageModel } from './model.js';

interface Cell {
  readonly text: string;
  readonly number: boolean;
  readonly head: boolean;
  /** A text of many words, that needs room to be read. */
  readonly long: boolean;
}
/** A plain table: its heads, and its rows of text. */
export interface Grid {
  readonly head: readonly { readonly text: string; readonly number: boolean }[];
  readonly rows: readonly (readonly Cell[])[];
}

/** A column: its head and what it shows of a row; `n` aligns it as a number, `l` gives it room for many words, `t` is as none. */
type Column<T> = readonly [head: string, value: (row: T) => string, kind?: 'n' | 'l' | 't'];

/** Makes a grid of rows. */
export function grid<T>(rows: readonly T[], columns: readonly Column<T>[]): Grid {
  return {
    head: columns.map(([text, , kind]) => ({ text, number: kind === 'n' })),
    rows: rows.map((row) =>
      columns.map(([, value, kind], index) => ({ text: value(row), number: kind === 'n', long: kind === 'l', head: index === 0 })),
    ),
  };
}

/** The tables of the page. */
export const gridsOf = (model: PageModel) => ({
  processes: grid(model.processes, [
    ['Process', (row) => row.name],
    ['Private', (row) => row.anon, 'n'],
    ['Shared', (row) => row.shmem, 'n'],
    ['File', (row) => row.file, 'n'],
    ['Swapped', (row) => row.swap, 'n'],
    ['Growth', (row) => row.growth, 'n'],
    ['Major faults', (row) => row.faults, 'n'],
  ]),
  zones: grid(model.zones, [
    ['Zone', (row) => row.name],
    ['Managed', (row) => row.managed, 'n'],
    ['Free', (row) => row.free, 'n'],
    ['Min', (row) => row.min, 'n'],
    ['Low', (row) => row.low, 'n'],
    ['High', (row) => row.high, 'n'],
    ['Free blocks by order', (row) => row.blocks],
  ]),
  cgroups: grid(model.cgroups, [
    ['Group', (row) => row.name],
    ['Current', (row) => row.current, 'n'],
    ['Limit', (row) => row.limit, 'n'],
    ['High', (row) => row.high, 'n'],
    ['Working set', (row) => row.workingSet, 'n'],
    ['High events', (row) => row.highEvents, 'n'],
    ['Max events', (row) => row.maxEvents, 'n'],
    ['OOM kills', (row) => row.oomKills, 'n'],
    ['Stalled', (row) => row.psi, 'n'],
  ]),
  slab: grid(model.slab, [
    ['Cache', (row) => row.name],
    ['Size', (row) => row.size, 'n'],
    ['In use', (row) => row.active, 'n'],
    ['Growth', (row) => row.growth, 'n'],
  ]),
  numa: grid(model.numa, [
    ['Node', (row) => row.node],
    ['Total', (row) => row.total, 'n'],
    ['Free', (row) => row.free, 'n'],
    ['Available', (row) => row.available, 'n'],
    ['Missed', (row) => row.miss, 'n'],
  ]),
  swaps: grid(model.swaps, [
    ['Device', (row) => row.name],
    ['Type', (row) => row.type],
    ['Size', (row) => row.size, 'n'],
    ['Used', (row) => row.used, 'n'],
    ['Priority', (row) => row.priority, 'n'],
  ]),
  events: grid(model.events, [
    ['When', (row) => row.time],
    ['What', (row) => row.kind],
    ['Details', (row) => row.what, 'l'],
    ['Killed', (row) => row.victims, 'l'],
    ['From', (row) => row.source],
  ]),
  texts: grid(model.texts?.recognised ?? [], [
    ['What', (row) => row.title],
    ['Where', (row) => row.where],
    ['Note', (row) => row.note, 'l'],
  ]),
  unread: grid(model.texts?.unrecognised ?? [], [
    ['Where', (row) => row.where],
    ['First line', (row) => row.text, 'l'],
  ]),
  sources: grid(model.sources, [
    ['Source', (row) => row.title],
    ['Status', (row) => row.status],
    ['Time', (row) => row.took, 'n'],
    ['Read', (row) => row.size, 'n'],
    ['Why', (row) => row.reason, 'l'],
  ]),
});
