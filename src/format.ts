/** The one place where numbers become text for people. Units are those of the facts: bytes, seconds, percent, counts. */

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
const DECIMAL = ['', ' k', ' M', ' G', ' T'] as const;
/** U+202F would keep number and unit together, but terminals draw it badly. */
const GAP = ' ';

/** Three significant digits, no trailing zeros: 1.5, 12.3, 123; whole numbers above that. */
const significant = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3))));

/** A size: `1.5 GiB`. */
export function bytes(value: number): string {
  let [scaled, step] = [value, 0];
  // 1023.9 KiB would round to "1024 KiB"
  while (Math.abs(scaled) >= 1023.5 && step < BINARY.length - 1) [scaled, step] = [scaled / 1024, step + 1];
  return `${significant(scaled)}${GAP}${BINARY[step] ?? 'B'}`;
}

/** A share: `12 %`; below 10 with one digit after the point; `<0.1 %` for what is not zero. */
export function percent(value: number): string {
  if (value === 0) return `0${GAP}%`;
  if (Math.abs(value) < 0.05) return value < 0 ? `≈0${GAP}%` : `<0.1${GAP}%`;
  return `${Math.abs(value) < 9.95 ? String(Number(value.toFixed(1))) : value.toFixed(0)}${GAP}%`;
}

/** A length of time in seconds: `250 ms`, `12.5 s`, `5 min 3 s`, `3 h 20 min`, `12 d 4 h`. */
export function duration(seconds: number): string {
  const size = Math.abs(seconds);
  const sign = seconds < 0 ? '-' : '';
  if (size === 0) return `0${GAP}s`;
  if (size < 0.9995) return `${sign}${significant(size * 1000)}${GAP}ms`;
  if (size < 59.95) return `${sign}${significant(size)}${GAP}s`;
  const whole = Math.round(size);
  if (whole < 3600) return sign + pair(whole, 60, 'min', 1, 's');
  if (whole < 86_400) return sign + pair(whole, 3600, 'h', 60, 'min');
  return sign + pair(whole, 86_400, 'd', 3600, 'h');
}

/** A count: whole with thousands apart, `12,345`; fractions with three significant digits. */
export function count(value: number): string {
  if (!Number.isInteger(value) && Math.abs(value) < 100) return significant(value);
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** So many a second: `0.5/s`, `1.2 k/s`; with a unit, `25 pages/s`. Bytes: `${bytes(value)}/s`. */
export function rate(value: number, unit = ''): string {
  let [scaled, step] = [value, 0];
  while (Math.abs(scaled) >= 9999.5 && step < DECIMAL.length - 1) [scaled, step] = [scaled / 1000, step + 1];
  return `${significant(scaled)}${DECIMAL[step] ?? ''}${unit && GAP + unit}/s`;
}

function pair(whole: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.floor((whole % big) / small);
  return `${Math.floor(whole / big)}${GAP}${bigName}${rest ? `${GAP}${rest}${GAP}${smallName}` : ''}`;
}
