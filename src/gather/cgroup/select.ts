import type { Draft } from './files.js';

/** How many cgroups are shown, and how many of them for their size alone. */
export const SHOWN = 300;
const BY_SIZE = 50;

/** A path and its ancestors, the root first. */
export function ancestry(path: string): string[] {
  const chain = ['/'];
  let at = '';
  for (const name of path.split('/').filter(Boolean)) {
    at = `${at}/${name}`;
    chain.push(at);
  }
  return chain;
}

const size = ({ current }: Draft): number => current ?? 0;

/** The largest by current usage, among equals in the order of the walk. */
export const largest = (drafts: readonly Draft[], number: number): Draft[] =>
  [...drafts].sort((a, b) => size(b) - size(a)).slice(0, number);

/**
 * The cgroups worth showing, in the order of the walk: the own chain and the largest always, then those that met their
 * limit or lost a process, then those with a limit, the nearest to it first.
 */
export function shown(drafts: ReadonlyMap<string, Draft>, chain: ReadonlySet<string>): Draft[] {
  const all = [...drafts.values()];
  const kept = new Set([...all.filter(({ path }) => chain.has(path)), ...largest(all, BY_SIZE)]);
  const others = all.filter((draft) => !kept.has(draft) && (hits(draft) > 0 || Number.isFinite(limit(draft))));
  others.sort((a, b) => hits(b) - hits(a) || size(b) / limit(b) - size(a) / limit(a));
  for (const draft of others) if (kept.size < SHOWN) kept.add(draft);
  return all.filter((draft) => kept.has(draft));
}

const limit = ({ max, high }: Draft): number => Math.min(max ?? Infinity, high ?? Infinity);

/** Kills weigh most, then meeting a limit at all. */
function hits({ events }: Draft): number {
  const { oom_kill: kills = 0, oom = 0, max = 0, high = 0 } = events ?? {};
  return kills > 0 || oom > 0 ? 2 : max > 0 || high > 0 ? 1 : 0;
}

/** The least max of a cgroup and its ancestors; nothing when none of them has one. */
export function effectiveMax({ path }: Draft, drafts: ReadonlyMap<string, Draft>): { effectiveMax?: number } {
  const least = Math.min(...ancestry(path).map((above) => drafts.get(above)?.max ?? Infinity));
  return Number.isFinite(least) ? { effectiveMax: least } : {};
}
