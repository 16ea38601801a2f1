import type { CgroupEntry } from '../sources/cgroup.js';
import { keyedCounts, unsigned } from '../lines.js';
import { parsePressure } from '../sources/pressure.js';

/** What is known of one cgroup while the walk goes on. */
export type Draft = { -readonly [K in keyof CgroupEntry]: CgroupEntry[K] };

/** Reads one file of a cgroup into the draft. Throws nothing but ParseError. */
export type Reader = (text: string, draft: Draft) => void;

/** The files of one version of the hierarchy: those read of every cgroup, those read of the ones shown, and the dear one. */
export interface Files {
  readonly all: Readonly<Record<string, Reader>>;
  readonly shown: Readonly<Record<string, Reader>>;
  readonly stat: Readonly<Record<string, Reader>>;
}

type Size = 'current' | 'max' | 'high' | 'low' | 'min' | 'swapCurrent' | 'swapMax' | 'peak' | 'kmem';

/** Without a limit v1 prints LONG_MAX rounded down to a page, older kernels LLONG_MAX. */
const V1_UNLIMITED = 2 ** 62;

const size =
  (name: Size): Reader =>
  (text, draft) => {
    const word = text.trim();
    if (word === 'max') return;
    const value = unsigned(word, name);
    if (value < V1_UNLIMITED) draft[name] = value;
  };

/** Where a limit may be missing, a protection may be everything. */
const protection =
  (name: 'low' | 'min'): Reader =>
  (text, draft) => {
    const word = text.trim();
    draft[name] = word === 'max' ? Number.MAX_SAFE_INTEGER : unsigned(word, name);
  };

const events: Reader = (text, draft) => {
  draft.events = { ...draft.events, ...keyedCounts(text) };
};

export const V2_FILES: Files = {
  all: {
    'memory.current': size('current'),
    'memory.max': size('max'),
    'memory.high': size('high'),
    'memory.events': events,
  },
  shown: {
    'memory.low': protection('low'),
    'memory.min': protection('min'),
    'memory.swap.current': size('swapCurrent'),
    'memory.swap.max': size('swapMax'),
    'memory.peak': size('peak'),
    'memory.pressure': (text, draft) => {
      draft.pressure = parsePressure(text);
    },
  },
  stat: {
    'memory.stat': (text, draft) => {
      draft.stat = keyedCounts(text);
    },
  },
};

/** The usage and limit of memory and swap together are turned into those of swap; neither is exact, so that it may come out below zero. */
const memsw =
  (from: 'current' | 'max', to: 'swapCurrent' | 'swapMax'): Reader =>
  (text, draft) => {
    const together = unsigned(text.trim(), `memsw ${from}`);
    const memory = draft[from];
    if (together < V1_UNLIMITED && memory !== undefined) draft[to] = Math.max(0, together - memory);
  };

export const V1_FILES: Files = {
  all: {
    'memory.usage_in_bytes': size('current'),
    'memory.limit_in_bytes': size('max'),
    'memory.failcnt': (text, draft) => {
      draft.events = { ...draft.events, max: unsigned(text.trim(), 'failcnt') };
    },
    'memory.oom_control': (text, draft) => {
      const { oom_kill: kills, under_oom: under, oom_kill_disable: disabled } = keyedCounts(text);
      draft.events = {
        ...draft.events,
        ...(kills === undefined ? {} : { oom_kill: kills }),
        ...(under === undefined ? {} : { under_oom: under }),
        ...(disabled === undefined ? {} : { oom_kill_disable: disabled }),
      };
    },
  },
  shown: {
    'memory.memsw.usage_in_bytes': memsw('current', 'swapCurrent'),
    'memory.memsw.limit_in_bytes': memsw('max', 'swapMax'),
    'memory.max_usage_in_bytes': size('peak'),
    'memory.kmem.usage_in_bytes': size('kmem'),
  },
  stat: {
    'memory.stat': (text, draft) => {
      draft.stat = v1Stat(keyedCounts(text));
    },
  },
};

/** Names of v1 that v2 has for the same thing. */
const V2_NAMES: Readonly<Record<string, string>> = {
  cache: 'file',
  rss: 'anon',
  rss_huge: 'anon_thp',
  mapped_file: 'file_mapped',
  dirty: 'file_dirty',
  writeback: 'file_writeback',
  workingset_refault: 'workingset_refault_file',
  workingset_activate: 'workingset_activate_file',
};

/** memory.stat of v1 in the names of v2. The total_ of a name counts the descendants too, as all figures of v2 do. */
function v1Stat(stat: Readonly<Record<string, number>>): Record<string, number> {
  const found = new Map<string, number>();
  for (const [name, own] of Object.entries(stat)) {
    if (name.startsWith('total_') || name.startsWith('hierarchical_')) continue;
    found.set(V2_NAMES[name] ?? name, stat[`total_${name}`] ?? own);
  }
  return Object.fromEntries(found);
}
