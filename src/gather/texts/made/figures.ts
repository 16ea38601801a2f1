/** Numbers as tools print them for people: units, and separators of any language. Pure. */

const UNITS: Readonly<Record<string, number>> = { b: 0, k: 1, m: 2, g: 3, t: 4, p: 5, e: 6 };

const digits = (text: string): string => text.replaceAll(/[.,'’]/g, '');

/**
 * A number with the separators of some language; null for another word. Where both a point and a comma stand, the last is the
 * decimal one; one of them alone before three digits groups thousands, unless `fraction` says that the tool prints decimals there.
 */
export function decimal(word: string, fraction = false): number | null {
  if (/^-?\d{1,20}$/.test(word)) return Number(word);
  if (!/^-?\d{1,20}(?:[.,'’]\d{1,20}){1,7}$/.test(word)) return null;
  const last = Math.max(word.lastIndexOf('.'), word.lastIndexOf(','));
  const [head, tail] = last < 0 ? [word, ''] : [word.slice(0, last), word.slice(last + 1)];
  const mark = word[last];
  const grouped = last < 0 || head.includes(mark ?? '') || (tail.length === 3 && !/[.,'’]/.test(head) && !fraction);
  return grouped ? Number(digits(word)) : Number(`${digits(head)}.${tail}`);
}

/** Bytes of a word as `7,7G`, `403Mi`, `640K`, `0B`, `16106252`; one without a letter is in `unit` bytes. Null for another word. */
export function size(word: string, unit = 1, base = 1024): number | null {
  const match = /^(\d[\d.,'’]{0,30})([BKMGTPE]?)(i?)B?$/i.exec(word);
  if (!match) return null;
  const [, digits = '', letter = '', binary] = match;
  const power = UNITS[letter.toLowerCase()];
  const value = decimal(digits, power !== undefined);
  if (value === null) return null;
  const bytes = power === undefined ? value * unit : value * (binary ? 1024 : base) ** power;
  return Number.isFinite(bytes) && bytes < 2 ** 63 ? Math.round(bytes) : null;
}

/** Bytes of a unit as printed before or after a number: `KiB`, `k`, `MB`, `GiB`; null for another word. */
export function unitOf(word: string): number | null {
  const power = /^[BKMGTPE](?:i?B)?$/i.test(word) ? UNITS[word[0]?.toLowerCase() ?? ''] : undefined;
  return power === undefined ? null : 1024 ** power;
}

/** Seconds of CPU time or time elapsed: `1-02:03:04`, `00:00:33`, `0:33`, `38:45.12`; null for another word. */
export function duration(word: string): number | null {
  const match = /^(?:(\d{1,6})-)?(?:(\d{1,7}):)?(\d{1,9}):(\d{1,2}(?:[.,]\d{1,3})?)$/.exec(word);
  if (!match) return null;
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = match;
  return Number(days) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds.replace(',', '.'));
}

/** Seconds since midnight of a clock, 24 h or with what stands for a.m. and p.m. in some language; null for another text. */
export function clock(text: string): number | null {
  const match = /^(\d{1,2}):(\d{2}):(\d{2})(?:\s?(\S{1,5}))?$/.exec(text);
  if (!match) return null;
  const [, hours = '', minutes = '', seconds = '', half] = match;
  const late = half !== undefined && /^(?:pm|p\.m\.?|下午|午後|오후|μμ|ch)$/i.test(half);
  const hour = half === undefined ? Number(hours) : (Number(hours) % 12) + (late ? 12 : 0);
  return hour > 24 || Number(minutes) > 59 || Number(seconds) > 60 ? null : hour * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** `12.3`, `12,3`, `100`, `7%`; undefined for another word. */
export const percentOf = (word: string | undefined): number | undefined =>
  word !== undefined && /^\d{1,5}(?:[.,]\d{1,3})?%?$/.test(word) ? Number(word.replace(',', '.').replace('%', '')) : undefined;
