import type { Unit } from '../facts/fact.js';
import { calledCgroup } from '../gather/kernel-log/moment/cgroup-names.js';
import { bytes, count, duration, percent, rate } from '../format.js';

const FORMATS: Readonly<Partial<Record<Unit, (value: number) => string>>> = {
  bytes,
  'bytes/s': (value) => `${bytes(value)}/s`,
  pages: (value) => `${count(value)} pages`,
  'pages/s': (value) => rate(value, 'pages'),
  '1/s': (value) => rate(value),
  '%': percent,
  s: duration,
};

/** A value as people read it, in its unit; null is said to be unknown. The text is not escaped. */
export function valueText(value: unknown, unit: Unit): string {
  if (value === null || value === undefined) return 'unknown';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return (FORMATS[unit] ?? count)(value);
  return entityText(value);
}

/** Somebody in a sentence: a container's group by the names of its tools, not by its path. */
export function entityInProse(value: unknown, unit: Unit): string {
  const { kind, name } = (value ?? {}) as { kind?: unknown; name?: unknown };
  return kind === 'cgroup' && typeof name === 'string' ? calledCgroup(name) : valueText(value, unit);
}

/** Somebody's name, with the process id where there is one. */
function entityText(value: object): string {
  const { name, pid } = value as { name?: unknown; pid?: unknown };
  if (typeof name !== 'string') return 'unknown';
  return typeof pid !== 'number' || name.endsWith(`[${pid}]`) ? name : `${name} [${pid}]`;
}
