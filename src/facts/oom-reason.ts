/** The causes of an OOM, by name. */

export const WHYS = [
  'manual',
  'memcg-limit',
  'cpuset',
  'mempolicy',
  'low-zone',
  'movable-only',
  'fragmentation',
  'swap-full',
  'no-swap',
  'locked',
  'kernel',
  'hugepages',
  'shmem',
  'watermarks',
  'policy',
  'accounting',
  'unknown',
] as const;

export type Why = (typeof WHYS)[number];

export type Scope = 'host' | 'cgroup' | 'cpuset' | 'mempolicy' | 'manual' | 'unknown';

/** The cause, and it said with figures. */
export interface Reason {
  readonly why: Why;
  readonly text: string;
  /** The zones below their marks; null: none is known to be. */
  readonly detail?: string | null;
}

/** A cause and its figures as one text. */
export const reasonText = ({ text, detail }: Reason): string => (detail === undefined || detail === null ? text : `${text} ${detail}`);

/** With a capital for the start of a sentence. */
export const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
