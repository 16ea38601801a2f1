/** Rows of ps whose header is lost. Pure. */
import type { Column } from './columns.js';

const AUX =
  /^\s*\S{1,32}\s+\d{1,10}\s+\d{1,4}[.,]\d\s+\d{1,3}[.,]\d\s+\d{1,15}\s+\d{1,15}\s+\S{1,12}\s+[RSDZTtXIW][<NLsl+]{0,5}\s+\S{4,8}\s+\d{1,7}:\d\d\s+\S/;
const THREE = /^\s*(\d{1,15})\s+(\d{1,15})\s+(\d{1,15})\s+(?!\d+\s|\d+$)\S/;
const AUX_COLUMNS = 'user pid text share vsz rss text state text time'.split(' ');
const ORDERS = [
  ['pid', 'rss', 'vsz'],
  ['pid', 'vsz', 'rss'],
  ['rss', 'vsz', 'pid'],
  ['vsz', 'rss', 'pid'],
  ['rss', 'pid', 'vsz'],
  ['vsz', 'pid', 'rss'],
];
const columnsOf = (names: readonly string[]): Column[] => [
  ...names.map((name): Column => ({
    name,
    kind: name === 'text' || name === 'state' || name === 'user' || name === 'time' ? 'text' : 'number',
  })),
  { name: 'args', kind: 'rest' },
];

/** True for a row of `ps aux`, which no other tool prints alike. */
export const isAuxRow = (line: string): boolean => line.length < 20_000 && AUX.test(line);
/** True for three numbers and a command: sure only in a file that is named after ps. */
export const isThreeRow = (line: string): boolean => line.length < 20_000 && THREE.test(line);

/**
 * The columns of rows without a header: those of `ps aux`, or three numbers of which two are RSS and VSZ: KiB of whole pages, the
 * one never more than the other; and one a pid, of each row another. Null when no order fits all rows.
 */
export function bareColumns(rows: readonly string[]): Column[] | null {
  if (rows.length > 0 && rows.every(isAuxRow)) return columnsOf(AUX_COLUMNS);
  const numbers = rows.flatMap((row) => {
    const match = THREE.exec(row);
    return match ? [match.slice(1).map(Number)] : [];
  });
  if (numbers.length < 2 || numbers.length < rows.length) return null;
  const order = ORDERS.find((names) => {
    const of = (name: string): number[] => numbers.map((row) => row[names.indexOf(name)] ?? 0);
    const [pids, sizes, residents] = [of('pid'), of('vsz'), of('rss')];
    return (
      new Set(pids).size === pids.length &&
      pids.every((pid) => pid > 0 && pid < 2 ** 22) &&
      sizes.every((vsz, index) => vsz % 4 === 0 && (residents[index] ?? 0) % 4 === 0 && vsz >= (residents[index] ?? 0))
    );
  });
  return order ? columnsOf(order) : null;
}
