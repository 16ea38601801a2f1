import { lines } from '../lines.js';

/** The cgroup of a process, by hierarchy; null where it is in none. */
export interface Membership {
  /** In the v1 hierarchy of the memory controller. */
  readonly memory: string | null;
  /** In the unified hierarchy. */
  readonly unified: string | null;
}

/** Reads /proc/PID/cgroup (`id:controllers:path`; a path may hold colons). Lines of another shape are passed over. */
export function parseMembership(text: string): Membership {
  let memory: string | null = null;
  let unified: string | null = null;
  for (const line of lines(text)) {
    const match = /^(\d+):([^:]*):(\/.*)$/.exec(line);
    if (!match) continue;
    const [, id = '', controllers = '', path = ''] = match;
    if (id === '0' && controllers === '') unified = path;
    else if (controllers.split(',').includes('memory')) memory = path;
  }
  return { memory, unified };
}

/** The cgroup whose limits hold for the memory of a process. */
export const memoryCgroup = (text: string): string | null => {
  const { memory, unified } = parseMembership(text);
  return memory ?? unified;
};
