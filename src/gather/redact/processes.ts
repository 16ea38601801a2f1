import { letters, type Names } from './names.js';
import { KERNEL_THREAD, PROGRAMS } from './well-known.js';

/** A name and the number at its end: `worker-12`. As the groups of processes are made. */
const NUMBERED = /^(.{0,60}?[^\d\s])([-_:/#]?)\d{1,20}$/;

/**
 * The pseudonym of a process's name. Programs of many hosts and threads of the kernel keep theirs; of a numbered one the stem
 * is replaced and the number too, so that workers of one pool are still seen to be one.
 */
export function processName(name: string, names: Names): string {
  if (isPublic(name)) return name;
  const [, stem = name, parting = ''] = NUMBERED.exec(name) ?? [];
  if (stem === name) return stemName(stem, names);
  const pseudonym = PROGRAMS.has(stem) ? stem : stemName(stem, names);
  return names.of('processes', name, (number) => `${pseudonym}${parting}${number}`);
}

/** True for the name of a program that many hosts have, or of a thread of the kernel. */
export const isPublic = (name: string): boolean => name === '' || PROGRAMS.has(name) || KERNEL_THREAD.test(name);

const stemName = (stem: string, names: Names): string => names.of('processes', stem, (number) => `proc-${letters(number)}`);

/** A family of processes as a report names it: `worker*`, or a name with its pid, `worker-1[812]`. */
export function family(name: string, names: Names): string {
  const [, stem = name, rest = ''] = /^(.{1,200}?)(\*|\[\d{1,10}\])$/.exec(name) ?? [];
  return `${processName(stem, names)}${rest}`;
}
