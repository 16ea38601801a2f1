import { bytes } from '../format.js';

/** Names of owners as people read them. Not escaped. */

/** Somebody's name, with the process id where there is one: `postgres [1234]`. */
export function ownerName(owner: { readonly name: string; readonly pid?: number }): string {
  return owner.pid === undefined || owner.name.endsWith(`[${owner.pid}]`) ? owner.name : `${owner.name} [${owner.pid}]`;
}

const KINDS: Readonly<Record<string, string>> = {
  process: 'process',
  'process-group': 'processes named',
  cgroup: 'control group',
  'swap-device': 'swap device',
  mount: 'mount',
  node: 'NUMA',
  zone: 'zone',
  'slab-cache': 'slab cache',
  'kernel-code': 'kernel function',
  host: 'host',
};

/** What kind of owner it is, in words. */
export const ownerKind = (kind: string): string => KINDS[kind] ?? kind;

/** Less than this is not what the owner is named for: a group just after its kill, or who reads files and holds nothing. Bytes. */
const LEAST_HELD = 1 << 20;

/** How much an owner holds; null when it is not known or so little that it would only mislead. */
export const ownerSize = (owner: { readonly bytes: number | null }): string | null =>
  owner.bytes === null || owner.bytes < LEAST_HELD ? null : bytes(owner.bytes);
