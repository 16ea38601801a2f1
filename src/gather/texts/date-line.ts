const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WORD = '(\\p{L}{3,9})\\.?';
/** `Mon Nov 23 10:55:00 UTC 2026`, with OSWatcher's stars, or with the half of the day. */
const CLASSIC = new RegExp(
  `^\\p{L}{2,9}\\.?,? {1,2}${WORD} {1,2}(\\d{1,2}),? (\\d\\d):(\\d\\d):(\\d\\d)(?: ([AP]M))?(?: ([A-Z]{2,5}|[+-]\\d{2,4}))? (\\d{4})$`,
  'u',
);
/** `Mon 23 Nov 2026 10:55:00 AM UTC`. */
const EUROPEAN = new RegExp(
  `^\\p{L}{2,9}\\.?,? {1,2}(\\d{1,2})\\.? ${WORD} (\\d{4}),? (\\d\\d):(\\d\\d):(\\d\\d)(?: ([AP]M))?(?: ([A-Z]{2,5}|[+-]\\d{2,4}))?$`,
  'u',
);
const ISO = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(Z|[+-]\d\d:?\d\d|UTC)?$/;
const EPOCH = /^@?(1\d{9})(?:\.\d{1,9})?$/;

/** Seconds since the epoch that a line of `date` tells; a zone other than an offset is taken for UTC. Null for another line. */
export function timeOfLine(line: string, told = ''): number | null {
  const text = line.replace(/^\s*(?:zzz )?\*{0,5}\s*/, '').replace(/\s*\*{0,5}$/, '');
  if (text.length < 10 || text.length > 60) return null;
  const iso = ISO.exec(text);
  if (iso) return utc([iso[1], iso[2], iso[3], iso[4], iso[5], iso[6]].map(Number), undefined, iso[8]);
  const classic = CLASSIC.exec(text);
  if (classic) return named(classic[8], classic[1], classic[2], [classic[3], classic[4], classic[5]], classic[6], classic[7]);
  const european = EUROPEAN.exec(text);
  if (european) return named(european[3], european[2], european[1], [european[4], european[5], european[6]], european[7], european[8]);
  const epoch = /\bdate\b/.test(told) ? EPOCH.exec(text) : null;
  return epoch ? Number(epoch[1]) : null;
}

function named(
  year: string | undefined,
  word: string | undefined,
  day: string | undefined,
  clock: readonly (string | undefined)[],
  half: string | undefined,
  zone: string | undefined,
): number | null {
  const month = MONTHS.indexOf((word ?? '').slice(0, 3).toLowerCase());
  return month < 0 ? null : utc([Number(year), month + 1, Number(day), ...clock.map(Number)], half, zone);
}

function utc(
  [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0]: readonly number[],
  half?: string,
  zone?: string,
): number | null {
  const hours = half === undefined ? hour : (hour % 12) + (half === 'PM' ? 12 : 0);
  const at = Date.UTC(year, month - 1, day, hours, minute, second) / 1000;
  const offset = /^([+-])(\d\d):?(\d\d)?$/.exec(zone ?? '');
  const seconds = offset ? Number(`${offset[1]}1`) * (Number(offset[2]) * 3600 + Number(offset[3] ?? 0) * 60) : 0;
  return Number.isFinite(at) ? at - seconds : null;
}
