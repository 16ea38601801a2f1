import { layouts } from './layouts/index.js';
import type { Layout } from './layouts/layout.js';
import type { AnySource } from './source.js';
import { sources } from './sources/index.js';
import type { Want } from './trees/archive.js';

/** What tells of the host itself. */
export const HOST_FILES = ['proc/sys/kernel/hostname', 'etc/hostname', 'proc/sys/kernel/osrelease', 'proc/version', 'proc/sys/kernel/arch'];
const MIB = 1_048_576;
/** Of a source that walks a tree itself no bound is known; a manifest may be as long. */
const MOST = 8 * MIB;
const DEFAULT = MIB;
/** The top may be an archive's own directory, one that somebody put it in, and that of a sample. */
const DEEPEST = 3;
/** Texts without a known place are looked for so deep, the archive's own directory not counted. */
const LOOSE_SEGMENTS = 4;
const LOG = 'kernel-log.txt';

const registry: readonly AnySource[] = Object.values(sources);

/** What some source, or some layout, wants of an archive's entry; null when there is no use for it. */
export function wantOf(file: string): Want | null {
  const segments = file.split('/');
  if (segments.length <= DEEPEST && segments.at(-1) === 'manifest.json') return { as: 'file', most: MOST };
  tables ??= tablesOf();
  let most = 0;
  for (let depth = 0; depth < DEEPEST && depth < segments.length; depth += 1) {
    const path = depth === 0 ? file : segments.slice(depth).join('/');
    if (path === LOG || tables.logs.test(path)) return { as: 'log' };
    if (tables.files.test(path)) most = Math.max(mostOf(path, tables), most);
  }
  if (most > 0) return { as: 'file', most };
  return segments.length <= LOOSE_SEGMENTS ? { as: 'loose' } : null;
}

interface Tables {
  readonly files: RegExp;
  readonly logs: RegExp;
  readonly bounds: readonly (readonly [RegExp, number])[];
}
let tables: Tables | null = null;

/** Each source's patterns with its bound, and one expression of them all: most entries of an archive are of no use. */
function tablesOf(): Tables {
  const known: readonly Layout[] = layouts;
  const bounds = registry.flatMap((source) =>
    source.reads.map((pattern) =>
      'collect' in source ? ([widened(pattern), MOST] as const) : ([pattern, source.limits?.maxBytes ?? DEFAULT] as const),
    ),
  );
  const others = [...HOST_FILES, 'statfs.txt', ...known.flatMap(({ places }) => Object.values(places).flat())];
  const texts = known
    .flatMap((layout) => [...layout.texts.flat(), ...layout.dates, ...(layout.sar ?? [])])
    .filter((pattern) => pattern !== '*');
  return {
    files: expression([...bounds.map(([pattern]) => pattern), ...others, ...texts]),
    logs: expression(known.flatMap((layout) => [...layout.logs])),
    bounds: [...bounds.map(([pattern, most]) => [expression([pattern]), most] as const), [expression(texts), MOST]],
  };
}

const mostOf = (path: string, { bounds }: Tables): number =>
  Math.max(DEFAULT, ...bounds.filter(([pattern]) => pattern.test(path)).map(([, most]) => most));

const expression = (patterns: readonly string[]): RegExp =>
  new RegExp(
    `^(?:${[...new Set(patterns)]
      .map((pattern) =>
        pattern.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll(/\*+/g, (stars) => (stars === '*' ? '[^/]*' : '.*')),
      )
      .join('|')})$`,
  );

/** A source that walks a tree of its own (three directories or more down, like that of cgroups) may want all that is in it. */
function widened(pattern: string): string {
  const fixed = pattern.slice(0, pattern.indexOf('*'));
  return pattern.includes('/*/') && fixed.split('/').length > 3 ? `${fixed}**` : pattern;
}
