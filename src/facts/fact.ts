import type { View } from './view.js';

/** What a fact is measured in; `entity` names somebody: a process, a pool, a cgroup, a device. */
export const UNITS = ['bytes', 'bytes/s', 'pages', 'pages/s', '1/s', '%', '1', 'count', 's', 'text', 'boolean', 'entity'] as const;
export type Unit = (typeof UNITS)[number];

/** Somebody who owns memory or causes trouble. */
export interface Entity {
  readonly kind: 'process' | 'process-group' | 'cgroup' | 'swap-device' | 'mount' | 'node' | 'zone' | 'slab-cache' | 'kernel-code' | 'host';
  readonly name: string;
  readonly pid?: number;
  readonly bytes: number | null;
}

export type FactValue = number | string | boolean | Entity;

export interface FactDefinition {
  /** A short name for people. */
  readonly title: string;
  readonly unit: Unit;
  /** How it is worked out, in kernel field names. */
  readonly formula: string;
  /** When it cannot be trusted (then it is unknown, with the reason), or how it is to be read. */
  readonly validity?: string;
  /** Where the formula comes from. */
  readonly reference?: string;
  /** @throws Unknown when an input is missing or a floor is not reached. */
  readonly value: (view: View) => FactValue;
}

/** One thing of a set, as rules with `forEach` see it: `name` and the fields of its set; null is unknown. */
export interface Item {
  readonly name: string;
  readonly [field: string]: number | string | boolean | null;
}

export interface ItemSetDefinition {
  readonly title: string;
  /** The fields beside `name`. */
  readonly fields: Readonly<Record<string, { readonly title: string; readonly unit: Unit; readonly formula: string }>>;
  /** @throws Unknown when the set itself cannot be known. */
  readonly items: (view: View) => readonly Item[];
}

/** A fact, worked out. A value of null is unknown, and `reason` says why. `from` lists the files and fields it used. */
export interface Fact {
  readonly value: FactValue | null;
  readonly unit: Unit;
  readonly from: readonly string[];
  readonly reason?: string;
  /** The id of the source that would tell, when it is one. */
  readonly lacks?: string;
}

/** An item set, worked out; null is unknown. */
export interface ItemSet {
  readonly items: readonly Item[] | null;
  readonly from: readonly string[];
  readonly reason?: string;
  readonly lacks?: string;
}

export interface FactSet {
  readonly facts: Readonly<Record<string, Fact>>;
  readonly items: Readonly<Record<string, ItemSet>>;
}

/**
 * Thrown inside a fact's formula when it cannot be known; the message is the reason, a clause: "only one sample of vmstat". `lacks` is
 * the id of the source that would tell, if more of it were read.
 */
export class Unknown extends Error {
  readonly lacks: string | undefined;
  constructor(reason: string, lacks?: string) {
    // hundreds are thrown for one host, and nobody looks at where
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(reason);
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'Unknown';
    this.lacks = lacks;
  }
}

/** The shape of one file in facts/: a table from fact name to definition. */
export const defineFacts = <const T extends Readonly<Record<string, FactDefinition>>>(table: T): T => table;

/** Item sets, by the name that rules use in `forEach`. */
export const defineItems = <const T extends Readonly<Record<string, ItemSetDefinition>>>(table: T): T => table;
