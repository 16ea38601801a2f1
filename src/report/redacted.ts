import type { Report } from './report.js';
import { plural } from './words.js';

/** Names of the kinds, one and many; a kind that is not here is written as the snapshot has it. */
const KINDS: Readonly<Record<string, readonly [string, string]>> = {
  hosts: ['host', 'hosts'],
  users: ['user', 'users'],
  addresses: ['address', 'addresses'],
  processes: ['program', 'programs'],
  commands: ['command line', 'command lines'],
  paths: ['part of paths', 'parts of paths'],
  cgroups: ['control group', 'control groups'],
  units: ['unit', 'units'],
  pods: ['pod', 'pods'],
  containers: ['container', 'containers'],
  ids: ['id', 'ids'],
  words: ['word', 'words'],
};

/** What redaction has replaced, in one sentence: `Redacted: 1 host, 3 units are pseudonyms.`; null when nothing was asked to be. */
export function redactedText(redacted: Report['redacted']): string | null {
  if (redacted === undefined) return null;
  const parts = Object.entries(redacted)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => plural(count, ...(KINDS[kind] ?? [kind, kind])));
  if (parts.length === 0) return 'Redacted: there was nothing to replace.';
  return `Redacted: ${parts.join(', ')}, each with one pseudonym throughout.`;
}
