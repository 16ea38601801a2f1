import type { TextKind } from '../src/gather/texts/kind.js';
import { kinds } from '../src/gather/texts/kinds/index.js';

/** Of what these tools print, a file of /proc is made word by word: their cases are of the form that files have. */
const AS_FILES: ReadonlySet<string> = new Set(['mounts', 'uptime']);

/** The kinds of what tools print, by their ids. */
export const toolKinds: Readonly<Record<string, TextKind>> = Object.fromEntries(
  Object.entries<TextKind>(kinds).filter(([id, { origin }]) => origin === 'tool' && !AS_FILES.has(id)),
);
