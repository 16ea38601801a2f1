import { snapshotSchema, type Snapshot } from '../snapshot.js';
import { type Names, pseudonyms } from './names.js';
import { userNumber } from './paths.js';
import { DEFAULT, KEY_POLICIES, MEMBERS_KEPT, POLICIES } from './policies.js';
import { RELEASE_MEMBERS } from './well-known.js';

/** How many different names were replaced, by kind: hosts, users, addresses, processes, commands, paths, cgroups, units, … */

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

/** The sources that hold names in places of their own are read first: free text then has the same pseudonyms for them. */
const PASSES = 2;

/**
 * A snapshot with every name replaced that may tell whose it is: hosts, users, addresses, programs, command lines, paths, cgroups.
 * Sizes, times, counts, the kernel's own names, hardware and distribution stay; so do relations: one name has one pseudonym.
 * Pure; the same snapshot gives the same.
 */
export function redact(snapshot: Snapshot): Snapshot {
  const names = pseudonyms();
  const kept = new Set(releasesOf(snapshot));
  let redacted: unknown = snapshot;
  for (let pass = 0; pass < PASSES; pass += 1) redacted = walk(snapshot, snapshotSchema, '', { names, kept, dry: pass === 0 });
  return { ...(redacted as Snapshot), redacted: names.counts() };
}

interface Walk {
  readonly names: Names;
  readonly kept: ReadonlySet<string>;
  /** Only names in places of their own: free text is left. */
  readonly dry: boolean;
}

function walk(value: unknown, schema: Schema, place: string, how: Walk): unknown {
  if (value === null || schema.const !== undefined || schema.enum !== undefined) return value;
  if (schema.anyOf) return walk(value, schema.anyOf.find((each) => each.type !== 'null') ?? {}, place, how);
  if (typeof value === 'string') return replaced(value, place, how);
  if (typeof value === 'number') return place.endsWith('.uid') ? userNumber(value, how.names) : value;
  if (Array.isArray(value)) return value.map((item) => walk(item, schema.items ?? {}, `${place}[]`, how));
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => memberOf(name, member, schema, place, how)));
}

function memberOf(name: string, member: unknown, schema: Schema, place: string, how: Walk): [string, unknown] {
  const inner = place === '' ? name : `${place}.${name}`;
  const own = schema.properties?.[name];
  if (own) return [name, walk(member, own, inner, how)];
  // an open map
  if (place === MEMBERS_KEPT && RELEASE_MEMBERS.has(name)) return [name, member];
  const policy = KEY_POLICIES.get(place);
  const values = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {};
  return [policy ? policy(name, how.names, how.kept) : name, walk(member, values, `${place}{}`, how)];
}

function replaced(text: string, place: string, { names, kept, dry }: Walk): string {
  const policy = POLICIES.get(place);
  if (policy) return policy(text, names, kept);
  return dry ? text : DEFAULT(text, names, kept);
}

/** The releases of the kernel that the snapshot names stay in free text too. */
function releasesOf({ subject, samples }: Snapshot): string[] {
  const found = samples.flatMap(({ sources }) => [
    sources.version?.release,
    sources['kernel-log']?.kernel,
    ...(sources['kernel-log']?.reports ?? []).map(({ kernel }) => kernel),
  ]);
  return [subject.kernel, ...found].filter((release): release is string => typeof release === 'string');
}
