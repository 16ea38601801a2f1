import { type Draft, PART, put, type Reader } from './draft.js';
import { namesOf } from './cgroup-names.js';
import type { Moment } from '../schema.js';

const GROUPS = 50;
/** PAGE_COUNTER_MAX in bytes and its roundings; 2^31 - 1 pages on 32 bits. */
const NO_LIMIT = 2 ** 60;
const NO_LIMIT_32 = 8_589_934_588 * 1024;
/** `memory: usage 980kB, limit 980kB, failcnt 4152239`. */
const USAGE = /^(memory|memory\+swap|swap|kmem): usage (\d{1,20})kB, limit (\d{1,20})kB(?:, failcnt (\d{1,20}))?/;
/** v1 gives its sizes in the same line, v2 one a line after it. */
const STATS = /^Memory cgroup stats(?: for (.{1,4096}?))?: ?((?:(?:cache|rss|anon|file)[: ].{0,2000})?)$/;
const V1_PAIR = /([a-z_]{1,40}(?:\([a-z]{1,10}\))?):(\d{1,20})KB/g;
const V2_LINE = /^ {0,24}([a-z][a-z_0-9.]{1,40}) (\d{1,20})$/;

/** What the memory cgroup used, its limit, and its statistics with those of the groups below. */
export const readMemcg: Reader = (text, draft) => {
  const usage = USAGE.exec(text);
  if (usage) {
    const [, what, used, limit, failcnt] = usage;
    setUsage(draft, what ?? '', Number(used) * 1024, Number(limit) * 1024, failcnt === undefined ? undefined : Number(failcnt));
    return begun(draft, null);
  }
  const stats = STATS.exec(text);
  if (stats) {
    const group: Record<string, number> = {};
    const path = stats[1] ?? draft.memcg.path ?? '';
    for (const [, name = '', size] of (stats[2] ?? '').matchAll(V1_PAIR)) put(group, name, Number(size) * 1024);
    const first = V2_LINE.exec(stats[2] ?? '');
    if (first) put(group, first[1] ?? '', Number(first[2]));
    if (draft.groups.size < GROUPS && !draft.groups.has(path)) draft.groups.set(path, group);
    return begun(draft, group);
  }
  const line = draft.stats === null ? null : V2_LINE.exec(text);
  if (!line || draft.stats === null) return false;
  put(draft.stats, line[1] ?? '', Number(line[2]));
  return true;
};

function begun(draft: Draft, stats: Record<string, number> | null): true {
  draft.stats = stats;
  draft.part = PART.memcg;
  draft.memcgSaid = true;
  return true;
}

function setUsage({ memcg }: Draft, what: string, used: number, limit: number, failcnt: number | undefined): void {
  const bound = limit >= NO_LIMIT || limit === NO_LIMIT_32 ? undefined : limit;
  if (what === 'memory') {
    memcg.usage = used;
    if (bound !== undefined) memcg.limit = bound;
    if (failcnt !== undefined) memcg.failcnt = failcnt;
  } else if (what === 'kmem') {
    memcg.kmemUsage = used;
    if (bound !== undefined) memcg.kmemLimit = bound;
  } else {
    memcg.swapUsage = used;
    if (bound !== undefined) memcg.swapLimit = bound;
  }
}

/** The limit that was met, with the names that its path holds; undefined when the report tells nothing of a cgroup. */
export function memcgOf({ memcg, groups }: Draft): Moment['memcg'] | undefined {
  const path = memcg.path ?? [...groups.keys()].find((name) => name !== '');
  const all = { ...memcg, ...(path === undefined ? {} : { path }) };
  const list = [...groups].map(([name, stats]) => ({ path: name === '' ? (path ?? '') : name, stats }));
  list.sort((a, b) => Number(b.path === path) - Number(a.path === path));
  const named = namesOf(memcg.taskPath ?? path ?? '');
  const empty = Object.keys(all).length === 0 && list.length === 0;
  return empty ? undefined : { ...all, ...named, ...(list.length > 0 ? { groups: list } : {}) };
}
