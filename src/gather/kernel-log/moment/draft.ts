import type { LogEvent, Moment, Victim } from '../schema.js';
import type { Tasks } from './tasks.js';

/** An event while its lines are being read. */
export type EventDraft = { -readonly [K in keyof LogEvent]: LogEvent[K] };

/** The parts of a report, in the order in which every kernel prints them: a part that comes after a later one begins another report. */
export const PART = {
  head: 0,
  trace: 1,
  memcg: 2,
  memInfo: 3,
  pages: 4,
  nodes: 5,
  zones: 6,
  freeLists: 7,
  hugepages: 8,
  totals: 9,
  slabs: 10,
  tasks: 11,
  constraint: 12,
  chosen: 13,
  killed: 14,
} as const;
export type Part = (typeof PART)[keyof typeof PART];

type Writable<T> = { -readonly [K in keyof T]: T[K] };
/** A zone as printed: its reserves are in pages still, and it may lack its end. */
export type ZoneDraft = Partial<Writable<Moment['zones'][number]>> & {
  node: number;
  zone: string;
  values: Record<string, number>;
  reservePages: number[];
};
type MemcgDraft = Writable<NonNullable<Moment['memcg']>>;

/** A report while its lines are being read. Counts of pages become bytes at its end: the size of a page is known late. */
export interface Draft {
  kind: Moment['kind'];
  /** What it is the memory of; null until something shows that it is more than a dump of memory. */
  event: EventDraft | null;
  part: Part;
  /** Somebody asked for it: SysRq M. */
  asked: boolean;
  /** The time of its last line. */
  last: number | null;
  time: number | null;
  wallTime?: string;
  head: boolean;
  tail: boolean;
  /** The last lines of Mem-Info are there. */
  ended: boolean;
  /** The head of an OOM report comes right after it. */
  followed: boolean;
  /** Lines since one of the report. */
  foreign: number;
  kernel?: string;
  hardware?: string;
  trigger?: Writable<NonNullable<Moment['trigger']>>;
  order?: number;
  gfpMask?: string;
  constraint?: string;
  nodemask?: string;
  cpuset?: string;
  memsAllowed?: string;
  globalOom?: boolean;
  /** A line says that the limit of a memory cgroup was met. */
  memcgSaid: boolean;
  memcg: MemcgDraft;
  groups: Map<string, Record<string, number>>;
  /** The group whose statistics the next lines are. */
  stats: Record<string, number> | null;
  traceState: 'before' | 'in' | 'after';
  /** Of an address, by the call trace. */
  bits?: 32 | 64;
  frames: { name: string; module: string | null; sure: boolean }[];
  pages: Record<string, number>;
  bytes: Record<string, number>;
  nodes: Map<number, { values: Record<string, number>; unreclaimable: boolean | null }>;
  zones: ZoneDraft[];
  /** The zone or node whose line may go on in the next. */
  open: Record<string, number> | null;
  /** The size of the first free list, bytes: a page. */
  smallestBlock?: number;
  hugepages: Moment['hugepages'];
  slabs: Moment['slabs'];
  slabTable: boolean;
  tasks: Tasks | null;
  victims: Victim[];
  chosen: Victim | null;
  chosenScore?: number;
  killed: boolean;
  groupKill?: boolean;
  allocatingTask?: boolean;
  reaped: NonNullable<Moment['reaped']>;
  panic?: string;
}

/** A report of which nothing has been read. */
export const draftOf = (kind: Draft['kind'], event: EventDraft | null, time: number | null): Draft => ({
  kind,
  event,
  part: PART.head,
  asked: false,
  last: time,
  time,
  head: false,
  tail: false,
  ended: false,
  followed: false,
  foreign: 0,
  memcgSaid: false,
  memcg: {},
  groups: new Map(),
  stats: null,
  traceState: 'before',
  frames: [],
  pages: {},
  bytes: {},
  nodes: new Map(),
  zones: [],
  open: null,
  hugepages: [],
  slabs: [],
  slabTable: false,
  tasks: null,
  victims: [],
  chosen: null,
  killed: false,
  reaped: [],
});

/** Reads one kind of line; true when the line is of that kind. */
export type Reader = (text: string, draft: Draft) => boolean;

/** Of the values in one line or block; the kernel has some 90. */
const NAMES = 150;

/** Sets a value of a map whose names come from the text; the map stays small, and nobody's prototype is touched. */
export function put(map: Record<string, number>, name: string, value: number): void {
  if (name === '__proto__' || (!Object.hasOwn(map, name) && Object.keys(map).length >= NAMES)) return;
  map[name] = value;
}
