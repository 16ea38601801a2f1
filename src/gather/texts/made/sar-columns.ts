/** What the columns of sar mean: they are never translated, and their order changes with the version. Pure. */

/** Tables by a column that only they have. */
const TABLES: readonly (readonly [column: string, table: SarTable])[] = [
  ['pgpgin/s', 'paging'],
  ['pswpin/s', 'swapping'],
  ['kbmemfree', 'memory'],
  ['kbswpfree', 'swap'],
  ['kbhugfree', 'huge'],
  ['ldavg-1', 'load'],
  ['%smem-10', 'pressure'],
];

export type SarTable = 'paging' | 'swapping' | 'memory' | 'swap' | 'huge' | 'load' | 'pressure' | 'other';

/** Levels stand for the moment of the row, rates for the time since the row before. */
export const hasRates = (table: SarTable): boolean => table === 'paging' || table === 'swapping';

/** Which table has these columns; `other` for one that says nothing of memory. */
export const tableOf = (columns: readonly string[]): SarTable => TABLES.find(([column]) => columns.includes(column))?.[1] ?? 'other';

const MEMORY = ['kbbuffers', 'kbcached', 'kbcommit', '%commit'];
const REST = ['kbactive', 'kbinact', 'kbdirty'];
const PAGING = ['pgpgin/s', 'pgpgout/s', 'fault/s', 'majflt/s', 'pgfree/s', 'pgscank/s', 'pgscand/s', 'pgsteal/s', '%vmeff'];

/**
 * The columns of a row whose header is lost, by which of its figures are fractions: rates and percentages are, sizes are not.
 * Null when that fits no table of memory.
 */
export function columnsByShape(words: readonly string[]): readonly string[] | null {
  const shape = words.map((word) => (/[.,]\d\d$/.test(word) ? 'f' : /^\d+$/.test(word) ? 'i' : 'x')).join('');
  if (shape === 'ff') return ['pswpin/s', 'pswpout/s'];
  if (/^f{8,10}$/.test(shape)) return shape.length === 10 ? [...PAGING.slice(0, 8), 'pgprom/s', 'pgdem/s'] : PAGING.slice(0, shape.length);
  if (shape === 'iifif') return ['kbswpfree', 'kbswpused', '%swpused', 'kbswpcad', '%swpcad'];
  if (shape.startsWith('iifiiif')) return ['kbmemfree', 'kbmemused', '%memused', ...MEMORY, ...REST];
  if (shape.startsWith('iiifiiif')) return ['kbmemfree', 'kbavail', 'kbmemused', '%memused', ...MEMORY, ...REST];
  return null;
}
