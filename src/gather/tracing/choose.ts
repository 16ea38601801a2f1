import { InputError } from '../../errors.js';
import { traces } from '../traces/index.js';
import type { AnyTrace } from './trace.js';

const registry: Readonly<Record<string, AnyTrace>> = traces;

/**
 * The traces that a list names: ids, names of tools that show the same (`drsnoop`), `default` (cheap on any host), `all`.
 * @throws InputError for a name that is none, with those that there are.
 */
export function chooseTraces(list: string): string[] {
  const wanted = list
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  const chosen = new Set(wanted.flatMap(named));
  if (chosen.size === 0) throw new InputError(`no trace is named: ${known()}`);
  return Object.keys(registry).filter((id) => chosen.has(id));
}

function named(word: string): string[] {
  const entries = Object.entries(registry);
  if (word === 'all') return entries.filter(([, trace]) => trace.onlyByName === undefined).map(([id]) => id);
  if (word === 'default') return entries.filter(([, trace]) => trace.byDefault).map(([id]) => id);
  if (Object.hasOwn(registry, word)) return [word];
  const tool = word.replace(/(-bpfcc|\.bt)$/, '');
  const found = entries.filter(([, trace]) => trace.tools.includes(tool)).map(([id]) => id);
  if (found.length === 0) throw new InputError(`there is no trace ${JSON.stringify(word.slice(0, 60))}: ${known()}`);
  return found;
}

const known = (): string => `accepted are all, default, ${Object.keys(registry).join(', ')}`;
