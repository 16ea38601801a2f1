/** What is replaced, and how its pseudonyms begin. */
export const KINDS = {
  hosts: 'host',
  users: 'user',
  addresses: 'addr',
  processes: 'proc',
  commands: 'cmd',
  paths: 'path',
  cgroups: 'cg',
  units: 'unit',
  pods: 'pod',
  containers: 'ctr',
  ids: 'id',
  words: 'word',
} as const;
export type Kind = keyof typeof KINDS;

/** Pseudonyms of one snapshot: the same name has the same one everywhere, in the order of first sight. They tell nothing of the name. */
export interface Names {
  /** Of a name of that kind; `shape` makes the pseudonym from its number (default `kind-N`). */
  readonly of: (kind: Kind, name: string, shape?: (number: number) => string) => string;
  /** The pseudonym that a name has already, of whatever kind of those asked for. */
  readonly known: (name: string, ...kinds: readonly Kind[]) => string | undefined;
  /** How many different names were replaced, by kind; kinds without any are left out. */
  readonly counts: () => Partial<Record<Kind, number>>;
}

/** Starts without any name. */
export function pseudonyms(): Names {
  const maps = new Map<Kind, Map<string, string>>();
  return {
    of(kind, name, shape = (number) => `${KINDS[kind]}-${number}`) {
      const map = maps.get(kind) ?? new Map<string, string>();
      maps.set(kind, map);
      const found = map.get(name) ?? shape(map.size + 1);
      map.set(name, found);
      return found;
    },
    known: (name, ...kinds) => kinds.map((kind) => maps.get(kind)?.get(name)).find((found) => found !== undefined),
    counts: () => Object.fromEntries([...maps].map(([kind, map]) => [kind, map.size])),
  };
}

/** 1 → a, 26 → z, 27 → aa: a number that a reader of names does not take for the number of a worker. */
export function letters(number: number): string {
  let [text, rest] = ['', number];
  while (rest > 0) {
    rest -= 1;
    text = String.fromCharCode(97 + (rest % 26)) + text;
    rest = Math.floor(rest / 26);
  }
  return text;
}
