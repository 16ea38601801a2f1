const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** A date that begins a line, and how much of the line it is. */
export interface WallDate {
  /** ISO 8601, with the zone when the line names it; absent when the line has no year or names the month in an unknown language. */
  readonly iso?: string;
  readonly length: number;
  /** `dmesg --time-format iso` has a comma before the fraction, and neither host nor program after the date. */
  readonly comma: boolean;
}

/** `2026-11-23T10:55:00.123456+01:00 `, and the forms of rsyslog, journalctl, dmesg, containers. */
const ISO = /^(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d:\d\d:\d\d)(?:([.,])(\d{1,9}))?(?: ?(Z|UTC|GMT|[+-]\d\d:?\d\d))?:? /;
/** `Nov 23 10:55:00 `, with a fraction, with the year before or after the time; the month in any language. */
const SYSLOG =
  /^(?:(\d{4}) )?(?!\d{1,4} )([^\s[\]<>:=(,]{2,12}) {1,2}(\d{1,2}) (?:(\d{4}) )?(\d\d:\d\d:\d\d)(?:([.,])(\d{1,9}))?(?: ((?:19|20)\d\d))?:? /;
/** OpenWrt's logread and asctime: `Mon Nov 23 10:55:00 2026 `. */
const ASCTIME = /^[^\s\d[\]<>:=(]{1,9} ([^\s[\]<>:=(]{2,12}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d) (?:[A-Z]{3,5} )?(\d{4}):? /;
/** journalctl -o short-full: `Mon 2026-11-23 10:55:00 UTC `. */
const SHORT_FULL = /^[^\s\d[\]<>:=(]{1,9} (\d{4})-(\d\d)-(\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,9}))? ([A-Z]{1,5}|[+-]\d{2,4}) /;
/** logcat: `11-23 10:55:00.123 `. */
const LOGCAT = /^\d\d-\d\d \d\d:\d\d:\d\d\.\d{3,9} /;
/** journalctl -o short-unix. */
const UNIX = /^(\d{9,10})\.(\d{3,9}) /;

/** The date that a line begins with; null when it begins with none. */
export function dateOf(line: string): WallDate | null {
  const first = line.charCodeAt(0);
  return first >= 48 && first <= 57 ? digitsFirst(line) : wordFirst(line);
}

function digitsFirst(line: string): WallDate | null {
  const iso = ISO.exec(line);
  if (iso) {
    const [whole, year = '', month = '', day = '', time = '', sign, fraction, zone] = iso;
    return found(whole, isoTime(year, month, day, time, fraction, zone), sign === ',');
  }
  const unix = UNIX.exec(line);
  if (unix) return found(unix[0], `${new Date(Number(unix[1]) * 1000).toISOString().slice(0, 19)}.${unix[2]}Z`);
  const logcat = LOGCAT.exec(line);
  if (logcat) return found(logcat[0]);
  return syslogDate(line);
}

function wordFirst(line: string): WallDate | null {
  // every form of these has a time of day near its beginning
  const colon = line.indexOf(':');
  if (colon < 6 || colon > 40) return null;
  const full = SHORT_FULL.exec(line);
  if (full) {
    const [whole, year = '', month = '', day = '', time = '', fraction, zone = ''] = full;
    return found(whole, isoTime(year, month, day, time, fraction, /^(?:UTC|GMT|[+-])/.test(zone) ? zone : undefined));
  }
  const long = ASCTIME.exec(line);
  if (long) return found(long[0], namedMonth(long[4], long[1], long[2], long[3]));
  return syslogDate(line);
}

function syslogDate(line: string): WallDate | null {
  const match = SYSLOG.exec(line);
  if (!match) return null;
  const [whole, before, month, day, between, time, sign, fraction, after] = match;
  return found(whole, namedMonth(before ?? between ?? after, month, day, time, fraction), sign === ',');
}

const found = (whole: string, iso?: string, comma = false): WallDate => ({
  length: whole.length,
  comma,
  ...(iso === undefined ? {} : { iso }),
});

function isoTime(year: string, month: string, day: string, time: string, fraction?: string, zone?: string): string | undefined {
  const iso = `${year}-${month}-${day}T${time}`;
  if (Number.isNaN(Date.parse(`${iso}Z`))) return undefined;
  return `${iso}${fraction === undefined ? '' : `.${fraction}`}${zoneOf(zone)}`;
}

function zoneOf(zone: string | undefined): string {
  if (zone === undefined) return '';
  if (/^[A-Z]/.test(zone)) return 'Z';
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  return `${zone.slice(0, 1)}${digits.slice(0, 2)}:${digits.slice(2)}`;
}

/** ISO 8601 of a date whose month is named in English; undefined without a year, or with a month in another language. */
export function namedMonth(
  year: string | undefined,
  month: string | undefined,
  day: string | undefined,
  time: string | undefined,
  fraction?: string,
): string | undefined {
  if (year === undefined || month === undefined || day === undefined || time === undefined) return undefined;
  const number = MONTHS.indexOf(month.toLowerCase()) + 1;
  return number === 0 ? undefined : isoTime(year, String(number).padStart(2, '0'), day.padStart(2, '0'), time, fraction);
}

/** Seconds since the epoch of an ISO time; one without a zone is taken as if it were UTC. NaN when it is none. */
export function epochOf(iso: string): number {
  // Date knows milliseconds only
  const fraction = FRACTION.exec(iso)?.[0] ?? '';
  const whole = iso.replace(fraction, '');
  return Date.parse(HAS_ZONE.test(whole) ? whole : `${whole}Z`) / 1000 + Number(fraction === '' ? 0 : `0${fraction}`);
}

/** True when the zone is known. */
export const hasZone = (iso: string): boolean => HAS_ZONE.test(iso);

const FRACTION = /\.\d{1,9}/;
const HAS_ZONE = /(?:Z|[+-]\d\d:\d\d)$/;
