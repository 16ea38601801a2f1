import type { Snapshot } from '../gather/snapshot.js';
import { type Fact, type FactDefinition, type FactSet, type Item, type ItemSet, type ItemSetDefinition, Unknown } from './fact.js';
import { factTables, itemTables } from './index.js';
import { View } from './view.js';

export const factDefinitions: Readonly<Record<string, FactDefinition>> = Object.assign({}, ...factTables);
export const itemDefinitions: Readonly<Record<string, ItemSetDefinition>> = Object.assign({}, ...itemTables);

/** Works out every fact and item set of a snapshot. Pure; facts may use each other in any order, each is worked out once. */
export function deriveFacts(snapshot: Snapshot): FactSet {
  const facts = new Map<string, Fact | 'underway'>();
  const sets = new Map<string, ItemSet | 'underway'>();
  const newView = () => new View(snapshot, resolve, resolveItems);

  function resolve(name: string): Fact {
    const known = facts.get(name);
    if (known === 'underway') throw new Error(`the fact ${name} depends on itself`);
    if (known) return known;
    const definition = factDefinitions[name];
    if (!definition) throw new Error(`there is no fact ${name}`);
    facts.set(name, 'underway');
    const view = newView();
    const outcome = contained(() => definition.value(view));
    const fact: Fact =
      'reason' in outcome
        ? { value: null, unit: definition.unit, from: view.from, ...outcome }
        : { value: outcome.value, unit: definition.unit, from: view.from };
    facts.set(name, fact);
    return fact;
  }

  function resolveSet(name: string): ItemSet {
    const known = sets.get(name);
    if (known === 'underway') throw new Error(`the item set ${name} depends on itself`);
    if (known) return known;
    const definition = itemDefinitions[name];
    if (!definition) throw new Error(`there is no item set ${name}`);
    sets.set(name, 'underway');
    const view = newView();
    const outcome = contained(() => definition.items(view));
    const set: ItemSet = 'reason' in outcome ? { items: null, from: view.from, ...outcome } : { items: outcome.value, from: view.from };
    sets.set(name, set);
    return set;
  }

  function resolveItems(name: string): { items: readonly Item[]; from: readonly string[] } {
    const set = resolveSet(name);
    if (set.items === null) throw new Unknown(set.reason ?? `${name} is unknown`, set.lacks);
    return { items: set.items, from: set.from };
  }

  return {
    facts: recordOf(Object.keys(factDefinitions), resolve),
    items: recordOf(Object.keys(itemDefinitions), resolveSet),
  };
}

/**
 * An object with hundreds of names, in a tenth of the time of Object.fromEntries: one without a prototype is a hash table from the
 * start, where another gets a hidden class a name.
 */
export function recordOf<T>(names: readonly string[], valueOf: (name: string) => T): Record<string, T> {
  const record = Object.create(null) as Record<string, T>;
  for (const name of names) record[name] = valueOf(name);
  return Object.setPrototypeOf(record, Object.prototype) as Record<string, T>;
}

/** Runs a formula; Unknown and non-finite numbers become a reason. */
function contained<T>(formula: () => T): { value: T } | { reason: string; lacks?: string } {
  try {
    const value = formula();
    if (typeof value === 'number' && !Number.isFinite(value)) return { reason: 'division by zero' };
    return { value };
  } catch (error) {
    if (error instanceof Unknown) return { reason: error.message, ...(error.lacks === undefined ? {} : { lacks: error.lacks }) };
    throw error;
  }
}
